"""How long the stretches are into which time is cut: four hours, or less where the data cover less than a day.

A stretch is never torn between the parts of a division, and only stretches are multiplied. Data that lie in one or two
stretches could therefore prove nothing. The length follows from when the data begin and end, never from who posted.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import polars as pl

from dideban.proof.blocks import HOUR_S, STRETCH_S

STRETCH_LENGTHS_S = (STRETCH_S, HOUR_S, HOUR_S / 2)
"""Lengths of a stretch, longest first. The shortest is twice the pause that ends a sitting."""
LEAST_STRETCHES = 6
"""Stretches that data must touch for a length to be used."""
WIDEST = 6.0
"""A stretch is at least this many windows long."""


def fitting_stretch(first_s: float, last_s: float) -> float:
    """Return the longest length of which the time between two moments touches enough stretches, else the shortest.

    Examples
    --------
    >>> [fitting_stretch(0.0, hours * 3600.0) / 3600 for hours in (3, 8, 24, 17_520)]
    [0.5, 1.0, 4.0, 4.0]
    """
    for length_s in STRETCH_LENGTHS_S:
        if math.floor(last_s / length_s) - math.floor(first_s / length_s) + 1 >= LEAST_STRETCHES:
            return length_s
    return STRETCH_LENGTHS_S[-1]


def fit_stretch(first_s: float, last_s: float, scales_s: Sequence[float]) -> tuple[float, list[float]]:
    """Return the length of a stretch for data between two moments, and the scales that fit into it.

    Where no scale fits into a short stretch, stretches are as long as ever.
    """
    stretch_s = fitting_stretch(first_s, last_s)
    kept = scales_within(scales_s, stretch_s)
    return (stretch_s, kept) if kept else (STRETCH_S, list(scales_s))


def scales_within(scales_s: Sequence[float], stretch_s: float) -> list[float]:
    """Return the scales that are used with stretches of a length: all with the usual one."""
    return [scale_s for scale_s in scales_s if stretch_s >= STRETCH_S or WIDEST * scale_s <= stretch_s]


def log_stretch_choices(first_s: float, last_s: float) -> float:
    """Return by how much (log) evidence counts less because data around two moments may have had another length.

    A package shows when its posts begin and end, not when the data did: data that reach further would have had longer
    stretches. Whoever wanted to choose could choose among these.
    """
    return math.log(1 + STRETCH_LENGTHS_S.index(fitting_stretch(first_s, last_s)))


def span_of(posts: pl.DataFrame) -> tuple[float, float]:
    """Return the first and the last time of posts or traces, seconds; (0, 0) of none."""
    micros = posts["created_at"].cast(pl.Int64)
    first, last = micros.min(), micros.max()
    return (0.0, 0.0) if first is None or last is None else (int(str(first)) / 1e6, int(str(last)) / 1e6)
