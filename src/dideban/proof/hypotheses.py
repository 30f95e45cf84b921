"""Propose on one part and test on the other, over all strata and splits."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from dideban.arrays import B1, F8, I4, I8
from dideban.figures import TOLERANCE, settle
from dideban.proof.exclusive import Paces, exchange_pace, log_e_exclusive, seat_exclusive
from dideban.proof.followers import prompt_followers
from dideban.proof.kinds_together import smallest_over_nulls, weigh_placements
from dideban.proof.members import MIN_NAMED, NamedMembers, Watch, watch_accounts
from dideban.proof.moments import Moments
from dideban.proof.overlapping_claims import overlapping_claims
from dideban.proof.placement import Hypotheses, all_together, seat_groups, seat_parts
from dideban.proof.propose import Proposal, propose_groups
from dideban.proof.split import Split
from dideban.proof.strata import Stratum
from dideban.remembered import Remembered
from dideban.stats.error_control import claim

MEMBER_SHARE = 0.74
"""Part of the error rate that members may use up; the rest is for groups."""
OWN_SHARE = 0.06
"""Part of it that groups may use up that are proved by what their members post first in turn."""
FOREMOST = 4
"""Hypotheses of one family and batch that are tested under habits."""


@dataclass(frozen=True, kw_only=True)
class TestedBatch:
    """Hypotheses of one batch: groups proposed on one part, tested on the other."""

    split: Split
    groups: list[I4]
    cores: list[I4]
    """Members of each that stay tied to others whoever else is taken away."""
    density: F8
    per_column: F8
    """(n, n_columns) log e-values: of each kind and scale, then of all kinds of each scale together."""
    log_weight: F8
    """(n, n_columns) log weights: what the proposing part promised of each column."""
    follows: B1
    """(n,) the proposing part shows prompt followers of one origin: tested as leads only."""
    log_e_own: F8 | None
    """(n,) evidence for a lead: from objects that the group has to itself; None where leads are not asked for."""
    log_e_exchanged: F8 | None
    """(n,) the same with the pace of comparable objects exchanged at random: what leads are checked against, if any."""
    n_cut: int
    """Proposals left out because there were too many."""
    named: Mapping[int, NamedMembers] = field(default_factory=dict)
    """Proved members of the hypotheses that were looked at so far."""

    @property
    def log_e_block(self) -> F8:
        """(n,) log e-values of the placement of all members, over all strata."""
        return np.asarray(np.logaddexp.reduce(self.per_column + self.log_weight, axis=1))

    @property
    def log_e(self) -> F8:
        """(n,) log e-values of groups: placement of all members, and the mean over members one by one, averaged."""
        one_by_one = np.full(len(self.groups), -np.inf)
        for index, named in self.named.items():
            one_by_one[index] = np.logaddexp.reduce(named.log_e) - np.log(len(named.log_e))
        return np.asarray(np.logaddexp(self.log_e_block, one_by_one) - np.log(2))


@dataclass(frozen=True, kw_only=True)
class Claim:
    """A proved group: the founder of a family of overlapping claims."""

    members: I4
    """Proved members; of a lead, all that were proposed."""
    proposed: I4
    split: Split
    log_e: float
    kind: str = "exchange"
    """One of PROOF_KINDS."""

    @property
    def unproved(self) -> I4:
        """Accounts that were proposed with the members and are none."""
        return np.asarray(np.setdiff1d(self.proposed, self.members), dtype=np.int32)


def test_split(
    strata: Sequence[Stratum],
    split: Split,
    *,
    max_size: int,
    max_groups: int,
    seed: int,
    leads: bool,
    check_leads: bool,
    memory: Remembered | None,
) -> TestedBatch:
    """Propose on the proposing part of ``split`` and test on the other, all placements equally likely."""
    masks = [stratum.proposing(split) for stratum in strata]
    proposals, n_cut = _propose(
        strata, split, masks, max_size=max_size, max_groups=max_groups, seed=seed, memory=memory
    )
    groups = Hypotheses(one.members for one in proposals)
    seated = [seat_parts(one.blocks, one.rows, groups, mask=mask) for one, mask in zip(strata, masks, strict=True)]
    promise, log_e = (weigh_placements(strata, [seats[k] for seats in seated], groups) for k in (0, 1))
    weight = np.clip(promise, 0, None) + 0.1
    own, exchanged = _own(strata, masks, groups, seed=seed if check_leads else None) if leads else (None, None)
    return TestedBatch(
        split=split,
        groups=groups,
        cores=[one.core for one in proposals],
        density=np.array([one.density for one in proposals]),
        per_column=log_e,
        log_weight=np.log(weight / weight.sum(axis=1, keepdims=True)) if len(strata) else weight,
        follows=prompt_followers(strata, masks, groups, promise[:, : len(strata)]),
        log_e_own=own,
        log_e_exchanged=exchanged,
        n_cut=n_cut,
    )


def within_reach(strata: Sequence[Stratum], tested: TestedBatch) -> F8:
    """(n,) largest log e-value of one scale that any outcome could have given each hypothesis."""
    groups = Hypotheses(tested.groups)
    seated = [
        all_together(seat_groups(one.blocks, one.rows, groups, allowed=~one.proposing(tested.split))) for one in strata
    ]
    return np.asarray(weigh_placements(strata, seated, groups).max(axis=1, initial=0.0))


def worth_nuisance_nulls(batches: Sequence[TestedBatch], *, fdr: float) -> list[I8]:
    """Return, per batch, the hypotheses that could still be claimed: habits only ever lower an e-value."""
    shares = [np.full(len(b.groups), 1 / (len(batches) * max(int((~b.follows).sum()), 1))) for b in batches]
    log_e = [np.where(b.follows, -np.inf, b.log_e_block) for b in batches]
    if not sum(len(part) for part in log_e):
        return [np.empty(0, np.int64) for _ in batches]
    mask = claim(np.concatenate(log_e), np.concatenate(shares), fdr=fdr, count=lambda some: int(some.sum()))
    cuts = np.cumsum([len(part) for part in log_e])[:-1]
    return [_foremost(b, np.flatnonzero(part)) for b, part in zip(batches, np.split(mask, cuts), strict=True)]


def _foremost(batch: TestedBatch, chosen: I8) -> I8:
    """Keep the FOREMOST of each family: the rest would be merged into it anyway, and cannot be claimed any more."""
    standing = settle((batch.log_e_block * batch.density)[chosen])
    family = overlapping_claims([batch.groups[i] for i in chosen], standing)
    order = np.lexsort((chosen, -standing, family))
    new = np.ones(len(order), bool)
    new[1:] = np.diff(family[order]) != 0
    starts = np.flatnonzero(new)
    rank = np.arange(len(order)) - np.repeat(starts, np.diff(np.append(starts, len(order))))
    return np.sort(chosen[order[rank < FOREMOST]])


def under_nuisance_nulls(strata: Sequence[Stratum], tested: TestedBatch, chosen: I8, *, watch: Watch) -> TestedBatch:
    """Lower the e-values of the chosen to the smallest over NUISANCE_NULLS; the others can no longer be claimed.

    A kind and scale whose smallest was not sought to the end, because it would hardly count, counts for nothing: under
    a habit that is true, an e-value of another null in its place could raise the mean above 1.
    """
    strata = [_without_clocks(stratum, watch) for stratum in strata]
    log_e = np.minimum(tested.per_column, 0.0)
    log_e[chosen] = np.where(tested.per_column[chosen] > TOLERANCE, tested.per_column[chosen], -np.inf)
    idle = tested.follows.copy()
    idle[chosen] = False
    log_e[idle] = tested.per_column[idle]  # never findings: as leads they keep the plain test
    masks = [stratum.proposing(tested.split) for stratum in strata]
    log_e[chosen] = smallest_over_nulls(strata, masks, [tested.groups[i] for i in chosen], log_e[chosen])
    return replace(tested, per_column=log_e)


def _without_clocks(stratum: Stratum, watch: Watch) -> Stratum:
    """Leave out the rows of accounts that keep a clock: they are no members as far as placement goes."""
    bounds, rows = stratum.rows
    kept = watch.clocks[stratum.blocks.traces.account[rows], 0] == 0
    if kept.all():
        return stratum
    cuts = np.append(0, np.cumsum(kept))[bounds]
    return replace(stratum, rows=(cuts.astype(np.int64), rows[kept]))


def watch_chosen(
    strata: Sequence[Stratum], posted: Moments, batches: Sequence[TestedBatch], chosen: Sequence[I8]
) -> Watch:
    """Find sittings, and the clocks of all members of the chosen hypotheses."""
    return watch_accounts(strata, posted, [b.groups[i] for b, some in zip(batches, chosen, strict=True) for i in some])


def _propose(
    strata: Sequence[Stratum],
    split: Split,
    masks: Sequence[B1],
    *,
    max_size: int,
    max_groups: int,
    seed: int,
    memory: Remembered | None,
) -> tuple[list[Proposal], int]:
    found: dict[bytes, Proposal] = {}
    for stratum, allowed in zip(strata, masks, strict=True):
        new = propose_groups(
            stratum.blocks, stratum.pairs, stratum.shared, allowed=allowed, max_size=max_size, seed=seed,
            asked=(split, stratum.kind, stratum.scale_s), memory=memory,
        )  # fmt: skip
        for key, one in new.items():
            if key not in found or found[key].density < one.density:
                found[key] = one
    ordered = sorted(found.items(), key=lambda entry: (-entry[1].density, -len(entry[1].members), entry[0]))
    return [one for _, one in ordered[:max_groups]], max(0, len(ordered) - max_groups)


def _own(strata: Sequence[Stratum], masks: Sequence[B1], groups: list[I4], *, seed: int | None) -> tuple[F8, F8 | None]:
    """Average over strata of the evidence from objects that groups have to themselves; and with exchanged pace.

    Parameters
    ----------
    seed : int or None
        Of the exchange; None = no exchange.
    """
    log_e = np.zeros((1 if seed is None else 2, len(groups), len(strata)))
    for c, (stratum, mask) in enumerate(zip(strata, masks, strict=True)):
        occupancy = seat_exclusive(stratum.blocks, stratum.all_rows, groups, allowed=~mask)
        if not len(occupancy.group):
            continue
        paces = Paces(stratum.blocks, ~mask)
        links: list[F8 | None] = [None]
        if seed is not None:
            links += [exchange_pace(stratum.blocks, occupancy, allowed=~mask, seed=seed + c)]
        for i, n_links in enumerate(links):
            log_e[i, :, c] = log_e_exclusive(
                stratum.blocks, occupancy, groups, allowed=~mask, paces=paces, n_links=n_links
            )
    found = np.logaddexp.reduce(log_e, axis=2) - np.log(max(len(strata), 1))
    return found[0], None if seed is None else found[1]


def claim_groups(batches: Sequence[TestedBatch], *, fdr: float) -> list[Claim]:
    """Claim groups over all batches at a false discovery rate, overlapping ones as one finding.

    Each of the K batches has a K-th of the error budget, shared evenly by its hypotheses: how many groups a batch
    proposes never depends on the data that test them. Prompt followers of one origin are not among the hypotheses.
    Only groups with MIN_NAMED proved members can be claimed, and a finding consists of these.
    """
    evidence = []
    for batch in batches:
        several = [i for i, named in batch.named.items() if len(named.members) >= MIN_NAMED]
        log_e = np.full(len(batch.groups), -np.inf)
        log_e[several] = batch.log_e[several]
        evidence.append(log_e)
    chosen = [np.flatnonzero(~b.follows) for b in batches]
    return _claims(batches, chosen, evidence, fdr=(1 - MEMBER_SHARE - OWN_SHARE) * fdr, by_name=True)


def claim_leads(batches: Sequence[TestedBatch], claims: Sequence[Claim], *, fdr: float) -> list[Claim]:
    """Claim leads by the same procedure, on weaker evidence; groups that are proved already are left out."""
    own = [np.zeros(len(b.groups)) if b.log_e_own is None else b.log_e_own for b in batches]
    evidence = [np.logaddexp(b.log_e_block, alone) - np.log(2) for b, alone in zip(batches, own, strict=True)]
    kinds = [
        np.where(b.follows, "source", np.where(alone > b.log_e_block, "objects", "group"))
        for b, alone in zip(batches, own, strict=True)
    ]
    leads = _claims(batches, [np.arange(len(b.groups)) for b in batches], evidence, fdr=fdr, kinds=kinds)
    return apart_from(leads, claims)


class KnownGroups:
    """Groups that were taken, to be asked whether another one shares half of the smaller with one of them."""

    def __init__(self, claims: Iterable[Claim] = ()) -> None:
        self._sizes: list[int] = []
        self._holders: dict[int, list[int]] = {}
        for one in claims:
            self.add(one.members)

    def add(self, members: I4) -> None:
        """Take a group."""
        for account in members.tolist():
            self._holders.setdefault(account, []).append(len(self._sizes))
        self._sizes.append(len(members))

    def repeat(self, members: I4) -> bool:
        """Return whether one of the groups has half of it, or of itself, in common with some accounts."""
        common = Counter(number for account in members.tolist() for number in self._holders.get(account, ()))
        return any(2 * n >= min(self._sizes[number], len(members)) for number, n in common.items())


def apart_from(claims: Sequence[Claim], others: Sequence[Claim]) -> list[Claim]:
    """Return the claims that share less than half of the smaller with each of some others."""
    known = KnownGroups(others)
    return [one for one in claims if not known.repeat(one.members)]


def count_exchanged(batches: Sequence[TestedBatch], *, fdr: float) -> int:
    """Return how many leads are claimed where the pace of comparable objects is exchanged, so that none is true."""
    evidence = [np.zeros(len(b.groups)) if b.log_e_exchanged is None else b.log_e_exchanged for b in batches]
    return len(_claims(batches, [np.arange(len(b.groups)) for b in batches], evidence, fdr=fdr))


def _claims(
    batches: Sequence[TestedBatch],
    chosen: Sequence[I8],
    evidence: Sequence[F8],
    *,
    fdr: float,
    by_name: bool = False,
    kinds: Sequence[NDArray[np.str_]] | None = None,
) -> list[Claim]:
    proposed = [b.groups[i] for b, some in zip(batches, chosen, strict=True) for i in some]
    if not proposed:
        return []
    groups = tested = proposed
    log_e = strength = np.concatenate([e[some] for e, some in zip(evidence, chosen, strict=True)])
    if by_name:  # of one family, the group that says most about its members is the one to be named
        named = [b.named.get(i) for b, some in zip(batches, chosen, strict=True) for i in some.tolist()]
        groups = [group if one is None else one.members for group, one in zip(proposed, named, strict=True)]
        tested = [group if one is None else one.accounts for group, one in zip(proposed, named, strict=True)]
        strength = np.array([-np.inf if one is None else one.strength for one in named])
    standing = settle(strength * np.concatenate([b.density[some] for b, some in zip(batches, chosen, strict=True)]))
    share = np.concatenate([np.full(len(some), 1 / (len(batches) * max(len(some), 1))) for some in chosen])
    split = [b.split for b, some in zip(batches, chosen, strict=True) for _ in some]
    kind = ["exchange"] * len(groups) if kinds is None else np.concatenate(kinds).tolist()

    def n_findings(mask: B1) -> int:
        some = np.flatnonzero(mask)
        return int(overlapping_claims([groups[i] for i in some], standing[some]).max() + 1)

    claimed = np.flatnonzero(claim(log_e, share, fdr=fdr, count=n_findings))
    family = overlapping_claims([groups[i] for i in claimed], standing[claimed])
    claims = []
    for number in range(int(family.max(initial=-1)) + 1):
        mine = claimed[family == number]
        founder = mine[np.lexsort((mine, -standing[mine]))[0]]
        claims.append(
            Claim(
                members=groups[founder],
                proposed=tested[founder],
                split=split[founder],
                log_e=float(log_e[founder]),
                kind=kind[founder],
            )
        )
    return claims
