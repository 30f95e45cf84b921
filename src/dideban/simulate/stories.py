"""Posts about known events: what a narrative is measured on.

An event is one subject at one place; those who tell of it choose among three predicates and two claims, a fifth call
the subject by another name of the same topic, and some link one of its pages. Around it stands talk of no event, made
of the same phrases.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from dideban.arrays import F8, I8
from dideban.schema import POSTS
from dideban.simulate import texts
from dideban.simulate.draws import DAY_S, generator, heavy_weights
from dideban.simulate.model import require
from dideban.simulate.rendering import PLACES
from dideban.simulate.stream import instants

TALK = 0.5
"""Share of posts about no event."""
SYNONYM = 0.2
LINKED = 0.25
FORWARD = 0.15
"""Share of posts about an event that pass an earlier one on word for word."""
N_PREDICATES, N_CLAIMS, N_PAGES = 3, 2, 3


@dataclass(frozen=True, kw_only=True)
class Stories:
    """Posts and which event each is about."""

    posts: pl.DataFrame
    """POSTS, in order of time."""
    truth: pl.DataFrame
    """post_id, story (null = no event)."""


def make_stories(
    *, seed: int, n_posts: int, n_stories: int = 60, days: float = 14, languages: Sequence[str] = ("fa", "ar", "en")
) -> Stories:
    """Make posts about ``n_stories`` events that come up, peak within hours and fade within days.

    Parameters
    ----------
    seed : int, >= 0
        Same arguments, same bytes.
    n_posts : count, > 0
        Posts, exactly.
    n_stories : count, > 0
        Events; the first of each language is the largest.
    days : days, > 0
        Length, from Monday 2 March 2026, 00:00 UTC.
    languages : BCP 47 codes
        From ``fa``, ``ar``, ``en``.

    Raises
    ------
    ConfigError
        An argument is out of range.
    """
    require(n_posts > 0, "n_posts", n_posts, "above", least=0)
    require(0 < n_stories <= 1000, "n_stories", n_stories, "within", least=1, most=1000)
    require(0 < days <= 3650, "days", days, "above-at-most", least=0, most=3650)
    rng = generator(seed, "stories")
    story, language = _shares(rng, n_posts, n_stories, len(languages))
    at_s = _times(rng, story, n_stories, days)
    order = np.argsort(at_s, kind="stable")
    story, language, at_s = story[order], language[order], at_s[order]
    words = _words(rng, story, language, languages, n_stories)
    ids = "e" + pl.Series(np.arange(n_posts)).cast(pl.String).str.zfill(8)
    posts = _posts(rng, ids, words, story, language, at_s, languages)
    named = pl.Series(np.where(story < 0, 0, story)).cast(pl.String).set(pl.Series(story < 0), None)
    return Stories(posts=posts, truth=pl.DataFrame({"post_id": ids, "story": "story-" + named}))


def _shares(rng: np.random.Generator, n_posts: int, n_stories: int, n_languages: int) -> tuple[I8, I8]:
    """Return the event of each post (-1 = none) and its language: events are told in one language."""
    weights = heavy_weights(n_stories, exponent=1.0, top_share=0.1)
    story = rng.choice(n_stories, n_posts, p=weights)
    story[rng.random(n_posts) < TALK] = -1
    language = np.where(story >= 0, story % n_languages, rng.integers(0, n_languages, n_posts))
    return story.astype(np.int64), language.astype(np.int64)


def _times(rng: np.random.Generator, story: I8, n_stories: int, days: float) -> F8:
    starts = rng.random(n_stories) * 0.85 * days * DAY_S
    delay = np.exp(rng.normal(np.log(0.6 * DAY_S), 0.9, story.size))
    told = starts[np.maximum(story, 0)] + delay
    return np.floor(np.where((story >= 0) & (told < days * DAY_S), told, rng.random(story.size) * days * DAY_S))


def _words(rng: np.random.Generator, story: I8, language: I8, languages: Sequence[str], n_stories: int) -> pl.Series:
    parts, order = [], []
    for code, name in enumerate(languages):
        for told in (True, False):
            rows = np.flatnonzero((language == code) & ((story >= 0) == told))
            order.append(rows)
            if told:
                parts.append(_tell(generator(int(rng.integers(1 << 30)), name), name, story[rows], n_stories))
            else:
                parts.append(texts.message(rng, name, rng.integers(0, texts.n_topics(name), rows.size)))
    words = pl.concat(parts).gather(np.argsort(np.concatenate(order), kind="stable"))
    return _forwarded(rng, words, story)


def _tell(rng: np.random.Generator, language: str, story: I8, n_stories: int) -> pl.Series:
    p = texts.phrases(language)
    topic = rng.permutation(np.arange(n_stories) % texts.n_topics(language))
    low, high = p.subjects_at[topic], p.subjects_at[topic + 1]
    own = low + rng.integers(0, 1 << 30, n_stories) % (high - low)
    place = rng.integers(0, len(p.vocabulary.places), n_stories)
    shape = (n_stories, N_PREDICATES)
    predicates = (
        p.predicates_at[topic][:, None]
        + rng.integers(0, 1 << 30, shape) % ((p.predicates_at[topic + 1] - p.predicates_at[topic])[:, None])
    )
    claims = rng.integers(0, len(p.vocabulary.claims), (n_stories, N_CLAIMS))
    n = story.size
    other = low[story] + rng.integers(0, 1 << 30, n) % (high - low)[story]
    return texts.telling(
        rng,
        language,
        subject=np.where(rng.random(n) < SYNONYM, other, own[story]),
        place=place[story],
        predicate=predicates[story, rng.integers(0, N_PREDICATES, n)],
        claim=np.where(rng.random(n) < 0.6, claims[story, rng.integers(0, N_CLAIMS, n)], -1),
    )


def _forwarded(rng: np.random.Generator, words: pl.Series, story: I8) -> pl.Series:
    """Let some posts repeat the one before them about the same event."""
    frame = pl.DataFrame({"words": words, "story": story}).with_row_index("row")
    before = frame.with_columns(before=pl.col("row").shift(1).over("story"))["before"].fill_null(0).to_numpy()
    copies = (rng.random(story.size) < FORWARD) & (story >= 0)
    return words.gather(np.where(copies, before, np.arange(story.size)))


def _posts(
    rng: np.random.Generator,
    ids: pl.Series,
    words: pl.Series,
    story: I8,
    language: I8,
    at_s: F8,
    languages: Sequence[str],
) -> pl.DataFrame:
    n = story.size
    account = "a" + pl.Series(np.floor(n / 8 * rng.random(n) ** 2).astype(np.int64)).cast(pl.String).str.zfill(6)
    page = pl.Series(story * N_PAGES + rng.integers(0, N_PAGES, n)).cast(pl.String)
    names = pl.Series(list(languages)).gather(language)
    linked = pl.Series((rng.random(n) < LINKED) & (story >= 0))
    url = ("https://news.example/" + names + "/" + page).set(~linked, None)
    spots = pl.Series([place for name in languages for place in PLACES[name]])
    frame = pl.DataFrame({"post_id": ids, "account_id": account, "text": words, "lang": names, "url": url})
    none = pl.lit(None, pl.String)
    return POSTS.check(
        frame.with_columns(
            platform=pl.lit("sample"), source=pl.lit("stories"), created_at=instants(at_s.astype(np.int64)),
            text=pl.concat_str("text", (pl.lit(" ") + pl.col("url")).fill_null("")),
            urls=pl.concat_list("url").list.drop_nulls(),
            place=spots.gather(5 * language + np.maximum(story, 0) % 5).set(pl.Series(rng.random(n) > 0.1), None),
            reach=pl.Series(np.exp(rng.normal(3.0, 1.6, n)).astype(np.int64)),
            repost_of=none, reply_to=none, quote_of=none,
            **{name: pl.lit([], pl.List(pl.String)) for name in ("hashtags", "mentions", "media")},
        ).select(POSTS.names)
    )  # fmt: skip
