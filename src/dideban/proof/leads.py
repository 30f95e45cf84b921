"""What is shown apart from findings: leads that were tested, and leads that need no test to be seen."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import numpy as np

from dideban.arrays import I4
from dideban.background import n_workers
from dideban.config import Config
from dideban.proof.breakdown import breakdowns, proving_parts
from dideban.proof.hypotheses import Claim, KnownGroups, TestedBatch, claim_leads
from dideban.proof.plain_leads import PlainLead
from dideban.proof.split import Split
from dideban.proof.strata import Stratum

UNKEPT = ("placed", "occasions", "hours", "called", "coarse")
"""What was proved and is no finding all the same: it says why, instead of a lead that was tested."""
SHOWN_AS = {"lockstep": "group", "placed": "turns"}
FEW = 4
"""Accounts of a lead that may be a pair with bystanders."""


def find_leads(
    strata: Sequence[Stratum],
    splits: Sequence[Split],
    batches: Sequence[TestedBatch],
    claims: Sequence[Claim],
    plain: Sequence[PlainLead],
    config: Config,
) -> list[Claim]:
    """Return leads that were tested, and those that need no test.

    A lead of a few accounts that are in lockstep with others is shown together with these. Groups in lockstep are left
    out where half of them are in a finding, or in another lead.
    """
    lockstep = [one for one in plain if one.kind == "lockstep"]
    tested = claim_leads(batches, claims, fdr=config.fdr)
    unkept = [one for one in plain if one.kind in UNKEPT]
    leads = _plain_leads(strata, splits, unkept, known=claims, threads=config.threads)
    known = KnownGroups(leads)
    for one in (one for one in tested if not _is_pair_with_bystanders(one, plain)):
        members = widened(one.members, lockstep)
        if not known.repeat(members):
            known.add(members)
            leads.append(replace(one, members=members))
    turns = [replace(one, members=widened(one.members, lockstep)) for one in plain if one.kind == "turns"]
    firsts, pairs = ([one for one in plain if one.kind == kind] for kind in ("first", "pair"))
    for some in (turns, firsts, lockstep, pairs):
        leads += _plain_leads(strata, splits, some, known=[*claims, *leads], threads=config.threads)
    return leads


def _is_pair_with_bystanders(lead: Claim, plain: Sequence[PlainLead]) -> bool:
    """Return whether a small group that was not proved is two accounts in lockstep, and one or two by chance."""
    inside = set(lead.members.tolist())
    pairs = (one for one in plain if one.kind == "pair")
    return lead.kind == "group" and len(inside) <= FEW and any(inside >= set(one.members.tolist()) for one in pairs)


def widened(members: I4, lockstep: Sequence[PlainLead]) -> I4:
    """Return the accounts of a lead with those of the larger group in lockstep that half of them or more are in."""
    mine = set(members.tolist())
    for group in lockstep:
        inside = set(group.members.tolist())
        if len(inside) > len(mine) and 2 * len(mine & inside) >= len(mine):
            return np.array(sorted(mine | inside), dtype=np.int32)
    return members


def _plain_leads(
    strata: Sequence[Stratum],
    splits: Sequence[Split],
    found: Sequence[PlainLead],
    *,
    known: Sequence[Claim],
    threads: int,
) -> list[Claim]:
    """Return leads that need no test, apart from what is known, each with the division that shows most of it."""
    seen = [set(one.members.tolist()) for one in known]
    new = [one for one in found if not any(_repeats(one, some) for some in seen)]
    asked = [(ix, one.members, True) for ix, one in enumerate(new)]

    def show(split: Split) -> list[int]:
        return [int(parts["n_pairs"].sum()) for parts, _ in breakdowns(proving_parts(strata, split), asked)]

    with ThreadPoolExecutor(n_workers(threads)) as pool:
        shown = list(pool.map(show, splits))
    best = [int(np.argmax(counts)) for counts in zip(*shown, strict=True)]
    return [
        Claim(
            members=one.members,
            proposed=one.members,
            split=splits[k],
            log_e=float(np.log(one.n_objects)),
            kind=SHOWN_AS.get(one.kind, one.kind),
        )
        for ix, (one, k) in enumerate(zip(new, best, strict=True))
        if shown[k][ix]
    ]


def _repeats(lead: PlainLead, known: set[int]) -> bool:
    """Return whether a lead says what is known: half of the smaller of the two is common, of lockstep half of it."""
    mine = set(lead.members.tolist())
    least = len(mine) if lead.kind == "lockstep" else min(len(mine), len(known))
    return 2 * len(mine & known) >= least
