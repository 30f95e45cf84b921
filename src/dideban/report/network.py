"""Who is tied to whom: one drawing per finding and one of all findings together."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl

from dideban.findings.model import Finding

F8 = np.ndarray[Any, np.dtype[np.float64]]
WIDE = 1000
"""Units across the drawing of all findings."""
SIZES = ((6, (700, 280)), (12, (700, 400)), (40, (1000, 600)), (10**9, (1000, 780)))
"""(most nodes, units across and down the drawing of one finding)."""
WIDTHS = 4
"""Classes of line width."""
MAX_LINES = 600
"""Lines drawn per finding; the heaviest are kept."""
MAX_OVERVIEW_NODES = 2_500
MAX_ISLAND_LINES = 150
GAP = {12: 74.0, 40: 62.0, 10**9: 50.0}
"""(most nodes: least distance between two of them, units) so that the numbers inside never touch."""


@dataclass(frozen=True, kw_only=True)
class Drawing:
    """One network: circles at whole units and a path per class of line width, thinnest first."""

    nodes: list[tuple[int, int, int]]
    """(x, y, row of the account)."""
    lines: list[str]
    n_lines: int
    n_all: int
    size: tuple[int, int]
    """Units across and down."""
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
    ties: str
    bridges: str
    n_bridges: int
    width: int
    height: int


def _layout(n: int, src: Any, dst: Any, weight: Any, *, seed: int) -> F8:
    """Place nodes; what places them is loaded with the first drawing, not with the first page of a room."""
    from dideban.graph import layout

    return layout(n, src, dst, weight, seed=seed)


def draw_group(accounts: Sequence[str], edges: pl.DataFrame, *, seed: int = 1) -> Drawing:
    """Place the members of one finding and their ties.

    Parameters
    ----------
    accounts : sequence of account ids
        In the order of rows.
    edges : EDGES
        Any edges, any order; only those between two members count: the widest window of each kind, kinds summed.
    seed : int
        Seed of the placement.
    """
    src, dst, weight = _inside(accounts, edges)
    spots = _spread(_layout(len(accounts), src, dst, weight, seed=seed))
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
        size=size_of(len(accounts)),
        heaviest=[(int(src[ix]), int(dst[ix]), int(weight[ix])) for ix in keep[:12]],
    )


def size_of(n_nodes: int) -> tuple[int, int]:
    """Return the units across and down a drawing of ``n_nodes``."""
    return next(size for most, size in SIZES if n_nodes <= most)


def draw_overview(findings: Mapping[str, Finding], edges: pl.DataFrame, *, seed: int = 1) -> Overview:
    """Place the findings as islands in rows, a dot per member.

    Parameters
    ----------
    findings : mapping
        Id to finding, in the order of the page; those after the first ``MAX_OVERVIEW_NODES`` members are left out.
    edges : EDGES
        Ties inside a finding are drawn, at most ``MAX_ISLAND_LINES`` each.
    seed : int
        Seed of the placement.
    """
    sizes = np.cumsum([len(finding.accounts) for finding in findings.values()])
    n_drawn = int(np.searchsorted(sizes, MAX_OVERVIEW_NODES, side="right"))
    drawn = list(findings.values())[:n_drawn]
    webs = [_inside(sorted(finding.accounts), edges) for finding in drawn]
    shapes = [_disc(len(f.accounts), web, seed=seed) for f, web in zip(drawn, webs, strict=True)]
    step, centres, (width, height) = _rows([len(shape) for shape in shapes])
    where: dict[str, list[tuple[int, int]]] = {}
    islands: list[Island] = []
    ties = ""
    for ix, (name, finding, web, shape) in enumerate(zip(findings, drawn, webs, shapes, strict=False)):
        at = [(round(a), round(b)) for a, b in (shape * step * np.sqrt(len(shape)) + centres[ix]).tolist()]
        for account, spot in zip(sorted(finding.accounts), at, strict=True):
            where.setdefault(account, []).append(spot)
        keep = np.lexsort((web[1], web[0], -web[2]))[:MAX_ISLAND_LINES]
        ties += "".join(_line(at[web[0][k]], at[web[1][k]]) for k in keep)
        islands.append(
            Island(
                number=ix + 1,
                finding_id=name,
                lead=finding.lead,
                x=round(centres[ix][0]),
                y=min(y for _, y in at) - 16,
                dots="".join(f"M{x} {y}h0" for x, y in at),
                n_accounts=len(finding.accounts),
            )
        )
    bridges = [(a, b) for spots in where.values() for a, b in itertools.pairwise(spots)]
    return Overview(
        islands=islands,
        ties=ties,
        bridges="".join(_line(a, b) for a, b in bridges[:MAX_LINES]),
        n_bridges=len(bridges),
        width=width,
        height=height,
    )


def _line(a: tuple[int, int], b: tuple[int, int]) -> str:
    return f"M{a[0]} {a[1]}L{b[0]} {b[1]}"


def _disc(n: int, web: tuple[Any, Any, Any], *, seed: int) -> F8:
    """Place members by their ties within a disc of radius 1, no two dots on one another."""
    if not web[0].size:
        return _sunflower(n)
    spots: F8 = _layout(n, *web, seed=seed)
    spots = spots - spots.mean(axis=0)
    spots = spots / max(float(np.hypot(spots[:, 0], spots[:, 1]).max()), 1e-9)
    for _ in range(60):
        spots = spots + 0.4 * _push(spots, least=1.5 / np.sqrt(n))
        spots = spots / np.maximum(np.hypot(spots[:, 0], spots[:, 1]), 1.0)[:, None]
    return spots


def _push(at: F8, *, least: float) -> F8:
    """Return how far each point should move away from points nearer than ``least``."""
    delta = at[:, None] - at[None]
    distance = np.hypot(delta[..., 0], delta[..., 1])
    tie = np.sign(np.arange(len(at))[:, None] - np.arange(len(at))[None])
    delta[..., 0] += np.where(distance < 1e-9, tie, 0.0)
    distance = np.where(distance < 1e-9, 1e-3, distance)
    np.fill_diagonal(distance, np.inf)
    pushes: F8 = (np.clip(least - distance, 0, None) / distance)[..., None] * delta
    return np.asarray(pushes.sum(axis=1))


def _rows(sizes: Sequence[int]) -> tuple[float, list[tuple[float, float]], tuple[int, int]]:
    """Return the largest step between dots at which the islands fit, their centres, and the room they take."""
    for step in (17.0, 15.0, 13.0, 11.0, 9.5, 8.0):
        x = y = tall = widest = 0.0
        centres = []
        for n in sizes:
            side = 2 * step * float(np.sqrt(n)) + 44
            if x and x + side > WIDE:
                x, y, tall = 0.0, y + tall, 0.0
            centres.append((x + side / 2, y + side / 2 + 14))
            x, tall = x + side, max(tall, side + 14)
            widest = max(widest, x)
        if y + tall <= 460:
            break
    return step, centres, (round(widest), round(y + tall))


def _inside(accounts: Sequence[str], edges: pl.DataFrame) -> tuple[Any, Any, Any]:
    row = {account: ix for ix, account in enumerate(accounts)}
    ties = (
        edges.lazy()
        .filter(pl.col("account_a").is_in(list(accounts)) & pl.col("account_b").is_in(list(accounts)))
        .group_by("account_a", "account_b", "object_kind")
        .agg(pl.col("weight").max())
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
    size = np.array(size_of(len(spots)), dtype=float)
    margin = 26.0
    low, high = spots.min(axis=0), spots.max(axis=0)
    at = margin + (spots - low) / np.maximum(high - low, 1e-9) * (size - 2 * margin)
    at = np.where(high - low < 1e-9, size / 2, at)
    least = next(gap for most, gap in GAP.items() if len(spots) <= most)
    for _ in range(200):
        push = _push(at, least=least)
        if float(np.abs(push).max()) < 0.5:
            break
        at = np.clip(at + 0.35 * push, margin, size - margin)
    placed: F8 = at
    return placed


def _sunflower(n: int) -> F8:
    """Return ``n`` points that fill a disc of radius 1 evenly."""
    ix = np.arange(n) + 0.5
    angle = ix * np.pi * (3.0 - np.sqrt(5.0))
    return np.asarray(np.column_stack((np.cos(angle), np.sin(angle))) * np.sqrt(ix / n)[:, None])
