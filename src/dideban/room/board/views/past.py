"""Past periods: asking for an analysis, the list of runs, one run with what it found."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse

from dideban.room.access import Access, enter
from dideban.room.board.presenters.silence import Silence, outside_of, reading_of
from dideban.room.board.views.common import day_of, page, paged, post_action, to, unknown_action
from dideban.room.findings.content import with_content
from dideban.room.findings.models import FollowedGroup, GroupMatch
from dideban.room.past.actions import MOST_POSTS, ask_run, cancel_run, remove_run, whole_days
from dideban.room.past.models import PastRun
from dideban.room.roles import Permission

PER_PAGE = 20


@dataclass(frozen=True, kw_only=True)
class PastLine:
    """A finding of a run, and what it has in common with others."""

    group: FollowedGroup
    match: GroupMatch | None
    """The closest other group that the member may see; None = nothing like it was found before."""


def past(request: HttpRequest, slug: str) -> HttpResponse:
    """List runs over past periods, with the form that asks for one. About 10 queries."""
    access = enter(request, slug)
    return page(
        request, access, "board/past.html", found=paged(access.past_runs(), request),
        asked=request.GET, most=MOST_POSTS.get(access.membership.role, 0),
        held=None if access.is_limited else whole_days(access.room),
        outside=None if access.is_limited else outside_of(access.room),
    )  # fmt: skip


@post_action
def past_ask(request: HttpRequest, slug: str) -> str:
    """Ask for the analysis of a past period; the same period asked for twice is one run."""
    access = enter(request, slug, needs=Permission.WORK)
    form = request.POST
    since, until = day_of(form.get("since")), day_of(form.get("until"), is_end=True)
    run, _ = ask_run(access.room, since=since, until=until, by=access.membership)
    return to("past_run", slug, run.number)


def past_run(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    """Show a run: how far it is, or what it found and how that compares. About 14 queries."""
    access = enter(request, slug)
    run = access.past_run(number)
    leads = request.GET.get("leads") == "1"
    groups = with_content(access.groups_of(run).defer("members")).prefetch_related(access.seen_places())
    order = ("current__is_lead", "current__error_rate", "-current__n_posts", "number")
    wanted = groups if leads else groups.filter(current__is_lead=False)
    found = paged(wanted.order_by(*order), request, per_page=PER_PAGE)
    return page(
        request, access, "board/past_run.html", run=run, found=found, lines=_lines(access, run, list(found)),
        leads=leads, n_leads=groups.filter(current__is_lead=True).count(), silence=_silence(access, run),
        may_change=_may_change(access, run),
    )  # fmt: skip


def _lines(access: Access, run: PastRun, groups: list[FollowedGroup]) -> list[PastLine]:
    closest: dict[int, GroupMatch] = {}
    for match in access.matches_of(run).filter(group__in=[group.pk for group in groups]):
        closest.setdefault(match.group_id, match)
    return [PastLine(group=group, match=closest.get(group.pk)) for group in groups]


def _silence(access: Access, run: PastRun) -> Silence | None:
    return reading_of(run.record, is_whole=not access.is_limited) if run.record else None


def _may_change(access: Access, run: PastRun) -> bool:
    is_own = run.asked_by_id == access.member.pk
    return access.may(Permission.WORK if is_own else Permission.SOURCES)


@post_action
def past_act(request: HttpRequest, slug: str, number: int) -> str:
    """Cancel a run, or remove it with its findings."""
    access = enter(request, slug, needs=Permission.WORK)
    run = access.past_run(number)
    match request.POST.get("do"):
        case "cancel":
            cancel_run(run, by=access.membership)
            return to("past_run", slug, number)
        case "remove":
            remove_run(run, by=access.membership)
            return to("past", slug)
        case _:
            raise unknown_action()
