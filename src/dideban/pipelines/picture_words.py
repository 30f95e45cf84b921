"""Words in pictures, where somebody asks for them: they part memes on one template, and speak for silent posts."""

from __future__ import annotations

import hashlib
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from itertools import pairwise
from pathlib import Path

import polars as pl

from dideban.ingest.pictures import Decoders, PictureError, WordReader
from dideban.messages import Message
from dideban.progress import Progress
from dideban.text import normal_form

MOST_READ = 20_000
"""Pictures in which words are read, those of the first posts."""
LEAST_WORDS = 2
"""Different words that a picture has at least for its words to count."""
LEAST_COMMON = 0.4
"""Share of the words of two pictures that both have, where they say the same: reading makes mistakes."""
LEAST_PAIRS = 10
"""Pairs of words next to each other that two pictures of one text have in common, at least."""
LEAST_SHARED = 0.5
"""Share of the pairs of the shorter text that the other has."""
MOST_LEADERS = 1_000
"""Texts with one pair of words that are compared: pairs in more are said everywhere."""
SIGN = "\U0001f5bc "
"""Stands before the words of a picture where they take the place of a text."""


def read_words(
    pictures: Mapping[str, str], *, order: Sequence[str], reader: WordReader, threads: int, progress: Progress
) -> tuple[dict[str, str], list[Message]]:
    """Read the words in pictures, once in those that look the same to the bit.

    Parameters
    ----------
    pictures : mapping
        Path to what the picture looks like.
    order : sequence
        Paths, those of the first posts first.

    Returns
    -------
    mapping, notes
        Path to its words; a picture without words, or that could not be read, is left out.
    """
    first: dict[str, str] = {}
    for path in order:
        if path in pictures:
            first.setdefault(pictures[path], path)
    wanted = list(first.items())[:MOST_READ]
    notes = [Message("note.pictures-not-all-read", n=len(first) - MOST_READ)] if len(first) > MOST_READ else []
    found: dict[str, str] = {}
    with progress.stage("reading-pictures", total=len(wanted), unit="pictures") as task:
        said = Decoders(threads).ask(
            [Path(path) for _, path in wanted], lambda decoder, path: decoder.words(path, reader=reader)
        )
        for (look, _), words in zip(wanted, said, strict=True):
            if not isinstance(words, PictureError) and len(set(words)) >= LEAST_WORDS:
                found[look] = " ".join(words)
            task.advance(1)
    words_of = {path: found[look] for path, look in pictures.items() if look in found}
    return words_of, [Message("note.pictures-read", n=len(words_of)), *notes]


def apart_by_words(values: Mapping[str, str], words: Mapping[str, str]) -> dict[str, str]:
    """Tell pictures that look the same apart where they say something else.

    Parameters
    ----------
    values : mapping
        Path to the value that stands in POSTS; equal for pictures that look the same.
    words : mapping
        Path to the words in the picture.

    Returns
    -------
    mapping
        Path to the value, with ``~`` and a print of the words behind it where pictures that look the same have several
        texts. A picture in which nothing could be read goes with the most frequent text.
    """
    alike: dict[str, Counter[str]] = defaultdict(Counter)
    for path, value in values.items():
        if path in words and value:
            alike[value][words[path]] += 1
    print_of = {value: _leading_texts(texts) for value, texts in alike.items()}
    out = dict(values)
    for path, value in values.items():
        prints = print_of.get(value, {})
        if len(set(prints.values())) > 1:
            out[path] = f"{value}~{prints.get(words.get(path, ''), next(iter(prints.values())))}"
    return out


def _leading_texts(texts: Counter[str]) -> dict[str, str]:
    """Give each text the print of the most frequent text that says the same; ties go to the smaller text."""
    ordered = sorted(texts, key=lambda text: (-texts[text], text))
    forms = dict(zip(ordered, normal_form(pl.Series(ordered, dtype=pl.String)).to_list(), strict=True))
    leaders: list[tuple[set[str], str]] = []
    prints: dict[str, str] = {}
    for text in ordered:
        mine = set((forms[text] or "").split())
        same = next((name for theirs, name in leaders if _common(mine, theirs) >= LEAST_COMMON), None)
        if same is None:
            same = hashlib.sha256(" ".join(sorted(mine)).encode()).hexdigest()[:16]
            leaders.append((mine, same))
        prints[text] = same
    return prints


def _common(one: set[str], two: set[str]) -> float:
    return len(one & two) / max(len(one | two), 1)


def together_by_words(values: Mapping[str, str], words: Mapping[str, str]) -> tuple[dict[str, str], int]:
    """Take pictures that look different for one where they hold the same long text: pages and screenshots of it.

    Parameters
    ----------
    values, words : mapping
        Path to the value that stands in POSTS, and to the words in the picture.

    Returns
    -------
    mapping, count
        Path to the value, and how many values became another. The most frequent value leads, ties to the smaller.

    Notes
    -----
    Two texts are the same where half of the pairs of words next to each other of the shorter one, and ten at least,
    are in the other: a caption adds words, a cut takes some.
    """
    texts: dict[str, Counter[str]] = defaultdict(Counter)
    for path, value in values.items():
        if value and path in words:
            texts[value][words[path]] += 1
    ordered = sorted(texts, key=lambda value: (-texts[value].total(), value))
    main = [min(texts[value], key=lambda text: (-texts[value][text], text)) for value in ordered]
    forms = normal_form(pl.Series(main, dtype=pl.String)).to_list()
    lead = _leaders([_pairs_of_words(form or "") for form in forms])
    moved = {value: ordered[first] for value, first in zip(ordered, lead, strict=True) if ordered[first] != value}
    return {path: moved.get(value, value) for path, value in values.items()}, len(moved)


def _pairs_of_words(text: str) -> set[tuple[str, str]]:
    return set(pairwise(text.split()))


def _leaders(texts: Sequence[set[tuple[str, str]]]) -> list[int]:
    """Return for each text the place of the first one that says the same: its own where there is none."""
    found: dict[tuple[str, str], list[int]] = defaultdict(list)
    lead: list[int] = []
    for place, pairs in enumerate(texts):
        common = Counter(first for pair in pairs for first in found[pair][:MOST_LEADERS])
        same = [
            (-n, first)
            for first, n in common.items()
            if n >= LEAST_PAIRS and n >= LEAST_SHARED * min(len(pairs), len(texts[first]))
        ]
        lead.append(min(same)[1] if same else place)
        if not same:
            for pair in pairs:
                found[pair].append(place)
    return lead


def texts_of_posts(uses: pl.DataFrame, words: Mapping[str, str]) -> pl.DataFrame:
    """Return (row, said): the words of the pictures of each post, in their order."""
    said = pl.DataFrame({"path": list(words), "said": list(words.values())}, schema_overrides={"path": pl.String})
    mine = uses.join(said, on="path").sort("row", "place", "path")
    joined = mine.group_by("row", maintain_order=True).agg(pl.col("said").str.join(" "))
    return joined.select("row", said=pl.lit(SIGN) + pl.col("said"))
