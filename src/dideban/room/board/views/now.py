"""The first page: what is new, growing, late, and waiting for me; by place."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, TypeVar

from django.db.models import Count, Model, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone

from dideban.room.access import Access, SignInRequiredError, enter
from dideban.room.alerts.words import sentence
from dideban.room.board.presenters.charts import per_step
from dideban.room.board.presenters.demo import hour_of
from dideban.room.board.presenters.silence import silence_of
from dideban.room.board.views.common import page, record_visit
from dideban.room.board.views.narratives import bursting
from dideban.room.cases.models import Case, CaseStatus, Task
from dideban.room.findings.content import with_content
from dideban.room.findings.models import FollowedGroup
from dideban.room.members.actions import GUESSED, last_guessing
from dideban.room.members.models import Member, Membership
from dideban.room.posts.search import Query, count_posts
from dideban.room.posts.spool import Spool
from dideban.room.roles import Permission
from dideban.room.rooms.folder import folder_of
from dideban.room.sources.health import health_of
from dideban.room.sources.models import Health
from dideban.room.ticks.models import Tick, WatchGap

SHOWN = 6
HOURS = 24
FIRST_VISIT = timedelta(days=1)
"""What counts as new to somebody who was never here."""
GUESSED_FOR = timedelta(days=7)
"""How long a member is told that others tried passwords with their name."""
M = TypeVar("M", bound=Model)
LONG_WAIT_S = 60.0
"""Posts that wait longer than this are reported: usually it is a second."""


def home(request: HttpRequest) -> HttpResponse:
    """Lead a member to their room."""
    if not isinstance(request.user, Member):
        raise SignInRequiredError
    first = Membership.objects.filter(member=request.user).select_related("room").order_by("pk").first()
    if first is None:
        return render(request, "no_room.html")
    return redirect("board:now", slug=first.room.slug)


def now(request: HttpRequest, slug: str) -> HttpResponse:
    """Show what is new, growing, late, and waiting. About 25 queries."""
    access = enter(request, slug)
    record_visit(request, access)
    at = timezone.now()
    since = access.membership.new_since_at or at - FIRST_VISIT
    last = Tick.objects.filter(room=access.room, finished_at__isnull=False).order_by("-pk").first()
    groups = with_content(access.groups().defer("members")).prefetch_related(access.seen_places())
    new = groups.filter(first_found_at__gt=since, current__is_lead=False)
    grown = groups.filter(grew_at__gt=since, first_found_at__lte=since, current__is_lead=False)
    silence = silence_of(access)
    is_starting = bool(last and not last.n_posts and not access.groups().exists())
    is_starting = is_starting and not (silence and silence.outside)  # posts came, but all are older than the horizon
    return page(
        request, access, "board/now.html", since=since, is_first=access.membership.new_since_at is None,
        **_first("new", new.order_by("-first_found_at")), **_first("grown", grown.order_by("-grew_at")),
        late=_late(access, at, last), waiting=_waiting(access, at), places=_places(access, since, at),
        tick=last, bursting=bursting(access), told=GUESSED,
        guessed=last_guessing(access.member, since=at - GUESSED_FOR),
        silence=silence, quiet=not access.groups().filter(current__is_lead=False, is_active=True).exists(),
        hour=hour_of(access.room, responses=access.responses(), now=at), is_starting=is_starting,
        has_sources=is_starting and access.sources().exists(),
    )  # fmt: skip


def _first(name: str, found: QuerySet[FollowedGroup]) -> dict[str, Any]:
    """Return the first few rows and how many there are: one query where they are few."""
    rows, n = _some(found)
    return {name: rows, f"n_{name}": n}


def _some(found: QuerySet[M], *, most: int = SHOWN) -> tuple[list[M], int]:
    """Return the first few and how many there are in all: one query where they are few."""
    rows = list(found[: most + 1])
    return rows[:most], len(rows) if len(rows) <= most else found.count()


def _late(access: Access, at: datetime, last: Tick | None) -> dict[str, Any]:
    """Sources that do not speak, tasks past their time, the watch itself. Four queries."""
    sources = [(source, health_of(source, now=at)) for source in access.sources().filter(is_paused=False)]
    bad = [pair for pair in sources if pair[1] in (Health.SILENT, Health.FAILING)]
    tasks = Task.objects.filter(case__in=access.cases(), done_at__isnull=True, due_at__lt=at)
    behind = (at - last.finished_at).total_seconds() if last and last.finished_at else None
    late, n_tasks = _some(tasks.select_related("case", "owner").order_by("due_at"))
    gaps, n_gaps = _some(WatchGap.objects.filter(until_at__gt=at - timedelta(days=1)), most=3)
    found: dict[str, Any] = {
        "sources": bad[:SHOWN],
        "n_sources": len(bad),
        "tasks": late,
        "n_tasks": n_tasks,
        "tick_s": behind if behind and behind > max(access.room.tick_s * 3, 300) else None,
        "failed": last.error if last and last.status == "failed" else "",
        "gaps": gaps,
        "spool_s": _waiting_posts_s(access, at),
    }
    n = len(bad) + n_tasks + n_gaps
    return {**found, "n": n + bool(found["tick_s"]) + bool(found["failed"]) + bool(found["spool_s"])}


def _waiting_posts_s(access: Access, at: datetime) -> float | None:
    """Return how long the oldest post has waited to be read into the table; None where it is not long."""
    oldest = Spool(folder_of(access.room.slug).spool).oldest()
    waited = at.timestamp() - oldest if oldest else 0.0
    return waited if waited > LONG_WAIT_S else None


def _waiting(access: Access, at: datetime) -> dict[str, Any]:
    """Alerts, tasks, cases, reveals and hand-over notes that wait. Five queries, more where there are many."""
    me = access.member
    tasks = Task.objects.filter(case__in=access.cases(), owner=me, done_at__isnull=True)
    soon = Q(due_at__isnull=True) | Q(due_at__lt=at + timedelta(days=2))
    unseen = access.groups().filter(verdict="", current__is_lead=False, is_active=True)
    reveals = access.reveals().filter(decided_at__isnull=True).exclude(asked_by=me)
    open_alerts = access.alerts().filter(handled_at__isnull=True).select_related("narrative").defer("group__members")
    notes = access.handovers().filter(Q(to=me) | Q(to=None), read_at__isnull=True).exclude(member=me)
    rows = {
        "alerts": _some(with_content(open_alerts, document="group__current__document")),
        "tasks": _some(tasks.filter(soon).select_related("case").order_by("due_at")),
        "cases": _some(access.cases().filter(owner=me, status=CaseStatus.WAITING)),
        "reveals": _some(reveals) if access.may(Permission.REVEAL) else ([], 0),
        "handovers": _some(notes, most=3),
    }
    found: dict[str, Any] = {name: few for name, (few, _) in rows.items()}
    found["alerts"] = [(alert, sentence(alert)) for alert in found["alerts"]]
    counts = {name: n for name, (_, n) in rows.items()}
    return {**found, "n_of": counts, "n_unjudged": unseen.count(), "n": sum(counts.values())}


def _places(access: Access, since: datetime, at: datetime) -> list[dict[str, Any]]:
    """Return a line per place: new and growing findings, open cases, posts of a day. Five queries."""
    places = list(access.places())
    groups = access.groups().filter(is_active=True, current__is_lead=False)
    is_new, has_grown = Q(first_found_at__gt=since), Q(first_found_at__lte=since, grew_at__gt=since)
    counted = (
        groups.order_by()
        .values("places")
        .annotate(n=Count("pk"), n_new=Count("pk", filter=is_new), n_grown=Count("pk", filter=has_grown))
    )
    of_place: dict[int | None, list[int]] = {
        place: some for place, *some in counted.values_list("places", "n", "n_new", "n_grown")
    }
    open_ones = access.cases().exclude(status=CaseStatus.CLOSED).values("pk")
    cases: Counter[int | None] = Counter(Case.objects.filter(pk__in=open_ones).values_list("places", flat=True))
    start = at.replace(minute=0, second=0, microsecond=0) - timedelta(hours=HOURS - 1)
    posts = count_posts(access.room.slug, Query(since=start), scope=access.scope(), by="place")
    lines: list[dict[str, Any]] = [
        {
            "place": place, **_found(of_place.get(place.pk)), "cases": cases[place.pk],
            "hours": per_step(posts.filter(place=place.slug), since=start, n=HOURS, step=timedelta(hours=1)),
        }
        for place in places
    ]  # fmt: skip
    if not access.is_limited:
        rest = posts.filter(posts["place"].is_null()) if posts.height else posts
        lines.append(
            {
                "place": None, **_found(of_place.get(None)), "cases": cases[None],
                "hours": per_step(rest, since=start, n=HOURS, step=timedelta(hours=1)),
            }
        )  # fmt: skip
    return [{**line, "posts": sum(line["hours"])} for line in lines]


def _found(counts: Sequence[int] | None) -> dict[str, int]:
    return dict(zip(("active", "new", "grown"), counts or (0, 0, 0), strict=True))
