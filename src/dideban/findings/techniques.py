"""DISARM techniques that the behaviour of a group suggests.

Codes and names are facts from the DISARM red framework (DISARM Foundation, release of November 2024, CC BY-SA 4.0);
the framework itself is not part of this project. Techniques whose names presume who is behind an account or why are
never suggested.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from dideban.findings.model import SayInAll
from dideban.kinds import kind_of
from dideban.messages import NOTHING, Message, translations

NAMES = {
    "T0015.001": "Use Existing Hashtag",
    "T0049": "Flood Information Space",
    "T0049.005": "Conduct Swarming",
    "T0084.001": "Use Copypasta",
    "T0115": "Post Content",
    "T0116": "Comment or Reply on Content",
    "T0118": "Amplify Existing Narrative",
    "T0119": "Cross-Posting",
    "T0119.002": "Post across Platform",
}
"""T-code to name."""

FLOOD_POSTS = 1_000
"""Joint posts from which a group is said to flood."""


@dataclass(frozen=True, kw_only=True)
class Behaviour:
    """What a group did jointly."""

    n_objects: Mapping[str, int]
    """Kind to joint objects."""
    n_posts: int
    widest: Mapping[str, int]
    """Kind to the most members on one object."""
    platforms: frozenset[str]


def reason_of(technique: Mapping[str, Any]) -> Message:
    """Return the reason for a suggestion as a message; nothing where it has none, or one of another program.

    Examples
    --------
    >>> str(reason_of({"id": "T0084.001", "name": "Use Copypasta", "values": {"n": 7}}))
    '7 members posted one text'
    """
    code, values = technique.get("id", ""), technique.get("values")
    if code not in NAMES or not isinstance(values, Mapping):
        return NOTHING
    return Message.from_dict({"code": _code(code), "values": values})


def name_of(technique: Mapping[str, Any]) -> Message:
    """Return the name of a technique as a message; nothing for one of another program.

    Examples
    --------
    >>> str(name_of({"id": "T0084.001"}))
    'Use Copypasta'
    """
    code = technique.get("id", "")
    return Message(f"technique-name.{code.replace('.', '-')}") if code in NAMES else NOTHING


def suggest_techniques(behaviour: Behaviour, *, say_in_all: SayInAll = translations) -> list[dict[str, Any]]:
    """Return techniques that the behaviour alone justifies, with the reason, sorted by code.

    Parameters
    ----------
    behaviour : Behaviour
    say_in_all : function
        Message to its texts by language.
    """
    found: dict[str, dict[str, Any] | None] = {
        **_by_kind(behaviour),
        "T0049": _counted(behaviour.n_posts, least=FLOOD_POSTS),
        "T0119.002": {"names": sorted(behaviour.platforms)} if len(behaviour.platforms) > 1 else None,
    }
    return [_suggestion(code, values, say_in_all) for code, values in sorted(found.items()) if values is not None]


def _suggestion(code: str, values: dict[str, Any], say_in_all: SayInAll) -> dict[str, Any]:
    reason = Message(_code(code), **values)
    return {"id": code, "name": NAMES[code], "values": values, "why": say_in_all(reason)}


def _code(technique: str) -> str:
    return f"technique.{technique.replace('.', '-')}"


def _by_kind(behaviour: Behaviour) -> dict[str, dict[str, Any]]:
    """Return what the kinds of object suggest (``kinds.py``)."""
    values: dict[str, dict[str, Any]] = {}
    for slug, n_objects in behaviour.n_objects.items():
        for technique in kind_of(slug).techniques:
            n = {"objects": n_objects, "members": behaviour.widest.get(slug, 0)}.get(technique.counts, 0)
            found = _counted(n, least=technique.least) if technique.counts else {}
            if found is not None:
                values[technique.code] = found
    return values


def _counted(n: int, *, least: int = 1) -> dict[str, Any] | None:
    return {"n": n} if n >= least else None
