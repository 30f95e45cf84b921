"""The review of a case: what the record says, what people add, and closing it with both."""

from __future__ import annotations

from datetime import datetime
from itertools import pairwise
from typing import Any

from django.http import HttpRequest, HttpResponse

from dideban.room.access import enter
from dideban.room.board.views.common import page, post_action, to
from dideban.room.cases.actions import ReviewText, set_status
from dideban.room.cases.models import CaseStatus
from dideban.room.review.situation import ROWS, situation_of
from dideban.room.roles import Permission

MOST = 20


def case_review(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    """Show what the record says of a case, its reviews, and the form that closes it. About 26 queries."""
    access = enter(request, slug)
    one = access.case(number)
    reviews = list(one.reviews.select_related("by").prefetch_related("tasks")[:MOST])
    is_closed = one.status == CaseStatus.CLOSED
    kept = reviews[0].record if is_closed and reviews and reviews[0].record else situation_of(one)
    return page(
        request, access, "board/case_review.html", case=one, reviews=reviews, situation=rows_of(kept),
        counts=kept["n"], is_closed=is_closed,
    )  # fmt: skip


def rows_of(record: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the steps of a case with their instants and the seconds since the one before that happened."""
    at = {step: datetime.fromisoformat(text) for step, text in record["at"].items() if text}
    times = [(step, at[step]) for step in ROWS if step in at]
    since = {step: (time - before).total_seconds() for (_, before), (step, time) in pairwise(times)}
    return [{"step": step, "at": at.get(step), "after_s": since.get(step)} for step in ROWS]


@post_action
def case_close(request: HttpRequest, slug: str, number: int) -> str:
    """Close a case with its review, or with a reason against one."""
    access = enter(request, slug, needs=Permission.WORK)
    one, form = access.case(number), request.POST
    text = ReviewText(
        went_well=form.get("went_well", ""), went_badly=form.get("went_badly", ""), changes=form.get("changes", ""),
        tasks=form.get("tasks", "").splitlines(), record=situation_of(one),
    )  # fmt: skip
    set_status(
        one, status=CaseStatus.CLOSED, outcome=form.get("outcome", ""), review=text,
        reason_against=form.get("reason_against", ""), by=access.membership,
    )  # fmt: skip
    return to("case_review", slug, number)
