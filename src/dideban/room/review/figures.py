"""How well a room works, counted from its own records: delays, verdicts, evidence, workload.

Each function takes what a member may see and returns plain figures; nothing here is estimated.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, NamedTuple

import numpy as np
from django.db.models import Model, OuterRef, Q, QuerySet, Subquery, TextField
from django.db.models.functions import Cast

from dideban.room.alerts.models import Alert, RuleKind
from dideban.room.cases.models import Case
from dideban.room.findings.models import FollowedGroup, KeptFinding, Verdict, VerdictKind
from dideban.room.responses.models import Response
from dideban.room.review.guards import neglected_bands, unhurried
from dideban.room.review.instants import count_between, rows_with_instants
from dideban.stats.shares import exact_interval, upper_bound

STEPS = ("began", "decidable", "claimed", "alerted", "seen", "answered", "closed")
"""What happens to a finding, in this order."""
SURE = (VerdictKind.CONFIRMED, VerdictKind.DECLARED, VerdictKind.FALSE_ALARM)
FEWEST_JUDGED = 59
"""Verdicts from which on none of them wrong says at most 5% (with 95% confidence)."""
BANDS = (("under-100", 0.0, 1e2), ("under-10000", 1e2, 1e4), ("under-1e8", 1e4, 1e8), ("from-1e8", 1e8, float("inf")))
"""Evidence against chance (e-values)."""
FEWEST_COMMON = 7
"""Things that the room and others both found, below which nothing is said of how many there were."""
Moments = dict[str, datetime]


@dataclass(frozen=True, kw_only=True)
class Delay:
    """Seconds that one step took after the step before it, over findings."""

    step: str
    n: int = 0
    median_s: float | None = None
    """None below three findings: one or two have a range, no middle."""
    p90_s: float | None = None
    """None below ten."""
    least_s: float | None = None
    most_s: float | None = None


@dataclass(frozen=True, kw_only=True)
class ShareOfCount:
    """So many of so many, with an exact 95% interval."""

    n_hits: int
    n: int

    @property
    def share(self) -> float | None:
        """Return the share; None where there is nothing."""
        return self.n_hits / self.n if self.n else None

    @property
    def interval(self) -> tuple[float, float]:
        """Return the interval of Clopper and Pearson."""
        return exact_interval(self.n_hits, self.n)

    @property
    def bound(self) -> float:
        """Return what the true share does not pass, with 95% confidence."""
        return upper_bound(self.n_hits, self.n)

    @property
    def is_known(self) -> bool:
        """Say whether there are enough to compare with the stated rate."""
        return self.n >= FEWEST_JUDGED


@dataclass(kw_only=True)
class JudgedFindings:
    """Findings by what members made of them: one member, one vote, their latest."""

    by_kind: Counter[str] = field(default_factory=Counter)
    """Kinds of verdicts, ``none``, ``unsure`` and ``disputed``."""
    by_band: dict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    stated: list[float] = field(default_factory=list)
    busiest: float | None = None
    """Share of all votes by the member with the most."""
    n_rushed: int = 0
    """Verdicts given faster than anyone reads: they count nowhere."""

    @property
    def n(self) -> int:
        """Return how many findings there are."""
        return sum(self.by_kind.values())

    @property
    def wrong(self) -> ShareOfCount:
        """Return the share of false alarms among the findings that members agree on."""
        return ShareOfCount(
            n_hits=self.by_kind[VerdictKind.FALSE_ALARM], n=sum(self.by_kind[kind] for kind in SURE)
        )  # fmt: skip

    @property
    def neglected(self) -> list[str]:
        """Return bands of evidence that members hardly judge."""
        return neglected_bands(self.by_band)

    @property
    def is_known(self) -> bool:
        """Say whether the share of false alarms can be compared with the stated rate."""
        return self.wrong.is_known and not self.neglected

    @property
    def unjudged(self) -> ShareOfCount:
        """Return the share of findings on which nobody said anything."""
        return ShareOfCount(n_hits=self.by_kind["none"], n=self.n)

    @property
    def stated_rate(self) -> float | None:
        """Return the mean of the error rates stated."""
        return sum(self.stated) / len(self.stated) if self.stated else None


def moments_of(
    groups: QuerySet[FollowedGroup], *, alerts: QuerySet[Alert], cases: QuerySet[Case], responses: QuerySet[Response]
) -> dict[int, Moments]:
    """Return when each step of each group happened, as far as it did, by key of the group. Seven queries."""
    found: dict[int, Moments] = {}
    these = groups.order_by().values("pk")
    rows = rows_with_instants(groups.order_by(), "pk", instants=("first_found_at", "first_seen_at"))
    for pk, claimed, seen in rows:
        found[pk] = {"claimed": claimed} | ({"seen": seen} if seen else {})
    firsts = KeptFinding.objects.filter(group__in=these).order_by("group_id", "found_at", "pk")
    for pk, first_at, decided_at in rows_with_instants(firsts, "group_id", instants=("first_at", "decided_at")):
        one = found.get(pk, {})  # a tick may have added a group meanwhile
        one.setdefault("began", first_at)
        if decided_at is not None:
            one.setdefault("decidable", decided_at)
    told = alerts.filter(kind=RuleKind.NEW_FINDING, group__in=these)
    for pk, at in rows_with_instants(told.order_by("at"), "group_id", instants=("at",)):
        if pk in found:
            found[pk].setdefault("alerted", at)
    _people(found, these, told, cases, responses)
    return found


def _people(
    found: dict[int, Moments], these: QuerySet[FollowedGroup, Any], told: QuerySet[Alert], cases: QuerySet[Case],
    responses: QuerySet[Response],
) -> None:  # fmt: skip
    """Add what people did: seen is whatever they did first."""
    for pk, at in [
        *rows_with_instants(told.exclude(handled_at=None).order_by(), "group_id", instants=("handled_at",)),
        *rows_with_instants(Verdict.objects.filter(group__in=these).order_by(), "group_id", instants=("at",)),
    ]:
        if pk in found and at is not None:
            found[pk]["seen"] = min(at, found[pk].get("seen", at))
    of_case: dict[int, list[int]] = defaultdict(list)
    for case, group, opened, closed in cases.filter(groups__in=these).values_list(
        "pk", "groups", "opened_at", "closed_at"
    ):
        if group in found:
            of_case[case].append(group)
            found[group]["seen"] = min(opened, found[group].get("seen", opened))
            if closed is not None:
                found[group]["closed"] = min(closed, found[group].get("closed", closed))
    done = responses.exclude(at=None).filter(cancelled_at=None, case__in=of_case).order_by("at")
    for case, group, at in done.values_list("case_id", "group_id", "at"):
        for pk in [group] if group is not None else of_case[case]:
            if pk in found and at is not None:
                found[pk].setdefault("answered", at)


def delays_of(moments: Iterable[Moments]) -> list[Delay]:
    """Return how long each step took after the latest earlier step that a finding had."""
    lengths: dict[str, list[float]] = {step: [] for step in STEPS[1:]}
    for one in moments:
        before: datetime | None = None
        for step in STEPS:
            at = one.get(step)
            if at is not None and before is not None:
                lengths[step].append(max(0.0, (at - before).total_seconds()))
            before = at if before is None or (at is not None and at > before) else before
    return [delay_of(step, values) for step, values in lengths.items()]


class FollowedFacts(NamedTuple):
    """What a row of a group says of being seen."""

    languages: str | None
    """Languages of its posts, as JSON."""
    seen: datetime | None
    """When a member first opened its page."""
    decidable: datetime | None
    """When the posts of its first finding were there."""


def known_of(groups: QuerySet[FollowedGroup]) -> dict[int, FollowedFacts]:
    """Return what the rows of groups say, by key. One query: documents lie in those rows, and walking them is dear."""
    firsts = KeptFinding.objects.filter(group=OuterRef("pk"), decided_at__isnull=False).order_by("found_at", "pk")
    asked = groups.order_by().annotate(
        spoken=Cast("current__languages", TextField()), decidable=Subquery(firsts.values("decided_at")[:1])
    )  # fmt: skip
    rows = rows_with_instants(asked, "pk", "spoken", instants=("first_seen_at", "decidable"))
    return {pk: FollowedFacts(*rest) for pk, *rest in rows}


def waits_of(
    known: Mapping[int, FollowedFacts],
    *,
    alerts: QuerySet[Alert],
    cases: QuerySet[Case],
    judged: Mapping[int, datetime],
) -> dict[int, float]:
    """Return the seconds from when a group could be known until somebody saw it, by key; nothing of the others.

    What :func:`moments_of` says of these two steps, at less cost. Two queries.

    Parameters
    ----------
    judged : mapping
        Key of a group to its first verdict.
    """
    told = alerts.filter(kind=RuleKind.NEW_FINDING).exclude(handled_at=None).order_by()
    opened = cases.filter(groups__isnull=False).order_by()
    seen = {pk: one.seen for pk, one in known.items() if one.seen is not None}
    for pk, at in [
        *judged.items(),
        *rows_with_instants(told, "group_id", instants=("handled_at",)),
        *rows_with_instants(opened, "groups", instants=("opened_at",)),
    ]:
        seen[pk] = min(at, seen.get(pk, at))
    return {
        pk: max(0.0, (seen[pk] - one.decidable).total_seconds())
        for pk, one in known.items()
        if one.decidable is not None and pk in seen
    }


def delay_of(step: str, values: Sequence[float]) -> Delay:
    """Return what seconds that a step took say together."""
    if not values:
        return Delay(step=step)
    return Delay(
        step=step, n=len(values), least_s=min(values), most_s=max(values),
        median_s=float(np.median(values)) if len(values) >= 3 else None,
        p90_s=float(np.quantile(values, 0.9)) if len(values) >= 10 else None,
    )  # fmt: skip


def votes_of(verdicts: Iterable[tuple[int, int | None, str]]) -> dict[int, str]:
    """Return what members make of each group, of (group, member, kind) in order of time.

    One member has one vote, the latest; whoever is sure and in the majority decides, as many on both sides is
    ``disputed``. A hundred verdicts by one member are one vote.
    """
    latest: dict[int, dict[int | None, str]] = defaultdict(dict)
    for group, member, kind in verdicts:
        latest[group][member] = kind
    return {group: _majority(Counter(votes.values())) for group, votes in latest.items()}


def _majority(votes: Counter[str]) -> str:
    wrong = votes[VerdictKind.FALSE_ALARM]
    right = votes[VerdictKind.CONFIRMED] + votes[VerdictKind.DECLARED]
    if not wrong + right:
        return VerdictKind.UNSURE
    if wrong == right:
        return "disputed"
    if wrong > right:
        return VerdictKind.FALSE_ALARM
    return max((VerdictKind.CONFIRMED, VerdictKind.DECLARED), key=lambda kind: votes[kind])


def judged_of(groups: QuerySet[FollowedGroup]) -> JudgedFindings:
    """Return findings by verdict and evidence. Two queries."""
    found = JudgedFindings()
    kept = groups.order_by()
    rows = list(kept.values_list("pk", "current__is_lead", "current__e_value", "current__error_rate"))
    said = Verdict.objects.filter(group__in=kept.values("pk")).order_by("at", "pk")
    given, found.n_rushed = unhurried(rows_with_instants(said, "group_id", "member_id", "kind", instants=("at",)))
    votes = votes_of(given)
    for pk, is_lead, e_value, rate in rows:
        kind = votes.get(pk, "none")
        found.by_band[band_of(is_lead, e_value)][kind] += 1
        if is_lead:
            continue
        found.by_kind[kind] += 1
        if rate is not None:
            found.stated.append(rate)
    members = Counter(member for _, member in {(group, member) for group, member, _ in given})
    if members:
        found.busiest = max(members.values()) / sum(members.values())
    return found


def band_of(is_lead: bool, e_value: float | None) -> str:
    """Return in which band of evidence a finding lies: leads and rules without a test have their own."""
    if is_lead:
        return "lead"
    if e_value is None:
        return "rule"
    return next(name for name, least, most in BANDS if least <= max(0.0, e_value) < most or most == float("inf"))


def weekly(found: QuerySet[Model], name: str, *, now: datetime, n_weeks: int) -> list[int]:
    """Return how many rows have an instant in each of the last weeks, the oldest first. One query."""
    weeks = weeks_until(now, n_weeks=n_weeks)
    inside = found.filter(**{f"{name}__gte": weeks[0], f"{name}__lt": now}).order_by()
    return count_between(inside, name, weeks[1:])


def weekly_of(instants: Iterable[datetime], *, now: datetime, n_weeks: int) -> list[int]:
    """Return how many instants lie in each of the last weeks, the oldest first."""
    weeks, counts = weeks_until(now, n_weeks=n_weeks), [0] * n_weeks
    for at in instants:
        if weeks[0] <= at < now:
            counts[bisect_right(weeks, at) - 1] += 1
    return counts


def weeks_until(now: datetime, *, n_weeks: int) -> list[datetime]:
    """Return when each of the last weeks began, the oldest first."""
    return [now - week * timedelta(weeks=1) for week in range(n_weeks, 0, -1)]


def open_at(cases: QuerySet[Case], at: datetime) -> int:
    """Return how many cases were open at an instant. One query."""
    return cases.filter(opened_at__lte=at).filter(Q(closed_at=None) | Q(closed_at__gt=at)).count()


def planted_of(rows: Iterable[Mapping[str, Any]]) -> dict[str, list[dict[str, Any]]]:
    """Return planted groups by size, by number of operations and in all: how many were found."""
    known = list(rows)
    found: dict[str, list[dict[str, Any]]] = {"all": [{"key": "", "share": _found(known)}]}
    for name in ("n_accounts", "n_operations", "kind"):
        keys = sorted({row[name] for row in known})
        found[name] = [{"key": key, "share": _found([row for row in known if row[name] == key])} for key in keys]
    return found


def _found(rows: Sequence[Mapping[str, Any]]) -> ShareOfCount:
    return ShareOfCount(n_hits=sum(bool(row["found"]) for row in rows), n=len(rows))


def at_least(*, room: int, others: int, both: int) -> int | None:
    """Return at least how many there were, of those that the room, others, and both found; None = too few in common.

    Chapman's estimate of a closed population. Both find the easy ones, so it lies below the truth.

    Examples
    --------
    >>> at_least(room=30, others=20, both=10), at_least(room=30, others=20, both=6)
    (59, None)
    """
    if both < FEWEST_COMMON:
        return None
    return max(room + others - both, math.ceil((room + 1) * (others + 1) / (both + 1)) - 1)
