"""A proof held against the truth of a simulated stream: groups, and every name."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl

from dideban.proof import Proof
from dideban.simulate import ROLES, Plant, Stream
from dideban.validation.model import Result

Members = dict[str, set[str]]

GUILTY = ("plant", "attacker")
"""Roles of accounts that do act in concert; whoever else is named is innocent."""
EXPLAINED = ("feed", "wire", "announced", "event", "fans", "programs")
"""Kinds of groups that follow a common trigger for ordinary reasons. They count as innocent, and are shown apart."""


def score_stream(proof: Proof, stream: Stream, plants: Sequence[Plant] = ()) -> Result:
    """Return findings, names and plants, each with what it meets on the other side.

    A finding is *of* the group of the truth that holds at least half of its accounts (a plant before others; the
    largest share first); one of no plant is false. A plant is *found* when a finding of it also holds at least half of
    its members. A *name* is an account in any finding, counted once a stream.
    """
    roles = dict(stream.accounts.select("account_id", "role").iter_rows())
    result = score_proof(proof, stream.truth, plants)
    explained = set(stream.truth.filter(pl.col("kind").is_in(EXPLAINED))["account_id"])
    named = _named(proof)
    followed = set(proof.followed["account_id"]) if hasattr(proof, "followed") else set()
    members = _members(stream.truth)
    for number, one in enumerate(result["plants"]):
        one["n_named"] = len(members[f"plant-{number:02d}"] & named)
    return {
        **result,
        "names": _by_role(named, roles),
        "n_explained": len({name for name in named & explained if roles.get(name) not in GUILTY}),
        "followed": _by_role(followed, roles),
        "parts": dict(sorted(Counter(_parts(stream, named, roles)).items())),
    }


def _named(proof: Proof) -> set[str]:
    claims = proof.proofs.filter(~pl.col("is_lead")).select("group_ix")
    return set(proof.groups.join(claims, on="group_ix", how="semi")["account_id"])


def _by_role(names: set[str], roles: Mapping[str, str]) -> dict[str, int]:
    counts = Counter(roles.get(name, "ordinary") for name in names)
    return {role: counts[role] for role in ROLES if counts[role]}


def _parts(stream: Stream, named: set[str], roles: Mapping[str, str]) -> list[str]:
    """Return the crowd, or the role, of every innocent account that is named."""
    part = dict(stream.accounts.select("account_id", "part").iter_rows())
    return [part.get(name) or roles.get(name, "ordinary") for name in named if roles.get(name) not in GUILTY]


def score_proof(proof: Proof, truth: pl.DataFrame, plants: Sequence[Plant] = ()) -> Result:
    """Return findings and plants by the rules of :func:`score_stream`."""
    kinds = {row["group"]: row["kind"] for row in truth.select("group", "kind").unique().iter_rows(named=True)}
    members = _members(truth)
    findings = _findings(proof, members, kinds)
    return {
        "findings": findings,
        "plants": [_plant(f"plant-{n:02d}", plant, members, findings) for n, plant in enumerate(plants)],
        "n_proposed": int(proof.selfcheck["n_proposed"]),
        "n_shuffled": int(proof.selfcheck["n_found_shuffled"]),
    }


def score_groups(groups: pl.DataFrame, truth: pl.DataFrame, *, n_plants: int) -> Result:
    """Return which plants GROUPS hold, by the rule of :func:`score_stream`, and how many groups are of no plant."""
    members = _members(truth.filter(pl.col("kind") == "plant"))
    kinds = dict.fromkeys(members, "plant")
    found, n_false = set(), 0
    for accounts in groups.group_by("group_ix").agg("account_id").sort("group_ix")["account_id"].to_list():
        of = _owner(set(accounts), members, kinds)
        n_false += of is None
        if of and 2 * len(set(accounts) & members[of]) >= len(members[of]):
            found.add(of)
    return {"found": [f"plant-{n:02d}" in found for n in range(n_plants)], "n_false": n_false}


def _members(truth: pl.DataFrame) -> Members:
    return {
        str(row["group"]): set(row["account_id"])
        for row in truth.group_by("group", maintain_order=True).agg("account_id").iter_rows(named=True)
    }


def _findings(proof: Proof, members: Members, kinds: Mapping[str, str]) -> list[Result]:
    scales = _best_scales(proof)
    facts = {row["group_ix"]: row for row in proof.proofs.iter_rows(named=True)}
    result = []
    for row in proof.groups.group_by("group_ix").agg("account_id").sort("group_ix").iter_rows(named=True):
        ix, accounts = row["group_ix"], set(row["account_id"])
        of = _owner(accounts, members, kinds)
        result.append(
            {
                "is_lead": bool(facts[ix]["is_lead"]),
                "proof": str(facts[ix].get("kind", "")),
                "size": len(accounts),
                "kind": kinds[of] if of else "none",
                "of": of,
                "joint": len(accounts & members[of]) if of else 0,
                "e_value": float(facts[ix]["e_value"]),
                "n_tries": int(facts[ix]["n_tries"]),
                "scale_s": scales.get(ix, 0.0),
            }
        )
    return result


def _best_scales(proof: Proof) -> dict[int, float]:
    best = proof.proof_traces.sort("group_ix", "e_value", "scale_s").group_by("group_ix").last()
    return dict(zip(best["group_ix"].to_list(), best["scale_s"].to_list(), strict=True))


def _owner(accounts: set[str], members: Members, kinds: Mapping[str, str]) -> str | None:
    best: tuple[bool, int, str] | None = None
    for name, group in sorted(members.items()):
        joint = len(accounts & group)
        if 2 * joint >= len(accounts) and (best is None or (kinds[name] in GUILTY, joint) > best[:2]):
            best = (kinds[name] in GUILTY, joint, name)
    return best[2] if best else None


def _plant(name: str, plant: Plant, members: Members, findings: Sequence[Result]) -> Result:
    size = len(members[name])
    mine = [f for f in findings if f["of"] == name and 2 * f["joint"] >= size]
    found = [f for f in mine if not f["is_lead"]]
    best = max(found, key=lambda f: f["joint"], default=None)
    return {
        "size": plant.n_accounts,
        "operations": plant.n_operations,
        "jitter_s": plant.jitter_s,
        "where": plant.where,
        "moment": plant.moment,
        "others": plant.others,
        "posts_per_day": plant.posts_per_day,
        "lag_s": plant.lag_s,
        "days": plant.days,
        "found": bool(found),
        "lead": any(f["is_lead"] for f in mine),
        "lead_kind": next((f["proof"] for f in mine if f["is_lead"]), ""),
        "alone": any(f["e_value"] >= f["n_tries"] / 0.05 for f in found),
        "precision": best["joint"] / best["size"] if best else None,
        "recall": best["joint"] / size if best else None,
        "scale_s": best["scale_s"] if best else None,
    }


def false_share(result: Mapping[str, Any], *, ordinary: bool = True) -> float:
    """Return the share of findings (leads apart) that are of no plant and of no attackers.

    Parameters
    ----------
    ordinary : bool
        Count feeds, wires, fans and the like as false.
    """
    findings = [f for f in result["findings"] if not f["is_lead"]]
    wrong = [f for f in findings if f["kind"] not in GUILTY and (ordinary or f["kind"] not in EXPLAINED)]
    return len(wrong) / max(len(findings), 1)
