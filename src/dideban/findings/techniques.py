"""DISARM techniques that the behaviour of a group suggests.

Codes and names are facts from the DISARM red framework (DISARM Foundation, release of November 2024, CC BY-SA 4.0);
the framework itself is not part of this project. Techniques whose names presume who is behind an account or why are
never suggested.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from dideban.kinds import kind_of

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

REASONS = {
    "T0015.001": "used {n} identical sequences of hashtags",
    "T0049": "{n} joint posts",
    "T0049.005": "{n} members replied to one target together",
    "T0084.001": "{n} members posted one text",
    "T0115": "pushed links, texts or media in own posts",
    "T0116": "replied together to {n} targets",
    "T0118": "reposted {n} posts together",
    "T0119": "posted {n} texts from several accounts",
    "T0119.002": "joint shares on {names}",
}
"""T-code to the reason for it, with what was counted."""

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


_NUMBER = re.compile(r"(?<![\w.])\d+(?![\w.])")
_NAMES = re.compile(r"joint shares on (?P<names>[\w., -]{1,200})")


def reason_values(technique: Mapping[str, str]) -> dict[str, Any] | None:
    """Return what the reason of a suggestion counts or names, for saying it in another language.

    Returns
    -------
    dict or None
        ``n`` or ``names``, or nothing where the reason has neither. None: no reason, or one of another program.

    Examples
    --------
    >>> reason_values({"id": "T0084.001", "name": "Use Copypasta", "why": "7 members posted one text"})
    {'n': 7}
    """
    why, code = technique.get("why", ""), technique.get("id", "")
    if not why or code not in NAMES:
        return None
    values: dict[str, Any] = {}
    if found := _NAMES.fullmatch(why):
        values["names"] = found["names"]
    elif found := _NUMBER.search(why):
        values["n"] = int(found.group())
    if set(values) != set(re.findall(r"{(\w+)}", REASONS[code])):
        return None
    return values if REASONS[code].format(**values) == why else None


def suggest_techniques(behaviour: Behaviour) -> list[dict[str, str]]:
    """Return techniques that the behaviour alone justifies, with the reason, sorted by code."""
    values: dict[str, dict[str, Any] | None] = {
        **_by_kind(behaviour),
        "T0049": _counted(behaviour.n_posts, least=FLOOD_POSTS),
        "T0119.002": {"names": ", ".join(sorted(behaviour.platforms))} if len(behaviour.platforms) > 1 else None,
    }
    return [
        {"id": code, "name": NAMES[code], "why": REASONS[code].format(**found)}
        for code, found in sorted(values.items())
        if found is not None
    ]


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
