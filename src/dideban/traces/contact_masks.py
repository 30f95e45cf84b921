"""Texts as contacts are read from them, and texts as they are shown: numbers and addresses of private people masked."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection
from functools import cache

import polars as pl

from dideban.traces.contact_rules import FAMILIES, PRIVATE

MAX_CHARS = 20_000
"""Characters of a text that are looked through."""
_HIDDEN = "\u034f\u115f\u1160\u3164" + "".join(map(chr, [*range(0xFE00, 0xFE10), *range(0xE0100, 0xE01F0)]))
"""Signs that are not seen, besides format characters."""
_DOT = "•"
_SHOWN_DIGITS = 2
_PRIVATE_PATTERNS = [
    (re.compile(family.pattern.replace("(?-u:\\b)", "\\b"), re.ASCII), family.read)
    for family in FAMILIES
    if family.may_be_private
]


@cache
def _plain() -> dict[str, str]:
    """Return what each sign stands for: digits of every script, compatibility forms of ASCII, and signs not seen."""
    made = dict.fromkeys(_HIDDEN, "")
    for letter in map(chr, [*range(128, 0x20000), *range(0xE0000, 0xE0080)]):  # no other plane holds any
        category = unicodedata.category(letter)
        if category in ("Cf", "Nd"):
            made[letter] = "" if category == "Cf" else str(unicodedata.decimal(letter))
        elif category != "Cs" and unicodedata.normalize("NFKC", letter).isascii():
            made.setdefault(letter, unicodedata.normalize("NFKC", letter))
    return made


@cache
def _plain_by_number() -> dict[int, str]:
    """Return :func:`_plain` as ``str.translate`` wants it."""
    return {ord(letter): sign for letter, sign in _plain().items()}


@cache
def _odd() -> str:
    """Return a pattern of the signs that :func:`_plain` changes."""
    return "[" + "".join(f"\\u{{{ord(letter):X}}}" for letter in sorted(_plain())) + "]"


def clean(texts: pl.Series) -> pl.Series:
    """Return texts with compatibility forms and digits of every script plain, and what is not seen taken out."""
    texts = texts.str.head(MAX_CHARS)
    rows = texts.str.contains(_odd()).fill_null(value=False).arg_true()
    if not len(rows):
        return texts
    return texts.clone().scatter(rows, texts.gather(rows).str.replace_many(_plain()))


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
    """Return which texts may hold a telephone number or an e-mail address; null counts as no."""
    plain, found = clean(texts), pl.repeat(value=False, n=len(texts), eager=True)
    for family in FAMILIES:
        if family.may_be_private:
            found |= plain.str.contains(family.pattern).fill_null(value=False)
    return found


def mask_text(text: str, *, shown: Collection[str] = ()) -> str:
    """Mask one text, as :func:`mask_texts` does."""
    plain = text[:MAX_CHARS].translate(_plain_by_number())
    spans = [
        match.span()
        for pattern, read in _PRIVATE_PATTERNS
        for match in pattern.finditer(plain)
        if any(one.object_id not in shown for one in read(match.group()))
    ]
    if not spans:
        return text
    letters, source = list(text), _places(text[:MAX_CHARS])
    for span in spans:
        _mask(letters, plain, source, span)
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


def _places(text: str) -> list[int]:
    """Return the place in ``text`` that each letter of its plain form comes from."""
    return [at for at, letter in enumerate(text) for _ in _plain().get(letter, letter)]


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
