"""Where activity may have moved: other posts of the accounts, and other forms of the texts, of each target."""

from __future__ import annotations

from typing import Literal

import numpy as np
import polars as pl

from dideban.arrays import I8
from dideban.effect.model import EffectConfig
from dideban.effect.series import Series, noticed_hours

What = Literal["accounts", "texts"]
MOST_CELLS = 20_000_000
"""Rows of a join held in memory at a time."""
MOST_CARRIERS = 5_000
"""Accounts or texts of one target that are followed: the earliest."""
MOST_CARRIED = 10
"""Whoever was early with more targets than this says nothing about any one of them, and ties all of them together."""


def other_posts(shares: pl.DataFrame, carried: pl.DataFrame, *, series: Series, config: EffectConfig) -> Series:
    """Count by target and hour the posts of its early carriers that do not share the target.

    Parameters
    ----------
    shares : ``row``, ``post_id``, ``hour``
        Posts that share each target.
    carried : ``post_id``, ``carrier``, ``hour``
        All posts with who wrote them, or with the texts that they repeat.
    series : Series
        Posts of the targets.
    config : EffectConfig

    Returns
    -------
    Series
        Rows and hours as in ``series``.

    Notes
    -----
    Carriers of a target are those of its posts before it was noticed. They are fixed by one rule at an age that comes
    before every response, so a response cannot change who is counted, and all targets are treated alike.
    """
    noticed = noticed_hours(series, posts=config.noticed_posts, within_h=config.noticed_within_h)
    own = shares.join(carried.select("post_id", "carrier"), on="post_id").select("row", "post_id", "carrier", "hour")
    early = _early(own, noticed)
    active = carried.filter((pl.col("hour") >= 0) & (pl.col("hour") < series.n_hours))
    active = active.join(early.select("carrier").unique(), on="carrier", how="semi")
    cells = active.group_by("carrier", "hour").agg(n=pl.col("post_id").n_unique())
    counts = np.zeros((series.n_units, series.n_hours), np.int64)
    for part in _parts(early, cells):
        found = part.join(cells, on="carrier").group_by("row", "hour").agg(n=pl.col("n").sum())
        counts[found["row"].to_numpy(), found["hour"].to_numpy()] += found["n"].to_numpy()
    mine = own.join(early, on=["row", "carrier"], how="semi").group_by("row", "carrier", "hour")
    same = mine.agg(n=pl.col("post_id").n_unique()).group_by("row", "hour").agg(n=pl.col("n").sum())
    same = same.filter((pl.col("hour") >= 0) & (pl.col("hour") < series.n_hours))
    counts[same["row"].to_numpy(), same["hour"].to_numpy()] -= same["n"].to_numpy()
    return Series(counts, series.watched, first_hour_of_day=series.first_hour_of_day)


def _early(own: pl.DataFrame, noticed: I8) -> pl.DataFrame:
    """Return ``row, carrier``: those that shared a target before it was noticed, the earliest of them."""
    limits = pl.DataFrame({"row": np.arange(len(noticed), dtype=np.uint32), "noticed": noticed})
    firsts = own.group_by("row", "carrier").agg(pl.col("hour").min())
    firsts = firsts.join(limits.cast({"row": firsts.schema["row"]}), on="row")
    firsts = firsts.filter(pl.col("hour") < pl.col("noticed"))
    firsts = firsts.filter(pl.len().over("carrier") <= MOST_CARRIED).sort("row", "hour", "carrier")
    return firsts.group_by("row", maintain_order=True).head(MOST_CARRIERS).select("row", "carrier")


def _parts(early: pl.DataFrame, cells: pl.DataFrame) -> list[pl.DataFrame]:
    """Return ``early`` in parts whose join with ``cells`` stays within MOST_CELLS rows."""
    sizes = cells.group_by("carrier").agg(size=pl.len())
    sized = early.join(sizes, on="carrier").sort("row", "carrier")
    part = pl.col("size").cum_sum() // MOST_CELLS
    return [one.select("row", "carrier") for one in sized.with_columns(part=part).partition_by("part")]


__all__ = ["MOST_CARRIERS", "What", "other_posts"]
