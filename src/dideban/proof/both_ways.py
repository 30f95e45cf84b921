"""Members proved on both parts: each part proves what the other proposed, and what both say of an account is joined.

Where a division is used both ways round, a member of a group that one part proposed is tested on the other part; and
in the group that the other part proposed of the same people, on the first. The two tests look at different posts.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import cached_property

import numpy as np

from dideban.arrays import F8, I4, I8
from dideban.proof.hypotheses import MEMBER_SHARE, TestedBatch
from dideban.proof.members import NamedMembers, proved_among

LEAST_ALIKE = 1 / 3
"""Part of two groups, a member left out, that must be common for one to be the other proposed once more."""
STAKES = np.log(np.array([0.25, 0.25, 0.5]))
"""Bets on one part alone, on the other alone, and on both."""


class Proposed:
    """The groups of one batch, to be asked which of them is another group proposed once more."""

    def __init__(self, batch: TestedBatch) -> None:
        self.batch = batch

    @cached_property
    def _sizes(self) -> I8:
        return np.array([len(group) for group in self.batch.groups], np.int64)

    @cached_property
    def _holders(self) -> dict[int, list[int]]:
        holders: dict[int, list[int]] = {}
        for index, group in enumerate(self.batch.groups):
            for account in group.tolist():
                holders.setdefault(account, []).append(index)
        return holders

    @cached_property
    def _place(self) -> dict[bytes, int]:
        return {group.tobytes(): index for index, group in enumerate(self.batch.groups)}

    def alike(self, group: I4) -> list[int]:
        """Return, for each member, the position of the group in which it can be tested again.

        It is sought by the others alone: of all groups the one that has most in common with them. -1 = there is none;
        -2 = there is one, and the member was not proposed with it.
        """
        common = np.zeros(len(self._sizes), np.int64)
        for account in group.tolist():
            common[self._holders.get(account, [])] += 1
        some = np.flatnonzero(common >= 2)
        return [self._once_more(len(group), account, some, common[some]) for account in group.tolist()]

    def _once_more(self, size: int, account: int, some: I8, common: I8) -> int:
        inside = np.isin(some, self._holders.get(account, []))
        shared = common - inside
        share = np.where(shared >= 2, shared / np.maximum(size - 1 + self._sizes[some] - inside - shared, 1), 0.0)
        if not len(some) or share.max() < LEAST_ALIKE:
            return -1
        best = int(share.argmax())
        if inside[best]:
            return int(some[best])
        joined = np.sort(np.append(self.batch.groups[some[best]], np.int32(account)))
        return self._place.get(joined.tobytes(), -2)


def other_ways(batches: Sequence[TestedBatch], chosen: Sequence[I8]) -> list[I8]:
    """Return the hypotheses of each batch whose members are to be tested: the chosen, and the same groups once more."""
    asked = [set(some.tolist()) for some in chosen]
    for place, target in enumerate(batches):
        if target.split.index:
            continue
        proposed = Proposed(target)
        for number, (batch, some) in enumerate(zip(batches, chosen, strict=True)):
            if number != place:
                asked[place].update(one for index in some for one in proposed.alike(batch.groups[index]) if one >= 0)
    return [np.array(sorted(some), np.int64) for some in asked]


def join_ways(batches: Sequence[TestedBatch], chosen: Sequence[I8], *, fdr: float) -> list[TestedBatch]:
    """Prove the members of the chosen hypotheses with what the first division, used both ways round, says of them."""
    ways = [Proposed(batch) for batch in batches if not batch.split.index]
    return [_joined(b, some, ways, fdr=MEMBER_SHARE * fdr) for b, some in zip(batches, chosen, strict=True)]


def _joined(batch: TestedBatch, chosen: I8, ways: Sequence[Proposed], *, fdr: float) -> TestedBatch:
    named = {index: _named(batch, batch.groups[index], batch.named[index], ways, fdr=fdr) for index in chosen.tolist()}
    return replace(batch, named=named)


def _named(batch: TestedBatch, group: I4, named: NamedMembers, ways: Sequence[Proposed], *, fdr: float) -> NamedMembers:
    own = np.stack([named.log_e, named.log_left])
    seen = [own if way.batch is batch else _once_more(way, group) for way in ways]
    joined = _both(*seen) if len(seen) == 2 else own
    if batch.split.index:
        with np.errstate(invalid="ignore"):
            joined = np.where(np.isnan(joined), own, np.logaddexp(own, joined) - np.log(2))
    members = proved_among(group, joined[0], joined[1], fdr=fdr)
    return replace(named, members=members, strength=float(joined[0, np.isin(group, members)].sum()))


def _once_more(way: Proposed, group: I4) -> F8:
    """(2, n) log e-values of the members in the groups of another batch, and the same without the one; NaN = none."""
    result = np.full((2, len(group)), np.nan)
    for place, (account, index) in enumerate(zip(group.tolist(), way.alike(group), strict=True)):
        if index == -2:
            result[:, place] = -np.inf
        elif index >= 0:
            named, there = way.batch.named[index], int(np.searchsorted(way.batch.groups[index], account))
            result[:, place] = named.log_e[there], named.log_left[there]
    return result


def _both(one: F8, other: F8) -> F8:
    """Log e-values of the bet on one part, on the other and on both; on one alone where the other is NaN."""
    with np.errstate(invalid="ignore"):
        joined = np.logaddexp.reduce([one + STAKES[0], other + STAKES[1], one + other + STAKES[2]], axis=0)
    return np.asarray(np.where(np.isnan(one), other, np.where(np.isnan(other), one, joined)))


__all__ = ["join_ways", "other_ways"]
