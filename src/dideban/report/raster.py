"""The timeline raster: a row per account, a dot per share, and acting in concert visible as vertical lines.

Dots are zero-length strokes with round ends in a stretched drawing (``non-scaling-stroke`` keeps them round), so a
figure of thousands of shares is one short path that fits any width without a script.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import polars as pl

from dideban.messages import locale
from dideban.report.operation_timeline import I8, Operation, OperationTimeline, delays

WIDE = 1000
"""Units across a drawing."""
PAD = 8
"""Units left free at both sides."""
ROW_HEIGHTS = ((12, 22), (30, 16), (10**9, 12))
"""(most rows, height of a row in pixels)."""
MAX_SINGLE = 6_000
BINS_S = (0, 1, 2, 5, 10, 20, 30, 60, 120, 300, 600, 1200, 1800, 3600, 7200, 14400, 28800, 86400, 172800, 604800)
"""Edges of the histogram of delays, seconds."""
DAY_US = 86_400_000_000
STEPS = (
    ("%H:%M:%S", (1, 2, 5, 10, 15, 30)),
    ("%H:%M", (60, 120, 300, 600, 900, 1800, 3600, 7200, 10800, 21600, 43200)),
    ("%m-%d", (86400, 172800, 432000, 604800, 1209600)),
)


@dataclass(frozen=True, kw_only=True)
class AxisMark:
    """A mark on an axis: where, in per cent of the width, and what it says."""

    at: float
    text: str
    anchor: str = "middle"


@dataclass(frozen=True, kw_only=True)
class Bar:
    """One bar of the histogram of delays: per cent of the tallest."""

    low_s: float
    high_s: float | None
    """None: without an upper end."""
    n: int
    height: float

    @property
    def label(self) -> str:
        """Its range of delays, in English."""
        return locale().span_range(self.low_s, self.high_s)


def row_height(n_rows: int) -> int:
    """Return the height of a row in pixels: tall for a few accounts, low for many."""
    return next(height for most, height in ROW_HEIGHTS if n_rows <= most)


def extent(story: OperationTimeline) -> tuple[int, int]:
    """Return the first and last share drawn, microseconds; an instant alone gets a minute of room."""
    times = np.concatenate((story.joint[:, 0], story.single[:, 0]))
    if not times.size:
        return 0, 60_000_000
    return _with_room(times)


def _with_room(times: I8) -> tuple[int, int]:
    """Return the first and the last of the times, with room on both sides where they are less than a minute apart."""
    start, stop = int(times.min()), int(times.max())
    room = -(-max(60_000_000 - (stop - start), 0) // 2)
    return start - room, stop + room


def place(us: I8 | int, span: tuple[int, int]) -> Any:
    """Return where instants fall across the drawing, whole units."""
    start, stop = span
    return np.rint(PAD + (np.asarray(us) - start) / max(stop - start, 1) * (WIDE - 2 * PAD)).astype(np.int64)


def dots(points: I8, span: tuple[int, int]) -> str:
    """Return a path with a dot per point (time, row); points that would fall on one another are drawn once."""
    if not points.size:
        return ""
    seen = np.unique(np.column_stack((points[:, 1], place(points[:, 0], span))), axis=0)
    if len(seen) > MAX_SINGLE:
        seen = seen[np.linspace(0, len(seen) - 1, MAX_SINGLE).astype(int)]
    return "".join(f"M{x} {row}.5h0" for row, x in seen.tolist())


def strokes(operations: Sequence[Operation], span: tuple[int, int]) -> str:
    """Return a path with a vertical line per operation, from its first row to its last."""
    lines = set()
    for operation in operations:
        rows = [row for row, _ in operation.members]
        lines.add((int(place(operation.start_us, span)), min(rows), max(rows)))
    return "".join(f"M{x} {top}.5V{bottom}.5" for x, top, bottom in sorted(lines))


def column_dots(operations: Sequence[Operation], *, reach_s: float) -> str:
    """Return a path with a column per operation: offset from the first share across it, 0 to ``reach_s``."""
    width = WIDE / max(len(operations), 1)
    parts = []
    for ix, operation in enumerate(operations):
        for row, lag in operation.members:
            x = (ix + 0.18 + 0.64 * min(lag / reach_s, 1.0)) * width
            parts.append(f"M{x:.1f} {row}.5h0")
    return "".join(parts)


def column_lines(operations: Sequence[Operation]) -> str:
    """Return a path with the line of the first share of every operation, from its first row to its last."""
    width = WIDE / max(len(operations), 1)
    parts = []
    for ix, operation in enumerate(operations):
        rows = [row for row, _ in operation.members]
        parts.append(f"M{(ix + 0.18) * width:.1f} {min(rows)}.5V{max(rows)}.5")
    return "".join(parts)


def reach(operations: Sequence[Operation]) -> float:
    """Return the offset that fills a column: the 95th percentile of spans, at least a second."""
    spans = [operation.span_s for operation in operations]
    return max(float(np.quantile(spans, 0.95)) if spans else 1.0, 1.0)


def time_ticks(span: tuple[int, int], *, most: int = 7) -> list[AxisMark]:
    """Return round instants along the drawing, at most ``most``, none close enough to the edge to be cut.

    Where hours are marked, midnight is marked by the day that begins.
    """
    start, stop = span
    form, step = _step((stop - start) / 1e6, most)
    first = -(-start // int(step * 1e6)) * int(step * 1e6)
    ticks = []
    for us in range(first, stop + 1, int(step * 1e6)):
        at = float(place(us, span)) / WIDE * 100
        anchor = "start" if at < 5 else "end" if at > 95 else "middle"
        text = moment(us).strftime("%m-%d" if form == "%H:%M" and us % DAY_US == 0 else form)
        ticks.append(AxisMark(at=round(at, 2), text=text, anchor=anchor))
    return ticks


def column_ticks(n: int) -> list[AxisMark]:
    """Return the numbers under the columns, thinned so that they do not touch."""
    every = next(step for step in (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 10**9) if n / step <= 24)
    shown = [ix for ix in range(n) if ix == 0 or (ix + 1) % every == 0]
    return [AxisMark(at=round((ix + 0.5) / n * 100, 2), text=str(ix + 1)) for ix in shown]


def histogram(operations: Sequence[Operation]) -> list[Bar]:
    """Return the histogram of seconds between members of the same operation; bins widen as delays grow."""
    gaps = delays(operations)
    if not gaps.size:
        return []
    edges = np.array([*BINS_S, np.inf])
    counts = np.histogram(gaps, edges)[0]
    last = int(np.flatnonzero(counts).max())
    tallest = int(counts.max())
    return [
        Bar(low_s=low, high_s=high, n=int(counts[ix]), height=round(100 * counts[ix] / tallest, 1))
        for ix, (low, high) in enumerate(zip(BINS_S, (*BINS_S[1:], None), strict=True))
        if ix <= max(last, 3)
    ]


def spark(shares: pl.DataFrame, *, n_bins: int = 48) -> str:
    """Return a path of joint shares over the period, one thin bar per bin, in a 240 by 24 drawing."""
    times = shares.filter("is_joint")["created_at"].dt.timestamp("us").to_numpy()
    if not times.size:
        return ""
    start, stop = _with_room(times)
    # whole microseconds: bins of an instant, or of a few microseconds, are too narrow for floats
    counts = np.bincount((times - start) // ((stop - start) // n_bins + 1), minlength=n_bins)
    heights = np.ceil(22 * counts / counts.max()).astype(int)
    return "".join(f"M{5 * ix + 2} 24v-{h}" for ix, h in enumerate(heights.tolist()) if h)


def _step(length_s: float, most: int) -> tuple[str, float]:
    for form, steps in STEPS:
        for step in steps:
            if length_s / step <= most:
                return form, float(step)
    days = length_s / 86400 / most
    return "%Y-%m", float(next(d for d in (30, 61, 91, 182, 365, 730, 3650, 36500, 10**7) if d >= days) * 86400)


def moment(us: int) -> datetime:
    """Return the instant of ``us`` microseconds since 1970, UTC."""
    try:
        return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=us)
    except OverflowError:
        return datetime(9999, 12, 31, tzinfo=UTC)
