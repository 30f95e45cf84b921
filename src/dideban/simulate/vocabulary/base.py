"""The shape of a vocabulary."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Topic:
    """One topic: subject + place + predicate must read as a sentence whichever are drawn."""

    name: str
    subjects: tuple[str, ...]
    predicates: tuple[str, ...]
    tags: tuple[str, ...]
    """Hashtags without #."""


@dataclass(frozen=True, kw_only=True)
class Vocabulary:
    """Phrases of one language; each list is drawn from independently."""

    openers: tuple[str, ...]
    times: tuple[str, ...]
    places: tuple[str, ...]
    leads: tuple[str, ...]
    claims: tuple[str, ...]
    """lead + claim is a sentence."""
    closings: tuple[str, ...]
    shorts: tuple[str, ...]
    """Whole posts too short to mean anything."""
    replies: tuple[str, ...]
    names: tuple[str, ...]
    """First halves of account handles, ASCII."""
    comma: str
    stop: str
    time_last: bool
    """The time may stand after the predicate; otherwise it goes between place and predicate."""
    topics: tuple[Topic, ...]
