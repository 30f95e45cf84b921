"""Plans and draws that a stranger can check against the audit trail."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from typing import Any

from dideban.room.responses.models import Response


def plan_of(response: Response) -> dict[str, Any]:
    """Return what was planned, as it is hashed. Follows foreign keys."""
    return {
        "room": response.room.slug, "response": response.number, "case": response.case.number, "kind": response.kind,
        "title": response.title, "target": target_name(response), "outcome": response.outcome,
        "horizon_h": response.horizon_h, "salt": response.salt,
    }  # fmt: skip


def target_name(response: Response) -> str:
    """Return the target as programs name it; empty where it is there no more."""
    if response.narrative is not None:
        return f"narrative:{response.narrative.number}"
    if response.group is not None:
        return f"group:{response.group.number}"
    return f"{response.object_kind}:{response.object_id}" if response.object_kind else ""


def digest_of(plan: dict[str, Any]) -> str:
    """Return the hash of a plan.

    Notes
    -----
    SHA-256 of JSON with sorted keys and no spaces, ASCII only. The salt keeps a short plan from being guessed.
    """
    return hashlib.sha256(json.dumps(plan, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


def seed_of(chain_hash: str, *, room: str, lot: int) -> str:
    """Return the seed of a lot, 64 hexadecimal digits: it hangs on the event that opened the lot.

    The hash of that event holds its instant and everything before it, so no one knows it when they choose candidates.
    """
    return hashlib.sha256(f"{chain_hash}:{room}:lot:{lot}".encode()).hexdigest()


def draw_of(seed: str, names: Sequence[int]) -> int:
    """Return which of the numbers the seed draws.

    Examples
    --------
    >>> draw_of("0" * 63 + "5", [3, 8])
    8
    """
    return sorted(names)[int(seed, 16) % len(names)]
