"""Members proved on both parts: each part proves what the other proposed, and what both say of an account is joined.

Where a division is used both ways round, a member of a group that one part proposed is tested on the other part; and
as a member of the group that the other part proposed of the same people, on the first. The two tests look at different
posts. Both parts say who the others are.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from dideban.arrays import F8, I4, I8
from dideban.proof.hypotheses import MEMBER_SHARE, TestedBatch
from dideban.proof.members import NamedMembers, proved_among

LEAST_ALIKE = 1 / 3
"""Part of two groups, an account left out, that must be common for one to be the other proposed once more."""
STAKES = np.log(np.array([0.25, 0.25, 0.5]))
"""Bets on one part alone, on the other alone, and on both."""
NOTHING = np.full(2, -np.inf)
"""No evidence (log), with all others and without the one."""


class Proposed:
    """The groups of one batch, to be asked which of them is another group proposed once more."""

    def __init__(self, batch: TestedBatch) -> None:
        self.batch = batch

    @cached_property
    def _sizes(self) -> I8:
        return np.array([len(group) for group in self.batch.groups], np.int64)

    @cached_property
    def _holders(self) -> tuple[I8, I8]:
        """CSR: the groups that hold each account, ascending."""
        groups = self.batch.groups
        flat = np.concatenate([np.empty(0, np.int64), *groups])
        index = np.repeat(np.arange(len(groups)), self._sizes)
        order = np.argsort(flat, kind="stable")
        return np.append(0, np.cumsum(np.bincount(flat.astype(np.int64)))).astype(np.int64), index[order]

    @cached_property
    def _place(self) -> dict[bytes, int]:
        return {group.tobytes(): index for index, group in enumerate(self.batch.groups)}

    def _held_by(self, account: int) -> I8:
        bounds, index = self._holders
        return index[bounds[account] : bounds[account + 1]] if account + 1 < len(bounds) else index[:0]

    def alike(self, group: I4) -> dict[int, int]:
        """Return the position of the group that is another one proposed once more, for each account of either.

        It is sought by the others alone: of all groups the one that has most in common with them, the account left out
        of both. -1 = there is none.
        """
        accounts = group.tolist()
        common = np.zeros(len(self._sizes), np.int64)
        for account in accounts:
            common[self._held_by(account)] += 1
        some = np.flatnonzero(common >= 2)
        at = np.full(len(common), -1, np.int64)
        at[some] = np.arange(len(some))
        mine = set(accounts)
        found = {account: self._once_more(mine, account, some, common[some], at) for account in accounts}
        for index in sorted({index for index in found.values() if index >= 0}):
            for account in self.batch.groups[index].tolist():
                if account not in found:
                    found[account] = self._once_more(mine, account, some, common[some], at)
        return found

    def _once_more(self, mine: set[int], account: int, some: I8, common: I8, at: I8) -> int:
        if not len(some):
            return -1
        inside = np.zeros(len(some), np.int64)
        places = at[self._held_by(account)]
        inside[places[places >= 0]] = 1
        shared = common - inside if account in mine else common
        rest = len(mine) - (account in mine)
        share = np.where(shared >= 2, shared / np.maximum(rest + self._sizes[some] - inside - shared, 1), 0.0)
        best = int(share.argmax())
        if share[best] < LEAST_ALIKE:
            return -1
        if inside[best]:
            return int(some[best])
        group = self.batch.groups[some[best]]
        joined = np.insert(group, np.searchsorted(group, account), account)
        return self._place.get(joined.tobytes(), int(some[best]))


Trial = tuple[int, bytes]
"""A batch, and a set of accounts that is tested on its proving part."""


@dataclass(frozen=True, kw_only=True)
class AskedAccount:
    """What is to be tested of one account."""

    account: int
    own: Trial | None
    """With whom its own batch proposed it; None = it did not."""
    divisions: tuple[tuple[Trial | None, ...], ...]
    """Per division that proposes the same others, and way round that does: None = with them, but not the account."""


@dataclass(frozen=True, kw_only=True)
class TrialPlan:
    """Every test that is to be made of accounts, and for which hypotheses."""

    groups: list[dict[bytes, I4]]
    """Per batch, the sets of accounts that are tested on its proving part."""
    asked: list[dict[int, list[AskedAccount]]]
    """Per batch and chosen hypothesis, what is asked of which account."""


class _Planner:
    def __init__(self, batches: Sequence[TestedBatch]) -> None:
        self.batches = batches
        self.proposed = [Proposed(batch) for batch in batches]
        divisions = sorted({batch.split.index for batch in batches})
        self.ways = [[p for p, batch in enumerate(batches) if batch.split.index == index] for index in divisions]
        self.groups: list[dict[bytes, I4]] = [{} for _ in batches]
        self._joined: dict[tuple[int, tuple[tuple[int, int], ...]], bytes] = {}

    def ask(self, place: int, index: int) -> list[AskedAccount]:
        """Say what is to be tested of every account that any part proposed with the people of a hypothesis."""
        group = self.batches[place].groups[index]
        found = {way: one.alike(group) for way, one in enumerate(self.proposed) if way != place}
        accounts = sorted({*group.tolist(), *(account for one in found.values() for account in one)})
        return [self._of(place, index, account, found) for account in accounts]

    def _of(self, place: int, index: int, account: int, found: Mapping[int, Mapping[int, int]]) -> AskedAccount:
        divisions, own = [], None
        for ways in self.ways:
            at = {way: index if way == place else found[way].get(account, -1) for way in ways}
            known = {way: one for way, one in at.items() if one >= 0}
            tests = {way: self._test(way, account, known) for way in known}
            own = tests.get(place, own)
            divisions += [tuple(tests.values())] if tests else []
        return AskedAccount(account=account, own=own, divisions=tuple(divisions))

    def _test(self, way: int, account: int, known: Mapping[int, int]) -> Trial | None:
        """Have an account tested on the proving part of a batch, among those whom that or another part knows of."""
        group = self.batches[way].groups[known[way]]
        if account not in group:
            return None
        key = way, tuple(known.items())
        if key not in self._joined:
            cores = [self.batches[other].cores[index] for other, index in known.items() if other != way]
            joined = np.unique(np.concatenate([group, *cores])).astype(np.int32)
            self._joined[key] = joined.tobytes()
            self.groups[way][joined.tobytes()] = joined
        return way, self._joined[key]


def plan_ways(batches: Sequence[TestedBatch], chosen: Sequence[I8]) -> TrialPlan:
    """Say whose members are to be tested where: those of the chosen, and of the same groups once more."""
    planner = _Planner(batches)
    asked = [{index: planner.ask(place, index) for index in some.tolist()} for place, some in enumerate(chosen)]
    return TrialPlan(groups=planner.groups, asked=asked)


def join_ways(
    batches: Sequence[TestedBatch], plan: TrialPlan, evidence: Sequence[Mapping[bytes, F8]], *, fdr: float
) -> list[TestedBatch]:
    """Prove the members of the chosen hypotheses with what the divisions, used both ways round, say of them."""
    result = []
    for batch, asked in zip(batches, plan.asked, strict=True):
        named = {
            index: _named(batch.groups[index], some, plan, evidence, fdr=MEMBER_SHARE * fdr)
            for index, some in asked.items()
        }
        result.append(replace(batch, named=named))
    return result


def _named(
    group: I4, asked: Sequence[AskedAccount], plan: TrialPlan, evidence: Sequence[Mapping[bytes, F8]], *, fdr: float
) -> NamedMembers:
    def look_up(test: Trial | None, account: int) -> F8:
        if test is None:
            return NOTHING
        return evidence[test[0]][test[1]][:, int(np.searchsorted(plan.groups[test[0]][test[1]], account))]

    joined, alone = np.empty((2, len(asked))), {}
    for k, one in enumerate(asked):
        said = [both(*(look_up(test, one.account) for test in tests)) for tests in one.divisions]
        joined[:, k] = np.logaddexp.reduce(said, axis=0) - np.log(len(said))
        alone[one.account] = look_up(one.own, one.account)[0]
    accounts = np.array([one.account for one in asked], np.int32)
    members = proved_among(accounts, joined[0], joined[1], fdr=fdr)
    return NamedMembers(
        log_e=np.array([alone[account] for account in group.tolist()]),
        accounts=accounts,
        members=members,
        strength=float(joined[0, np.isin(accounts, members)].sum()),
    )


def both(one: F8, other: F8 | None = None) -> F8:
    """Log e-values of the bet on one part, on the other and on both; on one alone where no other is known."""
    if other is None:
        return one
    return np.asarray(np.logaddexp.reduce([one + STAKES[0], other + STAKES[1], one + other + STAKES[2]], axis=0))
