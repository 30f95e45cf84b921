"""What to do about an alert: the steps of its finding, or what its own kind asks for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from dideban.room.access import Access
from dideban.room.alerts.models import Alert, RuleKind
from dideban.room.board.presenters.next_steps import StepView, steps_of

MOST_STEPS = 3


@dataclass(frozen=True, kw_only=True)
class AlertView:
    """One row of the list of alerts."""

    alert: Alert
    text: str
    steps: list[StepView]
    """Of the finding it is about; they become tasks of a case."""
    advice: str = ""
    """What an alert that is about something else asks for."""


def rows_of(access: Access, alerts: Sequence[Alert], texts: Sequence[str]) -> list[AlertView]:
    """Return alerts with what to do about those that are open. Two queries."""
    wanted = [alert.group_id for alert in alerts if alert.group_id is not None and alert.handled_at is None]
    found: dict[int, Any] = dict(
        access.groups().filter(pk__in=wanted).values_list("pk", "current__document__next_steps")
    )
    tasks = access.cases().filter(groups__in=wanted).values_list("groups", "tasks__title")
    titles: dict[int, list[str]] = {}
    for group, title in tasks:
        titles.setdefault(group, []).append(title or "")
    return [
        AlertView(
            alert=alert, text=text, advice=advice_of(alert),
            steps=steps_of(
                {"next_steps": found.get(alert.group_id)}, titles=titles.get(alert.group_id, ())
            )[:MOST_STEPS] if alert.group_id is not None else [],
        )
        for alert, text in zip(alerts, texts, strict=True)
    ]  # fmt: skip


def advice_of(alert: Alert) -> str:
    """Return what to do about an alert that is not about a finding; empty where it was handled."""
    if alert.handled_at is not None or alert.group_id is not None:
        return ""
    if alert.kind == RuleKind.SOURCE_SILENT and alert.params.get("health") == "failing":
        return _("Open the source, read what it answered, test its settings, or pause it until it is back.")
    return {
        RuleKind.SOURCE_SILENT: _("Look at the source itself: if posts appear there, test its settings here."),
        RuleKind.NARRATIVE_BURST: _("Read its first posts and the share that groups in concert have in it."),
        RuleKind.SAVED_SEARCH: _("Read the new posts; put the search into a case if they belong to one."),
        RuleKind.ROOM_LATE: _(
            "Look at the self-review for what was missed, and ask whoever runs the room why it slept."
        ),
        RuleKind.TASK_DUE: _("Do it and tick it off, or give it a later time with a reason."),
    }.get(RuleKind(alert.kind) if alert.kind in set(RuleKind) else RuleKind.NEW_FINDING, "")
