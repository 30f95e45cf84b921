"""How well the room itself works, per month: nothing here is estimated, everything is counted from its own records."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from statistics import median
from typing import Any

import polars as pl
from django.utils import timezone

from dideban.room.access import Access
from dideban.room.alerts.models import RuleKind
from dideban.room.findings.models import VerdictKind
from dideban.room.review.figures import votes_of
from dideban.room.review.guards import unhurried
from dideban.room.review.instants import rows_with_instants
from dideban.room.sources.models import SourceGap
from dideban.room.ticks.models import WatchGap

MONTHS = 12
DAY = timedelta(days=1)


@dataclass(kw_only=True)
class Month:
    """What happened in one month, in UTC."""

    name: str
    waits_s: list[float] = field(default_factory=list)
    """Seconds from the arrival of the deciding post to the alert."""
    verdicts: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    """Groups first found in the month, by their latest verdict; "" = none."""
    stated: list[float] = field(default_factory=list)
    """Error rates stated for those groups."""
    n_alerts: int = 0
    n_open: int = 0
    n_open_day: int = 0
    """Open for more than a day."""
    n_open_week: int = 0
    gaps_s: float = 0.0
    """Seconds in which sources were silent or failing."""
    slept_s: float = 0.0
    """Seconds in which the watch itself slept."""

    @property
    def median_wait_s(self) -> float | None:
        """Return the median wait for an alert."""
        return median(self.waits_s) if self.waits_s else None

    @property
    def worst_wait_s(self) -> float | None:
        """Return the longest wait for an alert."""
        return max(self.waits_s, default=None)

    @property
    def n_groups(self) -> int:
        """Return how many groups were first found."""
        return sum(self.verdicts.values())

    @property
    def n_judged(self) -> int:
        """Return how many of them somebody was sure about."""
        return sum(
            self.verdicts[kind] for kind in (VerdictKind.CONFIRMED, VerdictKind.DECLARED, VerdictKind.FALSE_ALARM)
        )

    @property
    def false_share(self) -> float | None:
        """Return the share of false alarms among those judged."""
        return self.verdicts[VerdictKind.FALSE_ALARM] / self.n_judged if self.n_judged else None

    @property
    def stated_share(self) -> float | None:
        """Return the mean of the error rates stated."""
        return sum(self.stated) / len(self.stated) if self.stated else None


def months_of(access: Access) -> list[Month]:
    """Return the last twelve months, newest first. Six queries."""
    now = timezone.now()
    since = (now - MONTHS * 31 * DAY).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    months: dict[str, Month] = {}
    _alerts(access, since, now, months)
    groups = access.groups().filter(first_found_at__gte=since, current__is_lead=False)
    said = access.verdicts().order_by("at", "pk")
    given = rows_with_instants(said, "group_id", "member_id", "kind", instants=("at",))
    votes = votes_of(unhurried(given)[0])
    for pk, rate, at in rows_with_instants(groups, "pk", "current__error_rate", instants=("first_found_at",)):
        month = _month(months, at)
        month.verdicts[votes.get(pk, "")] += 1
        if rate is not None:
            month.stated.append(rate)
    gaps = SourceGap.objects.filter(source__in=access.sources(), from_at__gte=since)
    for at, seconds in _lengths(gaps.values_list("from_at", "until_at"), now):
        _month(months, at).gaps_s += seconds
    for at, seconds in _lengths(WatchGap.objects.filter(from_at__gte=since).values_list("from_at", "until_at"), now):
        _month(months, at).slept_s += seconds
    return sorted(months.values(), key=lambda month: month.name, reverse=True)


def _alerts(access: Access, since: datetime, now: datetime, months: dict[str, Month]) -> None:
    found = access.alerts().filter(at__gte=since).order_by()
    for kind, at, decided, handled in rows_with_instants(found, "kind", instants=("at", "decided_at", "handled_at")):
        month = _month(months, at)
        month.n_alerts += 1
        if kind == RuleKind.NEW_FINDING and decided is not None:
            month.waits_s.append(max((at - decided).total_seconds(), 0.0))
        if handled is None:
            month.n_open += 1
            month.n_open_day += now - at > DAY
            month.n_open_week += now - at > 7 * DAY


def table_of(months: Iterable[Month]) -> pl.DataFrame:
    """Return the months as a table."""
    rows: list[dict[str, Any]] = [
        {
            "month": month.name, "new_groups": month.n_groups, "confirmed": month.verdicts["confirmed"],
            "declared": month.verdicts["declared"], "false_alarm": month.verdicts["false-alarm"],
            "unsure": month.verdicts["unsure"] + month.verdicts["disputed"],
            "no_verdict": month.verdicts[""],
            "false_alarm_share": month.false_share, "stated_error_rate": month.stated_share, "alerts": month.n_alerts,
            "median_wait_s": month.median_wait_s, "longest_wait_s": month.worst_wait_s, "open_alerts": month.n_open,
            "open_longer_than_a_day": month.n_open_day, "open_longer_than_a_week": month.n_open_week,
            "source_gaps_s": month.gaps_s, "watch_slept_s": month.slept_s,
        }
        for month in months
    ]  # fmt: skip
    numbers = ("false_alarm_share", "stated_error_rate", "median_wait_s", "longest_wait_s")
    return pl.DataFrame(rows, schema_overrides=dict.fromkeys(numbers, pl.Float64) if rows else None)


def _month(months: dict[str, Month], at: datetime) -> Month:
    name = f"{at.year:04d}-{at.month:02d}"
    return months.setdefault(name, Month(name=name))


def _lengths(rows: Iterable[tuple[datetime, datetime | None]], now: datetime) -> Iterable[tuple[datetime, float]]:
    return [(first, ((last or now) - first).total_seconds()) for first, last in rows]
