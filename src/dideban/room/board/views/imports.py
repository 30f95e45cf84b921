"""Files that members bring: what they are, which column is which, what would become of them, and undoing."""

from __future__ import annotations

from datetime import timedelta

from django.http import HttpRequest, HttpResponse, QueryDict
from django.utils import timezone

from dideban.ingest.format import TARGETS
from dideban.room.access import enter
from dideban.room.board.presenters.looks import shown
from dideban.room.board.views.common import page, post_action, to, unknown_action, zones
from dideban.room.roles import Permission
from dideban.room.sources.imports import actions
from dideban.room.sources.imports.look import read_look

MOST_CHARS = 200


@post_action
def source_upload(request: HttpRequest, slug: str, source: str) -> str:
    """Bring files; they are looked at before anything is taken in."""
    access = enter(request, slug, needs=Permission.UPLOAD)
    one = access.source(source)
    files = [(given.name or "file", given.chunks()) for given in request.FILES.getlist("file")]
    run = actions.ask_look(one, files=files, by=access.membership)
    return to("source_import", slug, one.slug, run.pk)


def source_import(request: HttpRequest, slug: str, source: str, pk: int) -> HttpResponse:
    """Show what files are and what would become of them, or what became of them. About 9 queries."""
    access = enter(request, slug, needs=Permission.UPLOAD)
    run = access.import_of(source, pk)
    told = read_look(run) if run.kind == "look" and run.finished_at else None
    is_own = run.member_id == access.member.pk
    return page(
        request, access, "board/import.html", run=run, source=run.source, look=shown(told) if told else None,
        zones=zones(), zone=run.time_zone or "UTC", may_undo=is_own or access.may(Permission.SOURCES),
        horizon_at=timezone.now() - timedelta(days=access.room.horizon_days),
    )  # fmt: skip


@post_action
def import_act(request: HttpRequest, slug: str, source: str, pk: int) -> str:
    """Look again with other columns, take in, leave, or undo."""
    access = enter(request, slug, needs=Permission.UPLOAD)
    run, by, form = access.import_of(source, pk), access.membership, request.POST
    match form.get("do"):
        case "look":
            actions.look_again(run, mapping=_mapping(form), time_zone=form.get("time_zone", "").strip()[:64], by=by)
        case "take":
            actions.take_in(run, by=by)
        case "leave":
            actions.leave(run, by=by)
            return to("source", slug, source)
        case "undo":
            actions.ask_undo(run, by=by)
        case _:
            raise unknown_action()
    return to("source_import", slug, source, pk)


def _mapping(form: QueryDict) -> dict[str, str]:
    """Return the columns that the member chose; what is left as recognised is not named."""
    chosen = {target: form.get(f"m_{target}", "").strip()[:MOST_CHARS] for target in TARGETS}
    return {target: column for target, column in chosen.items() if column}
