"""Text of strangers: what may be seen, and what filters look at."""

from __future__ import annotations

import re
import unicodedata

import polars as pl

from dideban.text.normalise import normal_form, squeezed_form

STEERING = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
"""Marks that turn the direction of what follows: the page decides that, with an element around each text."""
UNSEEN = re.compile(
    "[\u00ad\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180e\u200b\u2060-\u2065\u206a-\u206f\u3164\ufeff\uffa0\U000e0000-\U000e0fff]"
)
JOINERS = re.compile(
    "(?<=[\u0600-\u06ff\u0750-\u077f\ufb50-\ufdff\ufe70-\ufeff\U0001f000-\U0001faff\u2600-\u27bf\ufe0f\u0900-\u0dff])[\u200c\u200d](?=\\S)"
)
LINK = re.compile(
    r"(?:https?|hxxps?|ftp)\s*:\s*/\s*/|\bwww\s*\.\s*\w[\w.-]*|\b[\w-]+(?:\.[\w-]+)*\s?\.\s?"
    r"(?:com|org|net|info|biz|io|ir|iq|sa|ae|eg|sy|lb|tr|ru|cn|co|me|tv|xyz|top|site|online|shop|app|link|click|ly|gl)\b",
    re.IGNORECASE,
)


def clean(text: str, *, limit: int, lines: bool = True) -> str:
    r"""Return text without controls, bidi marks and characters that are not seen; ZWNJ stays inside words.

    Examples
    --------
    >>> clean("می\u200cروم \u202egnp\u202c", limit=99) == "می\u200cروم gnp"
    True
    >>> clean("b\u200bu\u200cy\x00", limit=99)
    'buy'
    """
    shown = UNSEEN.sub("", STEERING.sub("", text.replace("\r\n", "\n").replace("\r", "\n")))
    kept = {match.start() for match in JOINERS.finditer(shown)}
    shown = "".join(c for ix, c in enumerate(shown) if c not in "\u200c\u200d" or ix in kept)
    shown = "".join(c for c in shown if c == "\n" or c in "\u200c\u200d" or unicodedata.category(c)[0] != "C")
    shown = _fewer_marks(shown)
    if not lines:
        shown = " ".join(shown.split())
    return re.sub(r"\n{3,}", "\n\n", shown).strip()[:limit]


def _fewer_marks(text: str) -> str:
    """Leave at most four combining marks on a letter: more of them climb over their neighbours."""
    out, n = [], 0
    for char in text:
        n = n + 1 if unicodedata.combining(char) else 0
        if n <= 4:
            out.append(char)
    return "".join(out)


def count_links(text: str) -> int:
    r"""Return how many addresses a text holds, whatever stands unseen inside them.

    Examples
    --------
    >>> count_links("see h\u200bttps://a.example and www.b.example"), count_links("no. more. than this")
    (2, 0)
    >>> count_links("www.one.example.com")
    1
    """
    bare = (
        unicodedata.normalize("NFKC", UNSEEN.sub("", STEERING.sub("", text)))
        .replace("\u200c", "")
        .replace("\u200d", "")
    )
    return sum(1 for _ in LINK.finditer(re.sub(r"(?<=://)\S+", " ", bare)))


def folded(texts: list[str]) -> list[str]:
    """Return what filters compare: case, letter variants, marks and unseen characters folded, spaces kept."""
    series = pl.Series("text", [UNSEEN.sub("", text) for text in texts], dtype=pl.String)
    return normal_form(series).fill_null("").to_list()


def squeezed(texts: list[str]) -> list[str]:
    """Return the same without spaces: ``b u y`` is ``buy``."""
    series = pl.Series("text", [UNSEEN.sub("", text).replace("\u200c", "") for text in texts], dtype=pl.String)
    return squeezed_form(series).fill_null("").to_list()
