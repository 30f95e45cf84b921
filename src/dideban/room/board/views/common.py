"""What all views share."""

from __future__ import annotations

import zoneinfo
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from functools import lru_cache, wraps
from typing import Any, Concatenate, ParamSpec
from urllib.parse import quote

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import login
from django.core.paginator import Page, Paginator
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

from dideban.errors import DidebanError, InputError
from dideban.room.access import Access
from dideban.room.board.presenters.tour import tour_of
from dideban.room.cases.models import Case, CaseStatus
from dideban.room.members.actions import note_visit
from dideban.room.members.models import Member
from dideban.room.roles import Permission
from dideban.room.rooms.models import Place
from dideban.room.wording.date_entry import has_time, read_instant, understood
from dideban.room.wording.done import done_words
from dideban.room.wording.problems import error_words

PER_PAGE = 25
MAX_NUMBER = 2**31 - 1
MAX_DATES = 8
MAX_KEPT = 200_000
NEVER_KEPT = {"csrfmiddlewaretoken", "account", "password", "s_token", "token"}
"""Fields of forms that a session never holds: who somebody is, and keys."""
P = ParamSpec("P")


def page(request: HttpRequest, access: Access, template: str, **context: Any) -> HttpResponse:
    """Return a page of the room; notes that the member is here. Two queries at most, one of them a write."""
    record_visit(request, access)
    context |= {
        "access": access,
        "room": access.room,
        "slug": access.room.slug,
        "may": {permission.value: access.may(permission) for permission in Permission},
        "n_alerts": access.alerts().filter(handled_at__isnull=True).count(),
        "unsent": request.session.pop("unsent", None),
        "tour": tour_of(access, request.GET.get("tour")),
        "section": template.rsplit("/", 1)[-1].removesuffix(".html"),
    }
    return render(request, template, context)


def record_visit(request: HttpRequest, access: Access) -> None:
    """Note that the member is here, before anything asks what is new since the visit before.

    A page that renews itself is no visit: one left open over night must not make the morning's news old.
    """
    if request.headers.get("HX-Target") != "live":
        note_visit(access.membership)


def post_action(
    view: Callable[Concatenate[HttpRequest, P], str],
) -> Callable[Concatenate[HttpRequest, P], HttpResponse]:
    """Make a view of something that is done: POST only, and then back to a page.

    The view returns where to go. What our own errors say is shown on the page the member came from.
    """

    @wraps(view)
    def act(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        try:
            to = view(request, *args, **kwargs)
            if said := done_words(view.__name__, request.POST.get("do", "")):
                messages.success(request, " ".join([said, *_dates_understood(request)]))
        except DidebanError as error:
            message, hint = error_words(error)
            messages.error(request, f"{message}. {hint}".strip().removesuffix(". ") if hint else message)
            _keep_written(request)
            to = came_from(request)
        return see_other(to)

    return require_POST(act)


def _dates_understood(request: HttpRequest) -> list[str]:
    """Return how the dates of a form were read: the form names its fields in ``dates``."""
    said = []
    for name in request.POST.getlist("dates")[:MAX_DATES]:
        if text := request.POST.get(name, "").strip():
            said.append(f"{understood(read_instant(text), with_time=has_time(text))}.")
    return said


def _keep_written(request: HttpRequest) -> None:
    """Keep what was written into a form that failed, for the next page: no one writes it twice."""
    fields = {name: values for name, values in request.POST.lists() if name not in NEVER_KEPT}
    if sum(len(value) for values in fields.values() for value in values) <= MAX_KEPT:
        request.session["unsent"] = {"path": request.path, "fields": fields}


def see_other(to: str) -> HttpResponse:
    """Lead to a page after something was done."""
    response = HttpResponseRedirect(to)
    response.status_code = 303
    return response


def sign_in(request: HttpRequest, member: Member) -> None:
    """Sign in somebody who has just chosen their password here."""
    login(request, member, backend=settings.AUTHENTICATION_BACKENDS[0])


def unknown_action() -> InputError:
    """Return what is said where a form asks for something that is not there to be done."""
    return InputError("room.unknown-action")


def came_from(request: HttpRequest) -> str:
    """Return the page of ours that the member came from, else the first page."""
    back = request.headers.get("Referer", "")
    allowed = url_has_allowed_host_and_scheme(
        back, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return back if allowed else reverse("board:home")


def to(name: str, slug: str, *args: object) -> str:
    """Return the address of a page of a room."""
    return reverse(f"board:{name}", args=[slug, *args])


def paged(found: QuerySet[Any], request: HttpRequest, *, per_page: int = PER_PAGE) -> Page[Any]:
    """Return the page that the address asks for; a number that makes no sense is the first or the last."""
    return Paginator(found, per_page).get_page(request.GET.get("page"))


def number_of(text: str | None) -> int | None:
    """Return a whole number from a form or an address, written in any digits; None where there is none."""
    if not text or not text.strip().isdecimal():
        return None
    return min(int(text), MAX_NUMBER) if len(text) < 20 else MAX_NUMBER


def seconds_of(form: Mapping[str, Any], name: str) -> int | None:
    """Return a length of time from a form, seconds: its number, in the unit chosen beside it if there is one."""
    number = number_of(form.get(name))
    unit = number_of(form.get(f"{name}_unit")) or 1
    return None if number is None else min(number * unit, MAX_NUMBER)


def key_of(text: str | None) -> int:
    """Return the key of a row that a form names; 0, which no row has, where it names none."""
    return number_of(text) or 0


def instant_of(text: str | None) -> datetime | None:
    """Read an instant from a form, in the time zone of the member.

    Raises
    ------
    InputError
        It is none.
    """
    return read_instant(text) if text and text.strip() else None


def day_of(text: str | None, *, is_end: bool = False) -> datetime:
    """Read a day that a form needs as the instant at which it begins, or ends, where the member is.

    Raises
    ------
    InputError
        It is none.
    """
    return read_instant((text or "").strip(), is_end=is_end)


def member_of(access: Access, text: str | None) -> Member | None:
    """Return the member of the room that a form names; None where it names none. One query."""
    number = number_of(text)
    found = access.memberships().filter(member_id=number).first() if number else None
    return found.member if found else None


def open_cases(access: Access) -> list[Case]:
    """Return the cases that something can be put into, the latest first; none for who may not. One query."""
    if not access.may(Permission.WORK):
        return []
    return list(access.cases().exclude(status=CaseStatus.CLOSED).order_by("-number")[:50])


def places_of(access: Access, slugs: Iterable[str]) -> list[Place]:
    """Return the places that a form names, of those the member may see. One query."""
    return list(access.places().filter(slug__in=list(slugs)))


def attachment(data: bytes, *, name: str, kind: str) -> HttpResponse:
    """Return bytes as a file to keep; a browser never opens it."""
    response = HttpResponse(data, content_type=kind)
    response.headers["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(name)}"
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return response


@lru_cache(maxsize=1)
def zones() -> list[str]:
    """Return the time zones that a member may choose."""
    return sorted(zoneinfo.available_timezones())


def known_zone(text: str) -> str:
    """Return the time zone that a form names; UTC where it names none.

    Raises
    ------
    InputError
        There is no such zone.
    """
    zone = text.strip() or "UTC"
    if zone not in zoneinfo.available_timezones():
        raise InputError("room.no-such-zone", zone=zone[:64], hint="room.zone-example")
    return zone
