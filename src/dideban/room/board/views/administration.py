"""Administration: audit trail, settings and places."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse

from dideban.errors import InputError
from dideban.findings.affiliations import KINDS
from dideban.messages import languages
from dideban.room.access import Access, enter
from dideban.room.board.views.common import (
    number_of,
    page,
    paged,
    places_of,
    post_action,
    seconds_of,
    to,
    unknown_action,
)
from dideban.room.roles import Permission
from dideban.room.rooms import actions, owners
from dideban.room.rooms.models import Room
from dideban.room.wording.problems import error_words
from dideban.room.wording.words import ACTIONS, WORDS

PER_PAGE = 60
NUMBERS = ("horizon_days", "tick_s", "retention_days", "reveal_hours")


def audit(request: HttpRequest, slug: str) -> HttpResponse:
    """Show the audit trail of the room, newest first. About 10 queries."""
    access = enter(request, slug, needs=Permission.AUDIT)
    asked = request.GET
    events = access.audit_events().order_by("-seq")
    if name := asked.get("action"):
        events = events.filter(action=name[:60])
    if subject := asked.get("subject"):
        events = events.filter(subject=subject[:80])
    if member := number_of(asked.get("member")):
        events = events.filter(member_id=member)
    return page(
        request, access, "board/audit.html", found=paged(events, request, per_page=PER_PAGE), asked=asked,
        memberships=list(access.memberships()), known=sorted(ACTIONS),
    )  # fmt: skip


def settings(request: HttpRequest, slug: str) -> HttpResponse:
    """Show settings and places of the room. About 10 queries."""
    access = enter(request, slug)
    numbers = [(name, getattr(access.room, name)) for name in NUMBERS]
    shown, trouble = owners_shown(access.room)
    return page(
        request, access, "board/settings.html", numbers=numbers, places=list(access.places()), words=WORDS["setting"],
        owners=shown, owner_trouble=trouble, owner_kinds=KINDS, suggested=_suggested(access, request),
    )  # fmt: skip


def _suggested(access: Access, request: HttpRequest) -> dict[str, Any] | None:
    """Return the form of an owner of the accounts of a finding that the address names; None where it names none."""
    number = number_of(request.GET.get("finding"))
    group = access.every_group().filter(number=number).first() if number else None
    if group is None or group.current is None:
        return None
    return {"name": "", "accounts": group.current.document.get("accounts", []), "domains": []}


def owners_shown(room: Room) -> tuple[list[dict[str, Any]], str]:
    """Return the declared owners with their numbers, and what is wrong where what is kept cannot be read."""
    try:
        return [{**owner, "number": n} for n, owner in enumerate(owners.owners_of(room), 1)], ""
    except InputError as error:
        return [], error_words(error)[0]


@post_action
def owners_act(request: HttpRequest, slug: str) -> str:
    """Save or remove a declared owner, or replace the whole list."""
    access = enter(request, slug, needs=Permission.SETTINGS)
    form, room, by = request.POST, access.room, access.membership
    match form.get("do"):
        case "save":
            owners.save_owner(
                room, name=form.get("name", ""), kind=form.get("kind", ""), number=number_of(form.get("number")) or 0,
                accounts=form.get("accounts", "").splitlines(), domains=form.get("domains", "").splitlines(), by=by,
            )  # fmt: skip
        case "remove":
            owners.remove_owner(room, number=number_of(form.get("number")) or 0, by=by)
        case "replace":
            owners.replace_owners(room, text=form.get("text", ""), by=by)
        case _:
            raise unknown_action()
    return f"{to('settings', slug)}#owners"


@post_action
def settings_act(request: HttpRequest, slug: str) -> str:
    """Change settings of the room."""
    access = enter(request, slug, needs=Permission.SETTINGS)
    form = request.POST
    values: dict[str, object] = {"name": form.get("name", "").strip()[:100] or access.room.name}
    values |= {name: number for name in NUMBERS if (number := number_of(form.get(name))) is not None}
    if (tick_s := seconds_of(form, "tick_s")) is not None:
        values["tick_s"] = tick_s
    values |= {name: form.get(name) == "on" for name in ("needs_second_factor", "is_paused")}
    if "language" in form:
        values["language"] = form["language"]
    if any(f"name_{code}" in form for code in languages()):
        values["names"] = {code: name for code in languages() if (name := form.get(f"name_{code}", "").strip()[:100])}
    actions.change_room(access.room, by=access.membership, **values)
    return to("settings", slug)


@post_action
def places_act(request: HttpRequest, slug: str) -> str:
    """Save a place, or remove one."""
    access = enter(request, slug, needs=Permission.PLACES)
    form = request.POST
    match form.get("do"):
        case "save":
            parents = places_of(access, [form.get("parent", "")])
            actions.save_place(
                access.room, name=form.get("name", "").strip()[:100], slug=form.get("slug", "")[:60],
                names={language: form.get(f"name_{language}", "")[:100] for language in languages()},
                parent=parents[0] if parents else None, by=access.membership,
            )  # fmt: skip
        case "remove":
            actions.remove_place(access.place(form.get("slug", "")), by=access.membership)
        case _:
            raise unknown_action()
    return f"{to('settings', slug)}#places"
