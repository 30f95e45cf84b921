"""The normal form of a text and its print: equal for one message typed in different ways."""

from __future__ import annotations

import html
import itertools

import numpy as np
import polars as pl

from dideban.arrays import I8, U1, U8
from dideban.kernels.text import fold_texts, hash_texts, join_lines, squeeze_texts
from dideban.text.letters import letter_table

JOINED = 100_000
"""Texts joined at a time."""

CHUNK_BYTES = 16_000_000
"""Text folded at a time, about: bounds the memory beside the table."""
CHUNK_ROWS = 100_000

_ENTITY = r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});"
_MAX_UNESCAPES = 3
# ASCII word boundaries only: Unicode ones push the regex engine off its fast path on non-ASCII text.
_REPOST = r"^[\s\u200e\u200f]*(?:[Rr][Tt]|[Mm][Tt])\s*@[A-Za-z0-9_.]+\s*:?"
_LINKS = (
    r"(?i:https?|ftp)://[^\s<>\"«»،؛؟…]+",
    r"(?i-u:\bwww\.)[^\s<>\"«»،؛؟…]+",
    r"(?i-u:\b(?:[a-z0-9-]+\.)+[a-z]{2,18}/)[^\s<>\"«»،؛؟…]*",  # host/path
    r"(?i-u:\b[a-z0-9-]+\.(?:com|org|net|info|ir|ru)\b)",  # a bare host
    r"(?i-u:\bhttps?:?/{0,2})…",  # cut off by the platform
)
_NAME = r"@\w[\w.]*"
_OUTSIDE = (_REPOST, *_LINKS, _NAME)


def normal_form(texts: pl.Series) -> pl.Series:
    """Return the normal form of each text: words in plain letters, one space between them.

    Parameters
    ----------
    texts : String series, (n,)
        Display texts, nulls allowed. They are not altered.

    Returns
    -------
    String series, (n,)
        Null where the text is null; empty where nothing but signs, names and links was there.

    Notes
    -----
    ``docs/methods/text.md`` lists every rule with its source. Time and memory are linear in the bytes.

    Examples
    --------
    >>> normal_form(pl.Series(["RT @ana: Café — ۱۲٬۰۰۰ كتاب! https://example.org/a", "می‌شود"])).to_list()
    ['cafe 12000 کتاب', 'میشود']
    """
    parts = [to_series(*fold_bytes(part)) for part in chunks(texts)]
    folded = pl.concat(parts) if parts else pl.Series(dtype=pl.String)
    return _with_nulls(folded, texts)


def text_print(texts: pl.Series) -> pl.Series:
    """Return the print of each text: equal for lost, glued and split words.

    The print is a 64-bit hash of the normal form without spaces. A space between two digits stays.

    Parameters
    ----------
    texts : String series, (n,)
        Display texts, nulls allowed.

    Returns
    -------
    UInt64 series, (n,)
        Null where the text is null.

    Examples
    --------
    >>> text_print(pl.Series(["غیب پرور", "غیب‌پرور", "غيبپرور"])).n_unique()
    1
    """
    parts = [pl.Series(print_bytes(*squeeze_texts(*fold_bytes(part)))) for part in chunks(texts)]
    prints = pl.concat(parts) if parts else pl.Series(dtype=pl.UInt64)
    return _with_nulls(prints, texts)


def squeezed_form(texts: pl.Series) -> pl.Series:
    """Return the normal form without spaces, except between digits: what the print is taken of."""
    parts = [to_series(*squeeze_texts(*fold_bytes(part))) for part in chunks(texts)]
    return pl.concat(parts) if parts else pl.Series(dtype=pl.String)


def fold_bytes(texts: pl.Series) -> tuple[U1, I8]:
    """Return the normal forms as one run of UTF-8 bytes and the n + 1 places where they begin and end."""
    table = letter_table()
    data, offsets = to_bytes(strip_outside(unescape(texts.fill_null(""))))
    folded: tuple[U1, I8] = fold_texts(
        data, offsets, table.start, table.size, table.pool, table.mark, table.latin_twin, table.cyrillic_twin
    )
    return folded


def print_bytes(data: U1, offsets: I8) -> U8:
    """Return the 64-bit hash of each text of a byte run."""
    prints: U8 = hash_texts(data, offsets, np.uint64(0x5EED))
    return prints


def chunks(texts: pl.Series) -> list[pl.Series]:
    """Cut a series where ``CHUNK_ROWS`` rows or about ``CHUNK_BYTES`` bytes are full; one text is never cut."""
    return [texts.slice(start, stop - start) for start, stop in chunk_spans(texts)]


def chunk_spans(texts: pl.Series) -> list[tuple[int, int]]:
    """Return where the chunks of a series begin and end."""
    if not len(texts):
        return []
    sizes = texts.str.len_bytes().fill_null(0).cast(pl.Int64).to_numpy()
    full = np.cumsum(sizes) // CHUNK_BYTES * len(texts) + np.arange(len(texts)) // CHUNK_ROWS
    cuts = np.flatnonzero(np.diff(full)) + 1
    edges = [0, *cuts.tolist(), len(texts)]
    return list(itertools.pairwise(edges))


def unescape(texts: pl.Series) -> pl.Series:
    """Resolve HTML entities, also where a platform encoded them twice."""
    for _ in range(_MAX_UNESCAPES):
        rows = texts.str.contains(_ENTITY).arg_true()
        if not len(rows):
            break
        plain = [html.unescape(text) for text in texts.gather(rows).to_list()]
        texts = texts.clone().scatter(rows, pl.Series(plain, dtype=pl.String))
    return texts


def strip_outside(texts: pl.Series) -> pl.Series:
    """Take out what is not wording: the repost prefix, links and names."""
    for pattern in _OUTSIDE:
        texts = texts.str.replace_all(pattern, " ")
    return texts


def to_bytes(texts: pl.Series) -> tuple[U1, I8]:
    offsets = np.zeros(len(texts) + 1, np.int64)
    np.cumsum(texts.str.len_bytes().to_numpy(), out=offsets[1:])
    data = np.empty(offsets[-1], np.uint8)
    for start in range(0, len(texts), JOINED):  # by way of Python's strings, so never all at once
        part = texts.slice(start, JOINED)
        data[offsets[start] : offsets[start + len(part)]] = np.frombuffer(part.str.join("").item().encode(), np.uint8)
    return data, offsets


def to_series(data: U1, offsets: I8) -> pl.Series:
    """Turn a byte run into a String series, by way of a line per text (the normal form has no line breaks)."""
    whole = join_lines(data, offsets).tobytes().decode()
    return pl.Series([whole], dtype=pl.String).str.split("\n").explode()


def _with_nulls(values: pl.Series, texts: pl.Series) -> pl.Series:
    named = values.rename(texts.name)
    if not texts.null_count():
        return named
    return pl.select(pl.when(texts.is_not_null()).then(named)).to_series().rename(texts.name)
