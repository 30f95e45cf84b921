"""Prove groups: the claim of a run, its breakdown, and what the same code finds where nothing is to be found."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from functools import cached_property, partial
from typing import Any

import numpy as np
import polars as pl

from dideban.arrays import F8, I4, I8
from dideban.background import BackgroundTask, n_workers
from dideban.config import Config, ProofConfig
from dideban.messages import Message, describe
from dideban.progress import SILENT, Progress
from dideban.proof.blocks import STRETCH_S
from dideban.proof.both_ways import join_ways, plan_ways
from dideban.proof.breakdown import MAX_LOG_E, Breakdown, breakdowns, proving_parts
from dideban.proof.enough import Sufficiency, judge_data
from dideban.proof.followed import best_scales, count_followed
from dideban.proof.hypotheses import (
    MEMBER_SHARE,
    OWN_SHARE,
    Claim,
    TestedBatch,
    apart_from,
    claim_groups,
    count_exchanged,
    test_split,
    under_nuisance_nulls,
    worth_nuisance_nulls,
)
from dideban.proof.leads import find_leads
from dideban.proof.members import watch_accounts, weigh_members
from dideban.proof.moments import Moments, account_moments
from dideban.proof.ordinary_reasons import OtherPosts, sift
from dideban.proof.own_breakdown import breakdown_own
from dideban.proof.own_pace import Together, prove_own
from dideban.proof.plain_leads import PlainLead, find_plain_leads
from dideban.proof.slots import SharedSlots, cut_slots, each_counted, exchange_accounts
from dideban.proof.split import EPOCH, Split, division_seed, first_day_of, make_splits
from dideban.proof.strata import Stratum, code_traces
from dideban.proof.strength import with_strength
from dideban.proof.stretches import fit_stretch, span_of
from dideban.remembered import Remembered
from dideban.schema import FOLLOWED, GROUPS, PROOF_TRACES, PROOFS, TRACES


@dataclass(frozen=True, kw_only=True)
class Proof:
    """Proved groups and how sure one may be of them."""

    groups: pl.DataFrame
    """GROUPS."""
    proofs: pl.DataFrame
    """PROOFS."""
    proof_traces: pl.DataFrame
    """PROOF_TRACES, over the part of the data that proved the group."""
    splits: dict[tuple[str, ...], int]
    """Members to the position in ``divisions`` of the one that proved them."""
    notes: list[Message]
    checked: Callable[[], dict[str, Any]]
    """Waits for the self-check."""
    followed: pl.DataFrame = field(default_factory=FOLLOWED.empty)
    """FOLLOWED: accounts that the members of a finding came after; none is a member."""
    first_day: dt.date = EPOCH
    """UTC day of the first trace: the divisions follow from it and the method."""
    stretch_s: float = STRETCH_S
    """Length of a stretch of time, seconds: it follows from when the data begin and end."""
    divisions: tuple[Split, ...] = ()
    """Divisions of the data that were used."""

    @cached_property
    def selfcheck(self) -> dict[str, Any]:
        """What the same code finds where nothing is to be found, and whether there was enough to look at."""
        return self.checked()


def prove_groups(
    traces: pl.DataFrame,
    *,
    objects: pl.DataFrame | None = None,
    moments: pl.DataFrame | None = None,
    config: Config,
    resolution_s: float = 0.0,
    progress: Progress = SILENT,
    background: BackgroundTask | None = None,
    check_leads: bool = True,
    memory: Remembered | None = None,
) -> Proof:
    """Find groups that act in concert, at the false discovery rate ``config.fdr``.

    Parameters
    ----------
    traces : TRACES, (n_traces,)
        Any order; the first share of an object by an account counts.
    objects : OBJECTS or None
        Known times and origins of objects.
    moments : (account_id, created_at) or None
        Every post of every account, whatever it shares; None = nothing but the traces is known.
    config : Config
        ``proof``, ``fdr``, ``threads``. No seed: how the data are divided follows from the data and the method.
    resolution_s : seconds
        Coarsest unit of the times. Scales below it carry no information and are left out, with a note.
    background : BackgroundTask
        Where copies with exchanged accounts are tested while the caller goes on; None = before this returns.
    check_leads : bool
        Count for the self-check how many leads there are where paces are exchanged.
    memory : Remembered, optional
        What the run before found out. Never changes the result.

    Returns
    -------
    Proof

    Raises
    ------
    SchemaError
        A column is missing or mistyped.

    Notes
    -----
    Deterministic for any order of rows and any number of threads. docs/methods/synchrony.md has the proof of validity.
    """
    traces = TRACES.check(traces)
    first_s, last_s = span_of(traces)
    stretch_s, scales, notes = _usable(config.proof.scales_s, resolution_s, first_s=first_s, last_s=last_s)
    accounts, kinds = code_traces(traces, objects)
    first_day = first_day_of(traces)
    splits = _divide(config.proof, first_day=first_day, stretch_s=stretch_s)
    posted = account_moments(traces if moments is None else moments, accounts, stretch_s=stretch_s)
    posts = OtherPosts(posted=posted, traces=traces, accounts=accounts, objects=objects)
    n_steps = len(kinds) * len(scales) + 3 * len(splits)
    with progress.stage("testing-groups", total=n_steps, unit="steps") as task:
        slots = cut_slots(kinds, scales, splits, config, n_accounts=len(accounts), step=task.advance, memory=memory)
        strata = slots.strata
        batches, claims, plain = _analyse(
            slots, scales, splits, config, posts, step=task.advance, check_leads=check_leads, memory=memory
        )
        leads = find_leads(strata, splits, batches, claims, plain, config) if config.proof.leads else []
    count = partial(
        _count_exchanged, replace(slots, strata=[]), scales, splits, config, posts, progress=progress, n_steps=n_steps
    )
    later = background.start(count) if background else None
    n_shuffled = 0 if later else count(_nothing)
    notes += _cuts(strata, batches)
    groups, proofs, parts = _tables(strata, batches, claims, leads, accounts, threads=config.threads)
    where = {tuple(accounts.gather(c.members).to_list()): c.split for c in [*claims, *leads]}
    followed = _followed(traces, groups, parts, claims, accounts)
    held: dict[str, Any] = {
        "groups": groups,
        "followed": followed,
        "traces": traces,
        "objects": objects,
        "memory": memory,
    }
    proofs = _stated(proofs, notes, splits=where, config=config, **held)
    groups, parts, followed = (_of_claims(table, proofs) for table in (groups, parts, followed))
    check = {**_selfcheck(strata, batches, claims, config, posted=posted, span_s=last_s - first_s), **_count(proofs)}
    if config.proof.leads and check_leads:
        check["n_leads_shuffled"] = count_exchanged(batches, fdr=config.fdr)
    return Proof(
        groups=groups,
        proofs=proofs,
        proof_traces=parts,
        followed=followed,
        first_day=first_day,
        stretch_s=stretch_s,
        divisions=tuple(splits),
        splits={members: splits.index(split) for members, split in where.items()},
        notes=notes,
        checked=lambda: {**check, "n_found_shuffled": later() if later else n_shuffled},
    )


def _stated(proofs: pl.DataFrame, notes: list[Message], **held: Any) -> pl.DataFrame:
    """Give findings the strength that their packages show, and note how many fall short and are left out."""
    found = with_strength(proofs, **held)
    if found.height < proofs.height:
        notes.append(Message("note.own-pace-short", n=proofs.height - found.height))
    return found


def _divide(config: ProofConfig, *, first_day: dt.date, stretch_s: float) -> list[Split]:
    """Divide time: how follows from the method and the data alone."""
    seed = division_seed(first_day)
    return make_splits(seed=seed, n_splits=config.n_splits, scales_s=config.scales_s, stretch_s=stretch_s)


def _of_claims(table: pl.DataFrame, proofs: pl.DataFrame) -> pl.DataFrame:
    """Return the rows of the groups that are claimed still: what is left out is left out everywhere."""
    return table.join(proofs.select("group_ix"), on="group_ix", how="semi", maintain_order="left")


def _count(proofs: pl.DataFrame) -> dict[str, int]:
    n_leads = int(proofs["is_lead"].sum())
    return {"n_found": proofs.height - n_leads, "n_leads": n_leads}


def _usable(
    scales_s: Sequence[float], resolution_s: float, *, first_s: float, last_s: float
) -> tuple[float, list[float], list[Message]]:
    """Return the length of a stretch, the scales that say something, and a word on those that do not."""
    notes = []
    kept = [scale for scale in scales_s if scale >= resolution_s]
    if dropped := [scale for scale in scales_s if scale < resolution_s]:
        notes.append(Message("note.scales-left-out", resolution_s=resolution_s, scales_s=dropped))
    stretch_s, used = fit_stretch(first_s, last_s, kept)
    if first_s == last_s == 0.0:  # no traces: nothing is known of how long the data are
        return stretch_s, used, notes
    if stretch_s < STRETCH_S and len(used) < len(kept):
        wide = [scale for scale in kept if scale not in used]
        notes.append(Message("note.short-data-scales", stretch_s=stretch_s, scales_s=wide))
    elif stretch_s < STRETCH_S:
        notes.append(Message("note.short-data", stretch_s=stretch_s))
    return stretch_s, used, notes


def _count_exchanged(
    slots: SharedSlots,
    scales: Sequence[float],
    splits: Sequence[Split],
    config: Config,
    posts: OtherPosts,
    go_on: Callable[[], None],
    *,
    progress: Progress,
    n_steps: int,
) -> int:
    """Count claims in copies of the data in which accounts are exchanged."""
    found, total = 0, config.proof.n_shuffles * n_steps
    with progress.stage("testing-exchanged-accounts", total=total, unit="steps") as task:

        def step() -> None:
            go_on()
            task.advance()

        for copy in range(config.proof.n_shuffles):
            seed = splits[0].seed + copy
            exchanged = exchange_accounts(slots, config, n_accounts=len(posts.accounts), seed=seed, step=step)
            found += len(_analyse(exchanged, scales, splits, config, posts, exchange_seed=seed, step=step)[1])
    return found


def _analyse(
    slots: SharedSlots,
    scales: Sequence[float],
    splits: Sequence[Split],
    config: Config,
    posts: OtherPosts,
    *,
    step: Callable[[], object],
    exchange_seed: int | None = None,
    check_leads: bool = False,
    memory: Remembered | None = None,
) -> tuple[list[TestedBatch], list[Claim], list[PlainLead]]:
    """Propose, test and claim; ``step`` is called after each part, and may end the work by raising."""
    proof: ProofConfig = config.proof
    strata, posted, leads = slots.strata, posts.posted, proof.leads and exchange_seed is None

    def test(split: Split) -> TestedBatch:
        return test_split(
            strata,
            split,
            max_size=proof.max_size,
            max_groups=proof.max_groups // len(splits),
            seed=splits[0].seed,
            leads=leads,
            check_leads=check_leads,
            memory=memory,
        )

    def narrow(task: tuple[TestedBatch, I8]) -> TestedBatch:
        return under_nuisance_nulls(strata, *task, watch=watch)

    def weigh(task: tuple[TestedBatch, dict[bytes, I4]]) -> dict[bytes, F8]:
        found = weigh_members(strata, task[0].split, list(task[1].values()), watch=watch)
        return dict(zip(task[1], found, strict=True))

    with ThreadPoolExecutor(n_workers(config.threads)) as pool:
        own = pool.submit(_claim_own, slots.together, scales, splits[0], config, posted, exchange_seed=exchange_seed)
        plain = pool.submit(find_plain_leads, strata if leads else [], max_size=proof.max_size)
        batches = each_counted(pool.map(test, splits), step)
        chosen = worth_nuisance_nulls(batches, fdr=config.fdr)
        plan = plan_ways(batches, chosen)
        watch = watch_accounts(strata, posted, [one for tests in plan.groups for one in tests.values()])
        batches = each_counted(pool.map(narrow, zip(batches, chosen, strict=True)), step)
        evidence = each_counted(pool.map(weigh, zip(batches, plan.groups, strict=True)), step)
        batches = join_ways(batches, plan, evidence, fdr=config.fdr)
        claims, open_ones = sift(claim_groups(batches, fdr=config.fdr), strata, posts)
        proved, doubtful = own.result()
        apart, others = sift(apart_from(proved, claims), strata, posts)
        return batches, [*claims, *apart], [*open_ones, *others, *doubtful, *plain.result()]


def _claim_own(
    together: Sequence[Together],
    scales: Sequence[float],
    split: Split,
    config: Config,
    posted: Moments,
    *,
    exchange_seed: int | None,
) -> tuple[list[Claim], list[PlainLead]]:
    """Claim groups by what their members post first in turn, and those that may as well follow something public.

    The division has no say in it.
    """
    found = prove_own(
        together, moments=posted, scales_s=scales, fdr=OWN_SHARE * config.fdr, names_fdr=MEMBER_SHARE * config.fdr,
        exchange_seed=exchange_seed,
    )  # fmt: skip
    proved = [
        Claim(members=one.members, proposed=one.proposed, split=split, log_e=one.log_e, kind="own")
        for one in found
        if not one.is_doubtful
    ]
    open_ones = [
        PlainLead(kind="turns", members=one.members, n_objects=len(one.members)) for one in found if one.is_doubtful
    ]
    return proved, open_ones


def _nothing() -> None:
    """No one wants the work to end early."""


def _cuts(strata: Sequence[Stratum], batches: Sequence[TestedBatch]) -> list[Message]:
    notes: list[Message] = []
    if n_blocks := sum(stratum.pairs.n_left_out for stratum in strata):
        notes.append(Message("note.blocks-crowded", n=n_blocks))
    if n_cut := sum(batch.n_cut for batch in batches):
        notes.append(Message("note.proposals-cut", n=n_cut))
    return notes


def _tables(
    strata: Sequence[Stratum],
    batches: Sequence[TestedBatch],
    claims: Sequence[Claim],
    leads: Sequence[Claim],
    accounts: pl.Series,
    *,
    threads: int,
) -> tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame]:
    n_tested = sum(len(batch.groups) for batch in batches)
    ranked = [*((c, False) for c in claims), *((c, True) for c in leads)]
    ordered = sorted(ranked, key=lambda c: (-len(c[0].members), c[0].members.tolist(), c[1]))

    def tell(split: Split) -> list[tuple[int, Breakdown]]:
        mine = [
            (ix, one.members, is_lead)
            for ix, (one, is_lead) in enumerate(ordered)
            if one.split == split and one.kind != "own"
        ]
        found = breakdowns(proving_parts(strata, split), mine)
        return [(claim[0], one) for claim, one in zip(mine, found, strict=True)]

    with ThreadPoolExecutor(n_workers(threads)) as pool:
        parted = pool.map(tell, dict.fromkeys(one.split for one, _ in ordered))
        told = dict(entry for part in parted for entry in part)
    kinds = list({stratum.kind: stratum.blocks.traces for stratum in strata}.values())
    scales = sorted({stratum.scale_s for stratum in strata})
    for ix, (one, _) in enumerate(ordered):
        if one.kind == "own":
            told[ix] = breakdown_own(kinds, one.members, group_ix=ix, scales_s=scales, n_accounts=len(accounts))
    groups = _members([one for one, _ in ordered], [told[ix][1] for ix in range(len(ordered))], accounts)
    parts = [PROOF_TRACES.empty(), *(told[ix][0] for ix in range(len(ordered)))]
    rows = [_strength_of(ix, one, is_lead, n_tested, told[ix][0]) for ix, (one, is_lead) in enumerate(ordered)]
    return groups, pl.DataFrame(rows, schema=PROOFS.dtypes), pl.concat(parts)


def _most(told: pl.DataFrame) -> float:
    """Strongest e-value of a breakdown."""
    return float(np.max(told["e_value"].to_numpy())) if told.height else 0.0


def _members(claims: Sequence[Claim], strength: Sequence[F8], accounts: pl.Series) -> pl.DataFrame:
    """Return GROUPS: the members of each claim, and the near pairs that each takes part in."""
    if not claims:
        return GROUPS.empty()
    sizes = [len(one.members) for one in claims]
    columns = {
        "group_ix": np.repeat(np.arange(len(claims), dtype=np.int64), sizes),
        "account_id": accounts.gather(np.concatenate([one.members for one in claims])),
        "strength": np.concatenate(strength),
    }
    return pl.DataFrame(columns, schema=GROUPS.dtypes)


def _strength_of(ix: int, one: Claim, is_lead: bool, n_tested: int, told: pl.DataFrame) -> dict[str, Any]:
    """Strength of a claim: no more than its proved members show when they are placed by themselves."""
    e_value = float(np.exp(min(one.log_e, MAX_LOG_E)))
    if not is_lead and told.height:
        e_value = max(min(e_value, _most(told)), 1.0)
    return {
        "group_ix": ix,
        "p_value": min(1.0, 1 / e_value),
        "e_value": e_value,
        "n_tries": n_tested,
        "is_lead": is_lead,
        "kind": one.kind,
    }


def _followed(
    traces: pl.DataFrame, groups: pl.DataFrame, parts: pl.DataFrame, claims: Sequence[Claim], accounts: pl.Series
) -> pl.DataFrame:
    """Return FOLLOWED: of the accounts proposed with the members of a finding, those that members came after."""
    unproved = {tuple(one.members.tolist()): one.unproved for one in claims}
    rows = [FOLLOWED.empty().select("group_ix", "account_id")]
    for (ix,), mine in groups.partition_by("group_ix", as_dict=True).items():
        members = tuple(accounts.search_sorted(mine["account_id"].sort()).to_list())
        others = unproved.get(members)
        if others is not None and len(others):
            named = accounts.gather(others).to_frame("account_id")
            rows.append(named.select(pl.lit(ix, pl.Int64).alias("group_ix"), "account_id"))
    asked = pl.concat(rows)
    return count_followed(traces, groups=groups, asked=asked, windows=best_scales(parts))


def _selfcheck(
    strata: Sequence[Stratum],
    batches: Sequence[TestedBatch],
    claims: Sequence[Claim],
    config: Config,
    *,
    posted: Moments,
    span_s: float,
) -> dict[str, Any]:
    verdict = Sufficiency(enough=True)
    if not claims:
        verdict = judge_data(strata, batches, posted=posted, fdr=config.fdr, span_s=span_s)
    return {
        "n_found": len(claims),
        "n_proposed": sum(len(batch.groups) for batch in batches),
        "n_shuffles": config.proof.n_shuffles,
        "enough_data": verdict.enough,
        "reason": describe(verdict.reason) if verdict.reason else None,
        "needed": verdict.needed(),
    }
