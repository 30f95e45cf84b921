"""Parameters of alert rules."""

from __future__ import annotations

from typing import Any

from dideban.errors import InputError
from dideban.room.alerts.models import RuleKind

PARAMS: dict[RuleKind, dict[str, float]] = {
    RuleKind.NEW_FINDING: {"min_accounts": 3, "with_leads": 0},
    RuleKind.GROWING_FINDING: {"min_growth": 0.5, "min_accounts": 3, "with_leads": 0},
    RuleKind.NARRATIVE_BURST: {"min_posts": 20},
    RuleKind.SAVED_SEARCH: {"min_posts": 1, "quiet_min": 60},
    RuleKind.SOURCE_SILENT: {},
    RuleKind.ROOM_LATE: {"late_s": 600},
    RuleKind.TASK_DUE: {},
}
"""Kind to parameter to default. ``min_growth`` is a share: 0.5 = half as many accounts or posts again."""


def check_params(kind: RuleKind, given: dict[str, Any]) -> dict[str, float]:
    """Return the parameters of a rule, complete.

    Raises
    ------
    InputError
        An unknown parameter, or no number from 0 to a billion.
    """
    known = PARAMS[kind]
    if unknown := set(given) - set(known):
        raise InputError("room.no-such-field", name=", ".join(sorted(unknown)))
    return {name: _number(name, given.get(name, default)) for name, default in known.items()}


def _number(name: str, value: Any) -> float:
    try:
        number = float(value)
    except (TypeError, ValueError) as error:
        raise InputError("room.not-a-number", field=name, value=str(value)[:40]) from error
    if not 0 <= number <= 1e9:
        raise InputError("room.value-out-of-billion", field=name, value=number)
    return number
