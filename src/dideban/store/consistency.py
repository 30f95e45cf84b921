"""What a package must be beside its numbers: nothing more inside than the proof needs, and nothing left to choose.

A field that no number depends on is a field in which a stranger can write what he likes. What is not needed is
therefore refused, and what follows from the method is held against the method.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import polars as pl

from dideban.config import Config, ProofConfig
from dideban.figures import figure
from dideban.findings import Finding
from dideban.messages import Message
from dideban.proof.split import division_seed, first_day_of
from dideban.proof.stretches import STRETCH_LENGTHS_S, fitting_stretch, span_of
from dideban.schema import FINDING_KINDS, LEAD_KINDS, post_key
from dideban.store.manifest import OWN_FIELDS
from dideban.store.select import POINTERS
from dideban.traces import Traces

Check = tuple[str, bool, Message]
MAX_SHOWN = 3
FIELDS = frozenset({*OWN_FIELDS, "versions", "config", "seed", "affiliations", "proof", "n_posts_cut"})
"""Fields of a manifest."""
PROOF_FIELDS = frozenset({"split", "first_day", "stretch_s"})
VERSIONS = frozenset({"dideban", "polars", "numpy"})
SYNCHRONY_NUMBERS = ("error_rate", "e_value", "p_value")
WRITTEN = 1.01e-5
"""Relative difference of 1 / e and p where both are written with six digits."""


def check_manifest(manifest: Mapping[str, Any], *, files: Mapping[str, bytes], config: Config) -> list[Check]:
    """Check that a manifest says nothing but what it may, once, and that nothing was left out or chosen."""
    problems = [Message("check.unknown-field", name=name[:40]) for name in sorted(set(manifest) - FIELDS)]
    problems += _file_problems(manifest["files"], files) + _setting_problems(manifest, config)
    cut = manifest.get("n_posts_cut", 0)
    complete = (type(cut), cut) == (int, 0)
    seen = Message("check.complete") if complete else Message("check.shares-cut", n=str(cut)[:20])
    return [_told("manifest fields", problems, Message("check.fields-known")), ("complete", complete, seen)]


def _file_problems(stated: Mapping[str, Mapping[str, Any]], files: Mapping[str, bytes]) -> list[Message]:
    problems = []
    for name, entry in sorted(stated.items()):
        n_bytes = len(files.get(name, b""))
        problems += [Message("check.size", name=name, n=n_bytes)] if entry.get("bytes") != n_bytes else []
        problems += [Message("check.entry", name=name)] if len(entry) != 2 else []
    return problems


def _setting_problems(manifest: Mapping[str, Any], config: Config) -> list[Message]:
    problems, versions = [], manifest.get("versions")
    if not isinstance(versions, dict) or set(versions) - VERSIONS or not all(map(_is_short, versions.values())):
        problems.append(Message("check.versions"))
    if config.to_dict() != _plain(manifest.get("config")):
        problems.append(Message("check.settings-short"))
    if config.method != "synchrony" and (type(manifest.get("seed")), manifest.get("seed")) != (int, config.seed):
        problems.append(Message("check.seed", seed=str(config.seed)))
    if config.method != "synchrony" and "proof" in manifest:
        problems.append(Message("check.rule-proves-nothing"))
    return problems


def check_divisions(manifest: Mapping[str, Any], *, config: Config, posts: pl.DataFrame) -> Check:
    """Check that the data were divided as the method divides them: divisions that can be chosen can be shopped for.

    The seed is derived here from the method and the first day of the data. Which day that was cannot be seen in a
    package, only that it is not after the first post inside.
    """
    usual, proof = ProofConfig().n_splits, manifest.get("proof")
    if not isinstance(proof, dict) or set(proof) != PROOF_FIELDS or type(proof["split"]) is not int:
        return "divisions", False, Message("check.no-division")
    if type(proof["stretch_s"]) is not int or proof["stretch_s"] not in STRETCH_LENGTHS_S:
        return "divisions", False, Message("check.no-division")
    try:
        first_day = dt.date.fromisoformat(str(proof["first_day"]))
    except ValueError:
        return "divisions", False, Message("check.no-date")
    seed, day = division_seed(first_day), first_day.isoformat()
    problems = []
    if config.proof.n_splits != usual:
        problems.append(Message("check.other-divisions", n=config.proof.n_splits, usual=usual))
    problems += [Message("check.begins-late")] if first_day > first_day_of(posts) else []
    if proof["stretch_s"] < fitting_stretch(*span_of(posts)):
        problems.append(Message("check.short-stretch", stretch_s=proof["stretch_s"]))
    problems += [Message("check.no-date")] if day != proof["first_day"] else []
    if (type(manifest.get("seed")), manifest.get("seed")) != (int, seed):
        problems.append(Message("check.other-seed", day=day, seed=str(seed)))
    return _told("divisions", problems, Message("check.division", number=str(proof["split"]), day=day))


def check_rate(finding: Finding, *, config: Config) -> list[Check]:
    """Check that the stated error rate, e-value and p-value belong together."""
    if finding.method != "synchrony":
        stated = [name for name in SYNCHRONY_NUMBERS if getattr(finding, name) is not None]
        return [
            _told("rate", [Message("check.rule-has-no", name=name) for name in stated], Message("check.none-stated"))
        ]
    if finding.lead:
        held = [name for name in SYNCHRONY_NUMBERS if getattr(finding, name) is not None]
        problems = [Message("check.lead-has-no", name=name) for name in held]
        if finding.kind not in LEAD_KINDS:
            problems.append(Message("check.other-kind", kind=finding.kind))
        return [_told("rate", problems, Message("check.none-stated"))]
    if finding.kind not in FINDING_KINDS:
        return [("kind", False, Message("check.other-kind", kind=finding.kind))]
    e_value, p_value = finding.e_value or 0.0, finding.p_value if finding.p_value is not None else -1.0
    inverse = 1 / e_value if e_value > 0 else 1.0
    is_tail = e_value > 0 and abs(p_value - min(1.0, inverse)) <= WRITTEN * p_value
    reaches = finding.error_rate == config.fdr and figure(e_value) == e_value and e_value * config.fdr >= 1
    numbers = {"e": f"{e_value:.4g}", "rate": f"{config.fdr:g}", "least": f"{1 / config.fdr:.4g}"}
    return [
        ("p_value", is_tail, Message("check.p-value", p=f"{p_value:.4g}", inverse=f"{inverse:.4g}")),
        ("rate", reaches, Message("check.rate", **numbers)),
    ]


def check_needed(posts: pl.DataFrame, *, finding: Finding, traces: pl.DataFrame, clusters: pl.DataFrame) -> Check:
    """Check that every post inside has a reason: a member's on a shared object, an original, a first wording."""
    keys = ["object_kind", "object_id"]
    mine = traces.filter(pl.col("account_id").is_in(finding.accounts))
    common = shared_objects(traces, members=finding.accounts)
    compared = shared_objects(traces, members=finding.accounts, by_one=by_one(finding))
    needed = [mine.join(compared, on=keys, how="semi")["post_id"]]
    needed.append(common.filter(pl.col("object_kind").cast(pl.String).is_in(POINTERS))["object_id"])
    first = (
        traces.filter(pl.col("object_kind") == "text")
        .sort("created_at", "post_id")
        .unique(keys, keep="first", maintain_order=True)
    )
    needed.append(first.join(common, on=keys, how="semi")["post_id"])
    names = posts.select(post_key()).to_series()
    spare = names.filter(~names.is_in(pl.concat(needed).unique().implode()))
    loose = clusters.join(compared, on=keys, how="anti").height
    problems = [Message("check.spare-posts", n=len(spare), name=spare[0])] if len(spare) else []
    problems += [Message("check.loose-clusters", n=loose)] if loose else []
    problems += [Message("check.posts-order")] if not posts.equals(posts.sort("platform", "post_id")) else []
    problems += [Message("check.clusters-order")] if not clusters.equals(clusters.sort(clusters.columns)) else []
    return _told("posts needed", problems, Message("check.needed", n=posts.height))


def _told(name: str, problems: list[Message], fine: Message) -> Check:
    return name, not problems, Message("check.problems", problems=problems[:MAX_SHOWN]) if problems else fine


def shared_objects(traces: pl.DataFrame, *, members: list[str], by_one: bool = False) -> pl.DataFrame:
    """Return (object_kind, object_id) of the objects that two members share, or that one does."""
    keys = ["object_kind", "object_id"]
    mine = traces.filter(pl.col("account_id").is_in(members))
    counted = mine.group_by(keys).agg(n=pl.col("account_id").n_unique())
    return counted.filter(pl.col("n") > (0 if by_one else 1)).select(keys)


def only_shared(traces: Traces, *, members: list[str]) -> Traces:
    """Return traces of the objects that two members share."""
    common = shared_objects(traces.traces, members=members)
    return replace(traces, traces=traces.traces.join(common, on=["object_kind", "object_id"], how="semi"))


def by_one(finding: Finding) -> bool:
    """Return whether the proof looks at what single members share: how soon they come after the first account."""
    return finding.kind == "own" and not finding.lead


def _is_short(value: object) -> bool:
    return isinstance(value, str) and len(value) <= 40


def _plain(config: Any) -> Any:
    """Settings as JSON gives them back: lists where there were tuples."""
    if isinstance(config, dict):
        return {name: _plain(value) for name, value in config.items()}
    return tuple(config) if isinstance(config, list) else config
