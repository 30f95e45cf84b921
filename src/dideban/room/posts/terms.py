"""What the words of a search mean: each is found in the normal form, from the start of a word, in all its spellings.

In Arabic script words may be parted or joined anywhere, and carry clitics. Said twice: as regular expressions, and as
what :func:`dideban.kernels.find.find_texts` looks for; both find the same.
"""

from __future__ import annotations

import itertools
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache, reduce

import numpy as np
import polars as pl

from dideban.arrays import I8, U1
from dideban.errors import InputError
from dideban.schema import INSTANT
from dideban.store.flat import KINDS, Flat, lay_out

MAX_WORDS = 12
RIGHT_TO_LEFT = re.compile(r"[\u0590-\u08ff]")
CLITICS = "(?:[وفبلک]?(?:ال|لل)?)?"
"""What Arabic writes in front of a word without a space, in the letters of the normal form."""
HEADS = ["".join(pair) for pair in itertools.product(("", *"وفبلک"), ("", "ال", "لل"))]
"""All that CLITICS stands for."""
FEW = 4
"""Where fewer than one text in so many is left, they are looked at on their own."""


@dataclass(frozen=True)
class Term:
    """One word or phrase."""

    forms: tuple[str, ...]
    """Normal forms, one of which is said."""
    is_wanted: bool = True
    """False = must not be said."""


def terms(text: str) -> list[Term]:
    """Take the words of a search apart.

    Raises
    ------
    InputError
        More than MAX_WORDS words.
    """
    found: list[Term] = []
    before = ""
    for sign, phrase, word in re.findall(r"(-?)(?:\"([^\"]*)\"|(\S+))", text):
        form = _form(phrase or word)
        if not form:
            continue
        is_plain = not phrase and not sign and RIGHT_TO_LEFT.search(form) is not None
        forms = (form, before + form) if before and is_plain else (form,)  # two words here may be one there
        found.append(Term(forms, sign != "-"))
        before = form if is_plain else ""
    if len(found) > MAX_WORDS:
        raise InputError("room.too-many-words", hint="room.fewer-words", n=MAX_WORDS)
    return found


@lru_cache(maxsize=256)
def _form(word: str) -> str:
    # Each call waits for the threads of polars, which a stream of posts keeps busy; a search is asked for page by page.
    form: str = normal_form(pl.Series([word]))[0]
    return form


def normal_form(texts: pl.Series) -> pl.Series:
    """Return the normal form; the engine is loaded with the first search, not with the first page."""
    from dideban.text import normal_form as of_engine

    return of_engine(texts)


def pattern(term: Term) -> str:
    """Return the regular expression of a term.

    Examples
    --------
    >>> pattern(Term(("cafe",)))
    '(?:^| )cafe'
    """
    return "|".join(_pattern(form) for form in term.forms)


def _pattern(form: str) -> str:
    if not RIGHT_TO_LEFT.search(form):
        return "(?:^| )" + re.escape(form).replace("\\ ", " ")
    return f"(?:^| ){CLITICS}" + " ?".join(re.escape(letter) for letter in form if letter != " ")


def says(wanted: list[Term]) -> pl.Expr:
    """Return the condition on ``norm`` of several terms."""
    return reduce(lambda a, b: a & b, [_says(pattern(term), term.is_wanted) for term in wanted])


def _says(wanted: str, is_wanted: bool) -> pl.Expr:
    norm = pl.col("norm").fill_null("")
    if " ?" not in wanted:
        said = norm.str.contains(wanted)
    else:
        said = norm.map_batches(lambda norms: _contains(norms, wanted), return_dtype=pl.Boolean)
    return said if is_wanted else ~said


def _contains(norms: pl.Series, wanted: str) -> pl.Series:
    """Try a pattern of letters that may be parted on the few norms that can hold it: those with its first letters."""
    rows = norms.str.contains_any(_openings(wanted)).arg_true()
    said = norms.gather(rows).str.contains(wanted)
    found = np.zeros(len(norms), dtype=bool)
    found[rows.filter(said).to_numpy()] = True
    return pl.Series(norms.name, found)


def _openings(wanted: str) -> list[str]:
    """Return the ways in which the first letters of a pattern can be written, parted or not."""
    found: list[str] = []
    for way in wanted.split("|(?:^| )"):
        first, *others = way.removeprefix("(?:^| )").removeprefix(CLITICS).split(" ?")[:4]
        ways = [first]
        for letter in others:
            ways = [way + space + letter for way in ways for space in ("", " ")]
        found += ways
    return found


def try_out() -> bool:
    """Look for a word in one text: everything that takes is loaded then."""
    columns = {"created_at": [datetime(2026, 1, 1, tzinfo=UTC)], "norm": ["word"], **{kind: ["x"] for kind in KINDS}}
    flat = lay_out(pl.DataFrame(columns).with_columns(pl.col("created_at").cast(INSTANT)))
    return bool(find(flat, terms("word"), np.ones(1, np.uint8))[0])


def find(flat: Flat, wanted: list[Term], asked: U1) -> U1:
    """Return which of the texts that are asked for say all terms, one flag per text."""
    for term in sorted(wanted, key=lambda term: not term.is_wanted):
        said = _find(flat, term, asked)
        asked = said if term.is_wanted else asked & (1 - said)
    return asked


def _find(flat: Flat, term: Term, asked: U1) -> U1:
    from dideban.kernels.find import find_texts, gather_texts

    rows = np.flatnonzero(asked)
    if not len(rows):
        return asked
    is_part = len(rows) * FEW < len(asked)
    data, offsets = gather_texts(flat.data, flat.offsets, rows) if is_part else (flat.data, flat.offsets)
    looked = np.ones(len(rows), np.uint8) if is_part else asked
    said = np.zeros(len(looked), np.uint8)
    for form in term.forms:
        said |= find_texts(data, offsets, looked & (1 - said), *_needle(form, flat.counts))
    if not is_part:
        return said
    whole = np.zeros(len(asked), np.uint8)
    whole[rows] = said
    return whole


def _needle(form: str, counts: I8) -> tuple[U1, I8, int, I8, U1, I8]:
    """Return a form as the kernel takes it: letters, their ends, which to look for, rare bytes, what may precede."""
    is_loose = RIGHT_TO_LEFT.search(form) is not None
    letters = [letter.encode() for letter in form if letter != " "] if is_loose else [f" {form}".encode()]
    needle, ends = np.frombuffer(b"".join(letters), np.uint8), np.cumsum([len(letter) for letter in letters])
    spans = [range(end - len(letter), end) for letter, end in zip(letters, ends.tolist(), strict=True)]
    rarest = [sorted(span, key=lambda at: (counts[needle[at]], at)) for span in spans]
    if len(letters) == 1:
        pick, rare = 0, [rarest[0][0], rarest[0][min(1, len(rarest[0]) - 1)]]
    else:
        often = [counts[needle[places[0]]] + 1 for places in rarest]
        pick = min(range(len(letters) - 1), key=lambda k: (often[k] * often[k + 1], k))
        rare = [rarest[pick][0], rarest[pick + 1][0]]
    heads = [head.encode() for head in HEADS] if is_loose else []
    head_ends = np.cumsum([len(head) for head in heads], dtype=np.int64)
    return needle, ends, pick, np.array(rare), np.frombuffer(b"".join(heads), np.uint8), head_ends
