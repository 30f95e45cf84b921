"""Exercises: those of the room, one of them with its answers, and the pages as files."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse

from dideban.exercises.material import VERDICTS
from dideban.room.access import Access, enter
from dideban.room.board.views.common import attachment, number_of, page, paged, post_action, to, unknown_action
from dideban.room.cases.models import CaseStatus
from dideban.room.exercises import actions
from dideban.room.exercises.figures import figures_of
from dideban.room.exercises.published import page_of
from dideban.room.exercises.standing import fallen
from dideban.room.findings.models import FollowedGroup
from dideban.room.roles import Permission
from dideban.room.wording.reading import language

MOST_SOURCES = 50


def exercises(request: HttpRequest, slug: str) -> HttpResponse:
    """List exercises, and what more can be made of. About 12 queries."""
    access = enter(request, slug)
    found = paged(access.exercises().defer("documents"), request)
    return page(request, access, "board/exercises.html", found=found, sources=_sources(access))


def _sources(access: Access) -> list[FollowedGroup]:
    """Return the judged findings of closed cases."""
    if not access.may(Permission.WORK):
        return []
    closed = access.cases().filter(status=CaseStatus.CLOSED)
    found = access.every_group().filter(cases__in=closed.values("pk"), verdict__in=VERDICTS).distinct()
    return list(found.order_by("-number")[:MOST_SOURCES])


@post_action
def exercises_make(request: HttpRequest, slug: str) -> str:
    """Make exercises of a finding, for the closed case that holds it."""
    access = enter(request, slug, needs=Permission.WORK)
    if (number := number_of(request.POST.get("finding"))) is None:
        raise unknown_action()
    group = access.group(number)
    case = access.cases().filter(status=CaseStatus.CLOSED, groups=group).order_by("-number").first()
    if case is None:
        raise Http404
    actions.make_drafts(case, group=group, by=access.membership)
    return to("exercises", slug)


def exercise(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    """Show an exercise with its answers, in the language of the member or another. About 13 queries."""
    access = enter(request, slug)
    one = access.exercise(number)
    asked = request.GET.get("lang", language())
    lang = asked if asked in one.documents else next(iter(sorted(one.documents)), "")
    text = one.documents.get(lang)
    figures = figures_of(one)
    rows = [
        {**item, "right": next(choice["text"] for choice in item["choices"] if choice["id"] == item["key"]),
         "share": figures.rights.get(position), "position": position}
        for position, item in enumerate(text["items"] if text else [], 1)
    ]  # fmt: skip
    return page(
        request, access, "board/exercise.html", one=one, text=text, shown=lang, languages=sorted(one.documents),
        rows=rows, figures=figures, why=one.withdrawn_why or fallen(one),
        is_own=one.made_by_id == access.member.pk,
    )  # fmt: skip


@post_action
def exercise_act(request: HttpRequest, slug: str, number: int) -> str:
    """Review, publish or withdraw an exercise, or add totals of sheets."""
    access = enter(request, slug, needs=Permission.WORK)
    one, form = access.exercise(number), request.POST
    match form.get("do"):
        case "review":
            actions.review_exercise(one, by=access.membership)
        case "publish":
            actions.publish_exercise(one, by=access.membership)
        case "withdraw":
            actions.withdraw_exercise(one, by=access.membership)
        case "count":
            right = [number_of(text) for text in form.getlist("right")]
            counts = [-1 if n is None else n for n in right]
            actions.add_sheets(one, n_sheets=number_of(form.get("sheets")) or 0, n_right=counts, by=access.membership)
        case _:
            raise unknown_action()
    return to("exercise", slug, number)


def exercise_file(request: HttpRequest, slug: str, number: int, kind: str) -> HttpResponse:
    """Return the page of an exercise in one language, as a file to keep."""
    access = enter(request, slug)
    one = access.exercise(number)
    if kind not in one.documents:
        raise Http404
    name = f"exercise-{one.number}-{kind}.html"
    return attachment(page_of(one, kind).encode(), name=name, kind="text/html; charset=utf-8")
