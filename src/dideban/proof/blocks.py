"""Traces of one kind cut into blocks: an object, a stretch of time, an age of the object.

Blocks are made from slots (object and time) alone, never from who holds a slot, so that exchanging accounts inside a
block leaves every block as it is.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import polars as pl

from dideban.arrays import B1, F8, I4, I8
from dideban.kernels.blocks import near_per_block
from dideban.kernels.shares import group_rows, group_starts
from dideban.schema import INSTANT

HOUR_S = 3600.0
DAY_S = 86400.0
AGE_FACTOR = 16.0
"""Ratio of neighbouring age edges: within a block no one is more than sixteen times as quick as another."""
MAX_NEAR_SHARE = 0.95
"""Blocks in which a larger share of slot pairs is near say almost nothing and cost the most."""
STRETCH_S = 4 * HOUR_S
"""Length of a stretch of time: what is never torn between parts, and above which daily rhythm is held fixed."""
STRETCHES_S = (HOUR_S / 2, HOUR_S, STRETCH_S, 2 * STRETCH_S, DAY_S)
"""Lengths that a stretch can have, each a whole number of the one before: scales of one run can be split together."""
SIZE_EDGES = np.array([2, 3, 4, 5, 7, 10, 15, 25, 50, 100, 10**9])
"""Blocks are comparable when their numbers of slots fall between the same two of these."""
MAX_SLOTS = 50_000
"""Blocks with more slots are left out: their sums would cost more than all others together."""


SLOTS_ALONE = ("age", "time_of_day", "time_of_hour", "row_origin", "by_origin")
"""What is computed of traces once, whoever holds them."""


@dataclass(frozen=True, kw_only=True)
class KindTraces:
    """First shares of one object kind, sorted by object, time, account."""

    kind: str
    account: I4
    object: I4
    time: F8
    birth: F8
    """Per object: time of the original where known, else of the first share; seconds."""

    origin: I4
    """Per object: code of where it comes from; -1 unknown."""
    source: I4 | None = None
    """Per row, for texts: code of the site that the post itself links to; -1 unknown."""
    source_age: F8 | None = None
    """Per row, for texts: seconds since that link was first shared."""
    beside_link: B1 | None = None
    """Per row, for what begins with a post (words, tags, pictures): whether that post links to something."""

    @cached_property
    def age(self) -> F8:
        """Per row: seconds since the object was new."""
        return np.asarray(self.time - self.birth[self.object])

    @cached_property
    def time_of_day(self) -> F8:
        """Per row: seconds since midnight, UTC."""
        return np.asarray(self.time % DAY_S)

    @cached_property
    def time_of_hour(self) -> F8:
        """Per row: seconds since the full hour, UTC."""
        return np.asarray(self.time % HOUR_S)

    @cached_property
    def row_origin(self) -> I4:
        """Per row: code of where the object comes from; -1 unknown."""
        return np.asarray(self.origin[self.object])

    @cached_property
    def by_origin(self) -> I4:
        """Rows by where their objects come from, then by age."""
        return np.lexsort((self.age, self.row_origin)).astype(np.int32)

    @cached_property
    def _by_account(self) -> dict[int, tuple[I8, I4]]:
        return {}

    def by_account(self, n_accounts: int) -> tuple[I8, I4]:
        """CSR: rows of each account, ascending; kept, because it is the same at all scales."""
        if n_accounts not in self._by_account:
            starts = group_starts(self.account, n_accounts)
            self._by_account[n_accounts] = starts, group_rows(self.account, starts)
        return self._by_account[n_accounts]

    def with_accounts(self, account: I4) -> KindTraces:
        """Return the same slots held by other accounts; what depends on the slots alone stays known."""
        other = dataclasses.replace(self, account=account)
        vars(other).update((name, vars(self)[name]) for name in SLOTS_ALONE if name in vars(self))
        return other


@dataclass(frozen=True, kw_only=True)
class Scale:
    """One window and the cutting that goes with it."""

    window_s: float
    stretch_s: float = STRETCH_S
    """Least length of a stretch: shorter where the data cover less than a day."""

    @property
    def bin_s(self) -> float:
        """Length of a stretch of time: daily rhythm above it is held fixed."""
        return next((one for one in STRETCHES_S if one >= max(self.stretch_s, 6.0 * self.window_s)), DAY_S)

    @property
    def age_edges(self) -> F8:
        """Ages that separate quick from slow, seconds, from a quarter of the window to two days."""
        first = self.window_s / 4.0
        edges = [first]
        while edges[-1] < 2 * DAY_S:  # products of a power of two: exact, unlike powers from a library
            edges.append(edges[-1] * AGE_FACTOR)
        return np.array(edges)


class Figures:
    """Rows of figures by code, each computed once.

    Threads may ask at once: what one of them computed may be lost to the others, who compute the same again.
    """

    def __init__(self) -> None:
        self._known: tuple[I8, F8] | None = None

    def of(self, codes: I8, make: Callable[[I8], F8]) -> F8:
        """Return the figures of some codes; ``make`` is asked for those not known, each once and in ascending order."""
        if self._known is None:
            asked, inverse = np.unique(codes, return_inverse=True)
            self._known = _, figures = asked, make(asked)
            return np.asarray(figures[inverse])
        keys, figures = self._known
        place = np.searchsorted(keys, codes)  # most are known, and need not be sorted to be found
        is_new = keys[np.minimum(place, len(keys) - 1)] != codes if len(keys) else np.ones(len(codes), bool)
        if is_new.any():
            new = np.unique(codes[is_new])
            keys, figures = np.concatenate([keys, new]), np.concatenate([figures, make(new)])
            order = np.argsort(keys)
            self._known = keys, figures = keys[order], figures[order]
            place = np.searchsorted(keys, codes)
        return np.asarray(figures[place])


@dataclass(frozen=True, kw_only=True)
class Blocks:
    """The blocks of one kind at one scale; ``bounds`` cuts the sorted traces into them."""

    traces: KindTraces
    scale: Scale
    bounds: I8
    near_share: F8
    """(n_blocks,) share of slot pairs at most ``window_s`` apart."""
    chunk: I8
    """(n_blocks,) stretch of time the block lies in: the unit that is split and shuffled."""
    informs: B1
    """(n_blocks,) at least three slots and not nearly all pairs near."""

    def with_accounts(self, account: I4) -> Blocks:
        """Return the same blocks held by other accounts; what depends on the slots alone stays known."""
        other = dataclasses.replace(self, traces=self.traces.with_accounts(account))
        vars(other).update(even_bets=self.even_bets, block_of_row=self.block_of_row)
        return other

    @cached_property
    def even_share(self) -> F8:
        """(n_blocks,) near share if the slots lay evenly between the first and the last of them.

        A group that fills a block makes its own closeness look common; this figure does not know the group.
        """
        time, first, last = self.traces.time, self.bounds[:-1], self.bounds[1:] - 1
        span = np.maximum(time[last] - time[first], self.scale.window_s)
        reach = self.scale.window_s / span
        return np.asarray(reach * (2.0 - reach))

    @cached_property
    def pace(self) -> F8:
        """(n_blocks,) share of neighbouring slots at most a window apart."""
        near = np.diff(self.traces.time, prepend=-np.inf) <= self.scale.window_s
        near[self.bounds[:-1]] = False
        counts = np.add.reduceat(near.astype(np.int64), self.bounds[:-1]) if len(near) else np.empty(0)
        return np.asarray(counts / np.maximum(np.diff(self.bounds) - 1, 1), dtype=np.float64)

    @cached_property
    def by_pace(self) -> tuple[I4, I4]:
        """Blocks of two slots or more by class of size, then by pace; (n_blocks,) class, a position in SIZE_EDGES."""
        size = np.diff(self.bounds)
        size_class = np.digitize(size, SIZE_EDGES).astype(np.int32)
        several = np.flatnonzero(size > 1).astype(np.int32)
        return several[np.lexsort((self.pace[several], size_class[several]))], size_class

    @cached_property
    def even_bets(self) -> Figures:
        """Bets where all placements are equally likely: they depend on the slots and the number of members alone."""
        return Figures()

    @cached_property
    def block_of_row(self) -> I4:
        """(n,) block of every trace."""
        return np.repeat(np.arange(len(self.bounds) - 1, dtype=np.int32), np.diff(self.bounds))


def kind_traces(
    traces: pl.DataFrame,
    kind: str,
    accounts: pl.Series,
    births: pl.DataFrame | None = None,
    sources: pl.DataFrame | None = None,
    linking: pl.DataFrame | None = None,
) -> KindTraces:
    """Keep the first share of every (account, object) and code both.

    Parameters
    ----------
    traces : TRACES, (n,)
        Any order.
    accounts : sorted account ids
        Their position is the code.
    births : OBJECTS or None
        Known times and origins of objects.
    sources : (post_id, source, born_at) or None
        What posts link to: a code of the site, and when that link was first shared.
    linking : (post_id, beside_link) or None
        Posts that link to something.
    """
    enum = pl.Enum(accounts)
    mine = traces.lazy().filter(pl.col("object_kind") == kind)
    kept = [pl.col("t").min()]
    extra = [] if sources is None else ["source", "born_at"]
    if sources is not None:
        mine = mine.join(sources.lazy(), on="post_id", how="left")
        kept.append(pl.col(extra).sort_by("t", *extra, nulls_last=True).first())
    if linking is not None:
        mine = mine.join(linking.lazy(), on="post_id", how="left")
        extra = [*extra, "beside_link"]
        kept.append((pl.col("beside_link").fill_null(value=False) & (pl.col("t") == pl.col("t").min())).any())
    first = (
        mine.select(
            pl.col("object_id"),
            pl.col("account_id").cast(enum).to_physical().alias("a"),
            pl.col("created_at").alias("t"),
            *extra,
        )
        .group_by("object_id", "a")
        .agg(kept)
        .filter(pl.len().over("object_id") > 1)
        .sort("object_id", "t", "a")
        .with_columns(pl.col("object_id").rle_id().alias("o"))
        .collect()
    )
    time = first["t"].dt.epoch("us").to_numpy() / 1e6
    codes = first["o"].to_numpy().astype(np.int32)
    known = _known(first.select("object_id").unique(maintain_order=True), births, kind)
    born = time[np.flatnonzero(np.diff(codes, prepend=-1))]
    at = known["born_at"].dt.epoch("us").cast(pl.Float64).to_numpy() / 1e6
    return KindTraces(
        kind=kind,
        account=first["a"].to_numpy().astype(np.int32),
        object=codes,
        time=time,
        birth=np.where(np.isnan(at), born, np.minimum(at, born)),
        origin=known["origin"].to_numpy().astype(np.int32),
        beside_link=None if linking is None else first["beside_link"].to_numpy(),
        **_sources(first, time),
    )


def _sources(first: pl.DataFrame, time: F8) -> dict[str, Any]:
    if "source" not in first.columns:
        return {}
    born = first["born_at"].dt.epoch("us").cast(pl.Float64).to_numpy() / 1e6
    return {
        "source": first["source"].fill_null(-1).to_numpy().astype(np.int32),
        "source_age": np.where(np.isnan(born), 0.0, time - born),
    }


def _known(objects: pl.DataFrame, known: pl.DataFrame | None, kind: str) -> pl.DataFrame:
    """(n_objects,) born_at (null where unknown) and a code of the origin (-1 where unknown), in the given order."""
    if known is None:
        return objects.with_columns(born_at=pl.lit(None, INSTANT), origin=pl.lit(-1, pl.Int64))
    mine = known.filter(pl.col("object_kind") == kind)
    codes = mine.select(pl.col("origin").drop_nulls().unique().sort()).with_row_index("code")
    return (
        objects.join(mine, on="object_id", how="left", maintain_order="left")
        .join(codes, on="origin", how="left", maintain_order="left")
        .select("born_at", origin=pl.col("code").cast(pl.Int64).fill_null(-1))
    )


def cut_blocks(traces: KindTraces, scale: Scale) -> Blocks:
    """Cut traces into blocks at one scale. Time O(n)."""
    chunk = np.floor(traces.time / scale.bin_s).astype(np.int64)
    age = np.digitize(traces.age, scale.age_edges) if len(chunk) else chunk
    change = np.ones(len(chunk), bool)
    change[1:] = (np.diff(traces.object) != 0) | (np.diff(chunk) != 0) | (np.diff(age) != 0)
    starts = np.flatnonzero(change)
    bounds = np.append(starts, len(chunk)).astype(np.int64)
    return _blocks(traces, scale, bounds, chunk[starts])


def _blocks(traces: KindTraces, scale: Scale, bounds: I8, chunk: I8) -> Blocks:
    size = np.diff(bounds)
    near = near_per_block(traces.time, bounds, scale.window_s)
    share = near / np.maximum(size * (size - 1) / 2, 1)
    informs = (size >= 3) & (size <= MAX_SLOTS) & (share <= MAX_NEAR_SHARE)
    return Blocks(traces=traces, scale=scale, bounds=bounds, near_share=share, chunk=chunk, informs=informs)
