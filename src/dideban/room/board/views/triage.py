"""Triage: findings that wait for a verdict, many at a time, and from one to the next."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, QueryDict

from dideban.room.access import Access, enter
from dideban.room.board.views.common import key_of, member_of, number_of, page, paged, post_action, to, unknown_action
from dideban.room.findings import actions
from dideban.room.findings.content import with_content
from dideban.room.findings.models import FollowedGroup, Verdict, VerdictKind
from dideban.room.roles import Permission

SHOWS = ("waiting", "mine", "second", "all")
FILTERS = ("show", "place", "language")
PER_PAGE = 50
MOST_UNDONE = 100


def triage(request: HttpRequest, slug: str) -> HttpResponse:
    """List findings to judge; what was filtered by last stands until it is cleared. About 13 queries."""
    access = enter(request, slug, needs=Permission.WORK)
    asked = _asked(request, slug)
    found = paged(_filtered(access, asked).select_related("assigned_to"), request, per_page=PER_PAGE)
    return page(
        request, access, "board/triage.html", found=found, asked=asked, shows=SHOWS, places=list(access.places()),
        kinds=list(VerdictKind), counts={show: access.triage(show).count() for show in SHOWS[:3]},
        memberships=list(access.memberships()),
    )  # fmt: skip


@post_action
def triage_act(request: HttpRequest, slug: str) -> str:
    """Judge several findings, ask a member for verdicts, or take verdicts back."""
    access = enter(request, slug, needs=Permission.WORK)
    form, by = request.POST, access.membership
    match form.get("do"):
        case "verdict":
            given = actions.give_verdicts(
                _chosen(access, form), kind=form.get("kind", ""), reason=form.get("reason", ""), by=by
            )
            _remember(request, slug, given)
        case "assign":
            actions.assign(_chosen(access, form), to=member_of(access, form.get("member")), by=by)
        case "undo":
            request.session.pop(f"undo:{slug}", None)
            return _undo(access, form)
        case _:
            raise unknown_action()
    return to("triage", slug)


def after_verdict(request: HttpRequest, access: Access, given: Verdict) -> str:
    """Return where a verdict leads: to the next finding that waits, where the member wants that, else back to it."""
    slug = access.room.slug
    _remember(request, slug, [given])
    request.session["goes_on"] = request.POST.get("goes_on") == "1"
    if not request.session["goes_on"]:
        return to("finding", slug, given.group.number)
    waiting = _filtered(access, _kept(request, slug)).exclude(pk=given.group_id)
    number = waiting.values_list("number", flat=True).first()
    return to("triage", slug) if number is None else f"{to('finding', slug, number)}#verdict"


def _remember(request: HttpRequest, slug: str, given: list[Verdict]) -> None:
    request.session[f"undo:{slug}"] = [one.pk for one in given]


def _undo(access: Access, form: QueryDict) -> str:
    """Take verdicts back and return to where the first of them was given."""
    given = [access.verdict(key_of(pk)) for pk in form.getlist("verdict")[:MOST_UNDONE]]
    for one in given:
        actions.take_back_verdict(one, by=access.membership)
    if len(given) == 1:
        return f"{to('finding', access.room.slug, given[0].group.number)}#verdict"
    return to("triage", access.room.slug)


def _chosen(access: Access, form: QueryDict) -> list[FollowedGroup]:
    """Return the findings that a form names, of those the member may see."""
    numbers = [number_of(text) or 0 for text in form.getlist("group")[: 2 * actions.MOST_AT_ONCE]]
    return list(access.every_group().filter(number__in=numbers).select_related("room", "current").order_by("number"))


def _filtered(access: Access, asked: dict[str, str]) -> QuerySet[FollowedGroup]:
    groups: Any = with_content(access.triage(asked.get("show") or "waiting").defer("members"))
    if place := asked.get("place"):
        groups = groups.filter(places__slug=place)
    if language := asked.get("language"):
        groups = groups.filter(current__languages__icontains=f'"{language}"')
    found: QuerySet[FollowedGroup] = groups.prefetch_related(access.seen_places())
    return found


def _asked(request: HttpRequest, slug: str) -> dict[str, str]:
    """Return what to show; the session keeps it for the next time."""
    if request.GET.keys() & {*FILTERS, "clear"}:
        found = {name: request.GET.get(name, "")[:60] for name in FILTERS}
        request.session[f"triage:{slug}"] = {name: value for name, value in found.items() if value}
    return _kept(request, slug)


def _kept(request: HttpRequest, slug: str) -> dict[str, str]:
    kept: dict[str, str] = request.session.get(f"triage:{slug}", {})
    return kept
