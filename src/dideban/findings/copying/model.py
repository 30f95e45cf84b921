"""What is said about copied texts. ``Copies.to_dict`` is ``copying.json``."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import orjson

from dideban.findings.copying.attribution import Attribution
from dideban.messages import Message, describe

SCHEMA_NAME = "dideban.copying/1"
"""Name and version of the ``copying.json`` format; the number grows when a reader could break."""

Kind = Literal["declared", "wire", "attributed", "no-line", "own"]
"""``declared``: it names the publisher it took from; ``wire``: both name one news agency, or the source is one that it
names; ``attributed``: it names somebody else; ``no-line``: no such line was found; ``own``: the same publisher."""
Part = Literal["same", "new", "gone"]


@dataclass(frozen=True, kw_only=True)
class Passage:
    """A stretch of the comparison: in both texts, only in the later one, or only in the earlier one."""

    part: Part
    text: str


@dataclass(frozen=True, kw_only=True)
class Item:
    """One text of a family."""

    post_id: str
    publisher: str
    at: str
    url: str
    title: str
    """First line, cut at 160 characters."""
    lang: str
    n_letters: int
    attributions: list[Attribution]


@dataclass(frozen=True, kw_only=True)
class Copy:
    """A text that holds passages of an earlier one."""

    item: Item
    source: Item
    """The earlier text that holds most of it; of equals the earliest."""
    share: float
    """Share of its letters that occur in the source in runs of 25 letters or more, 0..1."""
    share_of_source: float
    """Share of the letters of the source that occur in it."""
    share_of_first: float
    """Share of its letters that occur in the first text of the family."""
    lag_s: float
    """Seconds after the source."""
    order_known: bool
    """False where both have the same time, or times to the day on one day: who was first is not known."""
    kind: Kind
    passages: list[Passage]


@dataclass(frozen=True, kw_only=True)
class Family:
    """Texts tied by copying, the earliest first."""

    id: str
    first: Item
    first_known: bool
    """False where another publisher's text of the family has the same time."""
    copies: list[Copy]
    """In order of time."""


@dataclass(frozen=True, kw_only=True)
class Flow:
    """How often one publisher's texts hold another's."""

    source: str
    publisher: str
    n: int
    n_no_line: int
    n_wire: int
    n_declared: int
    median_lag_s: float
    mean_share: float


@dataclass(frozen=True, kw_only=True)
class Copies:
    """Who copied whose texts."""

    families: list[Family]
    """Largest first."""
    flows: list[Flow]
    """Most frequent first."""
    publishers: dict[str, str]
    """Publisher to the name its pages give it."""
    n_texts: int
    """Texts long enough to compare."""
    n_read: int
    resolution_s: float
    """Coarsest unit of the times, seconds."""
    notes: list[Message]

    def to_dict(self) -> dict[str, Any]:
        """Return everything as plain data."""
        content: dict[str, Any] = {"schema": SCHEMA_NAME, **orjson.loads(orjson.dumps(self, default=describe))}
        return content
