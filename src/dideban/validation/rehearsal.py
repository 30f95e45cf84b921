"""Groups planted in a copy of real posts, and made-up items from a copy with exchanged contents.

How much of what is there does the method find, in this data, with these settings? Known groups are planted among the
accounts as they are, and the analysis is run again. Nothing planted leaves this module but counts.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import timedelta
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from dideban.config import Config, CoShareConfig
from dideban.evidence import link_accounts
from dideban.groups import cluster_accounts
from dideban.messages import Message
from dideban.proof import Proof, prove_groups
from dideban.schema import OBJECT_KINDS, OBJECTS, TRACES
from dideban.traces import Traces
from dideban.validation.exchange import exchange_contents

VERSION = "rehearsal-1"
SIZES, OPERATIONS = (5, 10, 20), (8, 15, 30)
JITTER_S = 45.0
"""Members join an operation within so many seconds."""
TAKES_PART = 0.9
POPULAR = 8
"""Sharers of an object that a planted group can hide among."""
FEWEST_POSTS, FEWEST_ACCOUNTS = 1_000, 100
STRETCH = "52w"
"""Contents are exchanged over the whole copy."""
NEAR_S = 600.0
"""Accounts of a decoy shared within so many seconds."""
DECOY_SIZES = (3, 20)
MOST_SHARES = 60
Ints = NDArray[np.int64]


@dataclass(frozen=True, kw_only=True)
class Design:
    """A group to be planted."""

    n_accounts: int
    n_operations: int
    kind: str
    is_popular: bool
    """Whether it hides on what many share, or pushes things of its own."""


@dataclass(frozen=True, kw_only=True)
class RehearsalOutcome:
    """What was planted and what was found."""

    rows: list[dict[str, Any]]
    reason: Message | None = None
    """Why nothing could be planted."""


def designs_of(night: int, kinds: Sequence[str]) -> list[Design]:
    """Return what is planted in a night: each size once; nine nights have every size with every number of operations.

    Three at a time: more would lend each other strength, since the threshold of a run falls with what is found.
    """
    return [
        Design(
            n_accounts=size, n_operations=OPERATIONS[(ix + night) % 3], kind=kinds[(night // 3 + ix) % len(kinds)],
            is_popular=(night + ix) % 2 == 0,
        )
        for ix, size in enumerate(SIZES)
    ]  # fmt: skip


def rehearse(
    traces: Traces, moments: pl.DataFrame, *, config: Config, seed: int, night: int, resolution_s: float = 0.0,
    avoid: Sequence[str] = (), on_stage: Callable[[], None] = lambda: None,
) -> RehearsalOutcome:  # fmt: skip
    """Plant groups in a copy and look for them with the settings of the room.

    Parameters
    ----------
    traces : Traces
    moments : (account_id, created_at)
        Every post of every account.
    seed, night : int
        Same seed and night, same groups.
    avoid : account ids
        Accounts of groups that were found: they are not used again.
    """
    kinds = [kind for kind in traces.traces["object_kind"].unique().sort().cast(pl.String) if kind != "domain"]
    people = _people(traces.traces, avoid)
    if moments.height < FEWEST_POSTS or len(people) < FEWEST_ACCOUNTS or not kinds:
        return RehearsalOutcome(rows=[], reason=Message("rehearsal.few-posts", n=moments.height, least=FEWEST_POSTS))
    source = np.random.Generator(np.random.PCG64([seed, night]))
    designs = designs_of(night, kinds)
    order = source.permutation(len(people))
    planted, groups, at = [], [], 0
    for number, one in enumerate(designs):
        members = people.gather(np.sort(order[at : at + one.n_accounts])).to_list()
        at += one.n_accounts
        planted.append(_operations(source, traces, one, members, number=number))
        groups.append(set(members))
    copy = TRACES.check(pl.concat([traces.traces, *planted]).select(TRACES.names))
    on_stage()
    posted = [one.select("account_id", "created_at").unique() for one in planted]
    proof = prove_groups(
        copy, objects=_with_new(traces.objects, copy), config=_plain(config), resolution_s=resolution_s,
        moments=pl.concat([moments.select("account_id", "created_at"), *posted]),
    )  # fmt: skip
    found = _found(proof)
    return RehearsalOutcome(
        rows=[{**asdict(one), "found": any(_is(group, claim) for claim in found)}
              for one, group in zip(designs, groups, strict=True)]
    )  # fmt: skip


def _plain(config: Config) -> Config:
    """Leave out what changes no finding: exchanged copies and leads."""
    return replace(config, proof=replace(config.proof, n_shuffles=0, leads=False))


def _people(traces: pl.DataFrame, avoid: Sequence[str]) -> pl.Series:
    """Return accounts that share something three times or more and belong to no group that was found, sorted."""
    active = traces.group_by("account_id").len().filter(pl.col("len") >= 3)
    return active.filter(~pl.col("account_id").is_in(list(avoid)))["account_id"].sort()


def _operations(
    source: np.random.Generator, traces: Traces, one: Design, members: Sequence[str], *, number: int
) -> pl.DataFrame:
    """Return the shares of a planted group."""
    mine = traces.traces.filter(pl.col("object_kind") == one.kind)
    last = mine["created_at"].max()
    names, triggers = _targets(source, mine, one, number=number)
    ix, who = np.nonzero(source.random((len(names), len(members))) < TAKES_PART)
    late = source.random(len(ix)) * JITTER_S
    rows = [
        (members[member], one.kind, names[row], f"rehearsal/{number}-{n}",
         min(triggers[row] + timedelta(seconds=float(delay)), last))
        for n, (row, member, delay) in enumerate(zip(ix.tolist(), who.tolist(), late.tolist(), strict=True))
    ]  # fmt: skip
    return pl.DataFrame(rows, schema=TRACES.dtypes, orient="row")


def _targets(
    source: np.random.Generator, mine: pl.DataFrame, one: Design, *, number: int
) -> tuple[list[str], list[Any]]:
    """Return objects and instants of the operations: near a share by somebody else, whatever the object."""
    shares = mine.sort("created_at", "account_id", "post_id", "object_id")
    sizes = shares.group_by("object_id").agg(n=pl.col("account_id").n_unique())
    many = sizes.filter(pl.col("n") >= POPULAR)["object_id"].sort()
    if one.is_popular and len(many):
        names = many.gather(source.integers(0, len(many), one.n_operations)).to_list()
        names = list(dict.fromkeys(names))
        times = dict(
            shares.filter(pl.col("object_id").is_in(names)).group_by("object_id").agg("created_at").iter_rows()
        )
        return names, [times[name][int(source.integers(0, len(times[name])))] for name in names]
    at = shares["created_at"].gather(source.integers(0, shares.height, one.n_operations)).to_list()
    return [f"rehearsal-{number}-{n}" for n in range(one.n_operations)], at


def _with_new(objects: pl.DataFrame, copy: pl.DataFrame) -> pl.DataFrame:
    """Add what planted groups push for themselves to the objects, from an origin that others share too."""
    new = copy.select("object_kind", "object_id").unique().join(objects, on=["object_kind", "object_id"], how="anti")
    origins = objects.drop_nulls("origin").group_by("object_kind").agg(origin=pl.col("origin").min())
    rows = new.join(origins, on="object_kind", how="left").with_columns(born_at=None, label="object_id")
    return OBJECTS.check(
        pl.concat([objects, rows.select(pl.col(name).cast(dtype) for name, dtype in OBJECTS.dtypes.items())]).sort(
            "object_kind", "object_id"
        )
    )


def _found(proof: Proof) -> list[set[str]]:
    claims = proof.proofs.filter(~pl.col("is_lead")).select("group_ix")
    kept = proof.groups.join(claims, on="group_ix", how="semi")
    return [
        set(accounts) for _, accounts in kept.group_by("group_ix", maintain_order=True).agg("account_id").iter_rows()
    ]


def _is(group: set[str], claim: set[str]) -> bool:
    """Say whether a finding is of a group: half of its accounts are members, and half of the members are in it."""
    common = len(group & claim)
    return 2 * common >= len(claim) and 2 * common >= len(group)


def make_decoys(traces: Traces, *, seed: int, most: int = 3, config: Config) -> list[list[dict[str, Any]]]:
    """Return groups that look linked where nobody acted in concert: shares of each, in order of time.

    Each account's contents are dealt out anew among its own moments, and what stayed where it was is left out. Then
    accounts that shared the same things within ten minutes are grouped by the threshold rule: all of it is chance.
    """
    real = traces.traces.filter(pl.col("object_kind") != "domain")
    dealt = exchange_contents(real, seed=seed, stretch=STRETCH)
    copy = dealt.filter(dealt["object_id"] != real["object_id"])
    rule = CoShareConfig(window_s=NEAR_S, min_weight=1, min_participation=1)
    edges = link_accounts(copy, config=rule, threads=config.threads)
    if edges.is_empty():
        return []
    groups = cluster_accounts(edges, config=config.groups, seed=config.seed)
    least, largest = DECOY_SIZES
    sizes = groups.group_by("group_ix").agg(n=pl.len(), strength=pl.col("strength").mean())
    best = sizes.filter(pl.col("n").is_between(least, largest)).sort("strength", "group_ix", descending=[True, False])
    labels = traces.objects.select("object_kind", "object_id", "label")
    made = []
    for number in best["group_ix"].head(most).to_list():
        members = groups.filter(pl.col("group_ix") == number)["account_id"]
        made.append(_shares(copy, labels, members))
    return [one for one in made if one]


def _shares(copy: pl.DataFrame, labels: pl.DataFrame, members: pl.Series) -> list[dict[str, Any]]:
    mine = copy.filter(pl.col("account_id").is_in(members.implode()))
    both = mine.group_by("object_kind", "object_id").agg(n=pl.col("account_id").n_unique()).filter(pl.col("n") > 1)
    kept = mine.join(both, on=["object_kind", "object_id"]).join(labels, on=["object_kind", "object_id"], how="left")
    rows = kept.sort("created_at", "account_id", "object_id", "post_id").head(MOST_SHARES)
    return rows.select(
        kind=pl.col("object_kind").cast(pl.String), object="object_id",
        label=pl.col("label").fill_null(pl.col("object_id")),
        account="account_id", post="post_id", at=pl.col("created_at"),
    ).to_dicts()  # fmt: skip


__all__ = ["OBJECT_KINDS", "VERSION", "RehearsalOutcome", "designs_of", "make_decoys", "rehearse"]
