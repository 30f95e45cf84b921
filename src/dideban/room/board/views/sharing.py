"""Sharing: the preview of what leaves, what was sent, peers, what arrived."""

from __future__ import annotations

from datetime import datetime

from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from dideban.errors import InputError
from dideban.exchange.stix import Tlp
from dideban.room.access import Access, enter
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
from dideban.room.roles import Permission
from dideban.room.rooms.models import Place
from dideban.room.sharing import actions
from dideban.room.sharing.inbox import SHOWN, take_in
from dideban.room.sharing.models import Arrival, Collection, PeerRead
from dideban.room.sharing.subjects import KINDS, Subject
from dideban.room.wording.problems import error_words

MOST_SHOWN = 200_000
"""Characters of a preview."""
MAX_UPLOAD = 10_000_000


def share_finding(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    """Show what would leave of a finding. About 15 queries."""
    return _preview(request, slug, "finding", number)


def share_narrative(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    """Show what would leave of a narrative. About 15 queries."""
    return _preview(request, slug, "narrative", number)


def share_case(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    """Show what would leave of a case. About 15 queries."""
    return _preview(request, slug, "case", number)


def _subject(access: Access, kind: str, number: int) -> tuple[Subject, list[Place]]:
    """Return what a member wants to share, and its places that the member sees."""
    if kind == "finding":
        group = access.group(number)
        assert group.current is not None
        return access.finding(group.current.finding_id, group=group), list(
            access.places().filter(followed_groups=group)
        )
    if kind == "narrative":
        story = access.narrative(number)
        return story, list(access.places().filter(narratives=story))
    case = access.case(number)
    return case, list(access.places().filter(cases=case))


def _collection(access: Access, text: str | None) -> Collection | None:
    number = number_of(text)
    return access.collection(number) if number else None


def _preview(request: HttpRequest, slug: str, kind: str, number: int) -> HttpResponse:
    access = enter(request, slug, needs=Permission.WORK)
    subject, _ = _subject(access, kind, number)
    asked, at = request.GET, timezone.now()
    tlp, text = asked.get("tlp", Tlp.AMBER_STRICT.value), asked.get("text", "")
    shelf, draft, trouble = _collection(access, asked.get("collection")), None, ""
    try:
        draft = actions.draft(access.room, subject, tlp=tlp, collection=shelf, text=text, now=at)
    except InputError as error:
        trouble = " ".join(part for part in error_words(error) if part)
    data = draft.data.decode() if draft else ""
    return page(
        request, access, "board/share.html", kind=kind, number=number, draft=draft, trouble=trouble, at=at.isoformat(),
        data=data[:MOST_SHOWN], is_cut=len(data) > MOST_SHOWN, tlps=list(Tlp), tlp=tlp, text=text, shelf=shelf,
        shelves=[one for one in access.collections() if not one.is_inbox], n_bytes=len(data.encode()),
        readers=list(shelf.peers.filter(is_paused=False)) if shelf else [],
        needs_second=tlp in set(Tlp) and actions.needs_second(tlp),
    )  # fmt: skip


@post_action
def share_ask(request: HttpRequest, slug: str) -> str:
    """Let what was previewed leave, or ask a second member to agree."""
    access = enter(request, slug, needs=Permission.WORK)
    form = request.POST
    if form.get("kind") not in KINDS:
        raise unknown_action()
    subject, places = _subject(access, form["kind"], number_of(form.get("number")) or 0)
    actions.ask_export(
        access.room, subject, tlp=form.get("tlp", ""), collection=_collection(access, form.get("collection")),
        places=places, text=form.get("text", ""), at=_instant(form.get("at", "")), sha256=form.get("sha256", ""),
        by=access.membership,
    )  # fmt: skip
    return to("sent", slug)


def _instant(text: str) -> datetime:
    try:
        at = datetime.fromisoformat(text)
    except ValueError as error:
        raise InputError("sharing.changed", hint="sharing.look-again") from error
    if at.tzinfo is None:
        raise InputError("sharing.changed", hint="sharing.look-again")
    return at


def sent(request: HttpRequest, slug: str) -> HttpResponse:
    """List what was sent or waits, and who fetched what. About 12 queries."""
    access = enter(request, slug)
    fetched = PeerRead.objects.filter(peer__in=access.peers()).select_related("peer", "collection")[:50]
    return page(
        request, access, "board/sent.html", found=paged(access.exports().defer("body"), request), fetched=list(fetched),
        second_from=Tlp(actions.SECOND_FROM).label,
    )  # fmt: skip


@post_action
def sent_act(request: HttpRequest, slug: str, number: int) -> str:
    """Agree that something leaves, refuse, or take it back."""
    access = enter(request, slug, needs=Permission.SHARE)
    one, form = access.export(number), request.POST
    match form.get("do"):
        case "agree":
            actions.decide_export(one, is_agreed=True, by=access.membership)
        case "refuse":
            actions.decide_export(one, is_agreed=False, by=access.membership)
        case "revoke":
            actions.revoke_export(one, reason=form.get("reason", ""), by=access.membership)
        case _:
            raise unknown_action()
    return to("sent", slug)


def sent_file(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    """Return exactly the bytes that left, or that wait: for whoever has to agree."""
    access = enter(request, slug)
    one = access.export(number)
    return attachment(one.body.encode(), name=f"{one.kind}-{one.key}.json", kind="application/stix+json;version=2.1")


def inbox(request: HttpRequest, slug: str) -> HttpResponse:
    """List what arrived, beside groups of the room that push the same. About 13 queries."""
    access = enter(request, slug)
    found = access.arrived().filter(stix_type__in=SHOWN).prefetch_related("groups")
    seen = set(access.every_group().values_list("number", flat=True)) if access.arrived().exists() else set()
    arrivals = (
        []
        if access.is_limited
        else list(Arrival.objects.filter(room=access.room).select_related("peer", "member")[:10])
    )
    shown = paged(found, request)
    rows = [(one, [group for group in one.groups.all() if group.number in seen]) for one in shown]
    return page(request, access, "board/inbox.html", found=shown, rows=rows, arrivals=arrivals)


@post_action
def inbox_act(request: HttpRequest, slug: str) -> str:
    """Bring a bundle in, or put something that arrived aside."""
    access = enter(request, slug, needs=Permission.WORK)
    match request.POST.get("do"):
        case "bring":
            file = request.FILES.get("file")
            if access.is_limited or file is None:
                raise InputError("stix.not-bundle", hint="stix.send-bundle")
            take_in(access.room, file.read(MAX_UPLOAD + 1), by=access.membership)
        case "aside":
            actions.set_aside(access.arrived_one(key_of(request.POST.get("arrived"))), by=access.membership)
        case _:
            raise unknown_action()
    return to("inbox", slug)


def peers(request: HttpRequest, slug: str) -> HttpResponse:
    """List peers and collections. About 12 queries."""
    access = enter(request, slug, needs=Permission.PEERS)
    return page(
        request, access, "board/peers.html", found=list(access.peers().prefetch_related("collections")), tlps=list(Tlp),
        shelves=list(access.collections().prefetch_related("peers")), new_token=request.session.pop("peer_token", ""),
        base=request.build_absolute_uri(f"/taxii2/{slug}/"),
    )  # fmt: skip


@post_action
def peers_act(request: HttpRequest, slug: str) -> str:
    """Add a peer or a collection, make a token, pause, go on, remove."""
    access = enter(request, slug, needs=Permission.PEERS)
    form, by, do = request.POST, access.membership, request.POST.get("do")
    if do == "save":
        actions.save_peer(
            access.room, name=form.get("name", ""), max_tlp=form.get("tlp", ""), may_send=form.get("may_send") == "1",
            identity=form.get("identity", "").strip(), url=form.get("url", ""), by=by,
            their_token=form.get("s_token", "").strip(), pull_s=60 * (number_of(form.get("minutes")) or 60),
            push_url=form.get("push_url", ""), pin=form.get("pin", ""),
        )  # fmt: skip
    elif do == "collection":
        chosen = [access.peer(key_of(text)) for text in form.getlist("peers")[:100]]
        actions.save_collection(
            access.room, title=form.get("title", ""), tlp_ceiling=form.get("tlp", ""),
            is_inbox=form.get("is_inbox") == "1", peers=chosen, by=by,
        )  # fmt: skip
    elif do == "token":
        request.session["peer_token"] = actions.make_peer_token(access.peer(key_of(form.get("peer"))), by=by)
    elif do in ("pause", "resume"):
        actions.pause_peer(access.peer(key_of(form.get("peer"))), is_paused=do == "pause", by=by)
    elif do in ("pin", "unpin"):
        if do == "pin" and form.get("is_same") != "1":
            raise InputError("sharing.compare-first", hint="sharing.compare-again")
        key = form.get("key", "") if do == "pin" else ""
        actions.pin_peer(access.peer(key_of(form.get("peer"))), key=key, by=by)
    elif do == "remove-collection":
        actions.remove_collection(access.collection(key_of(form.get("collection"))), by=by)
    else:
        raise unknown_action()
    return to("peers", slug)
