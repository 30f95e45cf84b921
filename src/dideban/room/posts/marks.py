"""Where the words of a search stand in texts as they are shown, in all spellings that the search finds."""

from __future__ import annotations

import re
from collections.abc import Sequence

import polars as pl

from dideban.room.posts.terms import Term, normal_form, pattern

TOKEN = re.compile(r"\S+")
EDGES = re.compile(r"^[^\w\u200c]+|[^\w\u200c]+$")
WORD = re.compile(r"[\w\u0300-\u036f\u0610-\u061a\u064b-\u065f\u0670\u200c\u200d]+")
"""Letters, digits and what stands on or between them."""
MOST_CHARS = 4_000
"""Characters of a text that are looked at: pages show fewer."""
Span = tuple[int, int]


def find_spans(texts: Sequence[str], wanted: Sequence[Term]) -> list[list[Span]]:
    """Return where words that are searched for stand in each text: whole words, in order, apart from each other.

    Notes
    -----
    The texts are taken apart at spaces, and each word is compared in its normal form, as the search does. Linear in
    the length of the texts.
    """
    looked = [re.compile(pattern(term)) for term in wanted if term.is_wanted]
    if not looked:
        return [[] for _ in texts]
    tokens = [[(m.start(), m.end()) for m in TOKEN.finditer(text[:MOST_CHARS])] for text in texts]
    words = [text[start:end] for text, spans in zip(texts, tokens, strict=True) for start, end in spans]
    norms = iter(normal_form(pl.Series(words, dtype=pl.String)).to_list())
    return [
        _spans_of(text, spans, [next(norms) or "" for _ in spans], looked)
        for text, spans in zip(texts, tokens, strict=True)
    ]


def _spans_of(text: str, spans: list[Span], norms: list[str], looked: list[re.Pattern[str]]) -> list[Span]:
    """Look in the normal forms joined by spaces, and lead each hit back to the words it touches."""
    line, owner = "", list[int]()
    for ix, norm in enumerate(norms):
        if norm:
            part = f" {norm}"
            line += part
            owner += [ix] * len(part)
    hit: set[int] = set()
    for one in looked:
        for match in one.finditer(line):
            start = match.start() + (line[match.start() : match.start() + 1] == " ")
            if start < match.end():
                hit.update(range(owner[start], owner[match.end() - 1] + 1))
    found = [part for ix in sorted(hit) for part in _parts(text, spans[ix], looked)]
    return _joined(found, text)


def _parts(text: str, span: Span, looked: list[re.Pattern[str]]) -> list[Span]:
    """Return the words of a hit that stand between signs without spaces, where one of them alone is what was hit."""
    start, end = _trimmed(text, span)
    inner = [(start + m.start(), start + m.end()) for m in WORD.finditer(text[start:end])]
    if len(inner) < 2:
        return [(start, end)]
    norms = normal_form(pl.Series([text[a:b] for a, b in inner], dtype=pl.String)).to_list()
    alone = [part for part, norm in zip(inner, norms, strict=True) if any(one.search(norm or "") for one in looked)]
    return alone or [(start, end)]


def _trimmed(text: str, span: Span) -> Span:
    """Leave signs at the edges of a word out."""
    start, end = span
    word = text[start:end]
    inner = EDGES.sub("", word)
    if not inner:
        return span
    at = word.index(inner)
    return start + at, start + at + len(inner)


def _joined(spans: list[Span], text: str) -> list[Span]:
    """Join neighbours with nothing but one space between them: a phrase is one mark."""
    found: list[Span] = []
    for start, end in spans:
        if found and text[found[-1][1] : start] in ("", " "):
            found[-1] = found[-1][0], end
        else:
            found.append((start, end))
    return found


__all__ = ["find_spans"]
