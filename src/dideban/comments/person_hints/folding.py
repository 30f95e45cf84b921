"""Text as the rules read it, and as names are compared: what is unseen or written in two ways makes no difference."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

from dideban.comments.clean import STEERING, UNSEEN

JOINERS = frozenset("\u200c\u200d\u0640")
"""Zero-width joiners and the stroke that stretches Arabic letters."""
LETTERS = str.maketrans("يكأإٱؤۀةئ", "یکاااوههی")


@dataclass(frozen=True)
class Plain:
    """Text with usual letters and digits, and where each of its characters stood before."""

    text: str
    at: tuple[int, ...]

    def span(self, start: int, end: int) -> slice:
        """Return the part of the original that became ``text[start:end]``."""
        return slice(self.at[start], self.at[end - 1] + 1)


def plain(text: str) -> Plain:
    r"""Return text without what is unseen and without marks on Arabic letters, its digits those of ASCII.

    Examples
    --------
    >>> plain("۰۹۱۲ ٠٠٠ \u200b٠٠ ك\u0651").text == "0912 000 00 ک"
    True
    """
    pairs = [(new, ix) for ix, char in enumerate(text) if not _is_unseen(char) for new in _usual(char)]
    return Plain("".join(new for new, _ in pairs), tuple(ix for _, ix in pairs))


def fold(text: str) -> str:
    """Return what names are compared by: letters and digits in lower case, one space between words.

    Examples
    --------
    >>> fold("AL-Sāleh,  Amal")
    'al saleh amal'
    """
    bare = "".join(c for c in unicodedata.normalize("NFKD", plain(text).text) if not unicodedata.combining(c))
    return " ".join(re.findall(r"\w+", bare.replace("ى", "ی").casefold()))


def _is_unseen(char: str) -> bool:
    is_mark = "\u0610" <= char <= "\u061a" or "\u064b" <= char <= "\u065f" or char == "\u0670"
    return is_mark or char in JOINERS or bool(UNSEEN.match(char) or STEERING.match(char))


def _usual(char: str) -> str:
    usual = unicodedata.normalize("NFKC", char).translate(LETTERS)
    return "".join(str(unicodedata.digit(c)) if unicodedata.digit(c, None) is not None else c for c in usual)
