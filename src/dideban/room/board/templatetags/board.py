"""Filters and tags of the pages."""

from __future__ import annotations

import itertools
import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

import orjson
from django import template
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.utils.html import conditional_escape, format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language, get_language_info
from django.utils.translation import gettext as _

from dideban.messages import Message, say
from dideban.messages.clean import direction_of
from dideban.report.safe import own_words, short_id, visible, web_link
from dideban.report.views import language_tag
from dideban.room.alerts.models import Alert
from dideban.room.audit.models import AuditEvent
from dideban.room.board.presenters import charts, further, responses
from dideban.room.board.presenters.finding import spark_of
from dideban.room.board.presenters.frame import frame_part
from dideban.room.board.presenters.markdown import render_markdown
from dideban.room.findings.content import Content, content_of
from dideban.room.findings.models import FollowedGroup, KeptFinding
from dideban.room.responses.models import EffectRun
from dideban.room.rooms.models import Place, Room
from dideban.room.ticks.models import Tick
from dideban.room.wording import date_entry, problems, reading, words
from dideban.room.wording.made_up import in_own_words

register = template.Library()
BROWSERS = (("Edg/", "Edge"), ("OPR/", "Opera"), ("Firefox/", "Firefox"), ("Chrome/", "Chrome"), ("Safari/", "Safari"))
SYSTEMS = (
    ("Android", "Android"), ("iPhone", "iPhone"), ("iPad", "iPad"), ("Windows", "Windows"), ("Mac OS", "macOS"),
    ("Linux", "Linux"),
)  # fmt: skip
"""(what a browser calls itself, what it is called)."""
INSTANT = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d{6})?\+00:00", re.ASCII)
"""How events of the trail note an instant."""
ISOLATED = re.compile("[\u2066\u2068]([^\u2066\u2068\u2069]*)\u2069")
SHOWN_VALUES, MAX_DIGITS = 20, 16
EXAMPLE = datetime(2026, 11, 23, 12, 30, tzinfo=UTC)
"""Shown in an empty field for a date, in the calendar of the reader."""
NUMBERS = itertools.count()
"""Sets apart fields of the same name on one page."""


@register.filter
def num(value: float | None) -> str:
    """Write a number."""
    return reading.number(value)


@register.filter
def num_or_text(value: object) -> str:
    """Write a number that stands as text; what is none stays as it is."""
    text = str(value)
    return reading.number(int(text)) if text.isascii() and text.isdigit() and len(text) < MAX_DIGITS else visible(text)


@register.filter
def unlocal(value: float) -> str:
    """Write a number of a drawing: programs read it."""
    return f"{value:g}"


@register.filter
def percent(value: float | None) -> str:
    """Write a share as per cent."""
    return reading.percent(value)


@register.filter
def span(value: float | None) -> str:
    """Write a length of time."""
    return reading.span(value)


@register.filter
def hundred(share: float | None) -> float:
    """Return a share as a position on a drawing 100 units wide."""
    return 100 * min(max(share or 0.0, 0.0), 1.0)


@register.filter
def days_long(n: int) -> str:
    """Write a number of days with its noun."""
    return reading.tongue().counted(n, "day")


@register.filter
def measure(value: float | None) -> str:
    """Write a measured figure with few digits."""
    return reading.tongue().measure(value)


@register.filter
def changed(run: EffectRun) -> str:
    """Write the effect of a response as a change of posts."""
    return responses.change(run.reduction)


@register.filter
def readings(run: EffectRun) -> Sequence[tuple[str, str]]:
    """Return what else was looked at after a response, and the reading of each."""
    return further.readings(run)


@register.filter
def hours_from(hours: int) -> str:
    """Write hours before or after the response."""
    sign = responses.MINUS if hours < 0 else responses.PLUS if hours > 0 else ""
    return _("%(hours)s h") % {"hours": sign + reading.number(abs(hours))}


@register.filter
def when(value: datetime | None) -> SafeString:
    """Write an instant."""
    return reading.when(value)


@register.filter
def day(value: datetime | None) -> SafeString:
    """Write the day of an instant."""
    return reading.when(value, with_time=False)


@register.filter
def last_day(value: datetime | None) -> SafeString:
    """Write the last day of a period that ends before an instant."""
    return reading.when(value - timedelta(microseconds=1) if value else None, with_time=False)


@register.filter
def iso_day(value: datetime | str | None) -> str:
    """Write a day as fields of forms take it, where the member is; empty where there is none."""
    try:
        at = datetime.fromisoformat(value) if isinstance(value, str) else value
    except ValueError:
        return ""
    return timezone.localtime(at).date().isoformat() if at else ""


@register.filter
def stage_word(name: str) -> str:
    """Write what a stage of an analysis is called."""
    return say(Message(f"stage.{name}"), reading.tongue())


@register.filter
def ago(value: datetime | None) -> SafeString:
    """Write how long ago an instant was."""
    return reading.ago(value)


@register.filter
def for_long(value: datetime | None) -> SafeString:
    """Write for how long something goes on, with the instant at which it began as its title."""
    return reading.for_long(value)


@register.filter
def told(message: dict[str, Any]) -> str:
    """Write a message that is kept as data, in the language of the page."""
    return say(Message.from_dict(message), (get_language() or "en").split("-")[0])


@register.filter
def part_word(row: Any, what: str) -> str:
    """Write what a part of a finding is called, whether it leaves, or why: in the language of the page."""
    name = row.leaves if what == "leaves" else row.part
    return say(Message(f"stix.{what}-{name}"), (get_language() or "en").split("-")[0])


@register.filter
def word(slug: object, kind: str) -> str:
    """Write the word for a slug."""
    return words.word(kind, slug)


@register.filter
def action(name: str) -> str:
    """Write what an audit event says."""
    return words.action(name)


@register.filter
def foreign(text: object, limit: int = 0) -> SafeString:
    """Write text of others: isolated, its controls made visible, cut; what a demo wrote, in the reader's language."""
    said = visible(in_own_words(text), limit=limit)
    return format_html('<bdi dir="{}">{}</bdi>', direction_of(said), said)


@register.filter
def of_demo(text: object) -> object:
    """Write what a demo wrote in the reader's language, where no element may stand; other text as it is."""
    return in_own_words(text)


@register.filter
def code(text: object, limit: int = 0) -> SafeString:
    """Write an id or an address: left to right, isolated."""
    return format_html('<bdi dir="ltr" class="id">{}</bdi>', visible(text, limit=limit))


@register.filter
def in_fours(key: str) -> str:
    """Write a fingerprint in groups of four, as people read it to each other."""
    return " ".join(key[at : at + 4] for at in range(0, len(key), 4))


@register.filter
def text_direction(text: object) -> str:
    """Return the direction of a text of others."""
    return direction_of(str(text))


@register.filter
def safe_text(text: object, limit: int = 0) -> str:
    """Write text of others where no markup can stand: its controls made visible, cut."""
    return visible(text, limit=limit)


@register.filter
def own(text: str) -> SafeString:
    """Write a sentence of the program in which words of others are isolated already: each in an element of its own."""
    return mark_safe(ISOLATED.sub(r"<bdi>\1</bdi>", str(own_words(text))))  # noqa: S308 - escaped


@register.filter
def content(row: FollowedGroup | KeptFinding) -> Content | None:
    """Return what a finding is about and how sure it is."""
    return content_of(row)


@register.filter
def spark(group: FollowedGroup) -> str:
    """Return the joint shares of a group over time as a small path."""
    return spark_of(group.room.slug, group.current.finding_id) if group.current else ""


@register.filter
def language_name(code: str) -> SafeString | str:
    """Write the name of a language in the language of the page; an unknown one as it is declared."""
    try:
        return str(get_language_info(str(code).lower())["name_translated"])
    except KeyError:
        return foreign(code, 12)


@register.filter
def shortened(name: str) -> SafeString:
    """Write a long id with its middle left out."""
    return format_html('<bdi dir="ltr" class="id" title="{}">{}</bdi>', visible(name, limit=120), short_id(name))


@register.filter
def said_by(member: Any) -> SafeString | str:
    """Write the name of a member."""
    return foreign(str(member), 60) if member else "—"


@register.filter
def link_out(text: str) -> str:
    """Return an address that may be offered as a link, or nothing."""
    return web_link(text) or ""


@register.filter
def lang_tag(text: str | None) -> str:
    """Return a declared language where it has the form of one."""
    return language_tag(text)


@register.filter
def named(place: Place | Room | None) -> str:
    """Write the name of a place or a room in the language of the page."""
    if place is None:
        return ""
    return str(place.names.get(reading.language()) or place.name)


@register.filter
def name_in(place: Place | None, language: str) -> str:
    """Write the name that a place was given for a language; empty where there is none."""
    return str(place.names.get(language, "")) if place is not None else ""


@register.filter
def md(text: str) -> SafeString:
    """Write Markdown of members."""
    return render_markdown(str(in_own_words(text)))


@register.filter
def get(mapping: dict[Any, Any], key: Any) -> Any:
    """Look something up."""
    return mapping.get(key)


@register.filter
def at(rows: Sequence[Any], ix: int) -> Any:
    """Return one of several."""
    return rows[ix]


@register.simple_tag(takes_context=True)
def frame(context: template.Context, part: str) -> SafeString:
    """Write a part of the frame of the page, which is kept: navigation, keys, the palette."""
    slug, section, n_alerts = (context.get(name) for name in ("slug", "section", "n_alerts"))
    return frame_part(
        part, slug=slug or "", section=section or "", may=context.get("may") or {}, n_alerts=n_alerts or 0
    )


@register.inclusion_tag("board/bars.html")
def bars(counts: Sequence[int], label: str = "") -> dict[str, Any]:
    """Draw counts as small bars."""
    return {"bars": charts.bars(counts), "label": label}


@register.inclusion_tag("board/date_field.html")
def date_field(
    name: str, label: str, *, value: datetime | str | None = "", with_time: bool = True, required: bool = False
) -> dict[str, Any]:
    """Draw a field for a date in the calendar of the reader; what stands in it is said back in words."""
    text = date_entry.field_text(value, with_time=with_time)
    return {
        "name": name, "label": label, "value": text, "with_time": with_time, "required": required,
        "said": date_entry.said_back(text, with_time=with_time), "calendar": reading.READER.get().calendar,
        "example": date_entry.written(EXAMPLE, with_time=with_time), "uid": f"date-{name}-{next(NUMBERS) % 10_000}",
    }  # fmt: skip


@register.inclusion_tag("board/length_field.html")
def length_field(name: str, label: str, seconds: int) -> dict[str, Any]:
    """Draw a field for a length of time: a number, in the largest unit that keeps it whole."""
    unit = next(size for size in (3600, 60, 1) if seconds % size == 0)
    units = ((1, _("seconds")), (60, _("minutes")), (3600, _("hours")))
    return {"name": name, "label": label, "n": seconds // unit, "unit": unit, "units": units, "uid": f"length-{name}"}


@register.filter
def words_list(text: str) -> list[str]:
    """Return the words of a text."""
    return text.split()


@register.filter
def said(text: str) -> str:
    """Write a message of one of our errors in the language of the page."""
    return problems.said(text)


@register.filter
def last_verdicts(session: Any, slug: str) -> list[int]:
    """Return the verdicts that a member gave last: they can be taken back."""
    return list(session.get(f"undo:{slug}", []))


@register.filter
def keys(rows: Any) -> set[int]:
    """Return the keys of rows, for choices that are taken already."""
    return {row.pk for row in rows}


@register.filter
def address(query: dict[str, Any]) -> str:
    """Write a saved search as the end of an address."""
    return urlencode(query, doseq=True)


@register.filter
def hashtag(tag: str) -> str:
    """Write a hashtag with its sign."""
    return tag if str(tag).startswith("#") else f"#{tag}"


@register.filter
def digits(text: object) -> str:
    """Write digits in those of the language."""
    return reading.plain_digits(str(text))


@register.filter
def digits_in(html: str) -> str:
    """Write digits between the tags of trusted HTML in those of the language; what is no HTML stays text."""
    html = conditional_escape(html)
    return mark_safe(re.sub(r"(?:^|(?<=>))[^<>]+", lambda found: reading.plain_digits(found.group()), html))  # noqa: S308


@register.filter
def browser(agent: str) -> str:
    """Name browser and system of a session, as far as they say."""
    name = next((shown for mark, shown in BROWSERS if mark in agent), "")
    system = next((shown for mark, shown in SYSTEMS if mark in agent), "")
    return " · ".join(part for part in (name, system) if part) or visible(agent, limit=60) or "–"


@register.filter
def about_link(subject: str, slug: str) -> SafeString:
    """Write the subject of an audit event, as a link where there is a page about it."""
    kind, _, key = subject.partition(":")
    name = {"case": "case", "source": "source", "group": "finding", "rule": "rule", "past": "past_run"}.get(kind)
    try:
        where = reverse(f"board:{name}", args=[slug, int(key) if key.isdigit() else key]) if name and key else ""
    except NoReverseMatch:
        where = ""
    which = reading.number(int(key)) if key.isdigit() and len(key) < MAX_DIGITS else code(key, 80)
    shown = format_html('<span title="{}">{} {}</span>', visible(subject, limit=80), words.word("subject", kind), which)
    return format_html('<a href="{}">{}</a>', where, shown) if where else shown


@register.filter
def bytes(n: int) -> str:
    """Write a size in bytes."""
    for unit, size in (("GiB", 1024**3), ("MiB", 1024**2), ("KiB", 1024)):
        if n >= size:
            return f"\u2068{reading.number(round(n / size, 1))} {words.word('unit', unit)}\u2069"
    return f"\u2068{reading.number(n)} {words.word('unit', 'B')}\u2069"


@register.filter
def rule_name(name: str, kind: str) -> str:
    """Write the name of a rule; those that every room has by their kind, in the language of the page."""
    return words.word("rule", kind) if name in words.USUAL_RULES else name


@register.filter
def waited(alert: Alert) -> float | None:
    """Return the seconds from the arrival of the deciding post to an alert."""
    return max((alert.at - alert.decided_at).total_seconds(), 0.0) if alert.decided_at else None


@register.filter
def took(tick: Tick) -> float | None:
    """Return the seconds an analysis took."""
    return (tick.finished_at - tick.started_at).total_seconds() if tick.finished_at else None


@register.filter
def details(event: AuditEvent) -> SafeString:
    """Write what an audit event notes beside its subject: a row of names and values."""
    return format_html_join(
        " ",
        '<span class="pair">{}: {}</span>',
        ((words.detail_name(name), _detail(event.action, name, value))
         for name, value in sorted(event.details.items()) if value not in (None, "", [], {})),
    )  # fmt: skip


def _detail(did: str, name: str, value: Any) -> SafeString | str:
    """Write one value: numbers in local digits, slugs as words, whatever else as it is."""
    if isinstance(value, bool):
        return words.word("yes", value)
    if isinstance(value, int | float):
        return reading.number(value)
    if isinstance(value, list):
        return format_html_join(_(", "), "{}", ((_detail(did, name, one),) for one in value[:SHOWN_VALUES]))
    if isinstance(value, str) and INSTANT.fullmatch(value):
        return reading.when_plain(datetime.fromisoformat(value))
    if isinstance(value, str) and (said := words.detail_value(did, name, value)) is not None:
        return said
    return code(value if isinstance(value, str) else orjson.dumps(value).decode(), 120)
