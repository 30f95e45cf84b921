"""Sources: how they are, what went wrong, adding and changing them."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.utils import timezone

from dideban.errors import InputError
from dideban.room.access import Access, enter
from dideban.room.board.views.common import member_of, number_of, page, places_of, post_action, to, unknown_action
from dideban.room.roles import Permission
from dideban.room.sources import actions
from dideban.room.sources.connectors import COLLECT
from dideban.room.sources.connectors.folder import allowed, readable
from dideban.room.sources.health import health_of
from dideban.room.sources.kinds import KINDS, Field
from dideban.room.sources.models import Health, Source, SourceKind

WORST_FIRST = [Health.FAILING, Health.SILENT, Health.NEW, Health.OK, Health.PAUSED]
BACKFILL = (SourceKind.FEED, SourceKind.MASTODON, SourceKind.BLUESKY, SourceKind.FOLDER)
POLLED = (SourceKind.FEED, SourceKind.MASTODON, SourceKind.FOLDER)


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
    return page(request, access, "board/sources.html", rows=rows, counts=counts, wanted=wanted, kinds=list(KINDS))


def source(request: HttpRequest, slug: str, source: str) -> HttpResponse:
    """Show one source. About 13 queries."""
    access = enter(request, slug)
    one = access.source(source)
    kind, runs = SourceKind(one.kind), list(one.runs.select_related("member")[:25])
    return page(
        request, access, "board/source.html", source=one, health=health_of(one),
        runs=runs,
        gaps=list(one.gaps.order_by("-from_at")[:20]), fields=_shown(kind, one.settings),
        places=list(access.places()), memberships=list(access.memberships()), can_backfill=kind in BACKFILL,
        is_polled=kind in POLLED, can_test=kind in COLLECT, intake_url=request.build_absolute_uri("/api/v1/intake"),
        new_token=request.session.pop(f"intake:{one.pk}", ""), folders=_folders(access, one.kind),
        set_aside=next((run for run in runs if run.samples), None),
    )  # fmt: skip


def source_new(request: HttpRequest, slug: str, kind: str) -> HttpResponse:
    """Show the form of a new source of one kind."""
    access = enter(request, slug, needs=Permission.SOURCES)
    if kind not in set(SourceKind):
        raise Http404
    return page(
        request, access, "board/source_new.html", kind=kind, folders=_folders(access, kind),
        fields=_shown(SourceKind(kind), {}),
        places=list(access.places()), is_polled=kind in POLLED,
    )  # fmt: skip


@post_action
def source_add(request: HttpRequest, slug: str, kind: str) -> str:
    """Follow something new."""
    access = enter(request, slug, needs=Permission.SOURCES)
    if kind not in set(SourceKind):
        raise Http404
    form, settings = request.POST, _settings(SourceKind(kind), request.POST)
    places = places_of(access, [form.get("place", "")])
    _see_folder(access, kind, settings)
    made = actions.add_source(
        access.room, kind=kind, name=form.get("name", ""), settings=settings,
        place=places[0] if places else None, language=form.get("language", ""),
        interval_s=number_of(form.get("interval_s")) or 300, by=access.membership,
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


@post_action
def source_upload(request: HttpRequest, slug: str, source: str) -> str:
    """Bring in files."""
    access = enter(request, slug, needs=Permission.UPLOAD)
    one = access.source(source)
    files = [(given.name or "file", given.chunks()) for given in request.FILES.getlist("file")]
    actions.ask_upload(one, files=files, mapping=_mapping(request.POST.get("mapping", "")), by=access.membership)
    return f"{to('source', slug, one.slug)}#runs"


def _folders(access: Access, kind: str) -> list[str]:
    """Return the folders that a watched folder may be, for whoever may add one."""
    if kind != SourceKind.FOLDER or not access.may(Permission.SOURCES):
        return []
    return [str(path) for path in readable(access.room.slug)]


def _see_folder(access: Access, kind: str, settings: dict[str, Any]) -> None:
    """Refuse a folder that is not there, or that the room may not read, while the form is still at hand."""
    if kind == SourceKind.FOLDER and settings.get("path"):
        allowed(str(settings["path"]), access.room.slug)


def _change(access: Access, one: Source, form: QueryDict) -> None:
    places = places_of(access, [form.get("place", "")])
    _see_folder(access, one.kind, settings := _settings(SourceKind(one.kind), form))
    values: dict[str, Any] = {
        "name": form.get("name", "").strip()[:120] or one.name, "place": places[0] if places else None,
        "language": form.get("language", "").strip()[:12], "owner": member_of(access, form.get("owner")),
        "settings": _with_kept(one, settings), "retention_days": number_of(form.get("retention_days")),
    }  # fmt: skip
    if interval := number_of(form.get("interval_s")):
        values["interval_s"] = interval
    if hours := number_of(form.get("silent_h")):
        values["silent_after_s"] = min(hours, 10_000) * 3600
    actions.change_source(one, by=access.membership, **values)


def _shown(kind: SourceKind, settings: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the fields of a kind with their values; a secret is never shown again."""
    shown = []
    for field in KINDS[kind]:
        value = settings.get(field.name, field.default)
        if field.kind == "map":
            value = "\n".join(f"{ours} = {theirs}" for ours, theirs in (value or {}).items())
        is_kept = field.name == "token" and bool(value)
        shown.append({"field": field, "value": "" if is_kept else value, "is_kept": is_kept})
    return shown


def _with_kept(one: Source, settings: dict[str, Any]) -> dict[str, Any]:
    """Keep the token of another server where the form has none: it was not shown."""
    if "token" in settings and not settings["token"]:
        settings["token"] = one.settings.get("token", "")
    return settings


def _settings(kind: SourceKind, form: QueryDict) -> dict[str, Any]:
    return {field.name: _value(field, form) for field in KINDS[kind]}


def _value(field: Field, form: QueryDict) -> Any:
    given = form.get(f"s_{field.name}", "")
    if field.kind == "flag":
        return given == "on"
    return _mapping(given) if field.kind == "map" else given or field.default


def _mapping(text: str) -> dict[str, str]:
    """Read ``ours = theirs``, one pair per line."""
    pairs = [line.partition("=") for line in text.splitlines() if line.strip()]
    if any(not (ours.strip() and theirs.strip()) for ours, _, theirs in pairs):
        raise InputError("write one pair per line: ours = theirs")
    return {ours.strip(): theirs.strip() for ours, _, theirs in pairs[:50]}
