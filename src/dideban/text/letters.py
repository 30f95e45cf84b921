"""The letter table: what every code point becomes in the normal form, and where each rule comes from.

One table of rules is the source; :func:`letter_table` turns it into arrays for the kernel. Nothing here looks at a
whole word: rules that need context (links, names, confusable letters) stand in ``normalise.py`` and in the kernel.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from dideban.arrays import I4, U1

N_TABLE = 0x30000
"""Code points below this are looked up; above it stand rare ideographs (kept) and tags (dropped)."""

SPACE = 0x20

ARABIC_LETTERS: dict[str, str] = {
    # yeh: Arabic, alef maksura, Farsi, Kurdish, Pashto, Urdu and their hamza forms
    "ي": "ی", "ى": "ی", "ې": "ی", "ۍ": "ی", "ێ": "ی", "ے": "ی", "ۑ": "ی", "ؠ": "ی", "ؽ": "ی", "ؾ": "ی", "ؿ": "ی",
    # kaf and gaf
    "ك": "ک", "ڪ": "ک", "ػ": "ک", "ؼ": "ک", "ڭ": "ک", "ګ": "گ", "ڰ": "گ",
    # heh, teh marbuta, ae
    "ة": "ه", "ۃ": "ه", "ہ": "ه", "ھ": "ه", "ە": "ه", "ۿ": "ه",
    # alef
    "ٱ": "ا", "ٲ": "ا", "ٳ": "ا",
    # waw: Kurdish and Azerbaijani vowels that are often typed as plain waw
    "ۆ": "و", "ۇ": "و", "ۈ": "و", "ۋ": "و", "ۊ": "و", "ۏ": "و", "ۉ": "و", "ۅ": "و", "ۄ": "و",
    # Kurdish trills that are often typed plain, Urdu noon ghunna
    "ڕ": "ر", "ڵ": "ل", "ں": "ن",
}  # fmt: skip
"""Letter variants of the Arabic script that typists use for one another."""

DROPPED = frozenset("ءٴـ'’‘‛ʼʻʹ′`´׳＇")  # hamza on the line, tatweel, apostrophes
"""Characters that leave nothing behind, not even a space."""

DECIMAL_MARKS, THOUSANDS_MARKS = frozenset(".．٫"), frozenset(",，٬")

# Marks that are optional in their script. Marks of Indic scripts, Thai or kana are vowels and stay.
_OPTIONAL_MARKS = (
    (0x0300, 0x036F), (0x0483, 0x0489), (0x0591, 0x05C7), (0x0610, 0x061A), (0x064B, 0x065F), (0x0670, 0x0670),
    (0x06D6, 0x06ED), (0x0711, 0x0711), (0x0730, 0x074A), (0x0898, 0x089F), (0x08CA, 0x08FF), (0x1AB0, 0x1AFF),
    (0x1DC0, 0x1DFF), (0x20D0, 0x20FF), (0xFE00, 0xFE0F), (0xFE20, 0xFE2F), (0xFB1E, 0xFB1E),
)  # fmt: skip
_PICTURES = ((0x1F000, 0x1F0FF), (0x1F1E6, 0x1FAFF))  # emoji, whatever the Unicode version of the interpreter
_SIGNS = frozenset("™®©")

# Lookalikes after UTS #39 "confusables"; used only inside words that mix scripts.
LATIN_TWINS: dict[str, str] = {
    **dict(zip("аеорсухіјѕһԁԛԝвнкмтьѵӏ", "aeopcyxijshdqwbhkmtbvl", strict=True)),
    **dict(zip("АЕОРСУХІЈЅҺԀԚԜВНКМТ", "aeopcyxijshdqwbhkmt", strict=True)),
    **dict(zip("αοντυρχικηεγωβ", "aovtupxikneywb", strict=True)),
    **dict(zip("ΑΒΕΖΗΙΚΜΝΟΡΤΥΧ", "abezhikmnoptyx", strict=True)),
}
CYRILLIC_TWINS: dict[str, str] = dict(zip("aeopcyxijshkmtb", "аеорсухіјѕнкмтв", strict=True))


@dataclass(frozen=True, kw_only=True)
class LetterTable:
    """Arrays indexed by code point; see :func:`letter_table`."""

    start: I4
    """Where the output of a code point begins in ``pool``."""
    size: U1
    """How many code points it becomes."""
    pool: I4
    mark: U1
    """1 decimal mark, 2 thousands mark, 3 kept combining mark, else 0."""
    latin_twin: I4
    cyrillic_twin: I4


_NAMED_PREFIXES = (
    "LATIN LETTER SMALL CAPITAL ",
    "NEGATIVE CIRCLED LATIN CAPITAL LETTER ",
    "NEGATIVE SQUARED LATIN CAPITAL LETTER ",
)


def _chars_of(spans: tuple[tuple[int, int], ...]) -> frozenset[str]:
    return frozenset(chr(code) for low, high in spans for code in range(low, high + 1))


_MARK_CHARS, _PICTURE_CHARS = _chars_of(_OPTIONAL_MARKS), _chars_of(_PICTURES)


def _named_letter(char: str) -> str:
    """Return the plain letter of small capitals and boxed or circled letters that NFKD leaves alone."""
    name = unicodedata.name(char, "")
    if not name.startswith(_NAMED_PREFIXES):
        return char
    is_one_letter = any(name.startswith(prefix) and len(name) == len(prefix) + 1 for prefix in _NAMED_PREFIXES)
    return name[-1].lower() if is_one_letter else char


@lru_cache(maxsize=1024)
def _fold_part(char: str) -> str:
    """Return what one decomposed, case-folded character becomes."""
    if char in DROPPED or char in _MARK_CHARS:
        return ""
    if char in ARABIC_LETTERS:
        return ARABIC_LETTERS[char]
    category = unicodedata.category(char)
    if category == "Nd":
        return str(unicodedata.digit(char))
    if category == "Cf":
        return ""
    if category[0] in "PSZ" or category in ("Cc", "Cs", "Co"):
        return " "
    return "i" if char == "ı" else char


def fold_char(char: str) -> str:
    """Return what one character becomes in the normal form: nothing, a space, or one or more characters.

    Examples
    --------
    >>> fold_char("ي"), fold_char("É"), fold_char("۴"), fold_char("😀"), fold_char("ـ")
    ('ی', 'e', '4', ' ', '')
    """
    if char in _PICTURE_CHARS and _named_letter(char) == char:
        return "" if 0x1F3FB <= ord(char) <= 0x1F3FF else " "
    if char in _SIGNS:
        return " "
    if char in DROPPED:
        return ""
    plain = unicodedata.normalize("NFKD", _named_letter(char)).casefold()
    return "".join(_fold_part(part) for part in unicodedata.normalize("NFKD", plain))


def _mark_of(char: str) -> int:
    if char in DECIMAL_MARKS:
        return 1
    if char in THOUSANDS_MARKS:
        return 2
    return 3 if unicodedata.category(char) in ("Mn", "Me") else 0


@lru_cache(maxsize=1)
def letter_table() -> LetterTable:
    """Build the arrays once per process (about a quarter of a second)."""
    start, size = np.arange(N_TABLE, dtype=np.int32), np.ones(N_TABLE, np.uint8)
    mark = np.zeros(N_TABLE, np.uint8)
    latin, cyrillic = np.zeros(N_TABLE, np.int32), np.zeros(N_TABLE, np.int32)
    extra: list[int] = []
    for code in _codes_that_may_change():
        char = chr(code)
        folded = fold_char(char)
        mark[code] = _mark_of(char)
        start[code], size[code] = N_TABLE + len(extra), len(folded)
        extra.extend(map(ord, folded))
    for twins, array in ((LATIN_TWINS, latin), (CYRILLIC_TWINS, cyrillic)):
        for char, twin in twins.items():
            array[ord(char)] = ord(twin)
    for char, twin in CYRILLIC_TWINS.items():
        cyrillic[ord(char.upper())] = ord(twin)
    pool = np.concatenate([np.arange(N_TABLE, dtype=np.int32), np.array(extra, np.int32)])
    return LetterTable(start=start, size=size, pool=pool, mark=mark, latin_twin=latin, cyrillic_twin=cyrillic)


def _codes_that_may_change() -> list[int]:
    """Code points outside the large blocks of ideographs, which stay as they are."""
    spans = (
        (0x0, 0x3400),
        (0x4DC0, 0x4E00),
        (0xA000, 0xAC00),
        (0xAC00, 0x17000),
        (0x18D00, 0x20000),
        (0x2F800, 0x2FA20),
    )
    return [code for low, high in spans for code in range(low, high)]
