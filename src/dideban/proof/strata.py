"""The data of a run as the test sees it: one stratum per object kind and scale."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import polars as pl

from dideban.arrays import B1, I4, I8
from dideban.kernels.blocks import rows_by_account
from dideban.kinds import kind_of
from dideban.proof.blocks import MAX_SLOTS, STRETCH_S, Blocks, KindTraces, Scale, cut_blocks, kind_traces
from dideban.proof.propose import NearPairs, near_pairs
from dideban.proof.split import Split


@dataclass(frozen=True, kw_only=True)
class Stratum:
    """One kind at one scale: fine blocks with the near pairs from which groups are proposed."""

    kind: str
    blocks: Blocks
    pairs: NearPairs
    shared: tuple[I8, I4]
    """CSR: informing blocks of each account."""
    rows: tuple[I8, I4]
    """CSR: rows of each account in informing blocks."""

    @cached_property
    def all_rows(self) -> tuple[I8, I4]:
        """CSR: rows of each account in any block but those left out as too large."""
        n_accounts = len(self.rows[0]) - 1
        listed = np.diff(self.blocks.bounds) <= MAX_SLOTS
        if listed.all():  # at every scale alike
            return self.blocks.traces.by_account(n_accounts)
        return account_rows(self.blocks, n_accounts, listed)

    @property
    def scale_s(self) -> float:
        """Window, seconds."""
        return self.blocks.scale.window_s

    def proposing(self, split: Split) -> B1:
        """(n_blocks,) whether a block belongs to the proposing part."""
        chunk = self.blocks.chunk
        first, last = (int(chunk.min()), int(chunk.max())) if len(chunk) else (0, 0)
        if last - first > len(chunk):
            return split.proposes(np.asarray((chunk + 0.5) * self.blocks.scale.bin_s, dtype=np.float64))
        each = np.asarray((np.arange(first, last + 1) + 0.5) * self.blocks.scale.bin_s, dtype=np.float64)
        return split.proposes(each)[chunk - first]  # blocks are many, stretches are few


def make_strata(
    kinds: Sequence[KindTraces], scales_s: Sequence[float], *, n_accounts: int, stretch_s: float = STRETCH_S
) -> list[Stratum]:
    """Cut every kind at every scale.

    Parameters
    ----------
    stretch_s : seconds
        Least length of a stretch of time.
    """
    return [
        _stratum(cut_blocks(traces, Scale(window_s=scale_s, stretch_s=stretch_s)), n_accounts)
        for traces in kinds
        for scale_s in scales_s
    ]


def exchanged_stratum(blocks: Blocks, *, n_accounts: int, seed: int) -> Stratum:
    """Exchange accounts inside blocks: a copy of the data in which the null hypothesis is true."""
    account = blocks.traces.account
    order = np.lexsort((np.random.default_rng(seed).random(len(account)), blocks.block_of_row))
    return _stratum(blocks.with_accounts(account[order]), n_accounts)


def bare_strata(
    kinds: Sequence[KindTraces], scales_s: Sequence[float], *, n_accounts: int, stretch_s: float = STRETCH_S
) -> list[Stratum]:
    """Cut every kind at every scale, for groups that are known already: no near pairs to propose others from."""
    nothing, nowhere = np.empty(0, np.int64), np.empty(0, np.int32)
    return [
        Stratum(
            kind=traces.kind,
            blocks=blocks,
            pairs=NearPairs(keys=nothing, starts=np.zeros(1, np.int64), blocks=nowhere, n_left_out=0),
            shared=(nothing, nowhere),
            rows=account_rows(blocks, n_accounts, blocks.informs),
        )
        for traces in kinds
        for blocks in (cut_blocks(traces, Scale(window_s=scale_s, stretch_s=stretch_s)) for scale_s in scales_s)
    ]


def code_traces(traces: pl.DataFrame, objects: pl.DataFrame | None) -> tuple[pl.Series, list[KindTraces]]:
    """Return the sorted account ids and the first shares of each kind present."""
    accounts = traces["account_id"].unique().sort()
    kinds = [kind for kind in traces["object_kind"].unique().sort().cast(pl.String).to_list() if kind != "domain"]
    sources = {"text": link_sources(traces, objects)} if objects is not None and "text" in kinds else {}
    links = traces.filter(pl.col("object_kind") == "link").select("post_id", beside_link=pl.lit(True)).unique()
    beside = {kind: links for kind in kinds if not kind_of(kind).stands_elsewhere}
    coded = [kind_traces(traces, kind, accounts, objects, sources.get(kind), beside.get(kind)) for kind in kinds]
    return accounts, [one for one in coded if len(one.account)]


def link_sources(traces: pl.DataFrame, objects: pl.DataFrame) -> pl.DataFrame:
    """Return (post_id, source, born_at): which site a post links to, and when that link was first shared.

    One wording may be passed on from many sites: where a text comes from is what the very post that holds it links to.
    Of several links of a post that of the smallest site counts, then the oldest.
    """
    known = objects.filter(pl.col("object_kind") == "link", pl.col("origin").is_not_null())
    codes = known.select(pl.col("origin").unique().sort()).with_row_index("source")
    named = known.join(codes, on="origin").select("object_id", "born_at", pl.col("source").cast(pl.Int32))
    links = traces.lazy().filter(pl.col("object_kind") == "link").join(named.lazy(), on="object_id")
    born = pl.min_horizontal("born_at", pl.col("created_at").min().over("object_id"))
    return (
        links.select("post_id", "source", born_at=born)
        .group_by("post_id")
        .agg(pl.col("source", "born_at").sort_by("source", "born_at").first())
        .collect()
    )


def account_rows(blocks: Blocks, n_accounts: int, chosen: B1) -> tuple[I8, I4]:
    """Return, as CSR, the rows that each account holds in the chosen blocks, ascending."""
    starts, rows, _ = rows_by_account(blocks.traces.account, blocks.bounds, chosen, n_accounts)
    return starts, rows


def _stratum(blocks: Blocks, n_accounts: int) -> Stratum:
    starts, rows, shared = rows_by_account(blocks.traces.account, blocks.bounds, blocks.informs, n_accounts)
    return Stratum(
        kind=blocks.traces.kind, blocks=blocks, pairs=near_pairs(blocks), shared=(starts, shared), rows=(starts, rows)
    )
