"""Responses: the list with what they did together, one response, planning, lots."""

from __future__ import annotations

import tempfile
from datetime import timedelta
from pathlib import Path

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.utils import timezone
from django.utils.translation import gettext as _

from dideban.errors import InputError
from dideban.exchange.table import write_csv
from dideban.room.access import Access, enter
from dideban.room.alerts.words import label_of
from dideban.room.board.presenters import responses as shown
from dideban.room.board.presenters.further import further_of, further_pools_of
from dideban.room.board.views.common import (
    attachment,
    instant_of,
    number_of,
    page,
    paged,
    places_of,
    post_action,
    to,
    unknown_action,
)
from dideban.room.posts.actions import bring_removals
from dideban.room.posts.removals import heard_of
from dideban.room.responses import actions
from dideban.room.responses.models import HORIZONS_H, Response, ResponseKind, ResponseOutcome, ResponseState
from dideban.room.responses.plain import plain_response
from dideban.room.responses.targets import Target
from dideban.room.roles import Permission
from dideban.room.wording import reading

PER_PAGE = 25
MOST_EXPORTED = 10_000
MOST_NEWS = 50
NEWS = timedelta(days=3)
"""An effect is news to the next shift for so long."""


def responses(request: HttpRequest, slug: str) -> HttpResponse:
    """Show what responses did together, and list them. About 15 queries."""
    access = enter(request, slug)
    found = paged(access.responses(), request, per_page=PER_PAGE)
    every = list(access.effect_pools().prefetch_related("further"))
    pools, parts = [one for one in every if not one.split], [one for one in every if one.split]
    return page(
        request, access, "board/responses.html", found=found, rows=shown.seen(access, list(found)),
        drawn=shown.pools_of([pool for pool in pools if pool.drawn]),
        chosen=shown.pools_of([pool for pool in pools if not pool.drawn]),
        lots=[shown.lot_of(lot) for lot in access.lots()[:20]], parts=shown.parts_of(parts, list(access.places())),
        further=further_pools_of(pools), removals=[] if access.is_limited else heard_of(slug),
        n_refused=access.lots().exclude(refused_at=None).count(),
        n_dropped=access.responses().exclude(at=None).exclude(cancelled_at=None).count(),
    )  # fmt: skip


def response(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    """Show one response. About 16 queries."""
    access = enter(request, slug)
    one = access.response(number)
    (row,) = shown.seen(access, [one])
    run = access.effect_of(one)
    story = one.narrative if row.has_target else None
    pools = list(access.effect_pools().filter(
        split="", kind__in=("", one.kind), horizon_h=one.horizon_h, outcome=one.outcome
    ).prefetch_related("further"))  # fmt: skip
    return page(
        request, access, "board/response.html", one=one, row=row, run=run, label=label_of(story) if story else "",
        chart=shown.chart_of(run) if run else None, reasons=shown.reasons_of(run) if run else [],
        change=shown.change(run.reduction) if run else "", range=shown.range_of(run) if run else (),
        verdict=shown.verdict_of(run) if run else "", lot=shown.lot_of(one.lot) if one.lot else None,
        places=list(access.places().filter(responses=one)), all_places=list(access.places()), horizons=HORIZONS_H,
        outcomes=outcomes_of(one), is_late=one.at is not None and one.at < one.planned_at,
        further=further_of(run) if run and not run.reasons else [],
        pools=shown.pools_of(pools), further_together=further_pools_of(pools),
    )  # fmt: skip


def outcomes_of(one: Response) -> list[ResponseOutcome]:
    """Return what can be counted after a response."""
    return list(ResponseOutcome) if one.narrative_id is not None else [ResponseOutcome.POSTS]


def responses_file(request: HttpRequest, slug: str) -> HttpResponse:
    """Return the responses and what they did as CSV."""
    access, now = enter(request, slug), timezone.now()
    rows = shown.seen(access, list(access.responses()[:MOST_EXPORTED]), now=now)
    table = shown.table_of(
        [plain_response(row.one, row.run, has_target=row.has_target, now=now) for row in rows]
    )  # fmt: skip
    with tempfile.TemporaryDirectory(prefix="dideban-export-") as scratch:
        path = write_csv(Path(scratch) / "responses.csv", table)
        return attachment(path.read_bytes(), name="responses.csv", kind="text/csv; charset=utf-8")


@post_action
def response_plan(request: HttpRequest, slug: str, number: int) -> str:
    """Plan a response in a case."""
    access = enter(request, slug, needs=Permission.WORK)
    case, form = access.case(number), request.POST
    made = actions.plan_response(
        case, kind=form.get("kind", ""), title=form.get("title", ""), target=_target(access, form),
        horizon_h=number_of(form.get("horizon")), outcome=form.get("outcome", ResponseOutcome.POSTS),
        by=access.membership,
    )  # fmt: skip
    return to("response", slug, made.number)


def _target(access: Access, form: QueryDict) -> Target:
    """Return what a form names as the target, of what the member may see."""
    kind, _, key = form.get("target", "").partition(":")
    if kind == "narrative":
        return Target(narrative=access.narrative(number_of(key) or 0))
    if kind == "group":
        return Target(group=access.group(number_of(key) or 0))
    return Target.of_object(kind, form.get("object", ""))


@post_action
def lot_draw(request: HttpRequest, slug: str, number: int) -> str:
    """Let chance say which narrative of a case is answered now."""
    access = enter(request, slug, needs=Permission.WORK)
    case, form = access.case(number), request.POST
    chosen = [access.narrative(number_of(text) or 0) for text in form.getlist("narratives")[:50]]
    lot = actions.draw_lot(
        case, narratives=chosen, kind=form.get("kind", ""), title=form.get("title", ""),
        horizon_h=number_of(form.get("horizon")), by=access.membership,
    )  # fmt: skip
    made = access.responses().filter(lot=lot).first()
    return to("response", slug, made.number) if made else to("responses", slug)


@post_action
def lot_refuse(request: HttpRequest, slug: str, number: int) -> str:
    """Refuse to follow a lot, with a reason."""
    access = enter(request, slug, needs=Permission.WORK)
    lot = access.lot(number)
    actions.refuse_lot(lot, reason=request.POST.get("reason", ""), by=access.membership)
    return to("responses", slug)


@post_action
def response_act(request: HttpRequest, slug: str, number: int) -> str:
    """Change a plan, say that it happened, take that back, or call it off."""
    access = enter(request, slug, needs=Permission.WORK)
    one, form, by = access.response(number), request.POST, access.membership
    match form.get("do"):
        case "change":
            actions.change_plan(
                one, title=form.get("title", ""), horizon_h=number_of(form.get("horizon")),
                outcome=form.get("outcome", one.outcome), by=by,
            )  # fmt: skip
        case "tell":
            actions.tell_response(
                one, at=instant_of(form.get("at")), url=form.get("url", ""), language=form.get("language", ""),
                places=places_of(access, form.getlist("places")), by=by,
            )  # fmt: skip
        case "untell":
            actions.untell_response(one, reason=form.get("reason", ""), by=by)
        case "cancel":
            actions.cancel_response(one, reason=form.get("reason", ""), by=by)
        case _:
            raise unknown_action()
    return to("response", slug, number)


@post_action
def removals_bring(request: HttpRequest, slug: str) -> str:
    """Take a list of posts that are gone."""
    access = enter(request, slug, needs=Permission.WORK)
    if access.is_limited:
        raise Http404
    file = request.FILES.get("file")
    if file is None or file.file is None:
        raise InputError("room.gone-nothing-usable", hint="effect.gone-columns")
    n_known, n_new = bring_removals(access.room, file=file.file, by=access.membership)
    said = _("Posts of the room on the list: %(known)s; new: %(new)s.")
    messages.success(request, said % {"known": reading.number(n_known), "new": reading.number(n_new)})
    return f"{to('responses', slug)}#further"


def of_case(access: Access, case_pk: int) -> list[shown.Seen]:
    """Return the responses of a case. Four queries, one where there are none."""
    found = list(access.responses().filter(case=case_pk)[:50])
    return shown.seen(access, found) if found else []


def news_of(access: Access) -> dict[str, list[shown.Seen]]:
    """Return responses that the next shift should know of: under way, planned, and whose effect is new. Six queries."""
    now = timezone.now()
    recent = shown.seen(access, list(access.responses().filter(cancelled_at=None)[:MOST_NEWS]), now=now)
    known = [row for row in recent if row.run is not None and now - row.run.at < NEWS]
    waiting = [row for row in recent if row.run is None and row.state in (ResponseState.PLANNED, ResponseState.RUNNING)]
    return {"known": known, "waiting": waiting}


KINDS, KINDS_OF_LOTS = list(ResponseKind), [kind for kind in ResponseKind if kind != ResponseKind.NOTHING]
