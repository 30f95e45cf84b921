"""Random parts of a run: whole stretches of time go to one part, so that no post serves both."""

from __future__ import annotations

import datetime as dt
import hashlib
import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from dideban.arrays import B1, F8, I8
from dideban.proof.blocks import STRETCH_S, Scale
from dideban.proof.stretches import scales_within
from dideban.proof.version import DIVISIONS

EPOCH = dt.date(1970, 1, 1)


@dataclass(frozen=True, kw_only=True)
class Split:
    """One division of time: a stretch proposes with probability ``share``, else it proves; flipped, the reverse."""

    seed: int
    index: int
    share: float
    flipped: bool
    stretch_s: float = STRETCH_S
    """Length of what is never torn, seconds: a whole number of stretches of every scale of the run."""

    @property
    def least_stretch_s(self) -> float:
        """Least length of a stretch in the run: less than the usual one where the data are short."""
        return min(self.stretch_s, STRETCH_S)

    def proposes(self, times: F8) -> B1:
        """Say for each time (seconds) whether it belongs to the proposing part."""
        draw = _uniform(np.floor(times / self.stretch_s).astype(np.int64), self.seed * 1_000_003 + self.index)
        return np.asarray((draw < self.share) != self.flipped, dtype=np.bool_)


def division_seed(first_day: dt.date) -> int:
    """Return the seed of every division of data that begin in the week of a day: no one chooses it.

    It follows from the method and from the data alone, so that one cannot try seeds until a finding comes out, and
    whoever holds the data can derive it.

    Examples
    --------
    >>> division_seed(dt.date(2026, 3, 2)) == division_seed(dt.date(2026, 3, 8))
    True
    """
    text = f"{DIVISIONS}|{monday_of(first_day).isoformat()}"
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:4], "big")


def monday_of(day: dt.date) -> dt.date:
    """Return the first day of the week of a day, the first day of the calendar for the very first week."""
    return dt.date.fromordinal(max(day.toordinal() - day.weekday(), 1))


def log_choices(first_day: dt.date, *, seen: dt.date) -> float:
    """Return by how much (log) evidence counts less because the week in which the data begin might be made up.

    A package cannot show in which week the data began, only that it was not after the first day ``seen`` inside.
    Whoever wanted to choose among divisions could name any earlier week: k weeks before, evidence counts 1 in
    (k + 1) (k + 2). These shares add up to one, so that the best choice of all has still a mean of at most 1.

    Examples
    --------
    >>> round(math.exp(log_choices(dt.date(2026, 3, 2), seen=dt.date(2026, 3, 25))))
    20
    """
    weeks = max((monday_of(seen) - monday_of(first_day)).days // 7, 0)
    return math.log((weeks + 1) * (weeks + 2))


def first_day_of(traces: pl.DataFrame) -> dt.date:
    """Return the UTC day of the earliest trace, 1970-01-01 of none; days beyond any calendar are cut off."""
    micros = traces["created_at"].cast(pl.Int64).min()
    day = (int(str(micros)) // 86_400_000_000 if micros is not None else 0) + EPOCH.toordinal()
    return dt.date.fromordinal(min(max(day, dt.date.min.toordinal()), dt.date.max.toordinal()))


def make_splits(
    *, seed: int, n_splits: int, scales_s: Sequence[float] = (), stretch_s: float = STRETCH_S
) -> list[Split]:
    """Return ``2 * n_splits`` divisions: each drawn once and used both ways round.

    Parameters
    ----------
    scales_s : seconds
        Windows of the run: all of them see one moment in the same part.
    stretch_s : seconds
        Least length of a stretch. Scales that do not fit into a short one are no part of the run.
    """
    used = scales_within(scales_s, stretch_s)
    torn_s = max((Scale(window_s=scale_s, stretch_s=stretch_s).bin_s for scale_s in used), default=stretch_s)
    drawn = [(index, 0.5, flipped) for index in range(n_splits) for flipped in (False, True)]
    return [
        Split(seed=seed, index=index, share=share, flipped=flipped, stretch_s=torn_s)
        for index, share, flipped in drawn[: 2 * n_splits]
    ]


def _uniform(codes: I8, seed: int) -> F8:
    """Hash integers to [0, 1): splitmix64, the same on every machine and for every order of rows."""
    with np.errstate(over="ignore"):
        z = codes.astype(np.uint64) + np.uint64((seed * 0x9E3779B97F4A7C15) % 2**64)
        z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        z ^= z >> np.uint64(31)
    return (z >> np.uint64(11)).astype(np.float64) / 2**53
