"""Texts for sample posts: phrases drawn independently, put together column by column."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
import polars as pl

from dideban.arrays import B1, I8
from dideban.simulate.vocabulary import VOCABULARIES, Vocabulary

EMOJI = (" 🙂", " 😅", " 👍", " 🙏", " ☕", " 🌧️", " 🚌", " 📚", " 🎉", " 👀", " 🌿", " ⚽", " 🤔", " ❤️")
SPELLINGS = 4
"""Ways in which a reworded copy may be spelt, 0 = as it was."""

Slots = list[pl.Series]


@dataclass(frozen=True, kw_only=True)
class Phrases:
    """A vocabulary as series, topics put end to end; ``*_at`` says where the phrases of a topic begin."""

    vocabulary: Vocabulary
    subjects: pl.Series
    subjects_at: I8
    predicates: pl.Series
    predicates_at: I8
    tags: pl.Series
    tags_at: I8


@cache
def phrases(language: str) -> Phrases:
    """Return the phrases of a language."""
    words = VOCABULARIES[language]

    def flat(lists: list[tuple[str, ...]]) -> tuple[pl.Series, I8]:
        starts = np.cumsum([0, *map(len, lists)])
        return pl.Series([phrase for phrases in lists for phrase in phrases]), starts

    subjects, subjects_at = flat([topic.subjects for topic in words.topics])
    predicates, predicates_at = flat([topic.predicates for topic in words.topics])
    tags, tags_at = flat([topic.tags for topic in words.topics])
    return Phrases(
        vocabulary=words,
        subjects=subjects,
        subjects_at=subjects_at,
        predicates=predicates,
        predicates_at=predicates_at,
        tags=tags,
        tags_at=tags_at,
    )


def n_topics(language: str) -> int:
    """Return how many topics a language has."""
    return len(VOCABULARIES[language].topics)


def headline(rng: np.random.Generator, language: str, topic: I8) -> pl.Series:
    """Draw one statement per entry of ``topic``, without time or full stop."""
    p = phrases(language)
    subject = _of_topic(rng, p.subjects, p.subjects_at, topic)
    predicate = _of_topic(rng, p.predicates, p.predicates_at, topic)
    return _joined(language, [subject, _pick(rng, p.vocabulary.places, topic.size, " {}"), " " + predicate])


def message(rng: np.random.Generator, language: str, topic: I8) -> pl.Series:
    """Draw one post of one to three sentences per entry of ``topic``."""
    slots = [*_statement(rng, language, topic), *_reaction(rng, language, topic.size, 0.75)]
    return _joined(language, [*slots, *_closing(rng, language, topic.size)])


def telling(rng: np.random.Generator, language: str, *, subject: I8, place: I8, predicate: I8, claim: I8) -> pl.Series:
    """Draw one post per entry that tells of a given subject, place and predicate in words of its own otherwise.

    ``subject`` and ``predicate`` count through all topics, as in :class:`Phrases`; ``claim`` is -1 for none.
    """
    p, n = phrases(language), subject.size
    words = p.vocabulary
    first = _pick(rng, words.times, n, "{} " if not words.time_last else "{}" + words.comma + " ", keep=0.4)
    where = pl.Series([f" {name} " for name in words.places]).gather(place)
    said = pl.Series([*(claim_ + words.stop for claim_ in words.claims), ""]).gather(claim)
    lead = _pick(rng, words.leads, n, " {} ", where=claim >= 0)
    stop = _pick(rng, (words.stop, words.stop, words.stop, "!", "…"), n)
    told = [p.subjects.gather(subject), where, p.predicates.gather(predicate), stop]
    opener = _pick(rng, words.openers, n, "{} ", keep=0.3)
    return _joined(language, [opener, first, *told, lead, said, *_closing(rng, language, n)])


def core(rng: np.random.Generator, language: str, topic: I8) -> pl.Series:
    """Draw the part of a message that rewording keeps: a statement and what is said about it."""
    p = phrases(language)
    statement = headline(rng, language, topic) + p.vocabulary.stop
    return _joined(language, [statement, *_reaction(rng, language, topic.size, 1.0)])


def reword(rng: np.random.Generator, language: str, cores: pl.Series) -> pl.Series:
    """Return one rewording per core: another opener and closing, other spelling, marks and emoji."""
    words = VOCABULARIES[language]
    n = len(cores)
    opener = _pick(rng, words.openers, n, "{} ", keep=0.6)
    return _joined(language, [opener, _respell(rng, language, cores), *_closing(rng, language, n)])


def short(rng: np.random.Generator, language: str, n: int) -> pl.Series:
    """Draw posts too short to mean anything."""
    return _joined(language, [_pick(rng, VOCABULARIES[language].shorts, n), _emoji(rng, n, 0.3)])


def reply(rng: np.random.Generator, language: str, n: int) -> pl.Series:
    """Draw answers."""
    words = VOCABULARIES[language]
    options = tuple(phrase if phrase.endswith(("?", "؟")) else phrase + words.stop for phrase in words.replies)
    return _joined(language, [_pick(rng, options, n), *_reaction(rng, language, n, 0.3), _emoji(rng, n, 0.2)])


def tags(rng: np.random.Generator, language: str, topic: I8, *, n_tags: int) -> list[pl.Series]:
    """Draw ``n_tags`` different hashtags of the topic per entry, in any order."""
    p = phrases(language)
    size = p.tags_at[topic + 1] - p.tags_at[topic]
    start, step = rng.integers(0, 1 << 30, topic.size), rng.integers(0, 1 << 30, topic.size)
    step = 1 + 4 * (step % 2)  # 1 or 5: coprime to the six tags of a topic, forwards or backwards
    return [p.tags.gather(p.tags_at[topic] + (start + number * step) % size) for number in range(n_tags)]


def _statement(rng: np.random.Generator, language: str, topic: I8) -> Slots:
    """Return [opener] [time] subject place [time] predicate [time] stop."""
    p, n = phrases(language), topic.size
    words = p.vocabulary
    place_of_time = rng.integers(0, 3, n)  # in front, late, nowhere
    late = "{} " if not words.time_last else " {}"
    first = _pick(
        rng, words.times, n, "{} " if not words.time_last else "{}" + words.comma + " ", where=place_of_time == 0
    )
    second = _pick(rng, words.times, n, late, where=place_of_time == 1)
    subject = _of_topic(rng, p.subjects, p.subjects_at, topic)
    place = _pick(rng, words.places, n, " {} ")
    predicate = _of_topic(rng, p.predicates, p.predicates_at, topic)
    tail = [predicate, second] if words.time_last else [second, predicate]
    stop = _pick(rng, (words.stop, words.stop, words.stop, "!", "…"), n)
    return [_pick(rng, words.openers, n, "{} ", keep=0.3), first, subject, place, *tail, stop]


def _reaction(rng: np.random.Generator, language: str, n: int, keep: float) -> Slots:
    words = VOCABULARIES[language]
    where = rng.random(n) < keep
    lead = _pick(rng, words.leads, n, " {} ", where=where)
    return [lead, _pick(rng, words.claims, n, "{}" + words.stop, where=where)]


def _closing(rng: np.random.Generator, language: str, n: int, *, keep: float = 0.55) -> Slots:
    return [_pick(rng, VOCABULARIES[language].closings, n, " {}", keep=keep), _emoji(rng, n, 0.25)]


def _emoji(rng: np.random.Generator, n: int, keep: float) -> pl.Series:
    return _pick(rng, EMOJI, n, keep=keep)


def _pick(
    rng: np.random.Generator,
    options: tuple[str, ...],
    n: int,
    form: str = "{}",
    *,
    keep: float = 1.0,
    where: B1 | None = None,
) -> pl.Series:
    """Draw an option per row, written into ``form``; empty where not kept."""
    chosen = rng.integers(1, len(options) + 1, n)
    kept = where if where is not None else rng.random(n) < keep
    return pl.Series(["", *(form.format(option) for option in options)]).gather(np.where(kept, chosen, 0))


def _of_topic(rng: np.random.Generator, options: pl.Series, starts: I8, topic: I8) -> pl.Series:
    low, high = starts[topic], starts[topic + 1]
    return options.gather(low + rng.integers(0, 1 << 30, topic.size) % (high - low))


def _joined(language: str, slots: Slots) -> pl.Series:
    names = [f"slot{number}" for number in range(len(slots))]
    text = pl.DataFrame(dict(zip(names, slots, strict=True))).select(pl.concat_str(names).alias("text"))["text"]
    if language != "en" or not len(text):
        return text
    return text.str.slice(0, 1).str.to_uppercase() + text.str.slice(1)


def _respell(rng: np.random.Generator, language: str, texts: pl.Series) -> pl.Series:
    """Spell texts in one of the ways people do: half-spaces lost or split, letters of another keyboard, other marks."""
    rules: dict[str, list[list[tuple[str, str]]]] = {
        "fa": [[("\u200c", " ")], [("\u200c", "")], [("ی", "ي"), ("ک", "ك")]],
        "ar": [[("أ", "ا"), ("إ", "ا")], [("ة", "ه")], [(".", " .")]],
        "en": [[(".", "!")], [("and", "&"), ("The", "the")], [(" ", "  ")]],
    }
    ways = [texts]
    for rule in rules[language]:
        spelt = texts
        for old, new in rule:
            spelt = spelt.str.replace_all(old, new, literal=True)
        ways.append(spelt)
    way = rng.integers(0, SPELLINGS, len(texts))
    columns = pl.DataFrame({f"way{number}": series for number, series in enumerate(ways)}).with_columns(way=way)
    picked = pl.coalesce(pl.when(pl.col("way") == number).then(f"way{number}") for number in range(SPELLINGS))
    return columns.select(picked.alias("text"))["text"]
