"""Text that is inert wherever an export is opened."""

from __future__ import annotations

import re

_NOT_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]")
"""Characters that XML 1.0 forbids or discourages; tab, line feed and carriage return may stay."""
_BIDI = re.compile("[\u202a-\u202e\u2066-\u2069]")
"""Bidi embeddings, overrides and isolates: they can make a cell read other than it is."""
_OVERRIDES = re.compile("[\u202a-\u202e]")
_STARTS_FORMULA = ("=", "+", "-", "@", "|", "\t", "\r", "＝", "＋", "－", "＠")


def clean(text: str) -> str:
    """Return ``text`` without characters that break XML or reorder what a reader sees (shown as U+FFFD)."""
    if text.isprintable():  # no control, format character or surrogate is; nor is a noncharacter
        return text
    return _BIDI.sub("�", _NOT_XML.sub("�", text))


def harmless(text: str) -> str:
    r"""Return ``text`` without control characters and overrides; isolates stay, which our own sentences need.

    Examples
    --------
    >>> harmless("a\u202eb\x1b[2J") == "a\ufffdb\ufffd[2J"
    True
    """
    if text.isprintable():
        return text
    return _OVERRIDES.sub("�", _NOT_XML.sub("�", text))


def is_formula(text: str) -> bool:
    """Return whether a spreadsheet would take ``text`` for a formula or a command."""
    return text.lstrip(" \n\u00a0\u200e\u200f\ufeff").startswith(_STARTS_FORMULA)


def is_right_to_left(text: str) -> bool:
    """Return whether most letters of ``text`` are written from right to left."""
    if text.isascii():
        return False
    letters = [c for c in text[:2000] if c.isalpha()]
    right = sum("\u0590" <= c <= "\u08ff" or "\ufb1d" <= c <= "\ufefc" for c in letters)
    return right * 2 > len(letters)
