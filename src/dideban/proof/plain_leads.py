"""Leads that need no test to be seen: accounts that are always among the first, and accounts in lockstep.

Who is always first within seconds fills the front of every object: there is no one there to exchange it with, and
programs that watch one public source look the same. Accounts in lockstep may share so little else that there is
nothing to compare them with, and two accounts are no group. All are shown, as leads, and say why.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from dideban.arrays import F8, I4, I8
from dideban.figures import settle
from dideban.graph import components
from dideban.proof.blocks import KindTraces
from dideban.proof.propose import Proposal, groups_at
from dideban.proof.strata import Stratum

WINDOW_S = 10.0
"""Shares this close, and delays this alike, count as one."""
LOCKSTEP_S = (10.0, 60.0)
"""Windows at which pairs in lockstep are looked for."""
LEAST_OBJECTS = 6
"""Objects on which accounts must have been alike."""
MOST_OF_THEM = 0.8
"""Part of its objects on which an account keeps its delay; part of their common objects on which two are close."""
HALF = 0.5
"""Part of the objects of the less active of two on which they must have been close."""
FAR_ABOVE = 5.0
"""How many times more often than by chance two must have been close."""
MOST_SHARERS = 80
"""Objects with more of the accounts looked at tie none of them: the cost grows with the square."""
MOST_PAIRS = 20_000
"""Pairs looked at per kind and scale, those close on most objects first."""
MAX_LEADS = 100
"""Leads of each kind; those with most objects come first."""


@dataclass(frozen=True, kw_only=True)
class PlainLead:
    """A few accounts, why they are a lead, and on how many objects they were alike."""

    kind: str
    members: I4
    n_objects: int


def find_plain_leads(strata: Sequence[Stratum], *, max_size: int) -> list[PlainLead]:
    """Find accounts that are always first (or at one delay), and groups and pairs in lockstep.

    Parameters
    ----------
    strata : sequence of Stratum
    max_size : count
        Larger groups are left out.

    Returns
    -------
    list of PlainLead
        Each set of accounts once: those that are always first, groups in lockstep (of kind ``lockstep``, no two with
        an account in common), pairs that are in none of these; of each, most objects first.
    """
    found: dict[tuple[str, bytes], PlainLead] = {}
    tables: list[pl.DataFrame] = []
    ties = [_NO_TIES]
    for kind in dict.fromkeys(stratum.kind for stratum in strata):
        mine = [stratum for stratum in strata if stratum.kind == kind]
        table = _shares(mine[0].blocks.traces)
        tables.append(table)
        ties.append(_ties(mine, table))
        for one in [*_always_first(table, max_size=max_size), *_pairs(ties[-1])]:
            key = one.kind, one.members.tobytes()
            if key not in found or found[key].n_objects < one.n_objects:
                found[key] = one
    ranked = sorted(found.values(), key=lambda one: (one.kind, -one.n_objects, one.members.tolist()))
    firsts, pairs = ([one for one in ranked if one.kind == kind] for kind in ("first", "pair"))
    groups = _in_lockstep(_most_objects(pl.concat(ties)), tables, max_size=max_size)
    inside = [set(one.members.tolist()) for one in groups]
    pairs = [one for one in pairs if not any(group.issuperset(one.members.tolist()) for group in inside)]
    return [*firsts[:MAX_LEADS], *groups[:MAX_LEADS], *pairs[:MAX_LEADS]]


def _shares(traces: KindTraces) -> pl.DataFrame:
    """(n,) account, object, time, age and number of sharers of every first share of one kind."""
    table = pl.DataFrame(
        {
            "a": traces.account,
            "o": traces.object,
            "t": traces.time,
            "age": traces.time - traces.birth[traces.object],
        }
    )
    return table.with_columns(n=pl.len().over("o"), n_own=pl.len().over("a"))


def _always_first(table: pl.DataFrame, *, max_size: int) -> list[PlainLead]:
    """Accounts whose delay hardly varies, grouped by the objects on which several of them came at once."""
    shared = table.filter(pl.col("n") > 3).with_columns(n_seen=pl.len().over("a"))
    often = shared.filter(pl.col("n_seen") >= LEAST_OBJECTS)
    middle = pl.col("age").median().over("a")
    near = (pl.col("age") - middle).abs() <= WINDOW_S
    kept = often.with_columns(near=near).with_columns(n_kept=pl.col("near").sum().over("a"))
    steady = kept.filter("near", pl.col("n_kept") >= MOST_OF_THEM * pl.col("n_seen"))
    steady = steady.filter(pl.len().over("o") < MOST_OF_THEM * pl.col("n"))  # where all come at once no one is first
    pairs = _near_pairs(steady, window_s=WINDOW_S)
    tied = pairs.filter(pl.col("near") >= HALF * pl.min_horizontal("n_a", "n_b"), pl.col("near") >= LEAST_OBJECTS)
    return [
        PlainLead(kind="first", members=members, n_objects=n)
        for members, n in _components(tied)
        if 3 <= len(members) <= max_size
    ]


_NO_TIES = pl.DataFrame(schema={"a": pl.Int32, "b": pl.Int32, "near": pl.Int64, "expected": pl.Float64})


def _ties(strata: Sequence[Stratum], table: pl.DataFrame) -> pl.DataFrame:
    """(a, b, near, expected) of the accounts that are close on most of what they share, at each scale."""
    close = [_lockstep(stratum, table) for stratum in strata if stratum.scale_s in LOCKSTEP_S]
    return pl.concat([_NO_TIES, *close])


def _most_objects(tied: pl.DataFrame) -> pl.DataFrame:
    """Keep every pair once, with the most objects of any scale or kind."""
    best = tied.sort("near", descending=True, maintain_order=True).unique(["a", "b"], keep="first")
    return best.sort("a", "b")


def _pairs(tied: pl.DataFrame) -> list[PlainLead]:
    """Two accounts that are in lockstep, and with no third as well."""
    far = _most_objects(tied.filter(pl.col("near") >= FAR_ABOVE * pl.col("expected")))
    return [
        PlainLead(kind="pair", members=members, n_objects=n) for members, n in _components(far) if len(members) == 2
    ]


def _in_lockstep(tied: pl.DataFrame, tables: Sequence[pl.DataFrame], *, max_size: int) -> list[PlainLead]:
    """Three accounts or more of which most are in lockstep with each other, whatever the kinds."""
    if not tied.height:
        return []
    a, b = tied["a"].to_numpy().astype(np.int64), tied["b"].to_numpy().astype(np.int64)
    near, tied_ones = tied["near"].to_numpy(), np.unique(np.concatenate([a, b]))
    shares = [_SharesOf.some(_chance(table, window_s=LOCKSTEP_S[-1]), tied_ones) for table in tables]
    groups: list[PlainLead] = []
    free = np.ones(int(tied_ones.max()) + 1, bool)
    for one in sorted(groups_at(a, b, max_size=max_size, seed=0), key=_by_ties):
        if free[one.members].all() and _far_above(one.members, shares):
            free[one.members] = False
            inside = np.isin(a, one.members) & np.isin(b, one.members)
            groups.append(PlainLead(kind="lockstep", members=one.members, n_objects=int(near[inside].max())))
    return sorted(groups, key=lambda one: (-one.n_objects, one.members.tolist()))


@dataclass(frozen=True, kw_only=True)
class _SharesOf:
    """Shares of one kind, account by account: groups are looked up one after another."""

    bounds: I8
    """(n_accounts + 1,) where the shares of each begin."""
    object: I4
    time: F8
    n: I8
    """(n_shares,) accounts that share the object."""
    chance: F8

    @classmethod
    def some(cls, table: pl.DataFrame, accounts: I8) -> _SharesOf:
        """Keep the shares of some accounts, ascending."""
        kept = table.filter(pl.col("a").is_in(accounts)).sort("a", maintain_order=True)
        counts = np.bincount(kept["a"].to_numpy(), minlength=int(accounts[-1]) + 1)
        return cls(
            bounds=np.append(0, np.cumsum(counts)).astype(np.int64), object=kept["o"].to_numpy(),
            time=kept["t"].to_numpy().astype(np.float64), n=kept["n"].to_numpy().astype(np.int64),
            chance=kept["q"].to_numpy(),
        )  # fmt: skip

    def rows_of(self, members: I4) -> I8:
        """Return the rows of some accounts by object and time."""
        rows = np.concatenate([np.arange(self.bounds[a], self.bounds[a + 1]) for a in members.tolist()])
        return np.asarray(rows[np.lexsort((self.time[rows], self.object[rows]))], dtype=np.int64)


def _far_above(members: I4, shares: Sequence[_SharesOf]) -> bool:
    """Say whether members are next to each other far more often than those who share an object usually are.

    Of objects that nobody else shares no one says how quickly they are taken up. There, the chance is that of two
    shares of different objects: 1 where all times are equal, next to nothing where the members post now and then.
    """
    near = expected = 0.0
    for one in shares:
        if not len(rows := one.rows_of(members)):
            continue
        time, new = one.time[rows], np.diff(one.object[rows], prepend=-1) != 0
        n_in = np.diff(np.append(np.flatnonzero(new), len(rows)))
        apart = _by_chance(time, np.cumsum(new) - 1, n_in)
        again = np.flatnonzero(~new)
        near += int((time[again] - time[again - 1] <= LOCKSTEP_S[-1]).sum())
        inside = np.repeat(n_in, n_in)[again]
        q = np.where(one.n[rows[again]] > inside, one.chance[rows[again]], apart)
        expected += float(((inside - 1) * q).clip(0.0, 1.0).sum())
    return bool(near >= settle(FAR_ABOVE * expected))


def _by_chance(times: F8, objects: I8, n_in: I8) -> float:
    """Return the part of the pairs of shares of different objects that are close.

    Parameters
    ----------
    times, objects : (n,)
        By object, numbered from 0, and time; ``n_in`` shares of each.
    """
    far = 2.0 * (float(np.ptp(times)) + LOCKSTEP_S[-1])
    close = _n_close(np.sort(times)) - _n_close(objects * far + (times - times.min()))
    n_pairs = times.size * (times.size - 1) // 2 - int((n_in * (n_in - 1) // 2).sum())
    return close / n_pairs if n_pairs else 0.0


def _n_close(times: F8) -> int:
    """Return the pairs of sorted times that are at most the longer window apart."""
    last = np.searchsorted(times, times + LOCKSTEP_S[-1], side="right")
    return int((last - np.arange(times.size) - 1).sum())


def _by_ties(one: Proposal) -> tuple[int, int, list[int]]:
    """Groups with most tied pairs come first."""
    size = len(one.members)
    return -round(one.density * size * (size - 1) / 2), size, one.members.tolist()


def _lockstep(stratum: Stratum, table: pl.DataFrame) -> pl.DataFrame:
    """(a, b, near, expected) of the pairs that are close at one scale."""
    blocks = stratum.blocks
    pairs, item = stratum.pairs, blocks.traces.object[blocks.bounds[:-1]]
    n_near = np.diff(pairs.starts)
    several = n_near >= LEAST_OBJECTS  # no pair is near on more objects than in blocks
    frame = pl.DataFrame(
        {"key": np.repeat(pairs.keys[several], n_near[several]), "o": item[pairs.blocks[np.repeat(several, n_near)]]}
    )
    often = (
        frame.group_by("key")
        .agg(near=pl.col("o").n_unique())
        .filter(pl.col("near") >= LEAST_OBJECTS)
        .select(a=(pl.col("key") // 2**32).cast(pl.Int32), b=(pl.col("key") % 2**32).cast(pl.Int32), near="near")
    )
    own = table.group_by("a").agg(n_own=pl.len())
    some = often.join(own, on="a").join(own.rename({"a": "b", "n_own": "n_b"}), on="b")
    some = some.filter(pl.col("near") >= HALF * pl.min_horizontal("n_own", "n_b"))
    some = some.sort("near", "a", "b", descending=[True, False, False]).head(MOST_PAIRS).select("a", "b")
    rows = _chance(table, window_s=stratum.scale_s)
    both = some.join(rows, on="a").join(rows.select(b="a", o="o", t_b="t"), on=["b", "o"])
    weighed = both.group_by("a", "b").agg(
        near=((pl.col("t") - pl.col("t_b")).abs() <= stratum.scale_s).sum().cast(pl.Int64),
        common=pl.len(),
        expected=pl.col("q").sum(),
    )
    close = weighed.filter(pl.col("near") >= LEAST_OBJECTS, pl.col("near") >= MOST_OF_THEM * pl.col("common"))
    return close.select("a", "b", "near", "expected").sort("a", "b")


def _chance(table: pl.DataFrame, *, window_s: float) -> pl.DataFrame:
    """Say of each share how likely two sharers of its object are to be close if each came anywhere in its span.

    Of an object that two accounts alone share no one else says how quickly it is taken up: its chance is left at 0.
    """
    span = (pl.col("t").max() - pl.col("t").min()).over("o")
    reach = (window_s / pl.max_horizontal(span, pl.lit(window_s))).clip(0.0, 1.0)
    return table.with_columns(q=pl.when(pl.col("n") > 2).then(reach * (2.0 - reach)).otherwise(0.0))


def _near_pairs(shares: pl.DataFrame, *, window_s: float) -> pl.DataFrame:
    """(a, b, near, n_a, n_b) of the pairs of accounts that share objects, in order."""
    few = shares.filter(pl.len().over("o") <= MOST_SHARERS).select("a", "o", "t", "n_own")
    busy = few.filter(pl.len().over("a") >= LEAST_OBJECTS)
    both = busy.join(busy, on="o", suffix="_b").filter(pl.col("a") < pl.col("a_b"))
    return (
        both.group_by("a", b="a_b")
        .agg(
            near=((pl.col("t") - pl.col("t_b")).abs() <= window_s).sum().cast(pl.Int64),
            n_a=pl.col("n_own").first(),
            n_b=pl.col("n_own_b").first(),
        )
        .sort("a", "b")
    )


def _components(pairs: pl.DataFrame) -> list[tuple[I4, int]]:
    """Sets of accounts that pairs tie, sorted, each with the most objects of any of its pairs."""
    if not pairs.height:
        return []
    a, b = pairs["a"].to_numpy(), pairs["b"].to_numpy()
    nodes, codes = np.unique(np.concatenate([a, b]), return_inverse=True)
    left, right = codes[: len(a)].astype(np.int32), codes[len(a) :].astype(np.int32)
    labels = components(len(nodes), left, right)
    near, of_pair = pairs["near"].to_numpy(), labels[left]
    return [(nodes[labels == k].astype(np.int32), int(near[of_pair == k].max())) for k in range(int(labels.max()) + 1)]


__all__ = ["PlainLead", "find_plain_leads"]
