"""Numbers that the ordinary explanations are checked against, computed for all groups at once."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import polars as pl

from dideban.findings.joint import OBJECT
from dideban.findings.model import Leader

PEAK_S = 600
"""Length of the stretch in which an announced minute would gather the shares, seconds."""
STEADY_S = 2.0
"""A delay is steady when its interquartile range is within this many seconds, or a tenth of its median."""
MIN_LAGS = 3
"""Joint objects from which the delay of an account is judged."""

_NAMES_A_TIME = r"(?i)(^|\D)\d{1,2}:\d{2}(\D|$)|\b\d{1,2}\s?[ap]\.?m\b|ساعت\s+\d|الساعة\s+\d"


@dataclass(frozen=True, kw_only=True)
class Facts:
    """What is known of one group's joint shares."""

    accounts: list[str]
    leaders: list[Leader] = field(default_factory=list)
    n_objects: int = 0
    domains: list[tuple[str, int]] = field(default_factory=list)
    """Registrable domain to joint links, most first."""
    n_links: int = 0
    authors: list[tuple[str, int]] = field(default_factory=list)
    """Author or target account to joint reposts and replies, most first."""
    n_reposts: int = 0
    n_judged: int = 0
    """Members with MIN_LAGS or more joint objects that they were not first on."""
    n_steady: int = 0
    """Those of them whose delay behind the first share hardly varies."""
    n_shares: int = 0
    n_round: int = 0
    """Joint shares on a round minute (seconds and below are zero)."""
    n_same_second: int = 0
    """Joint shares in the very second in which another account shared the object."""
    n_others: int = 0
    """Shares of the same objects by everybody else."""
    n_others_round: int = 0
    n_others_same_second: int = 0
    n_peak: int = 0
    """Most joint shares within any PEAK_S seconds."""
    peak_at: str = ""
    n_named: int = 0
    """Joint texts and hashtag sequences that name a time of day."""


Counts = dict[int, dict[str, int]]


def count_origins(objects: pl.DataFrame, *, kinds: tuple[str, ...]) -> dict[int, list[tuple[str, int]]]:
    """Return for each group the origins of its joint objects of some kinds with how many, most first, then by name."""
    found = (
        objects.filter(pl.col("object_kind").cast(pl.String).is_in(kinds), pl.col("origin").is_not_null())
        .group_by("group_ix", "origin")
        .len()
        .sort("group_ix", "len", "origin", descending=[False, True, False])
    )
    origins: dict[int, list[tuple[str, int]]] = {}
    for group_ix, origin, n in found.iter_rows():
        origins.setdefault(group_ix, []).append((origin, n))
    return origins


def count_objects_of(objects: pl.DataFrame) -> Counts:
    """Return for each group its joint links, reposts and texts that name a time."""
    kind = pl.col("object_kind").cast(pl.String)
    is_words = kind.is_in(("text", "hashtags"))
    counts = objects.group_by("group_ix").agg(
        n_links=kind.is_in(("link", "domain")).sum(),
        n_reposts=kind.is_in(("repost", "reply")).sum(),
        n_named=(is_words & pl.col("label").fill_null("").str.contains(_NAMES_A_TIME)).sum(),
    )
    return _by_group(counts)


def count_steady(lags: pl.DataFrame) -> Counts:
    """Return for each group how many members' delays can be judged, and how many are steady."""
    late = pl.col("lag_us") > 0
    spread = pl.col("lag_us").quantile(0.75, "linear") - pl.col("lag_us").quantile(0.25, "linear")
    limit = pl.max_horizontal(pl.lit(STEADY_S * 1e6), pl.col("lag_us").median() / 10)
    accounts = lags.group_by("group_ix", "account_id").agg(
        is_judged=(pl.len() >= MIN_LAGS) & (late.mean() >= 0.5), is_steady=spread <= limit
    )
    both = pl.col("is_judged") & pl.col("is_steady")
    return _by_group(accounts.group_by("group_ix").agg(n_judged=pl.col("is_judged").sum(), n_steady=both.sum()))


def count_clock(joint: pl.DataFrame, *, traces: pl.DataFrame, members: pl.DataFrame) -> Counts:
    """Return for each group what its joint shares and everybody else's shares of the same objects show on the clock."""
    keys = ["object_kind", "object_id"]
    second = pl.col("created_at").dt.truncate("1s")
    shares = traces.join(joint.select(keys).unique(), on=keys, how="semi").with_columns(
        is_round=pl.col("created_at") == pl.col("created_at").dt.truncate("1m"),
        is_same=pl.col("account_id").n_unique().over(*keys, second) > 1,
    )
    totals = [pl.len().alias("n"), pl.col("is_round").sum(), pl.col("is_same").sum()]
    objects = joint.select(OBJECT).unique()
    everybody = objects.join(shares.group_by(keys).agg(totals), on=keys).drop(keys).group_by("group_ix").sum()
    own = shares.join(members.select("group_ix", "account_id"), on="account_id").join(objects, on=OBJECT, how="semi")
    acted = joint.select("group_ix", "account_id", *keys, "post_id", "created_at").unique()
    acted = acted.join(
        shares.select("account_id", *keys, "post_id", "created_at", "is_round", "is_same"),
        on=["account_id", *keys, "post_id", "created_at"],
    )
    counts = (
        everybody.join(own.group_by("group_ix").agg(totals), on="group_ix", suffix="_own")
        .join(acted.group_by("group_ix").agg(totals), on="group_ix", suffix="_joint")
        .select(
            "group_ix",
            n_shares="n_joint",
            n_round="is_round_joint",
            n_same_second="is_same_joint",
            n_others=pl.col("n").cast(pl.Int64) - pl.col("n_own").cast(pl.Int64),
            n_others_round=pl.col("is_round").cast(pl.Int64) - pl.col("is_round_own").cast(pl.Int64),
            n_others_same_second=pl.col("is_same").cast(pl.Int64) - pl.col("is_same_own").cast(pl.Int64),
        )
    )
    return _by_group(counts)


def find_peaks(joint: pl.DataFrame) -> dict[int, tuple[int, str]]:
    """Return for each group the most joint shares within PEAK_S seconds, and when that stretch starts."""
    peaks: dict[int, tuple[int, str]] = {}
    times = joint.sort("created_at").group_by("group_ix", maintain_order=True).agg("created_at")
    for group_ix, at in times.iter_rows():
        micros = np.sort(pl.Series(at).to_physical().to_numpy())
        ahead = np.searchsorted(micros, micros + PEAK_S * 1_000_000, side="right") - np.arange(len(micros))
        best = int(np.argmax(ahead))
        peaks[group_ix] = (int(ahead[best]), f"{at[best]:%Y-%m-%d %H:%M} UTC")
    return peaks


def _by_group(counts: pl.DataFrame) -> Counts:
    return {row.pop("group_ix"): {name: int(n) for name, n in row.items()} for row in counts.iter_rows(named=True)}
