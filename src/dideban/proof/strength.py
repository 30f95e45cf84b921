"""The strength that a finding states, computed from nothing but what its package holds: anyone can do it again.

A run claims groups on all of its data. What habits it learned there, no one can look up in a package. The strength of a
finding is therefore computed from the shares of those objects alone that two of its members share, by anybody: the
smallest e-value over all habits as these shares show them, of the placement of the members and, averaged with it, of
the members one by one.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import polars as pl

from dideban.background import n_workers
from dideban.config import Config
from dideban.proof.breakdown import MAX_LOG_E
from dideban.proof.kinds_together import smallest_over_nulls, weigh_placements
from dideban.proof.members import prove_members, watch_accounts
from dideban.proof.moments import account_moments
from dideban.proof.own_breakdown import strength_own
from dideban.proof.placement import Hypotheses, seat_parts
from dideban.proof.split import Split, first_day_of, log_choices
from dideban.proof.strata import Stratum, bare_strata, code_traces
from dideban.proof.stretches import log_stretch_choices, scales_within, span_of
from dideban.remembered import Remembered
from dideban.schema import PROOFS

OBJECT = ["object_kind", "object_id"]


def log_strength(
    traces: pl.DataFrame,
    *,
    members: Sequence[str],
    objects: pl.DataFrame | None,
    split: Split,
    first_day: dt.date,
    scales_s: Sequence[float],
) -> float:
    """Return the log e-value of a group from the objects that two of its members share, at least 0.

    Parameters
    ----------
    traces : TRACES, (n_traces,)
        Of the whole run or of a package: only shares of those objects are looked at.
    members : account ids
        The group.
    objects : OBJECTS or None
        Known times and origins.
    split : Split
        The division that proved the group.
    first_day : date
        When the data began: the longer before the group's first share, the less the evidence counts.
    scales_s : seconds
        Windows of the run; those finer than the times of the members are passed over, and those too wide for its
        stretches of time.
    """
    mine = traces.filter(pl.col("account_id").is_in(list(members)))
    common = mine.group_by(OBJECT).agg(n=pl.col("account_id").n_unique()).filter(pl.col("n") > 1).select(OBJECT)
    held = traces.join(common, on=OBJECT, how="semi")
    if not held.height:
        return 0.0
    if objects is not None:
        objects = objects.join(common, on=OBJECT, how="semi")
    own = held.filter(pl.col("account_id").is_in(list(members)))
    finest = resolution_of(own)
    accounts, kinds = code_traces(held, objects)
    stretch_s = split.least_stretch_s
    used = [scale_s for scale_s in scales_within(sorted(set(scales_s)), stretch_s) if scale_s >= finest]
    strata = bare_strata(kinds, used, n_accounts=len(accounts), stretch_s=stretch_s)
    codes = accounts.search_sorted(pl.Series(sorted(members))).to_numpy().astype(np.int32)
    if not strata or accounts.gather(np.minimum(codes, len(accounts) - 1)).to_list() != sorted(members):
        return 0.0
    watch = watch_accounts(strata, account_moments(held, accounts, stretch_s=stretch_s), [codes])
    one_by_one = prove_members(strata, split, [codes], watch=watch)[0]
    both = np.logaddexp(_log_e_block(strata, codes, split), np.logaddexp.reduce(one_by_one) - np.log(len(codes)))
    chosen = log_choices(first_day, seen=first_day_of(own)) + log_stretch_choices(*span_of(own))
    return max(float(both - np.log(2)) - chosen, 0.0)


def log_strength_own(
    traces: pl.DataFrame,
    *,
    members: Sequence[str],
    followed: Sequence[str],
    objects: pl.DataFrame | None,
    split: Split,
    scales_s: Sequence[float],
) -> float:
    """Return the log e-value of a group by its own pace, at least 0: from what its members share, and who was first.

    Those that members came after, though not proved, may be the first as members are.
    """
    mine = traces.filter(pl.col("account_id").is_in(list(members)))
    common = mine.group_by(OBJECT).agg(n=pl.col("account_id").n_unique()).filter(pl.col("n") > 1)
    finest = resolution_of(mine.join(common, on=OBJECT, how="semi"))
    held = pl.concat([traces.join(common, on=OBJECT, how="semi"), _begun_by_others(traces, mine, common, followed)])
    accounts, kinds = code_traces(held, objects)
    present = sorted({*members, *followed} & set(accounts))
    codes = accounts.search_sorted(pl.Series(present, dtype=pl.String)).to_numpy().astype(np.int32)
    judged = np.isin(np.array(present), list(members))
    used = [scale_s for scale_s in scales_within(sorted(set(scales_s)), split.least_stretch_s) if scale_s >= finest]
    if not kinds or not used:
        return 0.0
    log_e = strength_own(kinds, codes, judged=judged, scales_s=used, n_accounts=len(accounts))
    return max(log_e - log_stretch_choices(*span_of(mine)), 0.0)


def _begun_by_others(
    traces: pl.DataFrame, mine: pl.DataFrame, common: pl.DataFrame, followed: Sequence[str]
) -> pl.DataFrame:
    """Return what one member shares after outsiders began it, with their first shares."""
    alone = mine.join(common, on=OBJECT, how="anti")
    first = traces.join(alone.select(OBJECT).unique(), on=OBJECT, how="semi").filter(
        pl.col("created_at") == pl.col("created_at").min().over(OBJECT)
    )
    inside = first.filter(pl.col("account_id").is_in(list(followed))).select(OBJECT)
    both = pl.concat([alone, first.select(alone.columns)]).unique()
    return both.join(inside, on=OBJECT, how="anti").select(traces.columns)


def strength_by_kind(
    kind: str,
    traces: pl.DataFrame,
    *,
    members: Sequence[str],
    followed: Sequence[str],
    objects: pl.DataFrame | None,
    split: Split,
    first_day: dt.date,
    scales_s: Sequence[float],
) -> float:
    """Return the log e-value of a group by what proves it."""
    if kind == "own":
        return log_strength_own(
            traces, members=members, followed=followed, objects=objects, split=split, scales_s=scales_s
        )
    return log_strength(traces, members=members, objects=objects, split=split, first_day=first_day, scales_s=scales_s)


def resolution_of(traces: pl.DataFrame) -> float:
    """Return the coarsest unit in which all times can be written, seconds."""
    micros = traces["created_at"].to_physical()
    return next((unit for unit in (86_400.0, 3_600.0, 60.0, 1.0) if not (micros % int(unit * 1e6)).max()), 0.0)


def _log_e_block(strata: Sequence[Stratum], members: np.ndarray[tuple[int], np.dtype[np.int32]], split: Split) -> float:
    """Return the log e-value of the placement of all members, the smallest over nulls, averaged as a run does."""
    groups, masks = Hypotheses([members]), [stratum.proposing(split) for stratum in strata]
    seated = [seat_parts(one.blocks, one.rows, groups, mask=mask) for one, mask in zip(strata, masks, strict=True)]
    promise, even = (weigh_placements(strata, [seats[k] for seats in seated], groups) for k in (0, 1))
    log_e = smallest_over_nulls(strata, masks, groups, even)[0]
    weight = np.clip(promise[0], 0, None) + 0.1
    return float(np.logaddexp.reduce(log_e + np.log(weight / weight.sum())))


def _shares_around(
    asked: Sequence[int],
    accounts: Sequence[tuple[int, str, bool]],
    traces: pl.DataFrame,
    objects: pl.DataFrame | None,
) -> dict[int, tuple[pl.DataFrame, pl.DataFrame | None]]:
    """Return, for each group, every share of the objects that its strength rests on, and what is known of them.

    Parameters
    ----------
    accounts : (group, account id, whether whatever it shares counts)
        Else only what two of a group share.
    """
    named = pl.DataFrame(
        accounts, schema={"group_ix": pl.Int64, "account_id": pl.String, "alone": pl.Boolean}, orient="row"
    )
    counted = traces.join(named.unique(), on="account_id").group_by("group_ix", *OBJECT)
    sharing = counted.agg(pl.col("alone").any(), n=pl.col("account_id").n_unique())
    touched = sharing.filter(pl.col("alone") | (pl.col("n") > 1)).select("group_ix", *OBJECT)
    shares = traces.join(touched, on=OBJECT).sort(["group_ix", *traces.columns])
    parts = shares.partition_by("group_ix", as_dict=True, include_key=False)
    about = None
    if objects is not None:
        some = objects.join(touched, on=OBJECT).sort("group_ix", *OBJECT)
        about = some.partition_by("group_ix", as_dict=True, include_key=False)
    return {
        ix: (
            parts.get((ix,), traces.clear()),
            None if about is None or objects is None else about.get((ix,), objects.clear()),
        )
        for ix in asked
    }


def with_strength(
    proofs: pl.DataFrame,
    *,
    groups: pl.DataFrame,
    followed: pl.DataFrame,
    splits: Mapping[tuple[str, ...], Split],
    traces: pl.DataFrame,
    objects: pl.DataFrame | None,
    config: Config,
    memory: Remembered | None = None,
) -> pl.DataFrame:
    """Give findings the strength that their packages show; those that fall short of the error rate become leads.

    Parameters
    ----------
    proofs, groups, followed : PROOFS, GROUPS, FOLLOWED
    splits : members to Split
        The division that proved each group.
    traces, objects : TRACES, OBJECTS
        Of the whole run.
    config : Config
        ``fdr`` and the scales.
    memory : Remembered, optional
        Strengths of the run before. Never changes the result.

    Returns
    -------
    PROOFS
    """
    rows = proofs.to_dicts()
    members = dict(groups.group_by("group_ix").agg(pl.col("account_id").sort()).iter_rows())
    after = dict(followed.group_by("group_ix").agg("account_id").iter_rows())
    first_day, scales_s = first_day_of(traces), tuple(config.proof.scales_s)
    asked = [row["group_ix"] for row in rows if not row["is_lead"]]
    own = {row["group_ix"] for row in rows if row["kind"] == "own"}
    asked_of = [(ix, account, ix in own) for ix in asked for account in members[ix]]
    asked_of += [(ix, account, True) for ix in asked if ix in own for account in after.get(ix, [])]
    held = _shares_around(asked, asked_of, traces, objects)

    def measure(row: dict[str, Any]) -> float:
        ix, accounts = row["group_ix"], members[row["group_ix"]]
        mine, about = held[ix]
        inputs = (
            mine,
            about,
            row["kind"],
            accounts,
            sorted(after.get(ix, [])),
            splits[tuple(accounts)],
            first_day,
            scales_s,
        )

        def make() -> float:
            return strength_by_kind(
                row["kind"], mine, members=accounts, followed=after.get(ix, []), objects=about,
                split=splits[tuple(accounts)], first_day=first_day, scales_s=scales_s,
            )  # fmt: skip

        return memory.get(("strength", tuple(accounts)), inputs, make) if memory else make()

    with ThreadPoolExecutor(n_workers(config.threads)) as pool:
        strength = dict(zip(asked, pool.map(measure, [row for row in rows if not row["is_lead"]]), strict=True))
    for row in rows:
        if row["is_lead"]:
            continue
        log_e = strength[row["group_ix"]]
        row["e_value"] = float(np.exp(min(log_e, MAX_LOG_E)))
        row["p_value"] = 1 / row["e_value"]
        if row["e_value"] * config.fdr < 1:
            row["is_lead"], row["kind"] = True, "own" if row["kind"] == "own" else "group"
    # of what rests on own pace alone a lead's package could not show how it was counted: it is left out
    kept = [row for row in rows if not (row["is_lead"] and row["kind"] == "own")]
    return pl.DataFrame(kept, schema=PROOFS.dtypes)


__all__ = ["log_strength", "log_strength_own", "resolution_of", "strength_by_kind", "with_strength"]
