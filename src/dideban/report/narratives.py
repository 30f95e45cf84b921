"""Narratives to one self-contained page in the look of the report."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from dideban.findings.narratives import ListedNarrative, Narratives
from dideban.messages import translations
from dideban.report.page import fill_page
from dideban.report.raster import PAD, WIDE, AxisMark, time_ticks

MAX_SHOWN = 100
"""Narratives shown; the rest are in ``narratives.json``."""


@dataclass(frozen=True, kw_only=True)
class NarrativeView:
    """One narrative, ready to draw."""

    number: int
    item: ListedNarrative
    spark: str
    bars: str
    """Path of bars, one unit wide each, 100 high."""
    tallest: int
    bands: list[tuple[float, float]]
    """Bursts: start and width, per cent of the timeline."""
    proved_pct: float | None


def render_narratives(found: Narratives, *, version: str = "", keep_ids: bool = False, title: str = "") -> str:
    """Return narratives as one HTML page.

    Parameters
    ----------
    found : Narratives
        Shown in their order, the first hundred.
    version : str
        Of the program, for the head of the page.
    keep_ids : bool
        Whether accounts kept their ids.
    title : str
        Name of the material, shown in the head of the page.

    Returns
    -------
    str
        HTML that opens from a file and asks nothing of a network.

    Notes
    -----
    Deterministic: the same narratives give the same bytes.
    """
    return fill_page(
        "narratives.html",
        lambda: {
            "title": title,
            "version": version,
            "keep_ids": keep_ids,
            "views": [view(item, found, number=number) for number, item in enumerate(found.items[:MAX_SHOWN], start=1)],
            "ticks": _ticks(found),
            "n_bins": max(len(found.totals), 1),
            "step_s": found.step_s,
            "n_all": len(found.items),
            "n_posts": found.n_posts,
            "n_with_text": found.n_with_text,
            "n_listed": found.n_listed_posts,
            "n_small": found.n_small,
            "notes": [translations(note) for note in found.notes],
        },
    )


def view(item: ListedNarrative, found: Narratives, *, number: int) -> NarrativeView:
    """Return what the page draws of one narrative."""
    n_bins = max(len(found.totals), 1)
    tallest = max(item.counts)
    bars = "".join(
        f"M{item.first_bin + ix + 0.08:.2f} 100V{100 - 96 * n / tallest:.1f}h.84V100z"
        for ix, n in enumerate(item.counts)
        if n
    )
    pct = None if item.n_proved_posts is None else round(100 * item.n_proved_posts / item.n_posts, 1)
    return NarrativeView(
        number=number,
        item=item,
        spark=_spark(item, n_bins),
        bars=bars,
        tallest=tallest,
        bands=[_band(burst.start, burst.end, found, n_bins) for burst in item.bursts],
        proved_pct=pct,
    )


def _band(start: str, end: str, found: Narratives, n_bins: int) -> tuple[float, float]:
    zero, whole = datetime.fromisoformat(found.start), n_bins * found.step_s
    first, last = ((datetime.fromisoformat(at) - zero).total_seconds() for at in (start, end))
    return round(100 * first / whole, 3), round(100 * (last - first) / whole, 3)


def _spark(item: ListedNarrative, n_bins: int, *, width: int = 48) -> str:
    """Return a path of posts over the whole timeline, one thin bar per bin, in a 240 by 24 drawing."""
    sums = [0] * width
    for ix, n in enumerate(item.counts):
        sums[(item.first_bin + ix) * width // n_bins] += n
    tallest = max(sums)
    return "".join(f"M{5 * ix + 2} 24v-{-(-22 * n // tallest)}" for ix, n in enumerate(sums) if n)


def _ticks(found: Narratives) -> list[AxisMark]:
    if not found.totals:
        return []
    start = datetime.fromisoformat(found.start)
    end = start + timedelta(seconds=found.step_s * len(found.totals))
    span = (round(start.timestamp() * 1e6), round(end.timestamp() * 1e6))
    # the report leaves a margin at both sides of its drawing; here bins begin at the very edge
    inner = WIDE - 2 * PAD
    return [
        AxisMark(at=round((tick.at * WIDE / 100 - PAD) / inner * 100, 2), text=tick.text, anchor=tick.anchor)
        for tick in time_ticks(span)
    ]
