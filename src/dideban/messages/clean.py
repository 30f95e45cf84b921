"""Foreign text inside our sentences: nothing in it can steer a terminal or reorder a page, and it ends."""

from __future__ import annotations

import re

LIMIT = 300
"""Characters shown of a text value."""
_STEERING = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_KEPT = "\u200c\u200d"
"""Joiners: letters of Persian and pictures need them."""
_RTL = re.compile("[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc\U00010800-\U00010fff\U0001e800-\U0001efff]")
_LTR = re.compile("[A-Za-z\u00aa-\u02b8\u0370-\u058f\u0900-\u1fff\u2c00-\ufb1c]")
_NAMED = re.compile(r"(?:https?://|www\.|[@#])\S+", re.IGNORECASE)
"""What stands in a text in letters of its own: addresses, names of accounts, hashtags."""
FSI, LRI, PDI = "\u2068", "\u2066", "\u2069"


def visible(text: str, *, limit: int = LIMIT) -> str:
    r"""Return ``text`` on one line without controls, direction marks and surrogates, cut at ``limit`` characters.

    Examples
    --------
    >>> visible("a\tb\u202ec")
    'a b�c'
    """
    if len(text) > limit:
        text = text[: limit - 1].rstrip() + "…"
    if text.isprintable():
        return text
    text = re.sub(r"[\t\r\n\x0b\x0c\u2028\u2029]+", " ", text)
    return "".join(c if c.isprintable() or c in _KEPT else " " if c.isspace() else "\ufffd" for c in text)


def direction_of(text: str) -> str:
    """Return the direction in which most of a text runs; ``auto`` where its first letter says so already.

    A sentence in Persian that begins with the name of an account would run from left to right by its first letter.

    Examples
    --------
    >>> direction_of("@mina \u0633\u0644\u0627\u0645"), direction_of("hello")
    ('rtl', 'auto')
    """
    words = _NAMED.sub(" ", text)
    n_rtl, n_ltr = len(_RTL.findall(words)), len(_LTR.findall(words))
    first_rtl, first_ltr = _RTL.search(text), _LTR.search(text)
    if first_ltr and n_rtl > n_ltr and not (first_rtl and first_rtl.start() < first_ltr.start()):
        return "rtl"
    if first_rtl and n_ltr > n_rtl and not (first_ltr and first_ltr.start() < first_rtl.start()):
        return "ltr"
    return "auto"


def middle_cut(text: str, *, limit: int = LIMIT) -> str:
    """Return a text with its middle left out where it is longer than ``limit``: both ends of a path matter."""
    if len(text) <= limit:
        return text
    tail = limit // 2
    return f"{text[: limit - tail - 1]}…{text[-tail:]}"


def isolated(text: str, *, direction: str) -> str:
    """Return ``text`` isolated where it holds letters that run against the sentence around it.

    Examples
    --------
    >>> isolated("a.csv", direction="ltr")
    'a.csv'
    >>> isolated("a.csv", direction="rtl") == FSI + "a.csv" + PDI
    True
    """
    against = _LTR if direction == "rtl" else _RTL
    return f"{FSI}{text}{PDI}" if against.search(text) else text
