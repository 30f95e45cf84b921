"""The proof of one finding computed again from the posts in its package."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any, Protocol

import numpy as np
import polars as pl

from dideban.figures import TOLERANCE, is_figure_of, settle
from dideban.messages import Message
from dideban.proof.breakdown import MAX_LOG_E, breakdown, proving_parts
from dideban.proof.own_breakdown import breakdown_own
from dideban.proof.split import Split, make_splits
from dideban.proof.strata import bare_strata, code_traces
from dideban.proof.strength import resolution_of, strength_by_kind
from dideban.proof.stretches import STRETCH_LENGTHS_S, scales_within

Check = tuple[str, bool, Message]
MIN_SCALE_S, MAX_SCALE_S = 1e-3, 1e9
"""Windows that a manifest may state, seconds."""
LEAD_COUNTS = ("objects", "exchange", "own")
"""How the pairs of a lead may have been counted: where it has objects to itself, or as the finding that fell short."""
MAX_TERMS = 1_000
"""Most scales and divisions that a manifest may state."""


class StatedEvidence(Protocol):
    """What a finding states of one kind at one scale."""

    @property
    def kind(self) -> str:
        """Kind of trace."""

    @property
    def scale_s(self) -> float:
        """Window, seconds."""

    @property
    def n_pairs(self) -> int:
        """Near pairs of members."""

    @property
    def expected_pairs(self) -> float | None:
        """Near pairs by chance."""

    @property
    def p_value(self) -> float | None:
        """P-value with all placements equally likely."""

    @property
    def e_value(self) -> float | None:
        """E-value with all placements equally likely."""


class NamedAccount(Protocol):
    """An account that a finding names beside its members."""

    @property
    def account_id(self) -> str:
        """The account."""


class Stated(Protocol):
    """The part of a finding that is recomputed here."""

    @property
    def accounts(self) -> list[str]:
        """Members."""

    @property
    def lead(self) -> bool:
        """Whether it is a lead."""

    @property
    def kind(self) -> str:
        """What proves it."""

    @property
    def followed(self) -> Sequence[NamedAccount]:
        """Accounts that members came after, and that are none."""

    @property
    def e_value(self) -> float | None:
        """E-value over all kinds and scales."""

    @property
    def p_value(self) -> float | None:
        """Its inverse, 1 at most."""

    @property
    def traces(self) -> Sequence[StatedEvidence]:
        """Evidence per kind and scale."""


class Tables(Protocol):
    """TRACES and OBJECTS of a package."""

    @property
    def traces(self) -> pl.DataFrame:
        """TRACES."""

    @property
    def objects(self) -> pl.DataFrame:
        """OBJECTS."""


def verify_proof(finding: Stated, *, traces: Tables, manifest: Mapping[str, Any]) -> list[Check]:
    """Recompute near pairs, their chance and the e-values of a finding.

    Parameters
    ----------
    traces : TRACES and OBJECTS made from the posts of the package
    manifest : mapping
        ``config.proof``, ``seed`` and ``proof.split``, ``proof.stretch_s``: which division of time proved the group.

    Returns
    -------
    list of (name, whether it holds, detail)

    Notes
    -----
    The e-value of each kind and scale is recomputed with all placements equally likely, the finding's own as
    :func:`dideban.proof.strength.log_strength` computed it from the same shares: the smallest over all habits. A lead
    states no e-value; its pairs, and how many chance would bring, are recounted.
    """
    try:
        split = stated_split(manifest)
    except (KeyError, TypeError, ValueError, IndexError, OverflowError) as error:
        return [("proof", False, Message("check.no-split", kind=type(error).__name__))]
    if strange := [one.scale_s for one in finding.traces if one.scale_s not in manifest["config"]["proof"]["scales_s"]]:
        return [("proof", False, Message("check.other-scale", scale_s=strange[0]))]
    if absent := sorted(set(finding.accounts) - set(traces.traces["account_id"].to_list())):
        return [("proof", False, Message("check.accounts-share-nothing", n=len(absent)))]
    scales_s = [float(scale_s) for scale_s in manifest["config"]["proof"]["scales_s"]]
    for how in LEAD_COUNTS if finding.lead else (finding.kind,):
        again = _again(finding, traces, split=split, scales_s=scales_s, how=how)
        checks = [_compare(stated, again, lead=finding.lead) for stated in finding.traces]
        if all(holds for _, holds, _ in checks):
            break
    if not finding.lead:
        checks.append(_complete(finding, again, resolution_s=_resolution(finding, traces)))
    if finding.lead:
        states = finding.e_value is not None
        seen = Message("check.lead-states" if states else "check.lead-states-none")
        return [*checks, ("proof in all", not states, seen)]
    return [*checks, _whole(finding, traces, split=split, manifest=manifest)]


def stated_split(manifest: Mapping[str, Any]) -> Split:
    """Return the division that proved the group; a manifest is a stranger's and may hold anything.

    Raises
    ------
    KeyError, TypeError, ValueError, IndexError, OverflowError
        The manifest does not name a division.
    """
    config, position = manifest["config"]["proof"], int(manifest["proof"]["split"])
    scales_s, n_splits = [float(scale_s) for scale_s in config["scales_s"]], int(config["n_splits"])
    if not all(MIN_SCALE_S <= scale_s <= MAX_SCALE_S for scale_s in scales_s) or len(scales_s) > MAX_TERMS:
        raise ValueError(scales_s)
    if not 0 <= position < 2 * n_splits <= MAX_TERMS:
        raise IndexError(position)
    if (stretch_s := manifest["proof"]["stretch_s"]) not in STRETCH_LENGTHS_S:
        raise ValueError(stretch_s)
    return make_splits(seed=int(manifest["seed"]), n_splits=n_splits, scales_s=scales_s, stretch_s=float(stretch_s))[
        position
    ]


Rows = Mapping[tuple[str, float], Mapping[str, Any]]


def _again(finding: Stated, traces: Tables, *, split: Split, scales_s: Sequence[float], how: str) -> Rows:
    scales_s = scales_within(sorted(set(scales_s)), split.least_stretch_s)
    accounts, kinds = code_traces(traces.traces, traces.objects)
    members = accounts.search_sorted(pl.Series(sorted(finding.accounts))).to_numpy().astype(np.int32)
    if how == "own":
        rows, _ = breakdown_own(kinds, members, group_ix=0, scales_s=scales_s, n_accounts=len(accounts), every=True)
        return _keyed(rows)
    strata = bare_strata(kinds, scales_s, n_accounts=len(accounts), stretch_s=split.least_stretch_s)
    rows, _ = breakdown(proving_parts(strata, split), members, group_ix=0, exclusive=how == "objects", every=True)
    return _keyed(rows)


def _keyed(rows: pl.DataFrame) -> Rows:
    return {(str(row["object_kind"]), float(row["scale_s"])): row for row in rows.iter_rows(named=True)}


def _complete(finding: Stated, again: Rows, *, resolution_s: float) -> Check:
    """Check that each kind is stated once, at the scale with the most evidence, and that none is missing.

    A run leaves out scales that are finer than its times. Which these are shows in the posts inside, unless all of them
    happen to lie on the minute: then either is allowed.
    """
    stated = sorted((one.kind, float(one.scale_s)) for one in finding.traces)
    coarse = {key: row for key, row in again.items() if key[1] >= resolution_s}
    best = [_best(again), _best(coarse)]
    missing = sorted(set(best[0]) - set(stated))
    if stated in best:
        return "kinds and scales", True, Message("check.kinds", n=len(stated))
    return "kinds and scales", False, Message("check.other-kinds", missing=str(missing))


def _best(rows: Rows) -> list[tuple[str, float]]:
    """Return kind and scale of the best evidence of each kind, ties to the finer scale."""
    carrying = {key: row for key, row in rows.items() if row["e_value"] > 1 + TOLERANCE} or rows
    ranked = sorted(carrying, key=lambda key: (key[0], float(settle(carrying[key]["p_value"])), key[1]))
    kinds: dict[str, float] = {}
    for kind, scale_s in ranked:
        kinds.setdefault(kind, scale_s)
    return sorted(kinds.items())


def _resolution(finding: Stated, traces: Tables) -> float:
    return resolution_of(traces.traces.filter(pl.col("account_id").is_in(list(finding.accounts))))


def _compare(stated: StatedEvidence, again: Rows, *, lead: bool) -> Check:
    name = f"proof by {stated.kind} at {stated.scale_s:g} s"
    row = again.get((stated.kind, float(stated.scale_s)))
    if row is None:
        return name, False, Message("check.no-evidence")
    same = stated.n_pairs == row["n_pairs"] and _close(stated.expected_pairs, row["expected_pairs"])
    same = same and (
        stated.e_value is None and stated.p_value is None
        if lead
        else _close(stated.e_value, row["e_value"]) and _close(stated.p_value, row["p_value"])
    )
    seen = Message(
        "check.evidence", n=row["n_pairs"], expected=f"{row['expected_pairs']:.4g}", e=f"{row['e_value']:.4g}"
    )
    if same:
        return name, True, seen
    claims = {"n": stated.n_pairs, "expected": str(stated.expected_pairs), "e": str(stated.e_value)}
    return name, False, Message("check.other-evidence", seen=seen, **claims)


def _whole(finding: Stated, traces: Tables, *, split: Split, manifest: Mapping[str, Any]) -> Check:
    """Compute the strength again: nothing of it is believed."""
    try:
        first_day = dt.date.fromisoformat(str(manifest["proof"]["first_day"]))
    except (KeyError, ValueError):
        return "proof in all", False, Message("check.no-date")
    scales_s = [float(scale_s) for scale_s in manifest["config"]["proof"]["scales_s"]]
    log_e = strength_by_kind(
        finding.kind, traces.traces, members=finding.accounts, followed=[one.account_id for one in finding.followed],
        objects=traces.objects, split=split,
        first_day=first_day, scales_s=scales_s,
    )  # fmt: skip
    found = float(np.exp(min(log_e, MAX_LOG_E)))
    seen = {"e": f"{finding.e_value or 0:.4g}", "found": f"{found:.4g}"}
    same = _close(finding.e_value, found) and _close(finding.p_value, min(1.0, 1 / found))
    return "proof in all", same, Message("check.strength" if same else "check.other-strength", **seen)


def _close(one: float | None, two: float) -> bool:
    return one is not None and is_figure_of(one, two)
