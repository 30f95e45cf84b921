"""Sequences of words that look like the name of a person, in Latin and in Arabic letters."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from itertools import groupby

from dideban.comments.person_hints.folding import fold

WORD = re.compile(r"[^\W\d_]+(?:[-'’][^\W\d_]+)*")
PIECE = re.compile(r"[^\n.!?؟،؛,;:()\[\]«»\"“”…|/]+")
"""Names do not go on past marks of punctuation; a dot after a title is taken out before."""
ARABIC = re.compile("[\u0600-\u06ff]")
TITLE_DOT = re.compile(r"\b(Mr|Mrs|Ms|Dr|Prof|St)\.")
MOST_WORDS = 4
PREPOSITION = "من"
"""Stands for the Arabic "on": without dots it is the same as a frequent name once letters are folded."""
VERBS = ("ed", "ing", "ly", "s")
ENDINGS = ("زاده", "پور", "نژاد", "نیا", "وند", "لو", "چیان", "ییان")
"""Of Persian family names."""


@cache
def lists() -> Mapping[str, frozenset[str]]:
    """Return the lists of ``names.toml`` as names are compared."""
    text = (files("dideban.comments.person_hints") / "names.toml").read_text("utf-8")
    return {name: frozenset(fold(word) for word in words.split()) for name, words in tomllib.loads(text).items()}


@dataclass(frozen=True)
class Word:
    """A word of a comment, as it stands and as it is compared."""

    text: str
    low: str
    start: int
    end: int


def find_names(text: str) -> Iterator[tuple[int, int]]:
    """Yield start and end of what looks like names; ``text`` as :func:`plain` returns it."""
    shown = TITLE_DOT.sub(r"\1 ", text)
    for piece in PIECE.finditer(shown):
        words = [_word(match, piece.start()) for match in WORD.finditer(piece.group())]
        for is_arabic, run in groupby(words, key=lambda word: bool(ARABIC.match(word.text))):
            yield from (_arabic if is_arabic else _latin)(list(run))


def _word(match: re.Match[str], offset: int) -> Word:
    text = match.group()
    low = PREPOSITION if text == "على" else fold(text)
    return Word(text, low, offset + match.start(), offset + match.end())


def _latin(words: list[Word]) -> Iterator[tuple[int, int]]:
    """Yield sequences of two words and more that begin with a capital, and given names with what follows."""
    know, ix = lists(), 0
    while ix < len(words):
        run = _capitals(words, ix)
        step = max(1, len(run))
        before = words[ix - 1].low if ix else ""
        while len(run) > 1 and run[0].low in know["common"]:
            before, run = run[0].low, run[1:]
        if len(run) > 1 and run[0].low in know["titles"] | know["offices"]:
            before, run = run[0].low, run[1:]
        if run and before not in know["offices"] and _is_latin_name(run, titled=before in know["titles"]):
            yield run[0].start, run[:MOST_WORDS][-1].end
        elif not run and _is_given_with_more(words, ix):
            yield words[ix].start, words[ix + 1].end
        ix += step


def _capitals(words: list[Word], start: int) -> list[Word]:
    """Return the words with a capital from here on, with small particles between them."""
    know, end, ix = lists(), start, start
    while ix < len(words):
        if words[ix].text[0].isupper():
            end = ix = ix + 1
        elif end > start and ix < end + 2 and words[ix].text in know["particles"]:
            ix += 1
        else:
            break
    return words[start:end]


def _is_latin_name(run: list[Word], *, titled: bool) -> bool:
    know, first = lists(), run[0].low
    if any(part in know["things"] for word in run for part in word.low.split()):
        return False
    if titled:
        return first not in know["common"]
    rest = [word.low for word in run[1:] if word.low not in know["particles"]]
    if not rest or all(word in know["common"] for word in rest):
        return False
    if first in know["given"] | know["either"]:
        return True
    shouts = any(len(word.text) > 1 and word.text.isupper() for word in run)
    return not shouts and all(len(word) > 1 and word not in know["common"] for word in [first, *rest])


def _is_given_with_more(words: list[Word], ix: int) -> bool:
    """Return whether a given name in small letters has something like a family name behind it."""
    know = lists()
    if ix + 1 >= len(words) or words[ix].low not in know["given"]:
        return False
    behind = words[ix + 1].low
    is_word = behind in know["common"] or behind in know["things"] or behind.endswith(VERBS)
    return len(behind) > 3 and not is_word


def _arabic(words: list[Word]) -> Iterator[tuple[int, int]]:
    low, ix = [word.low for word in words], 0
    while ix < len(words):
        n = _length(low, ix)
        if n:
            yield words[ix].start, words[ix + n - 1].end
        ix += max(1, n)


def _length(low: list[str], ix: int) -> int:
    """Return how many words from here on look like a name; 0 = none."""
    know, before = lists(), low[ix - 1] if ix else ""
    if low[ix] in know["stop"] | know["titles"] or before in know["places"] | know["offices"] | know["holy"]:
        return 0
    n = 1
    while n < MOST_WORDS and ix + n < len(low) and _goes_on(low, ix + n):
        n += 1
    behind = low[ix + 1] if n > 1 else ""
    if before in know["titles"]:
        if ix > 1 and low[ix - 2] in know["places"]:
            return 0
        return min(n, 2) if low[ix] not in know["roles"] else 0
    if n < 2 or behind in know["holy"]:
        return 0
    if low[ix] in know["given"] or (low[ix] in know["either"] and (behind in know["given"] or _is_family(behind))):
        return n
    return 0


def _goes_on(low: list[str], ix: int) -> bool:
    know, word = lists(), low[ix]
    if word in know["links"]:
        return ix + 1 < len(low) and low[ix + 1] not in know["stop"]
    ends = word in know["stop"] or word in know["roles"] or word in know["titles"]
    return len(word) > 2 and not ends and not word.startswith(("می", "نمی"))


def _is_family(word: str) -> bool:
    has_article = word.startswith("ال") and word.endswith("ی")
    return len(word) > 4 and (has_article or word.endswith(ENDINGS))
