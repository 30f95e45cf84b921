"""Texts as contacts are read from them, and texts as they are shown: numbers and addresses of private people masked."""

from __future__ import annotations

import re
import sys
import unicodedata
from collections.abc import Collection
from functools import cache

import polars as pl

from dideban.traces.contact_rules import FAMILIES, PRIVATE

MAX_CHARS = 20_000
"""Characters of a text that are looked through."""
_HIDDEN = r"[\p{Cf}\u{034F}\u{115F}\u{1160}\u{3164}\u{FE00}-\u{FE0F}\u{E0100}-\u{E01EF}]"
_HIDDEN_CHARS = frozenset("\u034f\u115f\u1160\u3164") | frozenset(map(chr, range(0xFE00, 0xFE10)))
_DOT = "•"
_SHOWN_DIGITS = 2
_PRIVATE_PATTERNS = [
    (re.compile(family.pattern.replace("(?-u:\\b)", "\\b"), re.ASCII), family.read)
    for family in FAMILIES
    if family.may_be_private
]


@cache
def _digits() -> dict[str, str]:
    """Return the decimal digits of every script with the ASCII digit they stand for."""
    letters = map(chr, range(128, sys.maxunicode + 1))
    return {letter: str(unicodedata.decimal(letter)) for letter in letters if unicodedata.category(letter) == "Nd"}


def clean(texts: pl.Series) -> pl.Series:
    """Return texts with compatibility forms and digits of every script plain, and what is not seen taken out."""
    texts = texts.str.head(MAX_CHARS)
    rows = (texts.str.len_bytes() != texts.str.len_chars()).fill_null(value=False).arg_true()
    if not len(rows):
        return texts
    digits = _digits()
    plain = texts.gather(rows).str.replace_all(_HIDDEN, "").str.normalize("NFKC").str.replace_many(digits)
    return texts.clone().scatter(rows, plain)


def mask_texts(texts: pl.Series, *, shown: Collection[str] = ()) -> pl.Series:
    """Return texts with telephone numbers and e-mail addresses masked.

    Parameters
    ----------
    texts : String series, (n,)
        Display texts, nulls allowed.
    shown : collection of object ids
        Contacts that stay as they are.

    Examples
    --------
    >>> mask_texts(pl.Series(["Call 0912 345 6789 or ana@example.org"])).to_list()
    ['Call •••• ••• ••89 or a••@•••••••.org']
    """
    rows = holds_private(texts).arg_true()
    if not len(rows):
        return texts
    masked = [mask_text(text, shown=shown) for text in texts.gather(rows).to_list()]
    return texts.clone().scatter(rows, pl.Series(masked, dtype=pl.String))


def holds_private(texts: pl.Series) -> pl.Series:
    """Say which texts may hold a telephone number or an e-mail address; null counts as no."""
    plain, found = clean(texts), pl.repeat(value=False, n=len(texts), eager=True)
    for family in FAMILIES:
        if family.may_be_private:
            found |= plain.str.contains(family.pattern).fill_null(value=False)
    return found


def mask_text(text: str, *, shown: Collection[str] = ()) -> str:
    """Mask one text, as :func:`mask_texts` does."""
    plain, source = _clean_one(text[:MAX_CHARS])
    letters = list(text)
    for pattern, read in _PRIVATE_PATTERNS:
        for match in pattern.finditer(plain):
            if any(one.object_id not in shown for one in read(match.group())):
                _mask(letters, plain, source, match.span())
    return "".join(letters)


def mask_contact(object_id: str, label: str) -> str:
    """Return the label of a contact that is not to be shown in full; only private ones change.

    Examples
    --------
    >>> mask_contact("phone:0123456789abcdef", "…123456789"), mask_contact("cashtag:NXS", "$NXS")
    ('…•••••••89', '$NXS')
    """
    family = object_id.partition(":")[0]
    if family not in PRIVATE:
        return label
    cut = label.rfind(".") if family == "email" else len(label) - _SHOWN_DIGITS
    return label[0] + "".join(_DOT if letter.isalnum() else letter for letter in label[1:cut]) + label[cut:]


def _clean_one(text: str) -> tuple[str, list[int]]:
    """Return the text as :func:`clean` gives it, and the place in ``text`` that each of its letters comes from."""
    plain, source, digits = [], [], _digits()
    for at, letter in enumerate(text):
        if unicodedata.category(letter) == "Cf" or letter in _HIDDEN_CHARS:
            continue
        for made in unicodedata.normalize("NFKC", letter) if ord(letter) > 127 else letter:
            plain.append(digits.get(made, made))
            source.append(at)
    return "".join(plain), source


def _mask(letters: list[str], plain: str, source: list[int], span: tuple[int, int]) -> None:
    """Blank the letters and digits of one match, but for its first letter or last digits."""
    found = plain[span[0] : span[1]]
    places = [at for at in range(*span) if plain[at].isalnum()]
    if "@" in found or not any(letter.isdigit() for letter in found):
        last = span[0] + max(found.rfind("."), 0)
        hidden = [at for at in places[1:] if at < last] or places[1:]
    else:
        hidden = [at for at in places if plain[at].isdigit()][:-_SHOWN_DIGITS]
    for at in hidden:
        letters[source[at]] = _DOT
