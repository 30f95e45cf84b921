"""SHARES of one finding to operations: the moments when members shared the same object together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl

from dideban.findings.model import Finding

I8 = np.ndarray[Any, np.dtype[np.int64]]
ORDER = ("created_at", "account_id", "object_kind", "object_id", "post_id")
"""Order of shares wherever order shows; kinds order by their name."""
DEFAULT_WINDOW_S = 60.0


@dataclass(frozen=True, kw_only=True)
class Operation:
    """One object, shared by two members or more without a longer pause than the window."""

    kind: str
    object_id: str
    start_us: int
    """First share, microseconds since 1970, UTC."""
    members: list[tuple[int, float]]
    """(row of the account, seconds after the first share), earliest first, once per account."""

    @property
    def span_s(self) -> float:
        """Seconds from the first member to the last."""
        return self.members[-1][1]


@dataclass(frozen=True, kw_only=True)
class OperationTimeline:
    """What the figures of one finding draw."""

    accounts: list[str]
    """Members in the order of rows: earliest median lag first."""
    operations: list[Operation]
    """In order of time."""
    joint: I8
    """(n, 2): microseconds since 1970, row. Joint shares."""
    single: I8
    """(n, 2): the other shares of the members."""


def window_of(finding: Finding) -> float:
    """Return the widest window of the finding, seconds."""
    return max((trace.scale_s for trace in finding.traces), default=DEFAULT_WINDOW_S)


def operation_timeline(finding: Finding, shares: pl.DataFrame) -> OperationTimeline:
    """Return the story of one finding from its SHARES.

    Parameters
    ----------
    finding : Finding
        Members, and their order of lead where it is known.
    shares : SHARES
        Rows of this finding, any order.

    Notes
    -----
    Rows are ordered by median lag, then account id. Operations are ordered by start, kind and object. The result does
    not depend on the order of ``shares``.
    """
    accounts = _ordered(finding)
    row = {account: ix for ix, account in enumerate(accounts)}
    table = shares.filter(pl.col("account_id").is_in(accounts)).with_columns(
        pl.col("account_id").replace_strict(row, return_dtype=pl.Int64).alias("row"),
        pl.col("created_at").dt.timestamp("us").alias("us"),
        pl.col("object_kind").cast(pl.String),
    )
    joint = table.filter("is_joint")
    return OperationTimeline(
        accounts=accounts,
        operations=_operations(joint, window_us=int(max(window_of(finding), 1.0) * 1e6)),
        joint=_points(joint),
        single=_points(table.filter(~pl.col("is_joint")).join(joint, on=["row", "us"], how="anti")),
    )


def delays(operations: Sequence[Operation]) -> np.ndarray[Any, np.dtype[np.float64]]:
    """Return the seconds between every two members of the same operation."""
    parts = []
    for operation in operations:
        at = np.array([lag for _, lag in operation.members])
        left, right = np.triu_indices(at.size, 1)
        parts.append(at[right] - at[left])
    return np.concatenate(parts) if parts else np.zeros(0)


def _ordered(finding: Finding) -> list[str]:
    lag = {leader.account_id: leader.median_lag_s for leader in finding.leaders}
    return sorted(dict.fromkeys(finding.accounts), key=lambda name: (lag.get(name, float("inf")), name))


def _points(table: pl.DataFrame) -> I8:
    return table.select("us", "row").unique().sort("us", "row").to_numpy().astype(np.int64).reshape(-1, 2)


def _operations(joint: pl.DataFrame, *, window_us: int) -> list[Operation]:
    """Cut the joint shares of each object where no one shared it for longer than the window."""
    if joint.is_empty():
        return []
    keys = ["object_kind", "object_id"]
    runs = (
        joint.sort(*keys, "us", "row")
        .with_columns((pl.col("us").diff().over(keys).fill_null(0) > window_us).cum_sum().over(keys).alias("run"))
        .group_by(*keys, "run", "row")
        .agg(pl.col("us").min())
        .sort(*keys, "run", "us", "row")
        .group_by(*keys, "run", maintain_order=True)
        .agg("row", "us")
        .filter(pl.col("row").list.len() > 1)
    )
    made = [
        Operation(
            kind=kind,
            object_id=name,
            start_us=at[0],
            members=[(row, (us - at[0]) / 1e6) for row, us in zip(rows, at, strict=True)],
        )
        for kind, name, rows, at in runs.select(*keys, "row", "us").iter_rows()
    ]
    return sorted(made, key=lambda o: (o.start_us, o.kind, o.object_id))
