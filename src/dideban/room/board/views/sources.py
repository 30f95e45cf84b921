"""Sources: how they are, what went wrong, adding and changing them."""

from __future__ import annotations

from typing import Any

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.utils import timezone

from dideban.errors import DidebanError, InputError
from dideban.room.access import Access, enter
from dideban.room.board.views.common import (
    member_of,
    number_of,
    page,
    places_of,
    post_action,
    seconds_of,
    to,
    unknown_action,
)
from dideban.room.roles import Permission
from dideban.room.sources import actions
from dideban.room.sources.contract import SourceType
from dideban.room.sources.fields import Field, check_settings
from dideban.room.sources.health import health_of
from dideban.room.sources.models import Health, Source
from dideban.room.sources.preview import Preview, preview
from dideban.room.sources.registry import type_of, types
from dideban.room.wording.problems import error_words

SHOWN = 200
ASKED_EVERY_S = 300
WORST_FIRST = [Health.FAILING, Health.SILENT, Health.NEW, Health.OK, Health.PAUSED]


def sources(request: HttpRequest, slug: str) -> HttpResponse:
    """List sources, those in trouble first. About 11 queries."""
    access = enter(request, slug)
    now = timezone.now()
    rows = [(source, health_of(source, now=now)) for source in access.sources()]
    counts = {health: sum(h == health for _, h in rows) for health in WORST_FIRST}
    wanted = request.GET.get("health", "")
    if wanted in set(Health):
        rows = [row for row in rows if row[1] == wanted]
    rows.sort(key=lambda row: (WORST_FIRST.index(row[1]), row[0].name.casefold()))
    found = Paginator(rows, SHOWN).get_page(request.GET.get("page"))
    rows = list(found)
    return page(
        request,
        access,
        "board/sources.html",
        rows=rows,
        found=found,
        counts=counts,
        wanted=wanted,
        kinds=_offered(access),
    )


def source(request: HttpRequest, slug: str, source: str) -> HttpResponse:
    """Show one source. About 13 queries."""
    access = enter(request, slug)
    one = access.source(source)
    kind, runs = type_of(one.kind), list(one.runs.select_related("member")[:25])
    return page(
        request, access, "board/source.html", source=one, health=health_of(one),
        runs=runs,
        gaps=list(one.gaps.order_by("-from_at")[:20]), fields=_shown(kind, one.settings),
        places=list(access.places()), memberships=list(access.memberships()), kind=kind,
        intake_url=request.build_absolute_uri("/api/v1/intake"),
        new_token=request.session.pop(f"intake:{one.pk}", ""), choices=_choices(access, kind),
        set_aside=next((run for run in runs if run.samples), None),
    )  # fmt: skip


def source_new(request: HttpRequest, slug: str, kind: str) -> HttpResponse:
    """Show the form of a new source of one kind."""
    access = enter(request, slug, needs=Permission.SOURCES)
    one = _known(kind)
    return page(
        request, access, "board/source_new.html", kind=one, choices=_choices(access, one), fields=_shown(one, {}),
        places=list(access.places()), interval_s=ASKED_EVERY_S,
    )  # fmt: skip


def source_preview(request: HttpRequest, slug: str, kind: str) -> HttpResponse:
    """Ask a source once and show what it would bring; the form stands as it was filled in. Nothing is kept."""
    access = enter(request, slug, needs=Permission.SOURCES)
    one, form = _known(kind), request.POST
    if request.method != "POST" or not one.can_test:
        raise Http404
    try:
        settings = check_settings(one.fields, _settings(one, form))
        _check_settings(access, one, settings)
        seen = preview(kind, settings=settings, room=access.room.slug, horizon_days=access.room.horizon_days)
    except DidebanError as error:
        settings, seen = _settings_or_none(one, form), Preview(trouble=error)
    return page(
        request, access, "board/source_new.html", kind=one, choices=_choices(access, one),
        fields=_shown(one, settings), places=list(access.places()), given=form, seen=seen,
        interval_s=seconds_of(form, "interval_s") or ASKED_EVERY_S,
        trouble=". ".join(part for part in error_words(seen.trouble) if part) if seen.trouble else "",
    )  # fmt: skip


def _settings_or_none(one: SourceType, form: QueryDict) -> dict[str, Any]:
    try:
        return _settings(one, form)
    except InputError:
        return {}


@post_action
def source_add(request: HttpRequest, slug: str, kind: str) -> str:
    """Follow something new."""
    access = enter(request, slug, needs=Permission.SOURCES)
    one = _known(kind)
    form, settings = request.POST, _settings(one, request.POST)
    places = places_of(access, [form.get("place", "")])
    _check_settings(access, one, settings)
    made = actions.add_source(
        access.room, kind=kind, name=form.get("name", ""), settings=settings,
        place=places[0] if places else None, language=form.get("language", ""),
        interval_s=seconds_of(form, "interval_s") or ASKED_EVERY_S, by=access.membership,
    )  # fmt: skip
    return to("source", slug, made.slug)


@post_action
def source_act(request: HttpRequest, slug: str, source: str) -> str:
    """Change, pause, test, look back, give a token, or remove."""
    access = enter(request, slug, needs=Permission.SOURCES)
    one, by = access.source(source), access.membership
    match request.POST.get("do"):
        case "change":
            _change(access, one, request.POST)
        case "pause" | "resume" as do:
            actions.set_paused(one, is_paused=do == "pause", by=by)
        case "test":
            actions.ask_test(one, by=by)
        case "backfill":
            actions.ask_backfill(one, days=number_of(request.POST.get("days")) or 7, by=by)
        case "token":
            request.session[f"intake:{one.pk}"] = actions.make_intake_token(one, by=by)
        case "remove":
            actions.remove_source(one, by=by)
            return to("sources", slug)
        case _:
            raise unknown_action()
    return to("source", slug, one.slug)


def _known(slug: str) -> SourceType:
    """Return a type of source that can be added."""
    if slug not in types():
        raise Http404
    return type_of(slug)


def _offered(access: Access) -> list[str]:
    """Return the types of sources that this room may add."""
    return [slug for slug, one in types().items() if access.room.is_demo or not one.for_demo_only]


def _choices(access: Access, kind: SourceType) -> list[str]:
    """Return values that a setting may have on this machine, for anyone who may add such a source."""
    if not kind.offers_choices or not access.may(Permission.SOURCES):
        return []
    found: list[str] = kind.connector.choices(access.room.slug)
    return found


def _check_settings(access: Access, kind: SourceType, settings: dict[str, Any]) -> None:
    """Let the type look at settings while the form is still at hand."""
    if kind.checks_settings:
        kind.connector.check(settings, access.room.slug)


def _change(access: Access, one: Source, form: QueryDict) -> None:
    places = places_of(access, [form.get("place", "")])
    kind = type_of(one.kind)
    _check_settings(access, kind, settings := _settings(kind, form))
    values: dict[str, Any] = {
        "name": form.get("name", "").strip()[:120] or one.name, "place": places[0] if places else None,
        "language": form.get("language", "").strip()[:12], "owner": member_of(access, form.get("owner")),
        "settings": _with_kept(kind, one, settings), "retention_days": number_of(form.get("retention_days")),
    }  # fmt: skip
    if not kind.package:  # its type is gone: its settings are left as they are
        del values["settings"]
    if interval := seconds_of(form, "interval_s"):
        values["interval_s"] = interval
    if hours := number_of(form.get("silent_h")):
        values["silent_after_s"] = min(hours, 10_000) * 3600
    actions.change_source(one, by=access.membership, **values)


def _shown(kind: SourceType, settings: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the fields of a kind with their values; a secret is never shown again."""
    shown = []
    for field in kind.fields:
        value = settings.get(field.name, field.default)
        if field.kind == "map":
            value = "\n".join(f"{ours} = {theirs}" for ours, theirs in (value or {}).items())
        is_kept = field.kind == "secret" and bool(value)
        name = f"{kind.slug}.{field.name}"
        shown.append({"field": field, "name": name, "value": "" if is_kept else value, "is_kept": is_kept})
    return shown


def _with_kept(kind: SourceType, one: Source, settings: dict[str, Any]) -> dict[str, Any]:
    """Keep the secrets of another server where the form has none: they were not shown."""
    for field in kind.fields:
        if field.kind == "secret" and not settings[field.name]:
            settings[field.name] = one.settings.get(field.name, "")
    return settings


def _settings(kind: SourceType, form: QueryDict) -> dict[str, Any]:
    return {field.name: _value(field, form) for field in kind.fields}


def _value(field: Field, form: QueryDict) -> Any:
    given = form.get(f"s_{field.name}", "")
    if field.kind == "flag":
        return given == "on"
    return _mapping(given) if field.kind == "map" else given or field.default


def _mapping(text: str) -> dict[str, str]:
    """Read ``ours = theirs``, one pair per line."""
    pairs = [line.partition("=") for line in text.splitlines() if line.strip()]
    if any(not (ours.strip() and theirs.strip()) for ours, _, theirs in pairs):
        raise InputError("room.mapping-form")
    return {ours.strip(): theirs.strip() for ours, _, theirs in pairs[:50]}
