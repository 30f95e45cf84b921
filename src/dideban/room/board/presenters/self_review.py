"""The self-review as the page and its files show it: charts first, tables below. Everything through ``access``."""

from __future__ import annotations

import json
import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property, lru_cache
from typing import Any

import polars as pl
from django.db.models import Count

from dideban.errors import StoreError
from dideban.room.access import Access
from dideban.room.cases.models import CaseStatus
from dideban.room.posts.search import Query, count_by
from dideban.room.review import figures
from dideban.room.review.actions import NEEDS
from dideban.room.review.figures import BANDS, STEPS, Delay, FollowedFacts, JudgedFindings, Moments, ShareOfCount
from dideban.room.review.guards import unhurried
from dideban.room.review.instants import rows_with_instants
from dideban.room.review.models import ProposalKind, SettingProposal
from dideban.room.ticks.models import WatchGap
from dideban.room.wording import reading

DAYS = (30, 90, 365)
WEEKS = 12
LINES = ("alerts", "verdicts", "cases-opened", "cases-closed", "tasks-done", "responses")
"""What is counted by week, in the order of the page."""
POSTS_DAYS = 7
"""Over so many days posts are counted by place and language."""
FIRST_S, LAST_S = 1.0, 100 * 86_400.0
"""Ends of the scale of delays."""
MARKS_S = (60.0, 3_600.0, 86_400.0, 7 * 86_400.0)
KINDS = ("confirmed", "declared", "unsure", "disputed", "false-alarm", "none")
"""Verdicts in the order of their bars."""
MOST_LANGUAGES = 12


@dataclass(frozen=True, kw_only=True)
class Period:
    """What stretch of time the figures are about."""

    since: datetime
    until: datetime


class SelfReview:
    """The figures of a period, as far as a member may see."""

    def __init__(self, access: Access, period: Period) -> None:
        self.access, self.period = access, period
        found = access.groups().filter(first_found_at__gte=period.since, first_found_at__lt=period.until)
        self.groups = found

    @cached_property
    def moments(self) -> dict[int, Moments]:
        """When the steps of each finding happened."""
        certain = self.groups.filter(current__is_lead=False)
        return figures.moments_of(
            certain, alerts=self.access.alerts(), cases=self.access.cases(), responses=self.access.responses()
        )

    @cached_property
    def delays(self) -> list[Delay]:
        """How long each step took."""
        return figures.delays_of(self.moments.values())

    @cached_property
    def judged(self) -> JudgedFindings:
        """Findings by verdict."""
        return figures.judged_of(self.groups)

    @cached_property
    def bands(self) -> list[dict[str, Any]]:
        """Findings by evidence and verdict, weakest evidence first."""
        names = ("lead", "rule", *(name for name, _, _ in BANDS))
        found = self.judged.by_band
        return [
            {"name": name, "counts": found[name], "n": sum(found[name].values())} for name in names if name in found
        ]

    def coverage(self) -> list[dict[str, Any]]:
        """By place: sources, posts, findings, how many were judged, and how long they waited to be seen."""
        posts, _ = self._posts
        sources: Counter[int] = Counter()
        for where in self.access.sources().filter(is_paused=False).values_list("place_id", flat=True):
            sources[where or 0] += 1
        found: dict[int, set[int]] = defaultdict(set)
        for pk, where in self.groups.filter(places__isnull=False).order_by().values_list("pk", "places"):
            if pk in self._known:
                found[where].add(pk)
        return [
            {"key": place.slug, "place": place, "n_sources": sources[place.pk], "n_posts": posts.get(place.slug)}
            | self._served(found[place.pk])
            for place in self.access.places()
        ]

    def languages(self) -> list[dict[str, Any]]:
        """By language: posts, findings, how many were judged, and how long they waited to be seen."""
        _, posts = self._posts
        spoken: dict[str, set[int]] = defaultdict(set)
        for pk, one in self._known.items():
            for tag in _tags(one.languages):
                spoken[tag].add(pk)
        known = sorted(set(spoken) | set(posts), key=lambda tag: (-(posts.get(tag) or 0), tag))
        return [
            {"key": tag, "n_posts": posts.get(tag, 0), **self._served(spoken.get(tag, set()))}
            for tag in known[:MOST_LANGUAGES]
        ]  # fmt: skip

    def _served(self, mine: set[int]) -> dict[str, Any]:
        judged, waits = len(mine & self._votes.keys()), self._waits
        waited = figures.delay_of("seen", [waits[pk] for pk in mine if pk in waits])
        return {"n_findings": len(mine), "judged": ShareOfCount(n_hits=judged, n=len(mine)), "wait": waited}

    @cached_property
    def _said(self) -> list[tuple[int, int | None, str, datetime]]:
        """Verdicts as (group, member, kind, instant), in order of time."""
        said = self.access.verdicts().order_by("at", "pk")
        return list(rows_with_instants(said, "group_id", "member_id", "kind", instants=("at",)))

    @cached_property
    def _votes(self) -> dict[int, str]:
        return figures.votes_of(unhurried(self._said)[0])

    @cached_property
    def _known(self) -> dict[int, FollowedFacts]:
        return figures.known_of(self.groups.filter(current__is_lead=False))

    @cached_property
    def _waits(self) -> dict[int, float]:
        judged = {group: at for group, _, _, at in reversed(self._said)}
        return figures.waits_of(self._known, alerts=self.access.alerts(), cases=self.access.cases(), judged=judged)

    @cached_property
    def _posts(self) -> tuple[dict[str, int], dict[str, int]]:
        """Posts of the last days by place and by language; empty where too many searches are under way."""
        until = self.period.until.replace(second=0, microsecond=0)  # who asks within a minute asks for the same
        query = Query(since=until - timedelta(days=POSTS_DAYS), until=until)
        try:
            places, languages = count_by(
                self.access.room.slug, query, scope=self.access.scope(), kinds=("place", "lang")
            )
        except StoreError:
            return {}, {}
        return places, languages

    def workload(self) -> list[dict[str, Any]]:
        """By week: what came in and what was done. One query for each line."""
        access, now = self.access, self.period.until
        given = {
            "alerts": (access.alerts(), "at"), "cases-opened": (access.cases(), "opened_at"),
            "cases-closed": (access.cases(), "closed_at"), "tasks-done": (access.tasks(), "done_at"),
            "responses": (access.responses(), "at"),
        }  # fmt: skip
        weeks = {n: figures.weekly(found, field, now=now, n_weeks=WEEKS) for n, (found, field) in given.items()}
        weeks["verdicts"] = figures.weekly_of((at for *_, at in self._said), now=now, n_weeks=WEEKS)
        return [{"name": name, "weeks": weeks[name]} for name in LINES]

    def week_starts(self) -> list[datetime]:
        """Return when each week of the workload began, the oldest first."""
        return figures.weeks_until(self.period.until, n_weeks=WEEKS)

    def open_work(self) -> dict[str, Any]:
        """What waits now. Four queries."""
        access, now = self.access, self.period.until
        tasks = access.tasks().filter(done_at=None)
        closed = access.cases().filter(status=CaseStatus.CLOSED, closed_at__gte=self.period.since)
        with_review = closed.filter(reviews__reason_against="").annotate(n=Count("reviews")).filter(n__gt=0).count()
        return {
            "alerts": access.alerts().filter(handled_at=None).count(), "cases": figures.open_at(access.cases(), now),
            "tasks": tasks.count(), "late": tasks.filter(due_at__lt=now).count(),
            "reviewed": ShareOfCount(n_hits=with_review, n=closed.count()),
        }  # fmt: skip

    def slept_s(self) -> float:
        """Seconds in which the watch itself slept. One query."""
        gaps = WatchGap.objects.filter(from_at__lt=self.period.until, until_at__gt=self.period.since)
        return sum((until - since).total_seconds() for since, until in gaps.values_list("from_at", "until_at"))


@lru_cache(maxsize=1_000)
def _tags(written: str | None) -> tuple[str, ...]:
    """Return the languages of a finding, of the list that the database keeps: few lists are of many findings."""
    return tuple(str(tag) for tag in json.loads(written) or ()) if written else ()


@dataclass(frozen=True, kw_only=True)
class Range:
    """A delay on the scale of a drawing 100 units wide; None where it is not known."""

    delay: Delay
    least: float | None
    most: float | None
    median: float | None
    p90: float | None


def ranges_of(delays: Iterable[Delay]) -> list[Range]:
    """Place delays on a logarithmic scale from a second to a hundred days."""
    return [
        Range(
            delay=one, least=position(one.least_s), most=position(one.most_s), median=position(one.median_s),
            p90=position(one.p90_s),
        )
        for one in delays
    ]  # fmt: skip


def position(seconds: float | None) -> float | None:
    """Return where a length of time lies on the scale, 0..100."""
    if seconds is None:
        return None
    share = math.log(min(max(seconds, FIRST_S), LAST_S) / FIRST_S) / math.log(LAST_S / FIRST_S)
    return round(100 * share, 2)


def marks() -> list[tuple[float, str]]:
    """Return the marks of the scale of delays and what they are called."""
    return [(position(seconds) or 0.0, reading.span(seconds)) for seconds in MARKS_S]


def bar_of(counts: Mapping[str, int]) -> list[tuple[str, float, float]]:
    """Return the parts of a bar 100 units long: verdict, where it begins, how long it is."""
    total, at, parts = sum(counts.values()), 0.0, []
    for kind in KINDS:
        if counts.get(kind):
            width = 100 * counts[kind] / total
            parts.append((kind, round(at, 2), round(width, 2)))
            at += width
    return parts


def interval_of(share: ShareOfCount) -> dict[str, float] | None:
    """Return a share and its interval on a scale 100 units long; None where there is nothing."""
    if share.share is None:
        return None
    low, high = share.interval
    return {"low": 100 * low, "high": 100 * high, "width": max(0.4, 100 * (high - low)), "at": 100 * share.share}


PLANTED = ("n_accounts", "n_operations", "kind")
REHEARSED_DAYS = 90


def blind_of(access: Access) -> dict[str, Any]:
    """Return what members said of made-up items. One query."""
    kinds = Counter(access.blind_verdicts().values_list("verdict", flat=True))
    taken = ShareOfCount(n_hits=kinds["confirmed"] + kinds["declared"], n=sum(kinds.values()))
    return {"taken": taken, "kinds": kinds, "line": interval_of(taken)}


def estimate_of(access: Access) -> dict[str, Any]:
    """Return at least how many campaigns there were, by what the room, others and both found. Three queries."""
    noted = list(access.misses().filter(withdrawn_at=None).values_list("group_id", flat=True))
    both = len({group for group in noted if group is not None})
    others = len([group for group in noted if group is None]) + both
    room = sum(kind in ("confirmed", "declared") for kind in _kinds(access))
    return {"others": others, "both": both, "n": figures.at_least(room=max(room, both), others=others, both=both)}


def _kinds(access: Access) -> Iterable[str]:
    return access.groups().filter(current__is_lead=False).values_list("verdict", flat=True)


def proposal_of(access: Access, one: SettingProposal) -> dict[str, Any]:
    """Return a proposal with where it is set, and whether the member may decide. No query."""
    kind, _, key = one.key.partition(":")
    return {"one": one, "kind": kind, "about": key, "may": access.may(NEEDS[ProposalKind(one.kind)]), **one.figures}


TABLES = ("delays", "verdicts", "coverage", "workload", "planted")
FLOATS = ("median_s", "p90_s", "least_s", "most_s", "share", "low", "high", "stated", "median_wait_s")


def table_of(review: SelfReview, kind: str) -> pl.DataFrame:
    """Return one part of the review as a table for programs."""
    rows = {
        "delays": _delays,
        "verdicts": _verdicts,
        "coverage": _coverage,
        "workload": _workload,
        "planted": _planted,
    }[kind](review)
    return (
        pl.DataFrame(rows, schema_overrides=dict.fromkeys(FLOATS, pl.Float64), infer_schema_length=None)
        if rows
        else pl.DataFrame()
    )


def _delays(review: SelfReview) -> list[dict[str, Any]]:
    return [
        {"step": one.step, "after": STEPS[STEPS.index(one.step) - 1], "n": one.n, "median_s": one.median_s,
         "p90_s": one.p90_s, "least_s": one.least_s, "most_s": one.most_s}
        for one in review.delays
    ]  # fmt: skip


def _verdicts(review: SelfReview) -> list[dict[str, Any]]:
    return [
        {"evidence": band["name"], "n": band["n"], **{kind.replace("-", "_"): band["counts"][kind] for kind in KINDS}}
        for band in review.bands
    ]  # fmt: skip


def _coverage(review: SelfReview) -> list[dict[str, Any]]:
    rows: Sequence[tuple[str, list[dict[str, Any]]]] = (
        ("place", review.coverage()), ("language", review.languages()),
    )  # fmt: skip
    return [
        {"by": by, "name": row["key"], "sources": row.get("n_sources"), "posts_last_week": row["n_posts"],
         "findings": row["n_findings"], "judged": row["judged"].n_hits, "median_wait_s": row["wait"].median_s}
        for by, found in rows for row in found
    ]  # fmt: skip


def _planted(review: SelfReview) -> list[dict[str, Any]]:
    nights = review.access.rehearsals().filter(at__gte=review.period.since).values_list("rows", flat=True)
    found = figures.planted_of(row for rows in nights for row in rows)
    return [
        {"by": name, "value": str(row["key"]), "planted": row["share"].n, "found": row["share"].n_hits,
         "low": row["share"].interval[0], "high": row["share"].interval[1]}
        for name in ("all", *PLANTED) for row in found[name]
    ]  # fmt: skip


def _workload(review: SelfReview) -> list[dict[str, Any]]:
    lines = review.workload()
    first = review.period.until - WEEKS * timedelta(weeks=1)
    return [
        {"week_from": (first + week * timedelta(weeks=1)).date().isoformat()}
        | {line["name"].replace("-", "_"): line["weeks"][week] for line in lines}
        for week in range(WEEKS)
    ]  # fmt: skip
