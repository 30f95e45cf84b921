"""What changed in the interface for programs, the latest first, and the words for its calls."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, NamedTuple

from django.utils.translation import gettext_lazy as _


class Change(NamedTuple):
    """What changed on one day."""

    at: datetime
    says: tuple[Any, ...]


CHANGES = (
    Change(
        datetime(2026, 11, 29, 12, tzinfo=UTC),
        (_("This page lists every call, with examples."),
         _("Verdicts that were taken back are no longer in the list of verdicts."),
         _("Runs over past periods and what they found can be read; groups and findings say their period."),
         _("Groups that rooms proved together can be read; responses say what else they did.")),
    ),
    Change(datetime(2026, 11, 28, 12, tzinfo=UTC), (_("Responses and their effects can be read."),)),
    Change(
        datetime(2026, 11, 23, 12, tzinfo=UTC),
        (_("The first version: findings, narratives, posts, alerts, cases, sources, intake."),),
    ),
)  # fmt: skip
CALLS = "cac33aee3102f0eb"
"""First characters of the SHA-256 of all calls, their parameters and fields: whoever changes one adds a line above."""
OPERATIONS: dict[str, Any] = {
    "get_room": _("the room of the token, and what the token may do"),
    "list_groups": _("followed groups with their current findings, the latest first"),
    "list_past_runs": _("runs over past periods, the latest first"),
    "get_past_run": _("one run over a past period"),
    "list_past_groups": _("groups that a run over a past period found"),
    "get_group": _("one followed group"), "get_finding": _("one finding by its id, whole"),
    "list_verdicts": _("the verdicts on a group, the latest first"), "post_verdict": _("give a verdict"),
    "list_narratives": _("narratives, those with most posts of the last day first"),
    "get_narrative": _("one narrative, with its timeline and who told it first"),
    "list_posts": _("search posts, page by page"), "get_post": _("one post by its name"),
    "list_alerts": _("alerts, the latest first"), "list_cases": _("cases, the latest changed first"),
    "post_case": _("open a case"), "get_case": _("one case"),
    "list_notes": _("the notes and decisions of a case, oldest first"), "post_note": _("add a note or a decision"),
    "list_sources": _("sources and how they are"), "post_intake": _("send posts to an HTTP intake"),
    "list_responses": _("responses, the latest first"), "get_response": _("one response with what it did"),
    "get_effects": _("what responses did together, and the lots"),
    "list_joint": _("groups that rooms proved together, the latest first"), "get_joint": _("one joint finding"),
}  # fmt: skip
