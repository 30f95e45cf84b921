"""Who is tied to whom: one drawing per finding and one of all findings together."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl

from dideban.findings.model import Finding
from dideban.graph import layout

F8 = np.ndarray[Any, np.dtype[np.float64]]
SIZE = (1000, 640)
"""Units across and down a drawing."""
WIDTHS = 4
"""Classes of line width."""
MAX_LINES = 600
"""Lines drawn per finding; the heaviest are kept."""
MAX_OVERVIEW_NODES = 2_500
GAP = {8: 92.0, 20: 74.0, 40: 58.0, 10**9: 46.0}
"""(most nodes: least distance between two of them, units) so that the numbers inside never touch."""


@dataclass(frozen=True, kw_only=True)
class Drawing:
    """One network: circles at whole units and a path per class of line width, thinnest first."""

    nodes: list[tuple[int, int, int]]
    """(x, y, row of the account)."""
    lines: list[str]
    n_lines: int
    n_all: int
    heaviest: list[tuple[int, int, int]]
    """(row, row, weight), heaviest first: the same drawing as a table."""


@dataclass(frozen=True, kw_only=True)
class Island:
    """One finding in the overview."""

    number: int
    finding_id: str
    lead: bool
    x: int
    y: int
    dots: str
    """Path with a dot per member."""
    n_accounts: int


@dataclass(frozen=True, kw_only=True)
class Overview:
    """All findings together; accounts in several of them are tied by ``bridges``."""

    islands: list[Island]
    bridges: str
    n_bridges: int
    height: int


def draw_group(accounts: Sequence[str], edges: pl.DataFrame, *, seed: int = 1) -> Drawing:
    """Place the members of one finding and their ties.

    Parameters
    ----------
    accounts : sequence of account ids
        In the order of rows.
    edges : EDGES
        Any edges, any order; only those between two members count, weights of kinds and windows are summed.
    seed : int
        Seed of the placement.
    """
    src, dst, weight = _inside(accounts, edges)
    spots = _spread(layout(len(accounts), src, dst, weight, seed=seed))
    x, y = np.rint(spots).astype(int).T
    keep = np.lexsort((dst, src, -weight))[:MAX_LINES]
    levels = _levels(weight[keep])
    lines = ["" for _ in range(WIDTHS)]
    for ix, level in zip(keep.tolist(), levels.tolist(), strict=True):
        lines[level] += f"M{x[src[ix]]} {y[src[ix]]}L{x[dst[ix]]} {y[dst[ix]]}"
    return Drawing(
        nodes=[(int(a), int(b), row) for row, (a, b) in enumerate(zip(x, y, strict=True))],
        lines=lines,
        n_lines=len(keep),
        n_all=len(src),
        heaviest=[(int(src[ix]), int(dst[ix]), int(weight[ix])) for ix in keep[:12]],
    )


def draw_overview(findings: Sequence[Finding]) -> Overview:
    """Place the findings as islands in rows, a dot per member, tied where they share accounts."""
    islands: list[Island] = []
    where: dict[str, list[tuple[int, int]]] = {}
    x = y = tallest = 0.0
    n_dots = 0
    for number, finding in enumerate(findings, start=1):
        n_dots += len(finding.accounts)
        if n_dots > MAX_OVERVIEW_NODES:
            break
        spots = _sunflower(len(finding.accounts))
        side = max(2 * float(np.abs(spots).max()) + 36, 72.0)
        if x and x + side > SIZE[0]:
            x, y, tallest = 0.0, y + tallest, 0.0
        centre = np.array((x + side / 2, y + side / 2 + 8))
        x, tallest = x + side, max(tallest, side + 22)
        at = [(round(a), round(b)) for a, b in (spots + centre).tolist()]
        for account, spot in zip(sorted(finding.accounts), at, strict=True):
            where.setdefault(account, []).append(spot)
        islands.append(
            Island(
                number=number,
                finding_id=finding.id,
                lead=finding.lead,
                x=round(centre[0]),
                y=round(centre[1] - np.abs(spots).max() - 12),
                dots="".join(f"M{a} {b}h0" for a, b in at),
                n_accounts=len(finding.accounts),
            )
        )
    bridges = [(a, b) for spots_of in where.values() for a, b in itertools.pairwise(spots_of)]
    return Overview(
        islands=islands,
        bridges="".join(f"M{a[0]} {a[1]}L{b[0]} {b[1]}" for a, b in bridges[:MAX_LINES]),
        n_bridges=len(bridges),
        height=round(y + tallest),
    )


def _inside(accounts: Sequence[str], edges: pl.DataFrame) -> tuple[Any, Any, Any]:
    row = {account: ix for ix, account in enumerate(accounts)}
    ties = (
        edges.lazy()
        .filter(pl.col("account_a").is_in(list(accounts)) & pl.col("account_b").is_in(list(accounts)))
        .group_by("account_a", "account_b")
        .agg(pl.col("weight").sum())
        .collect()
    )
    pairs = sorted(
        (min(row[a], row[b]), max(row[a], row[b]), weight)
        for a, b, weight in ties.select("account_a", "account_b", "weight").iter_rows()
        if a != b
    )
    table = np.array(pairs, dtype=np.int64).reshape(-1, 3)
    return table[:, 0], table[:, 1], table[:, 2]


def _levels(weight: Any) -> Any:
    """Sort weights into classes of equal span between the lightest and the heaviest."""
    if not weight.size or weight.min() == weight.max():
        return np.full(weight.size, 1)
    share = (weight - weight.min()) / (weight.max() - weight.min())
    return np.minimum((share * WIDTHS).astype(int), WIDTHS - 1)


def _spread(spots: F8) -> F8:
    """Fill the drawing and push apart nodes whose numbers would touch."""
    size = np.array(SIZE, dtype=float)
    margin = 34.0
    low, high = spots.min(axis=0), spots.max(axis=0)
    at = margin + (spots - low) / np.maximum(high - low, 1e-9) * (size - 2 * margin)
    at = np.where(high - low < 1e-9, size / 2, at)
    least = next(gap for most, gap in GAP.items() if len(spots) <= most)
    for _ in range(200):
        delta = at[:, None] - at[None]
        delta += np.eye(len(at))[:, :, None] * 1e6
        distance = np.hypot(delta[..., 0], delta[..., 1])
        if distance.min() >= least - 0.5:
            break
        tie = np.sign(np.arange(len(at))[:, None] - np.arange(len(at))[None])
        delta[..., 0] += np.where(distance < 1e-6, tie, 0.0)
        push = np.clip(least - distance, 0, None)[..., None] * delta / np.maximum(distance, 1e-6)[..., None]
        at = np.clip(at + 0.35 * push.sum(axis=1), margin, size - margin)
    placed: F8 = at
    return placed


def _sunflower(n: int) -> F8:
    """Return ``n`` points of an even disc, 15 units apart."""
    ix = np.arange(n) + 0.5
    angle = ix * np.pi * (3.0 - np.sqrt(5.0))
    return np.asarray(np.column_stack((np.cos(angle), np.sin(angle))) * 9.5 * np.sqrt(ix)[:, None])
