"""The sentence of an alert: the database stores kind and numbers; each reader gets their own words and digits."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _

from dideban.messages import Message
from dideban.report.safe import visible
from dideban.room.alerts.models import Alert, RuleKind
from dideban.room.alerts.trail import KIND as TRAIL
from dideban.room.findings.content import content_of
from dideban.room.narratives.models import Narrative
from dideban.room.rooms.models import Room
from dideban.room.wording import reading
from dideban.room.wording.problems import said, words_of

TIMES = {"since", "due", "at"}
MAX_CHARS = 160
MAX_CONTENT = 90
"""Characters of what was pushed: a title and the subject of a mail must have room for the rest."""


def sentence(alert: Alert) -> str:
    """Return one sentence in the language, digits and time zone of the reader (see ``reading.reading_as``)."""
    known = {**dict.fromkeys(NAMES, ""), **{name: _shown(name, value) for name, value in alert.params.items()}}
    if alert.kind == RuleKind.NARRATIVE_BURST:
        # its words are read now, not kept: they go when the posts they come from have to go
        known["label"] = _shown("label", label_of(alert.narrative))
    if alert.kind in (RuleKind.NEW_FINDING, RuleKind.GROWING_FINDING):
        known["content"] = _content(alert)
    return _pattern(alert).format_map(known).strip()


def _pattern(alert: Alert) -> str:
    match alert.kind:
        case RuleKind.NEW_FINDING:
            return _("{content}: {n_accounts} accounts in concert, {n_objects} objects. New finding {group}.")
        case RuleKind.GROWING_FINDING:
            return _grown(alert.params)
        case RuleKind.SAVED_SEARCH:
            return _("New posts for the search “{name}”: {n}.")
        case RuleKind.SOURCE_SILENT if alert.params.get("health") == "failing":
            return _("The source “{name}” fails: {error}.")
        case RuleKind.SOURCE_SILENT if alert.params.get("since"):
            return _("The source “{name}” is silent since {since}.")
        case RuleKind.SOURCE_SILENT:
            return _("The source “{name}” is silent.")
        case RuleKind.ROOM_LATE:
            return _("The watch slept for {seconds} from {since}.")
        case RuleKind.TASK_DUE:
            return _("The task “{title}” of case {case} is due.")
        case RuleKind.NARRATIVE_BURST:
            return _("A narrative is growing fast: “{label}”, {n_posts} posts.")
        case kind if kind == TRAIL:
            return _("The audit trail is not as it was written: {problem}.")
        case other:
            return other.replace("{", "").replace("}", "")


def _grown(params: Mapping[str, Any]) -> str:
    """Name as growth only what grew: of an alert that posts made, accounts may be as many as before, or fewer."""
    if (params.get("n_accounts") or 0) <= (params.get("was_accounts") or 0):
        return _("{content}: now {n_accounts} accounts, grew from {was_posts} to {n_posts} posts. Finding {group}.")
    if (params.get("n_posts") or 0) <= (params.get("was_posts") or 0):
        return _("{content}: grew from {was_accounts} to {n_accounts} accounts, now {n_posts} posts. Finding {group}.")
    return _(
        "{content}: grew from {was_accounts} to {n_accounts} accounts, from {was_posts} to {n_posts} posts."
        " Finding {group}."
    )


def _content(alert: Alert) -> str:
    """Say what was pushed, as its finding has it now: nothing of it is kept with the alert."""
    content = content_of(alert)
    return f"\u2068{content.short(most_chars=MAX_CONTENT)}\u2069" if content else ""


def _shown(name: str, value: Any) -> str:
    """Write one value: numbers in local digits, instants in the zone of the reader, text of others isolated."""
    if isinstance(value, bool) or value is None:
        return ""
    if name == "seconds":
        return reading.span(value)
    if isinstance(value, int | float):
        return reading.number(value)
    if name in TIMES and (at := _instant(value)):
        return reading.when_plain(at)
    if name == "problem":
        return _problem(value)
    text = said(str(value)).rstrip(".") if name == "error" else visible(value, limit=MAX_CHARS)
    return f"\u2068{text}\u2069"


def _problem(value: Any) -> str:
    """Describe what is wrong with the trail."""
    try:
        return f"\u2068{words_of(Message.from_dict(value))}\u2069"
    except (ValueError, KeyError, TypeError):
        return ""


def _instant(text: Any) -> datetime | None:
    try:
        return datetime.fromisoformat(text)
    except (TypeError, ValueError):
        return None


NAMES = (
    "group", "n_accounts", "n_objects", "n_posts", "was_accounts", "was_posts", "n", "name", "error", "seconds",
    "since", "title", "case", "label", "problem", "content",
)  # fmt: skip


def label_of(narrative: Narrative | None) -> str:
    """Return the first words of a narrative, or its number."""
    if narrative is None:
        return ""
    return " · ".join(visible(term, limit=40) for term in narrative.terms[:3]) or f"#{narrative.number}"


def called(room: Room) -> str:
    """Return the name of a room in the language of the reader."""
    return visible(room.names.get(reading.language()) or room.name)


def cut(text: str, limit: int) -> str:
    """Return the first ``limit`` characters of a line; words of others that the cut left open are closed.

    What follows in the same line of a list of mails, or of a reader of feeds, would else be taken for theirs.

    Examples
    --------
    >>> cut("\u2068abc\u2069: 3", 3) == "\u2068ab\u2069"
    True
    """
    kept = text[:limit]
    n_open = sum(map(kept.count, "\u2066\u2067\u2068")) - kept.count("\u2069")
    return kept + "\u2069" * n_open


def link(alert: Alert) -> str:
    """Return the address of what an alert is about."""
    home = f"{settings.SITE_URL}/r/{alert.room.slug}/"
    if alert.group is not None:
        return f"{home}findings/{alert.group.number}/"
    if alert.narrative is not None:
        return f"{home}narratives/{alert.narrative.number}/"
    if alert.task is not None:
        return f"{home}cases/{alert.params.get('case')}/"
    if alert.source is not None:
        return f"{home}sources/{alert.source.slug}/"
    return f"{home}alerts/"
