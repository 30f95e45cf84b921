"""What the forms have in common."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from dideban.exercises.model import Choice, ExerciseItem
from dideban.exercises.words import Words

YES, NO = "yes", "no"


@dataclass(frozen=True, kw_only=True)
class FormContent:
    """What a form makes: the rest of an exercise is the same for all."""

    items: tuple[ExerciseItem, ...]
    values: dict[str, object]
    """What the introduction and the question name."""
    overlap: float = 0.0
    """Share of words that copies have in common."""


def yes_or_no(words: Words, form: str) -> tuple[Choice, ...]:
    """Return the two answers of a form, the same for every item."""
    return tuple(Choice(id=name, text=words(f"{form}.{name}")) for name in (YES, NO))


def letters(words: Words, n: int) -> list[str]:
    """Return the first letters of the alphabet: what accounts and posts are called."""
    return list(words.part("letters").split())[:n]


def sentence(*parts: str) -> str:
    """Return sentences one after the other."""
    return " ".join(part for part in parts if part)


def position_choices(options: Sequence[tuple[str, str]]) -> tuple[Choice, ...]:
    """Return choices named by their position, from (text, reason)."""
    return tuple(Choice(id="abcdefgh"[ix], text=text, reason=why) for ix, (text, why) in enumerate(options))
