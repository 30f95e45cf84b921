"""What a package must be beside its numbers: nothing more inside than the proof needs, and nothing left to choose.

A field that no number depends on is a field in which a stranger can write what he likes. What is not needed is
therefore refused, and what follows from the method is held against the method.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

import polars as pl

from dideban.config import Config, ProofConfig
from dideban.figures import figure, is_figure_of
from dideban.findings import Finding
from dideban.proof.split import division_seed, first_day_of
from dideban.store.manifest import OWN_FIELDS
from dideban.store.select import POINTERS

Check = tuple[str, bool, str]
FIELDS = frozenset({*OWN_FIELDS, "versions", "config", "seed", "affiliations", "proof", "n_posts_cut"})
"""Fields of a manifest."""
PROOF_FIELDS = frozenset({"split", "first_day"})
VERSIONS = frozenset({"dideban", "polars", "numpy"})
SYNCHRONY_NUMBERS = ("error_rate", "e_value", "p_value")
WRITTEN = 1.01e-5
"""Relative difference of 1 / e and p where both are written with six digits."""


def check_manifest(manifest: Mapping[str, Any], *, files: Mapping[str, bytes], config: Config) -> list[Check]:
    """Check that a manifest says nothing but what it may, once, and that nothing was left out or chosen."""
    problems = [f"{name:.40} is no field of a manifest" for name in sorted(set(manifest) - FIELDS)]
    sizes = {name: entry.get("bytes") for name, entry in manifest["files"].items()}
    problems += [
        f"{name} has {len(files[name])} bytes" for name in sorted(sizes) if sizes[name] != len(files.get(name, b""))
    ]
    problems += [
        f"{name} holds more than a hash and a size" for name, entry in manifest["files"].items() if len(entry) != 2
    ]
    versions = manifest.get("versions")
    if not isinstance(versions, dict) or set(versions) - VERSIONS or not all(map(_is_short, versions.values())):
        problems.append("versions are not those of dideban, polars and numpy")
    if config.to_dict() != _plain(manifest.get("config")):
        problems.append("the settings are not written out in full")
    if config.method != "synchrony" and (type(manifest.get("seed")), manifest.get("seed")) != (int, config.seed):
        problems.append(f"the seed of the settings is {config.seed}")
    if config.method != "synchrony" and "proof" in manifest:
        problems.append("a rule proves nothing")
    cut = manifest.get("n_posts_cut", 0)
    complete = (type(cut), cut) == (int, 0)
    seen = "nothing left out" if complete else f"{cut!r:.20} shares by others are not inside: nothing can be recomputed"
    return [
        ("manifest fields", not problems, "; ".join(problems[:3]) or "none but those known"),
        ("complete", complete, seen),
    ]


def check_divisions(manifest: Mapping[str, Any], *, config: Config, posts: pl.DataFrame) -> Check:
    """Check that the data were divided as the method divides them: divisions that can be chosen can be shopped for.

    The seed is derived here from the method and the first day of the data. Which day that was cannot be seen in a
    package, only that it is not after the first post inside.
    """
    usual, proof = ProofConfig().n_splits, manifest.get("proof")
    if not isinstance(proof, dict) or set(proof) != PROOF_FIELDS or type(proof["split"]) is not int:
        return "divisions", False, "the manifest does not name the division that proved the group and the first day"
    try:
        first_day = dt.date.fromisoformat(str(proof["first_day"]))
    except ValueError:
        return "divisions", False, "the first day of the data is no date"
    seed = division_seed(first_day)
    problems = (
        [f"the data were divided {config.proof.n_splits} times, not {usual}"] if config.proof.n_splits != usual else []
    )
    problems += ["the data begin after the first post inside"] if first_day > first_day_of(posts) else []
    problems += [f"data that begin on {first_day} are divided by seed {seed}"] if manifest.get("seed") != seed else []
    problems += ["the first day is not written as a date"] if first_day.isoformat() != proof["first_day"] else []
    return "divisions", not problems, "; ".join(problems) or f"number {proof['split']} of data from {first_day} on"


def check_rate(finding: Finding, *, config: Config) -> list[Check]:
    """Check that the stated error rate, e-value and p-value belong together."""
    if finding.method != "synchrony":
        stated = [name for name in SYNCHRONY_NUMBERS if getattr(finding, name) is not None]
        return [("rate", not stated, f"a threshold rule has no {stated[0]}" if stated else "none stated")]
    if finding.lead:
        return [
            ("e_value of the lead", False, "rests on the pace of objects that are not inside: cannot be recomputed")
        ]
    e_value, p_value = finding.e_value or 0.0, finding.p_value if finding.p_value is not None else -1.0
    is_tail = e_value > 0 and abs(p_value - min(1.0, 1 / e_value)) <= WRITTEN * p_value
    reaches = finding.error_rate == config.fdr and is_figure_of(figure(e_value), e_value) and e_value * config.fdr >= 1
    return [
        ("p_value", is_tail, f"{p_value:.4g}, 1 / e-value is {1 / e_value if e_value else 1:.4g}"),
        (
            "rate",
            reaches,
            f"{e_value:.4g} to 1 for an error rate of {config.fdr:g}: at least {1 / config.fdr:.4g} is needed",
        ),
    ]


def check_needed(posts: pl.DataFrame, *, finding: Finding, traces: pl.DataFrame, clusters: pl.DataFrame) -> Check:
    """Check that every post inside has a reason: a member's on a shared object, an original, a first wording."""
    keys = ["object_kind", "object_id"]
    mine = traces.filter(pl.col("account_id").is_in(finding.accounts))
    common = shared_objects(traces, members=finding.accounts)
    needed = [mine.join(common, on=keys, how="semi")["post_id"]]
    needed.append(common.filter(pl.col("object_kind").cast(pl.String).is_in(POINTERS))["object_id"])
    first = (
        traces.filter(pl.col("object_kind") == "text")
        .sort("created_at", "post_id")
        .unique(keys, keep="first", maintain_order=True)
    )
    needed.append(first.join(common, on=keys, how="semi")["post_id"])
    names = posts.select(pl.concat_str("platform", pl.lit("/"), "post_id")).to_series()
    spare = names.filter(~names.is_in(pl.concat(needed).unique().implode()))
    loose = clusters.join(common, on=keys, how="anti").height
    problems = [f"{len(spare):,} posts prove nothing, such as {spare[0]}"] if len(spare) else []
    problems += [f"{loose:,} rows of clusters are about objects that no two members share"] if loose else []
    problems += ["posts are not in order"] if not posts.equals(posts.sort("platform", "post_id")) else []
    problems += ["clusters are not in order"] if not clusters.equals(clusters.sort(clusters.columns)) else []
    return "posts needed", not problems, "; ".join(problems) or f"{posts.height:,} posts, each for a reason"


def shared_objects(traces: pl.DataFrame, *, members: list[str]) -> pl.DataFrame:
    """Return (object_kind, object_id) of the objects that two members share."""
    keys = ["object_kind", "object_id"]
    mine = traces.filter(pl.col("account_id").is_in(members))
    return mine.group_by(keys).agg(n=pl.col("account_id").n_unique()).filter(pl.col("n") > 1).select(keys)


def _is_short(value: object) -> bool:
    return isinstance(value, str) and len(value) <= 40


def _plain(config: Any) -> Any:
    """Settings as JSON gives them back: lists where there were tuples."""
    if isinstance(config, dict):
        return {name: _plain(value) for name, value in config.items()}
    return tuple(config) if isinstance(config, list) else config
