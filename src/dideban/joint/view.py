"""What one room sees: its shares, cut into blocks as every room of a federation cuts its own.

Nothing in here leaves the room.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import polars as pl

from dideban.arrays import B1, F8, I4, I8
from dideban.proof.blocks import STRETCH_S, Scale
from dideban.proof.members import Watch, sittings_of_rows, watch_accounts
from dideban.proof.moments import Moments, account_moments
from dideban.proof.nuisance_nulls import Memory
from dideban.proof.placement import Hypotheses, seat_groups
from dideban.proof.split import Split
from dideban.proof.strata import Stratum, code_traces, make_strata
from dideban.schema import TRACES


@dataclass(frozen=True, kw_only=True)
class Cutting:
    """How every room of a federation cuts time: part of its charter, the same for all."""

    kinds: tuple[str, ...] = ("link",)
    """Kinds of objects."""
    scales_s: tuple[float, ...] = (10.0, 60.0, 600.0, 1800.0)
    """Windows, seconds."""
    seed: int = 0
    """Of the division of time into two parts, each of which says what is usual in the other."""

    @property
    def strata(self) -> list[tuple[str, float]]:
        """Kinds x scales, in the order in which rooms list what they say."""
        return [(kind, scale_s) for kind in self.kinds for scale_s in self.scales_s]

    @property
    def stretch_s(self) -> float:
        """Length of what belongs to one room as a whole, seconds."""
        return max(Scale(window_s=scale_s).bin_s for scale_s in self.scales_s)

    @property
    def fold(self) -> Split:
        """The division of time into two parts."""
        return Split(seed=self.seed, index=0, share=0.5, flipped=False, stretch_s=self.stretch_s)


@dataclass(frozen=True, kw_only=True)
class RoomView:
    """The shares of a room in the period of an epoch, cut into blocks."""

    cutting: Cutting
    accounts: pl.Series
    """Sorted account ids of the room; their position is the code."""
    strata: list[Stratum]
    posted: Moments
    _memories: dict[tuple[int, bool], Memory] = field(default_factory=dict)

    def codes(self, ids: Sequence[str]) -> I4:
        """Return the codes of accounts, -1 for those that the room does not know."""
        wanted = pl.Series(list(ids), dtype=pl.String)
        if not len(self.accounts):
            return np.full(len(wanted), -1, np.int32)
        at = np.minimum(self.accounts.search_sorted(wanted).to_numpy(), len(self.accounts) - 1)
        is_known = (self.accounts.gather(at) == wanted).to_numpy()
        return np.where(is_known, at, -1).astype(np.int32)

    @cached_property
    def places(self) -> list[int]:
        """Per stratum, its position among those of the cutting: a room may lack a kind."""
        return [self.cutting.strata.index((stratum.kind, stratum.scale_s)) for stratum in self.strata]

    @cached_property
    def stretch_of_block(self) -> list[I8]:
        """Per stratum, (n_blocks,) the stretch that each block lies in: the unit that belongs to one room."""
        return [
            np.floor((s.blocks.chunk + 0.5) * s.blocks.scale.bin_s / self.cutting.stretch_s).astype(np.int64)
            for s in self.strata
        ]

    @cached_property
    def in_first_part(self) -> list[B1]:
        """Per stratum, (n_blocks,) whether a block lies in the first part of time."""
        return [stratum.proposing(self.cutting.fold) for stratum in self.strata]

    def memory(self, c: int, *, first: bool) -> Memory:
        """Return what one part of time says about habits, of one stratum."""
        if (c, first) not in self._memories:
            learn = self.in_first_part[c] if first else ~self.in_first_part[c]
            self._memories[c, first] = Memory(self.strata[c].blocks, learn)
        return self._memories[c, first]

    def watch(self, groups: Sequence[I4]) -> Watch:
        """Find the clocks of the members of groups, and the sittings of all rows."""
        return watch_accounts(self.strata, self.posted, groups, sittings=self._sittings)

    @cached_property
    def _sittings(self) -> list[I8]:
        return sittings_of_rows(self.strata, self.posted)

    def occasions(self, members: I4) -> dict[int, tuple[int, int]]:
        """Return, of each stretch in which members of a group could be near each other, two counts.

        Returns
        -------
        stretch -> (most members together in one block, most slots of a block with members)
            Which slots the members hold has no part in it.
        """
        found: dict[int, tuple[int, int]] = {}
        groups = Hypotheses([members])
        for stratum, stretches in zip(self.strata, self.stretch_of_block, strict=True):
            everywhere = np.ones(len(stretches), np.bool_)
            held = seat_groups(stratum.blocks, stratum.rows, groups, allowed=everywhere)
            slots = np.diff(stratum.blocks.bounds)[held.block]
            rows = zip(stretches[held.block].tolist(), held.n_members.tolist(), slots.tolist(), strict=True)
            for stretch, n_members, n_slots in rows:
                before = found.get(stretch, (0, 0))
                found[stretch] = max(before[0], n_members), max(before[1], n_slots)
        return found


def look(
    traces: pl.DataFrame,
    *,
    objects: pl.DataFrame | None = None,
    moments: pl.DataFrame | None = None,
    cutting: Cutting,
) -> RoomView:
    """Cut the shares of a room.

    Parameters
    ----------
    traces : TRACES
        Of the period, any order.
    objects : OBJECTS or None
    moments : (account_id, created_at) or None
        Every post of every account.
    """
    traces = TRACES.check(traces).filter(pl.col("object_kind").is_in(list(cutting.kinds)))
    accounts, kinds = code_traces(traces, objects)
    posted = account_moments(traces if moments is None else moments, accounts, stretch_s=STRETCH_S)
    strata = make_strata(kinds, cutting.scales_s, n_accounts=len(accounts), stretch_s=STRETCH_S)
    return RoomView(cutting=cutting, accounts=accounts, strata=strata, posted=posted)


def without_clocks(stratum: Stratum, clocks: F8) -> tuple[I8, I4]:
    """Return the rows of accounts that keep no clock: as far as placement goes, only those are members."""
    bounds, rows = stratum.rows
    if not clocks[:, 0].any():
        return bounds, rows
    kept = clocks[stratum.blocks.traces.account[rows], 0] == 0
    cuts = np.append(0, np.cumsum(kept))[bounds]
    return cuts.astype(np.int64), rows[kept]
