"""Several searches over time beside each other: lines drawn on the server, a table, the share of proved groups."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from django.http import QueryDict
from django.utils import timezone

from dideban.errors import InputError
from dideban.report.safe import visible
from dideban.room.access import Access
from dideban.room.board.presenters.narrative import Share, shares
from dideban.room.posts.box import AskedKind, read_box
from dideban.room.posts.comparisons import BYS, MOST_SEARCHES
from dideban.room.posts.matches import find_matches
from dideban.room.posts.query import DEFAULT_DAYS
from dideban.room.posts.volumes import count_proved, count_steps
from dideban.room.wording.date_entry import read_instant

STEPS = tuple(timedelta(hours=h) for h in (1, 3, 6, 12, 24, 48, 168, 336, 720, 2_160))
MOST_STEPS, MOST_DAYS, MOST_LINES = 60, 3_660, 6
HEIGHT = 96.0


@dataclass(frozen=True, kw_only=True)
class CompareLine:
    """One line of a chart."""

    name: str
    path: str
    counts: list[int]

    @property
    def n(self) -> int:
        """Posts of all steps."""
        return sum(self.counts)


@dataclass(frozen=True, kw_only=True)
class CompareChart:
    """Lines over the same steps, on one scale."""

    name: str
    lines: list[CompareLine]
    most: int


@dataclass(frozen=True, kw_only=True)
class Searched:
    """One of the searches: how much it found, and who pushed it."""

    text: str
    kind: AskedKind
    n: int
    n_proved: int
    parts: list[Share]

    @property
    def share_proved(self) -> float:
        """Of its posts, those that proved groups shared together."""
        return self.n_proved / self.n if self.n else 0.0


@dataclass(frozen=True, kw_only=True)
class Compared:
    """What the page shows."""

    searches: list[Searched]
    charts: list[CompareChart]
    times: list[datetime]
    n_steps: int
    step_s: float
    since: datetime
    until: datetime

    def rows(self) -> list[tuple[datetime, list[int]]]:
        """Return the table: each step with the count of every line, the latest first."""
        lines = [line.counts for chart in self.charts for line in chart.lines]
        return [(at, [counts[ix] for counts in lines]) for ix, at in reversed(list(enumerate(self.times)))]


def asked_of(form: QueryDict | Mapping[str, Any]) -> dict[str, Any]:
    """Return what a comparison asks for, as it is kept: searches, period or days, by what.

    Raises
    ------
    InputError
        More searches than fit into one chart, or a day that is none.
    """
    given = form.getlist("q") if isinstance(form, QueryDict) else list(form.get("q", []))
    texts = list(dict.fromkeys(text for text in (read_box(one).text for one in given) if text))
    if len(texts) > MOST_SEARCHES:
        raise InputError("room.compare-too-many", n=MOST_SEARCHES)
    by = str(form.get("by") or "")
    found: dict[str, Any] = {"q": texts, "by": by if by in BYS else ""}
    for name in ("since", "until"):
        if text := str(form.get(name) or "").strip()[:40]:
            read_instant(text)
            found[name] = text
    return found


def compare_searches(
    access: Access, asked: Mapping[str, Any], *, names: Mapping[str, Mapping[str, str]]
) -> Compared | None:
    """Return searches beside each other; None where nothing is asked for.

    Parameters
    ----------
    names : mapping
        ``place`` and ``source`` to what their slugs are called.

    Raises
    ------
    InputError
        A search that cannot be read, or a period that ends before it begins.
    StoreError
        Too many searches are under way.
    """
    if not asked.get("q"):
        return None
    since, until = _period(asked)
    step = next((one for one in STEPS if (until - since) / one <= MOST_STEPS), STEPS[-1])
    since = _floor(since, step)
    n = min(int((until - since) / step) + 1, MOST_STEPS * 2)
    findings = _proved(access)
    searches, charts, by = list[Searched](), list[CompareChart](), str(asked.get("by") or "")
    for text in asked["q"]:
        box = read_box(text)
        query = replace(box.query(), since=since, until=until)
        matches = find_matches(access.room.slug, query, access.scope())
        counts = count_steps(matches, since=since, step=step, n=n, by=by)
        proved = count_proved(access.room.slug, matches, findings=findings)
        parts = _named(counts, names.get(by, {})) if by else counts
        searches.append(
            Searched(
                text=box.text, kind=box.kind, n=matches.rows.height, n_proved=proved,
                parts=shares({str(kind): sum(row) for kind, row in parts.items()}) if by else [],
            )
        )  # fmt: skip
        charts.append(_chart(box.text, {str(kind) or box.text: row for kind, row in parts.items()}))
    return Compared(
        searches=searches, charts=charts if by else _one(charts), times=[since + step * ix for ix in range(n)],
        n_steps=n, step_s=step.total_seconds(), since=since, until=until,
    )  # fmt: skip


def _period(asked: Mapping[str, Any]) -> tuple[datetime, datetime]:
    now = timezone.now().replace(second=0, microsecond=0)
    until = min(read_instant(str(asked["until"]), is_end=True), now) if asked.get("until") else now
    since = read_instant(str(asked["since"])) if asked.get("since") else until - timedelta(days=DEFAULT_DAYS)
    if since >= until:
        raise InputError("past.turned-around", hint="past.earlier-first")
    return max(since, until - timedelta(days=MOST_DAYS)), until


def _floor(at: datetime, step: timedelta) -> datetime:
    """Begin where steps of this length begin in the reader's day."""
    day = timezone.localtime(at).replace(hour=0, minute=0, second=0, microsecond=0)
    return day + int((at - day) / step) * step if step < timedelta(days=1) else day


def _proved(access: Access) -> list[str]:
    """Return the current findings of the watch that the member may see, the latest first. One query."""
    found = access.groups().filter(is_active=True, current__is_lead=False).order_by("-last_found_at", "-number")
    return list(found.values_list("current__finding_id", flat=True))


def _named(counts: Mapping[str | None, list[int]], names: Mapping[str, str]) -> dict[str, list[int]]:
    """Return the largest kinds by their names, and the rest as one."""
    ranked = sorted(counts.items(), key=lambda pair: (-sum(pair[1]), str(pair[0])))
    found = {visible(names.get(kind or "", kind or "—"), limit=60): row for kind, row in ranked[: MOST_LINES - 1]}
    if rest := [row for _, row in ranked[MOST_LINES - 1 :]]:
        found["…"] = [sum(column) for column in zip(*rest, strict=True)]
    return found


def _chart(name: str, counts: Mapping[str, list[int]]) -> CompareChart:
    most = max((max(row, default=0) for row in counts.values()), default=0)
    lines = [CompareLine(name=key, path=_path(row, most), counts=row) for key, row in counts.items()]
    return CompareChart(name=name, lines=lines, most=most)


def _one(charts: Sequence[CompareChart]) -> list[CompareChart]:
    """Join charts of one line each into one, on one scale."""
    rows = {line.name: line.counts for chart in charts for line in chart.lines}
    return [_chart("", rows)]


def _path(counts: Sequence[int], most: int) -> str:
    """Draw counts as a line through the middle of each step, in a drawing 100 units high."""
    points = (f"{ix + 0.5:g} {100 - HEIGHT * n / (most or 1):.1f}" for ix, n in enumerate(counts))
    return "M" + "L".join(points)


__all__ = ["Compared", "asked_of", "compare_searches"]
