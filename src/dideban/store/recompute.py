"""The finding of a package computed again from the posts inside it."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import Any

import polars as pl

from dideban.config import Config
from dideban.evidence import link_accounts, link_by
from dideban.figures import EXACT, TOLERANCE, is_figure_of
from dideban.findings import Affiliations, Finding, make_findings
from dideban.findings.builder import PAIR
from dideban.findings.model import TraceEvidence
from dideban.messages import NOTHING, Message
from dideban.proof import Split, explain_groups
from dideban.schema import EDGES, FOLLOWED, GROUPS, PROOF_TRACES, PROOFS, post_key
from dideban.traces import Traces

Check = tuple[str, bool, Message]
MAX_SHOWN = 3
TEXTS = ("statement", "details", "why")
"""Texts by language: a language that a package lacks was not there when it was made."""
"""Differences told per check."""


@dataclass(frozen=True, kw_only=True)
class Again:
    """What the posts inside a package give."""

    finding: Finding | None
    """None where the posts show no joint share of these accounts."""
    edges: pl.DataFrame
    traces: Traces
    shares: pl.DataFrame
    """SHARES by the members."""


def recompute(
    finding: Finding,
    *,
    traces: Traces,
    posts: pl.DataFrame,
    edges: pl.DataFrame,
    config: Config,
    affiliations: Affiliations | None,
    split: Split | None = None,
) -> Again:
    """Run the stages again on the posts of a package, for the accounts of its finding.

    The proof of a synchrony finding is taken as stated here; it is recomputed by ``dideban.proof``. ``split`` is the
    division of time that proved it: without it the pairs inside the group are not weighed.
    """
    members = traces.traces.filter(pl.col("account_id").is_in(finding.accounts))
    linked = _link(members, finding=finding, config=config)
    groups = pl.DataFrame({"group_ix": 0, "account_id": finding.accounts, "strength": 0.0}, schema=GROUPS.dtypes)
    proofs, proof_traces = _stated_proof(finding)
    pairs = None
    if split is not None and proof_traces is not None and finding.n_pairs is not None:
        pairs = explain_groups(
            traces.traces, groups=groups, proof_traces=proof_traces, objects=traces.objects, splits={0: split}
        )
    made, shares = make_findings(
        groups,
        edges=edges if finding.method in ("coortweet", "qut") else linked,
        traces=traces.traces,
        objects=traces.objects,
        posts=posts.lazy(),
        config=config,
        proofs=proofs,
        proof_traces=proof_traces,
        followed=_stated_followed(finding),
        pairs=pairs,
        affiliations=affiliations,
        is_exact=True,
    )
    return Again(finding=made[0] if made else None, edges=linked, traces=traces, shares=shares)


def with_others(traces: Traces, others: pl.DataFrame) -> Traces:
    """Return traces with those by others added."""
    both = pl.concat([traces.traces, others.select(traces.traces.columns)])
    return dataclasses.replace(
        traces, traces=both.sort("object_kind", "object_id", "created_at", "account_id", "post_id")
    )


def compare_posts(finding: Finding, *, posts: pl.DataFrame) -> list[Check]:
    """Check that every account, and every post that carries the proof, is inside."""
    names = set(posts.select(post_key()).to_series())
    accounts = set(posts["account_id"])
    no_post = [name for name in finding.posts if name not in names]
    silent = [account for account in finding.accounts if account not in accounts]
    is_key = posts.select("platform", "post_id").is_unique().all()
    return [
        ("posts of the proof", not no_post and bool(finding.posts), _inside("posts", len(finding.posts), no_post)),
        ("accounts", not silent and _is_group(finding), _inside("accounts", len(finding.accounts), silent)),
        ("post ids", is_key, Message("check.posts-once", n=posts.height) if is_key else Message("check.post-twice")),
    ]


def _is_group(finding: Finding) -> bool:
    """Return whether there are three accounts or more, each once; two are a pair lead and nothing else."""
    n = len(set(finding.accounts))
    is_pair = finding.lead and finding.kind == "pair" and n == PAIR
    return n == len(finding.accounts) and (n > PAIR or is_pair)


def compare_edges(edges: pl.DataFrame, *, again: Again, finding: Finding, config: Config) -> list[Check]:
    """Check the stated edges against those recomputed.

    Peers' filters depend on the whole data, not only on the posts inside: CooRTweet's counts may be smaller than those
    recomputed, never larger, and the flag of strong edges is not compared where it is a quantile.
    """
    keys = ["account_a", "account_b", "object_kind", "window_s"]
    stated = edges.sort(keys)
    if not stated.equals(edges) or not edges.select(keys).is_unique().all():
        return [("edges", False, Message("check.edges-order"))]
    windows = set(edges["window_s"])
    if strange := sorted(windows - _windows(finding, config)):
        return [("edges", False, Message("check.edges-window", window_s=strange[0]))]
    outside = stated.filter(~pl.col("account_a").is_in(finding.accounts) | ~pl.col("account_b").is_in(finding.accounts))
    if outside.height:
        return [("edges", False, Message("check.edges-outside", n=outside.height))]
    fresh = again.edges
    if finding.method == "synchrony":  # a run links at the scales of all its findings, those of this one among them
        needed = windows | {one.scale_s for one in finding.traces}
        fresh = fresh.filter(pl.col("window_s").is_in(sorted(needed)))
    elif finding.method != "threshold":
        fresh = fresh.join(stated, on=keys, how="semi")
    if finding.method == "coortweet":
        both = stated.join(fresh, on=keys, suffix="_again").filter(pl.col("weight") <= pl.col("weight_again"))
        seen = Message("check.edges-seen", n=stated.height, seen=both.height)
        return [("edges", both.height == stated.height, seen)]
    is_exact = finding.method == "synchrony" or (finding.method == "threshold" and config.coshare.percentile is None)
    compared = [name for name in EDGES.names if is_exact or name != "is_strong"]
    differing = _differing(stated.select(compared), fresh.sort(keys).select(compared), keys=keys)
    return [("edges", not differing, differing or Message("check.edges", n=stated.height))]


def compare_findings(finding: Finding, *, again: Finding | None) -> list[Check]:
    """Check every field of the finding against the one recomputed, one check per field.

    A stated figure must be what six digits of the recomputed one give, moved by TOLERANCE at most.
    """
    if again is None:
        return [("joint shares", False, Message("check.no-joint-share"))]
    stated, fresh = dataclasses.asdict(finding), dataclasses.asdict(again)
    for content in (stated, fresh):
        del content["group_id"]  # a name that lasts over time, given by the run and not by these posts
    checks = []
    for name, value in stated.items():
        differences = _differences(value, fresh[name], name)
        told = Message("check.problems", problems=differences[:MAX_SHOWN])
        seen = told if differences else _summary(value)
        checks.append((name, not differences, seen))
    return checks


def _windows(finding: Finding, config: Config) -> set[float]:
    """Return the windows at which a run may link accounts."""
    return set(config.proof.scales_s) if finding.method == "synchrony" else {config.coshare.window_s}


def _link(members: pl.DataFrame, *, finding: Finding, config: Config) -> pl.DataFrame:
    rule = dataclasses.replace(config.coshare, min_participation=1)
    if finding.method in ("coortweet", "qut"):
        return link_by(members, method=finding.method, config=rule)
    if finding.method == "synchrony":
        rule = dataclasses.replace(rule, min_weight=1, percentile=None)
    return link_accounts(members, config=rule, windows_s=sorted(_windows(finding, config)))


def _stated_followed(finding: Finding) -> pl.DataFrame:
    """Return the accounts to count again: those that are stated, members left out."""
    names = [one.account_id for one in finding.followed if one.account_id not in finding.accounts]
    rows = {"group_ix": 0, "account_id": names, "n_objects": 0, "n_members": 0}
    return pl.DataFrame(rows, schema=FOLLOWED.dtypes).unique("account_id").sort("account_id")


def _believed(one: Finding | TraceEvidence) -> tuple[float, float]:
    """Return p-value and e-value as stated, those that are missing as no evidence."""
    return (1.0 if one.p_value is None else one.p_value, 1.0 if one.e_value is None else one.e_value)


def _stated_proof(finding: Finding) -> tuple[pl.DataFrame | None, pl.DataFrame | None]:
    """Return PROOFS and PROOF_TRACES as stated; a lead states no strength, and none has any say in it."""
    if finding.method != "synchrony":
        return None, None
    whole = (1.0, 1.0) if finding.lead else _believed(finding)
    proofs = [(0, *whole, 0, finding.lead, finding.kind)]
    rows = [
        (0, t.kind, t.scale_s, 0, t.n_pairs, t.expected_pairs or 0.0, *(whole if finding.lead else _believed(t)))
        for t in finding.traces
    ]
    return (
        pl.DataFrame(proofs, schema=PROOFS.dtypes, orient="row"),
        pl.DataFrame(rows, schema=PROOF_TRACES.dtypes, orient="row"),
    )


def _differing(stated: pl.DataFrame, fresh: pl.DataFrame, *, keys: list[str]) -> Message:
    """Name the first columns in which two edge tables differ, or say how many rows are missing; nothing = equal."""
    if stated.height != fresh.height or not stated.select(keys).equals(fresh.select(keys)):
        return Message("check.edges-other", n=stated.height, found=fresh.height)
    columns = []
    for name in stated.columns:
        a, b = stated[name], fresh[name]
        same = ((a - b).abs() <= TOLERANCE * (1 + b.abs())).all() if a.dtype.is_float() else a.equals(b)
        if not same:
            columns.append(name)
    return Message("check.edges-differ", n=stated.height, columns=columns[:MAX_SHOWN]) if columns else NOTHING


def _differences(stated: Any, fresh: Any, where: str) -> list[Message]:
    """List where two plain values differ: settings in anything, figures in their six digits."""
    if isinstance(stated, dict) and isinstance(fresh, dict):
        found: list[Message] = []
        is_texts = where.rpartition(".")[2] in TEXTS
        for name in sorted(stated) if is_texts else sorted(stated.keys() | fresh.keys()):
            found += _differences(stated.get(name), fresh.get(name), f"{where}.{name}")
        return found
    if isinstance(stated, list) and isinstance(fresh, list):
        if len(stated) != len(fresh):
            return [Message("check.lengths", where=where, stated=len(stated), found=len(fresh))]
        pairs = enumerate(zip(stated, fresh, strict=True))
        return [line for i, (a, b) in pairs for line in _differences(a, b, f"{where}[{i}]")]
    if isinstance(stated, float) and isinstance(fresh, float):
        same = stated == fresh if where.rpartition(".")[2] in EXACT else is_figure_of(stated, fresh)
    else:
        same = type(stated) is type(fresh) and stated == fresh
    return [] if same else [Message("check.differs", where=where, stated=repr(stated)[:80], found=repr(fresh)[:80])]


def _summary(value: Any) -> Message:
    if isinstance(value, list):
        return Message("check.agree", n=len(value))
    return Message("check.agrees") if isinstance(value, dict) else Message("check.value", value=str(value)[:60])


def _inside(what: str, n: int, missing: list[str]) -> Message:
    if missing:
        return Message(f"check.{what}-missing", n=n, missing=len(missing), name=missing[0])
    return Message(f"check.{what}-inside", n=n)
