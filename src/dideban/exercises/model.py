"""What an exercise is made of: plain data that a page, a print sheet and a QTI package are written from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Self

SCHEMA = "dideban.exercise/1"


@dataclass(frozen=True, kw_only=True)
class Choice:
    """One answer that can be given."""

    id: str
    """``yes`` and ``no``, or the letter of its position: it says nothing of what is right."""
    text: str
    reason: str = ""
    """Why it is not this one; empty where the reason of the item says it all."""


@dataclass(frozen=True, kw_only=True)
class ExerciseItem:
    """The smallest thing that is answered and counted."""

    id: str
    """Its position, from 1."""
    label: str
    """What it is called on the page: ``A``, ``Pair 2``."""
    texts: tuple[str, ...] = ()
    """What is read: one post, two texts, a situation."""
    at: str = ""
    """Clock time, moved by the constant of the exercise."""
    table: tuple[tuple[str, ...], ...] = ()
    """A timeline: a row of names, then a row of times per thing posted."""
    choices: tuple[Choice, ...]
    key: str
    """The choice that is right."""
    is_signal: bool | None = None
    """Whether it is a case of concert (or copying) or an innocent look-alike; None = neither."""
    reason: str
    """What is said as soon as it is answered."""


@dataclass(frozen=True, kw_only=True)
class Exercise:
    """One exercise in one language."""

    id: str
    """The same in every language."""
    form: str
    lang: str
    title: str
    intro: str
    question: str
    items: tuple[ExerciseItem, ...]
    how: tuple[Choice, ...]
    """What "how do you know?" offers; never scored."""
    story: str
    """What the case it was made from turned out to be; shown at the end."""
    difficulty: float
    """Logits, 0 = half of all answers are right; from the evidence until there are counts."""

    def to_dict(self) -> dict[str, Any]:
        """Return plain data."""
        return {"schema": SCHEMA, **asdict(self)}

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Self:
        """Return the exercise that :meth:`to_dict` wrote."""
        items = tuple(
            ExerciseItem(
                id=one["id"], label=one["label"], texts=tuple(one["texts"]), at=one["at"],
                table=tuple(tuple(row) for row in one["table"]), choices=_choices(one["choices"]), key=one["key"],
                is_signal=one["is_signal"], reason=one["reason"],
            )
            for one in data["items"]
        )  # fmt: skip
        plain = {name: data[name] for name in ("id", "form", "lang", "title", "intro", "question", "story")}
        return cls(**plain, items=items, how=_choices(data["how"]), difficulty=float(data["difficulty"]))


def _choices(rows: Any) -> tuple[Choice, ...]:
    return tuple(Choice(id=one["id"], text=one["text"], reason=one["reason"]) for one in rows)


__all__ = ["SCHEMA", "Choice", "Exercise", "ExerciseItem"]
