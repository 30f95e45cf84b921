"""The sentence of an alert, for e-mail, webhooks and feeds. Pages have their own words in every language."""

from __future__ import annotations

from django.conf import settings
from django.utils.translation import gettext as _

from dideban.room.alerts.models import Alert, RuleKind


def sentence(alert: Alert) -> str:
    """Return one sentence in the active language. Group, source and rule should be selected."""
    p = alert.params
    match alert.kind:
        case RuleKind.NEW_FINDING:
            text = _("New finding {group}: {n_accounts} accounts acted in concert on {n_objects} objects.")
        case RuleKind.GROWING_FINDING:
            text = _("Finding {group} grew: {was_accounts} to {n_accounts} accounts, {was_posts} to {n_posts} posts.")
        case RuleKind.SAVED_SEARCH:
            text = _("{n} new posts for the search “{name}”.")
        case RuleKind.SOURCE_SILENT:
            text = _("The source “{name}” is silent or failing. {error}")
        case RuleKind.ROOM_LATE:
            text = _("The watch slept for {seconds} seconds from {since}.")
        case RuleKind.TASK_DUE:
            text = _("The task “{title}” of case {case} is due.")
        case RuleKind.NARRATIVE_BURST:
            text = _("A narrative is growing fast: “{label}”, {n_posts} posts.")
        case other:
            text = other
    return text.format_map({**dict.fromkeys(NAMES, ""), **p}).strip()


NAMES = (
    "group", "n_accounts", "n_objects", "n_posts", "was_accounts", "was_posts", "n", "name", "error", "seconds",
    "since", "title", "case", "label",
)  # fmt: skip


def link(alert: Alert) -> str:
    """Return the address of what an alert is about."""
    home = f"{settings.SITE_URL}/r/{alert.room.slug}/"
    if alert.group is not None:
        return f"{home}findings/{alert.group.number}/"
    if alert.task is not None:
        return f"{home}cases/{alert.params.get('case')}/"
    if alert.source is not None:
        return f"{home}sources/{alert.source.slug}/"
    return f"{home}alerts/"
