"""From a plan to posts: handles, links, texts, a chunk of rows at a time."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from dideban.arrays import B1, I8
from dideban.schema import POSTS
from dideban.simulate import texts
from dideban.simulate.draws import generator
from dideban.simulate.planning import HASHTAGS, LINK, MEDIA, Plan, Style
from dideban.simulate.stream import instants
from dideban.simulate.vocabulary import VOCABULARIES

PLATFORM = "sample"
CHUNK_ROWS = 250_000
"""Rows rendered at a time. Each chunk has a generator of its own, so that a sample never depends on memory."""

SITE_FIRST = (
    "amber",
    "north",
    "river",
    "morning",
    "cedar",
    "plain",
    "harbour",
    "silver",
    "hill",
    "open",
    "garden",
    "old",
)
SITE_SECOND = (
    "post",
    "courier",
    "echo",
    "gazette",
    "notes",
    "lantern",
    "herald",
    "daily",
    "mirror",
    "voice",
    "bulletin",
)
_THINGS = ("park", "tea", "window", "garden", "notes", "river", "bread", "cloud", "lamp", "paper", "garlic", "train")
_DOINGS = ("walks", "reads", "draws", "cooks", "sings", "writes", "plum", "wool", "stone", "cup", "boat", "field")
HANDLE_WORDS = (*_THINGS, *_DOINGS)
HANDLE_PRIME = 2_097_143
"""A prime above any number of accounts: multiplying modulo it shuffles without collision."""
PLACES = {
    "fa": ("نارون‌دشت", "سپیدرود", "مهرکوی", "نمکزار", "باخترکوی"),
    "ar": ("حي النوارس", "تل المرجان", "بلدة المالحة", "وادي العناب", "ميناء اللؤلؤة"),
    "en": ("East Quay", "Tarnholm", "Marrowby", "Saltmere", "Westerlow"),
}


@dataclass(frozen=True, kw_only=True)
class Renderer:
    """Holds what the posts of a plan have in common: handles of accounts; words, link or print of objects."""

    plan: Plan
    seed: int
    handles: pl.Series
    words: pl.Series
    """Per object: headline, message, or core; null where posts find their own words."""
    urls: pl.Series
    prints: pl.Series
    tags: list[pl.Series]
    """Three or four hashtags per object of that kind."""

    def posts(self, start: int, stop: int) -> pl.DataFrame:
        """Return rows ``start`` to ``stop`` of the plan as POSTS; ``start`` is a multiple of CHUNK_ROWS."""
        plan, rng = self.plan, generator(self.seed, f"posts {start}")
        rows = np.arange(start, stop)
        style, language, code = plan.style[rows], plan.language[rows], plan.object[rows]
        shared = np.where(code >= 0, code, 0)
        topic = rng.integers(0, min(map(texts.n_topics, plan.world.languages)), rows.size)
        if plan.objects.topic.size:
            topic = np.where(code >= 0, plan.objects.topic[shared], topic)
        frame = pl.DataFrame({"words": self._words(rng, style, language, shared, topic)})
        frame = frame.with_columns(
            style=style,
            handle=self.handles.gather(plan.account[rows]),
            answers=pl.Series(plan.answers[rows]).cast(pl.String).str.zfill(8),
            target=self.handles.gather(plan.account[np.maximum(plan.answers[rows], 0)]),
            url=self._urls(rng, style, shared),
            media=_only(self.prints, shared, style == Style.MEDIA),
            original=self._original(style, shared),
            author=self._author(style, shared),
            **self._tags(rng, style, language, shared, topic),
        )
        frame = frame.with_columns(**self._facts(rng, rows))
        return POSTS.check(_composed(frame))

    def _words(self, rng: np.random.Generator, style: I8, language: I8, shared: I8, topic: I8) -> pl.Series:
        """Return the words of each post, without names, links and tags."""
        parts, order = [pl.Series([], dtype=pl.String)], [np.zeros(0, np.int64)]
        kinds = {
            "fresh": (Style.OWN, Style.QUOTE, Style.COMMENT, Style.HASHTAGS, Style.MEDIA),
            "short": (Style.SHORT,),
            "reply": (Style.REPLY,),
            "reword": (Style.REWORD,),
            "given": (Style.HEADLINE, Style.REPOST, Style.COPY, Style.ORIGINAL),
        }
        for number, name in enumerate(self.plan.world.languages):
            for how, styles in kinds.items():
                rows = np.flatnonzero((language == number) & np.isin(style, styles))
                order.append(rows)
                if how == "fresh":
                    parts.append(texts.message(rng, name, topic[rows]))
                elif how == "short":
                    parts.append(texts.short(rng, name, rows.size))
                elif how == "reply":
                    parts.append(texts.reply(rng, name, rows.size))
                elif how == "reword":
                    parts.append(texts.reword(rng, name, self.words.gather(shared[rows])))
                else:
                    parts.append(self.words.gather(shared[rows]))
        return pl.concat(parts).gather(np.argsort(np.concatenate(order), kind="stable"))

    def _urls(self, rng: np.random.Generator, style: I8, shared: I8) -> pl.Series:
        has = (style == Style.HEADLINE) | (style == Style.COMMENT)
        tracked = pl.Series(["", "?utm_source=share&utm_medium=social"]).gather((rng.random(style.size) < 0.12) * 1)
        return _only(self.urls, shared, has) + tracked

    def _original(self, style: I8, shared: I8) -> pl.Series:
        if not self.plan.objects.original.size:
            return pl.Series([None] * style.size, dtype=pl.String)
        return _where(_post_ids(self.plan.objects.original[shared]), style == Style.REPOST)

    def _author(self, style: I8, shared: I8) -> pl.Series:
        if not self.plan.objects.author.size:
            return pl.Series([None] * style.size, dtype=pl.String)
        return _where(self.handles.gather(self.plan.objects.author[shared]), style == Style.REPOST)

    def _tags(self, rng: np.random.Generator, style: I8, language: I8, shared: I8, topic: I8) -> dict[str, pl.Series]:
        """Return up to four hashtags per post: the object's sequence, or one or two of the topic."""
        n_own = np.where(np.isin(style, (Style.OWN, Style.COMMENT)), rng.choice([0, 0, 0, 1, 2], style.size), 0)
        own: list[pl.Series] = []
        for number in range(2):
            parts, order = [], []
            for code, name in enumerate(self.plan.world.languages):
                rows = np.flatnonzero(language == code)
                parts.append(texts.tags(rng, name, topic[rows], n_tags=1)[0])
                order.append(rows)
            drawn = pl.concat(parts).gather(np.argsort(np.concatenate(order), kind="stable"))
            own.append(_where(drawn, n_own > number))
        sequence = [_only(series, shared, style == Style.HASHTAGS) for series in self.tags]
        columns = [*(_either(mine, given) for mine, given in zip(own, sequence[:2], strict=True)), *sequence[2:]]
        return {f"tag{number}": series for number, series in enumerate(columns)}

    def _facts(self, rng: np.random.Generator, rows: I8) -> dict[str, pl.Series]:
        names = pl.Series(list(self.plan.world.languages))
        language = self.plan.language[rows]
        places = pl.Series([place for name in self.plan.world.languages for place in PLACES[name]])
        reach = np.exp(rng.normal(3.0, 1.6, rows.size)).astype(np.int64)
        return {
            "post_id": _post_ids(rows),
            "created_at": instants(self.plan.second[rows]),
            "lang": _where(names.gather(language), rng.random(rows.size) < 0.9),
            "place": _where(places.gather(5 * language + rng.integers(0, 5, rows.size)), rng.random(rows.size) < 0.06),
            "reach": _where(pl.Series(reach), rng.random(rows.size) < 0.8),
        }


def make_renderer(plan: Plan, *, seed: int) -> Renderer:
    """Write the words, links and prints of all objects and the handles of all accounts."""
    rng, objects = generator(seed, "objects in words"), plan.objects
    kind = plan.world.objects.kind
    n = kind.size
    words = pl.Series([None] * n, dtype=pl.String)
    tags = [pl.Series([None] * n, dtype=pl.String) for _ in range(4)]
    for number, name in enumerate(plan.world.languages):
        mine = objects.language == number
        for rows, draw in (
            (np.flatnonzero(mine & (kind == LINK)), texts.headline),
            (np.flatnonzero(mine & objects.is_core), texts.core),
            (np.flatnonzero(mine & ~objects.is_core & ~np.isin(kind, (LINK, MEDIA, HASHTAGS))), texts.message),
        ):
            words = words.scatter(rows, draw(rng, name, objects.topic[rows]))
        rows = np.flatnonzero(mine & (kind == HASHTAGS))
        for place, series in enumerate(_sequences(rng, plan, name, rows)):
            tags[place] = tags[place].scatter(rows, series)
    return Renderer(
        plan=plan,
        seed=seed,
        handles=make_handles(plan, seed=seed),
        words=words,
        urls=_links(plan),
        prints=_prints(plan, seed=seed),
        tags=tags,
    )


def _sequences(rng: np.random.Generator, plan: Plan, language: str, rows: I8) -> list[pl.Series]:
    """Draw three or four hashtags per object; most sequences, and all that campaigns made, carry a tag of their own."""
    drawn = texts.tags(rng, language, plan.objects.topic[rows], n_tags=4)
    n_tags = rng.integers(3, 5, rows.size)
    made = np.concatenate([np.zeros(0, np.int64), *(p.object[p.is_popular == 0] for p in plan.planted)])
    is_own = (rng.random(rows.size) < 0.6) | np.isin(rows, made)
    number = pl.Series(rows).cast(pl.String).set(pl.Series(~is_own, dtype=pl.Boolean), None)
    drawn[2] = drawn[2] + ("_" + number).fill_null("")
    return [_where(series, n_tags > place) for place, series in enumerate(drawn)]


def make_handles(plan: Plan, *, seed: int) -> pl.Series:
    """Return a different handle for every account, of the kind people choose."""
    world = plan.world
    code = np.arange(world.n_accounts)
    mixed = (code + 1) * (987_643 + seed % 1_000_000) % HANDLE_PRIME
    names = [VOCABULARIES[name].names for name in world.languages]
    starts = np.cumsum([0, *map(len, names)])
    language = world.language_of(code)
    size = (starts[1:] - starts[:-1])[language]
    rest = mixed // size
    first = pl.Series([name for group in names for name in group]).gather(starts[language] + mixed % size)
    word = pl.Series(HANDLE_WORDS).gather(rest % len(HANDLE_WORDS))
    number = pl.Series(rest // len(HANDLE_WORDS) + 2).cast(pl.String)
    joint = pl.Series(["_", "", "."]).gather(mixed % 3)
    return first + joint + word + number


def _links(plan: Plan) -> pl.Series:
    objects = plan.world.objects
    languages = pl.Series(list(plan.world.languages))
    site = objects.origin * len(languages) + plan.objects.language
    n_names = len(SITE_FIRST) * len(SITE_SECOND)
    second = pl.Series(SITE_SECOND).gather(site // len(SITE_FIRST) % len(SITE_SECOND))
    again = (site // n_names).astype(np.int64)
    number = pl.Series(again).cast(pl.String).set(pl.Series(again == 0), "")
    host = pl.Series(SITE_FIRST).gather(site % len(SITE_FIRST)) + "-" + second + number
    topics = pl.Series([topic.name for topic in VOCABULARIES[plan.world.languages[0]].topics])
    page = pl.Series(np.arange(site.size)).cast(pl.String).str.zfill(6)
    path = languages.gather(plan.objects.language) + "/" + topics.gather(plan.objects.topic) + "/" + page
    return "https://" + host + ".example/" + path


def _prints(plan: Plan, *, seed: int) -> pl.Series:
    """Return a 64-bit perceptual print for every picture, as 16 hex digits."""
    kind = plan.world.objects.kind
    rows = np.flatnonzero(kind == MEDIA)
    drawn = generator(seed, "prints").integers(0, 1 << 64, rows.size, dtype=np.uint64)
    return pl.Series([None] * kind.size, dtype=pl.String).scatter(rows, pl.Series([f"{value:016x}" for value in drawn]))


def _post_ids(rows: I8) -> pl.Series:
    return "s" + pl.Series(rows).cast(pl.String).str.zfill(8)


def _only(series: pl.Series, code: I8, where: B1) -> pl.Series:
    """Gather where asked for, null elsewhere."""
    if not len(series):
        return pl.Series([None] * code.size, dtype=pl.String)
    return _where(series.gather(code), where)


def _where(series: pl.Series, where: B1) -> pl.Series:
    return series.set(pl.Series(~where, dtype=pl.Boolean), None)


def _either(first: pl.Series, second: pl.Series) -> pl.Series:
    return first.fill_null(second)


def _composed(frame: pl.DataFrame) -> pl.DataFrame:
    """Put names, words, tags and links together and name the columns of POSTS."""
    style, tags = pl.col("style"), [f"tag{number}" for number in range(4)]
    is_reply, is_quote = style == Style.REPLY, style == Style.QUOTE
    text = pl.concat_str(
        pl.when(is_reply).then(pl.lit("@") + pl.col("target") + pl.lit(" ")).otherwise(pl.lit("")),
        (pl.lit("RT @") + pl.col("author") + pl.lit(": ")).fill_null(""),
        "words",
        *((pl.lit(" #") + pl.col(tag)).fill_null("") for tag in tags),
        (pl.lit(" ") + pl.col("url")).fill_null(""),
    )
    named = pl.when(is_reply).then("target")
    answered = pl.lit("s") + pl.col("answers")
    return frame.select(
        "post_id",
        pl.col("handle").alias("account_id"),
        pl.lit(PLATFORM).alias("platform"),
        pl.lit("sample").alias("source"),
        "created_at",
        text.alias("text"),
        "lang",
        pl.concat_list("url").list.drop_nulls().alias("urls"),
        pl.concat_list(tags).list.drop_nulls().alias("hashtags"),
        pl.concat_list(pl.coalesce(named, "author")).list.drop_nulls().alias("mentions"),
        pl.concat_list("media").list.drop_nulls().alias("media"),
        pl.col("original").alias("repost_of"),
        pl.when(is_reply).then(answered).alias("reply_to"),
        pl.when(is_quote).then(answered).alias("quote_of"),
        "place",
        "reach",
    )
