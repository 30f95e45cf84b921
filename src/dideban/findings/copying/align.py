"""Two texts side by side: what both hold, what is new, what is gone."""

from __future__ import annotations

import re

import numpy as np
import polars as pl

from dideban.arrays import I4
from dideban.findings.copying.model import Part, Passage
from dideban.kernels.text_align import align_words
from dideban.text import normal_form

MAX_WORDS = 2_500
"""Words of a text that are aligned."""
MIN_RUN = 3
"""Fewer words in common between two changes are part of the change."""
MAX_PASSAGE = 1_200
"""Characters kept of one passage."""
_NO_SPACE = r"\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff"
_TOKEN = re.compile(rf"\s*(?:[{_NO_SPACE}]|[^\s{_NO_SPACE}]+)")


def compare_texts(old: str, new: str) -> list[Passage]:
    """Return the passages of two texts in the order of ``new``; what is gone stands where it was.

    Passages moved elsewhere show as gone in one place and new in another.

    Examples
    --------
    >>> [(p.part, p.text) for p in compare_texts("the old bridge is now open", "the new bridge is now open")]
    [('new', 'the new'), ('gone', 'the old'), ('same', ' bridge is now open')]
    """
    tokens = [_TOKEN.findall(text)[:MAX_WORDS] for text in (old, new)]
    codes = _codes(tokens)
    places = align_words(codes[1], codes[0])
    _drop_short_runs(places)
    parts: list[Passage] = []
    at = 0
    for i, j in enumerate([*places.tolist(), len(tokens[0])]):
        if j < 0:
            continue
        fresh = _gap(places, i)
        _add(parts, "new", "".join(tokens[1][fresh:i]))
        _add(parts, "gone", "".join(tokens[0][at:j]))
        if i < len(places):
            _add(parts, "same", tokens[1][i])
        at = j + 1
    return [Passage(part=p.part, text=p.text[:MAX_PASSAGE]) for p in parts]


def _codes(tokens: list[list[str]]) -> list[I4]:
    flat = [token for part in tokens for token in part]
    forms = normal_form(pl.Series(flat, dtype=pl.String)).to_list()
    known: dict[str, int] = {}
    numbers = [
        known.setdefault((form or "").replace(" ", "") or token.strip(), len(known))
        for form, token in zip(forms, flat, strict=True)
    ]
    cut = len(tokens[0])
    return [np.array(numbers[:cut], np.int32), np.array(numbers[cut:], np.int32)]


def _drop_short_runs(places: I4) -> None:
    """Take apart runs of fewer than MIN_RUN words: single words in common tell nothing."""
    start = 0
    for i in range(1, len(places) + 1):
        goes_on = i < len(places) and places[i] >= 0 and places[i - 1] >= 0 and places[i] == places[i - 1] + 1
        if goes_on:
            continue
        if i - start < MIN_RUN:
            places[start:i] = -1
        start = i


def _gap(places: I4, i: int) -> int:
    """Return where the unmatched words that end before ``i`` begin."""
    while i > 0 and places[i - 1] < 0:
        i -= 1
    return i


def _add(parts: list[Passage], part: Part, text: str) -> None:
    if not text:
        return
    if parts and parts[-1].part == part:
        parts[-1] = Passage(part=part, text=parts[-1].text + text)
    else:
        parts.append(Passage(part=part, text=text))
