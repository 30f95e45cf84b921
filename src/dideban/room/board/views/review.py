"""Self-review: delays, verdicts and evidence; service by place and language; months; files; the public year."""

from __future__ import annotations

import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone

from dideban.exchange.table import write_csv
from dideban.room.access import Access, enter
from dideban.room.board.presenters import self_review as shown
from dideban.room.board.presenters.public_year import render_year
from dideban.room.board.presenters.review import months_of, table_of
from dideban.room.board.views.common import (
    attachment,
    instant_of,
    number_of,
    page,
    paged,
    post_action,
    to,
    unknown_action,
)
from dideban.room.review import actions
from dideban.room.review.figures import FEWEST_JUDGED, planted_of
from dideban.room.review.guards import MOST_A_MINUTE
from dideban.room.review.models import MissReason, ProposalState
from dideban.room.roles import Permission
from dideban.room.ticks.models import Tick, WatchGap

CSV = "text/csv; charset=utf-8"
FIRST_YEAR = 2000


def review(request: HttpRequest, slug: str) -> HttpResponse:
    """Show delays, false alarms, verdicts against evidence. About 20 queries."""
    access = enter(request, slug)
    made, days = _review(access, request)
    judged = made.judged
    return page(
        request, access, "board/review.html", part="review", days=days, all_days=shown.DAYS, judged=judged,
        ranges=shown.ranges_of(made.delays), marks=shown.marks(), wrong=judged.wrong, unjudged=judged.unjudged,
        interval=shown.interval_of(judged.wrong), fewest=FEWEST_JUDGED,
        most_a_minute=MOST_A_MINUTE,
        bands=[{**band, "parts": shown.bar_of(band["counts"])} for band in made.bands], kinds=shown.KINDS,
        year=timezone.now().year,
    )  # fmt: skip


def review_service(request: HttpRequest, slug: str) -> HttpResponse:
    """Show coverage and delay by place and language, and the workload. About 28 queries."""
    access = enter(request, slug)
    made, days = _review(access, request)
    return page(
        request, access, "board/review_service.html", part="service", days=days, all_days=shown.DAYS,
        places=made.coverage(), languages=made.languages(), lines=made.workload(), waiting=made.open_work(),
        week_starts=made.week_starts(), now=made.period.until, posts_days=shown.POSTS_DAYS,
    )  # fmt: skip


def review_months(request: HttpRequest, slug: str) -> HttpResponse:
    """Show how well the room itself works, per month. About 18 queries."""
    access = enter(request, slug)
    ticks = Tick.objects.filter(room=access.room).order_by("-started_at")
    return page(
        request, access, "board/review_months.html", part="months", months=months_of(access), ticks=list(ticks[:12]),
        gaps=list(WatchGap.objects.all()[:12]),
    )  # fmt: skip


def review_file(request: HttpRequest, slug: str) -> HttpResponse:
    """Return the figures by month as CSV."""
    access = enter(request, slug)
    return _csv("review.csv", table_of(months_of(access)))


def review_part(request: HttpRequest, slug: str, kind: str) -> HttpResponse:
    """Return one part of the review as CSV."""
    access = enter(request, slug)
    if kind not in shown.TABLES:
        raise Http404
    made, _ = _review(access, request)
    return _csv(f"review-{kind}.csv", shown.table_of(made, kind))


def review_year(request: HttpRequest, slug: str, year: int) -> HttpResponse:
    """Return the public version of a year: counts of the whole room, no names; for who sees the whole room."""
    access = enter(request, slug)
    if access.is_limited or not FIRST_YEAR <= year <= timezone.now().year:
        raise Http404
    since = datetime(year, 1, 1, tzinfo=UTC)
    until = min(datetime(year + 1, 1, 1, tzinfo=UTC), timezone.now())
    html = render_year(shown.SelfReview(access, shown.Period(since=since, until=until)), year=year)
    return attachment(html.encode(), name=f"review-{year}.html", kind="text/html; charset=utf-8")


def review_misses(request: HttpRequest, slug: str) -> HttpResponse:
    """Show what planted groups, blind decoys and others say of misses. About 16 queries."""
    access = enter(request, slug)
    since = timezone.now() - timedelta(days=shown.REHEARSED_DAYS)
    nights = list(access.rehearsals().filter(at__gte=since)[:400])
    planted = planted_of(row for night in nights for row in night.rows)
    whole = planted["all"][0]["share"]
    groups = [
        (name, [{**row, "line": shown.interval_of(row["share"])} for row in planted[name]]) for name in shown.PLANTED
    ]
    return page(
        request, access, "board/review_misses.html", part="misses", whole=whole, groups=groups,
        line=shown.interval_of(whole), last=nights[0] if nights else None, days=shown.REHEARSED_DAYS,
        blind=shown.blind_of(access), found=paged(access.misses(), request), reasons=list(MissReason),
        estimate=shown.estimate_of(access),
    )  # fmt: skip


@post_action
def misses_act(request: HttpRequest, slug: str) -> str:
    """Note what others found first, or take it back."""
    access = enter(request, slug, needs=Permission.WORK)
    form, by = request.POST, access.membership
    match form.get("do"):
        case "note":
            number = number_of(form.get("group"))
            actions.note_miss(
                access.room, source=form.get("source", ""), what=form.get("what", ""), at=instant_of(form.get("at")),
                why=form.get("why", ""), url=form.get("url", ""), group=access.group(number) if number else None, by=by,
            )  # fmt: skip
        case "withdraw":
            miss = access.miss(number_of(form.get("miss")) or 0)
            actions.withdraw_miss(miss, reason=form.get("reason", ""), by=by)
        case _:
            raise unknown_action()
    return f"{to('review_misses', slug)}#others"


def review_learning(request: HttpRequest, slug: str) -> HttpResponse:
    """Show proposals, and what was decided on earlier ones. About 12 queries."""
    access = enter(request, slug)
    proposals = list(access.proposals().order_by("-number")[:100])
    waiting = [shown.proposal_of(access, one) for one in proposals if one.state == ProposalState.OPEN]
    decided = [shown.proposal_of(access, one) for one in proposals if one.state != ProposalState.OPEN]
    return page(request, access, "board/review_learning.html", part="learning", waiting=waiting, decided=decided)


@post_action
def learning_act(request: HttpRequest, slug: str) -> str:
    """Accept a proposal or refuse it."""
    access = enter(request, slug, needs=Permission.WORK)
    form = request.POST
    if form.get("do") not in ("accept", "refuse"):
        raise unknown_action()
    proposal = access.proposal(number_of(form.get("proposal")) or 0)
    actions.decide_proposal(
        proposal, is_accepted=form["do"] == "accept", reason=form.get("reason", ""), by=access.membership
    )
    return to("review_learning", slug)


def _review(access: Access, request: HttpRequest) -> tuple[shown.SelfReview, int]:
    asked = number_of(request.GET.get("days"))
    days = asked if asked in shown.DAYS else shown.DAYS[1]
    now = timezone.now()
    return shown.SelfReview(access, shown.Period(since=now - timedelta(days=days), until=now)), days


def _csv(name: str, table: Any) -> HttpResponse:
    with tempfile.TemporaryDirectory(prefix="dideban-export-") as scratch:
        path = write_csv(Path(scratch) / name, table)
        return attachment(path.read_bytes(), name=name, kind=CSV)
