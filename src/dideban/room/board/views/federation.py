"""Proof with other rooms: joining, epochs under way, joint findings, the record as a file."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse

from dideban.errors import InputError
from dideban.room.access import enter
from dideban.room.board.presenters.federation import by_place_and_month, charter_of, record_lines, rooms_of, sides_of
from dideban.room.board.views.common import (
    attachment,
    key_of,
    number_of,
    page,
    paged,
    post_action,
    to,
    unknown_action,
)
from dideban.room.joint import actions
from dideban.room.joint.keys import public_key_of
from dideban.room.joint.statement import LEAKS, statement_digest
from dideban.room.roles import Permission

MOST_CHARTER = 100_000
MOST_ROWS = 60


def federation(request: HttpRequest, slug: str) -> HttpResponse:
    """List joint findings and epochs, and say what joining gives away. About 12 queries."""
    access = enter(request, slug)
    found = access.joint_findings().prefetch_related("places")
    shown = paged(found, request)
    return page(
        request, access, "board/federation.html", found=shown, rows=[(one, sides_of(one)) for one in shown],
        resultant=by_place_and_month(found[:500])[:MOST_ROWS], epochs=list(access.epochs()[:50]), leaks=LEAKS,
        statement=statement_digest(), key="" if access.is_limited else public_key_of(slug),
    )  # fmt: skip


def federation_epoch(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    """Show one epoch: what each room said so far, and what waits. About 14 queries."""
    access = enter(request, slug)
    epoch = access.epoch(number)
    record, rooms = rooms_of(epoch)
    return page(
        request, access, "board/federation_epoch.html", epoch=epoch, rooms=rooms, charter=charter_of(epoch),
        n_proposals=len(record.proposals), n_messages=len(record.messages),
        n_waiting=epoch.outgoing.filter(sent_at=None, trouble={}).count(),
        refused=list(epoch.outgoing.exclude(trouble={})[:20]), found=list(access.joint_findings().filter(epoch=epoch)),
        holders=zip(epoch.holder_urls, charter_of(epoch).holders, strict=False),
    )  # fmt: skip


def federation_record(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    """Return the record of an epoch: whoever holds it can compute the claims again. 6 queries."""
    access = enter(request, slug)
    epoch = access.epoch(number)
    return attachment(record_lines(epoch), name=f"record-{epoch.digest[:16]}.ndjson", kind="application/x-ndjson")


def federation_finding(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    """Show one joint finding with the room's own members and nobody else's. About 12 queries."""
    access = enter(request, slug)
    one = access.joint_finding(number)
    return page(
        request, access, "board/federation_finding.html", one=one, sides=sides_of(one), places=list(one.places.all())
    )


@post_action
def federation_act(request: HttpRequest, slug: str) -> str:
    """Ask to join an epoch, agree or refuse, leave, end a phase."""
    access = enter(request, slug, needs=Permission.PEERS)
    form, by, do = request.POST, access.membership, request.POST.get("do")
    if do == "ask":
        file = request.FILES.get("file")
        charter = file.read(MOST_CHARTER + 1) if file else form.get("charter", "").encode()
        if form.get("has_read") != "1":
            raise InputError("joint.other-statement", hint="joint.read-again")
        actions.ask_epoch(
            access.room, charter=charter.strip(), host_url=form.get("host_url", ""), by=by,
            holder_urls=[form.get("holder_1", ""), form.get("holder_2", "")], statement=form.get("statement", ""),
            phase_hours=number_of(form.get("hours")) or 24,
        )  # fmt: skip
        return to("federation", slug)
    epoch = access.epoch(key_of(form.get("epoch")))
    if do in ("agree", "refuse"):
        actions.decide_epoch(epoch, is_agreed=do == "agree", by=by)
    elif do == "leave":
        actions.leave_epoch(epoch, by=by)
    elif do == "end-phase":
        actions.end_phase(epoch, by=by)
    else:
        raise unknown_action()
    return to("federation_epoch", slug, epoch.number)
