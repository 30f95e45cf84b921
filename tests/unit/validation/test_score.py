"""Findings held against a known truth."""

from __future__ import annotations

from typing import Any

import polars as pl

from dideban.proof import Proof
from dideban.schema import GROUPS, OBJECTS, PROOF_TRACES, PROOFS, TRACES
from dideban.simulate import ROLES, Plant, Stream
from dideban.validation.score import false_share, score_groups, score_proof, score_stream

TRUTH = pl.DataFrame(
    [
        *({"group": "plant-00", "account_id": name, "kind": "plant"} for name in "abcdef"),
        *({"group": "plant-01", "account_id": name, "kind": "plant"} for name in "mnop"),
        *({"group": "feed-00", "account_id": name, "kind": "feed"} for name in "uvw"),
    ]
)
PLANTS = (
    Plant(n_accounts=6, n_operations=9, jitter_s=10.0),
    Plant(n_accounts=4, n_operations=5, jitter_s=40.0, where="exclusive"),
)


def proof(*groups: str, leads: frozenset[int] = frozenset(), e_value: float = 1000.0) -> Proof:
    members = [
        {"group_ix": ix, "account_id": name, "strength": 1.0} for ix, names in enumerate(groups) for name in names
    ]
    facts = [
        {
            "group_ix": ix, "p_value": 1 / e_value, "e_value": e_value, "n_tries": 10, "is_lead": ix in leads,
            "kind": "group" if ix in leads else "exchange",
        }
        for ix in range(len(groups))
    ]  # fmt: skip
    parts = [
        {
            "group_ix": ix, "object_kind": "link", "scale_s": scale, "n_blocks": 3, "n_pairs": 5, "expected_pairs": 0.1,
            "p_value": 0.1, "e_value": scale,
        }
        for ix in range(len(groups))
        for scale in (60.0, 10.0)
    ]  # fmt: skip
    return Proof(
        groups=pl.DataFrame(members, schema=GROUPS.dtypes),
        proofs=pl.DataFrame(facts, schema=PROOFS.dtypes),
        proof_traces=pl.DataFrame(parts, schema=PROOF_TRACES.dtypes),
        splits={},
        checked=lambda: {"n_proposed": 10, "n_found_shuffled": 0},
        notes=[],
    )


def score(*groups: str, **kwargs: Any) -> dict[str, Any]:
    return score_proof(proof(*groups, **kwargs), TRUTH, PLANTS)


def test_found_needs_half_of_both() -> None:
    assert [p["found"] for p in score("abc")["plants"]] == [True, False]
    assert [p["found"] for p in score("ab")["plants"]] == [False, False]  # less than half of the plant
    assert [p["found"] for p in score("abcxyz")["plants"]] == [True, False]
    assert [p["found"] for p in score("abcxyzs")["plants"]] == [False, False]  # less than half of the finding


def test_precision_and_recall_of_the_best_finding() -> None:
    first = score("abc", "abcdx")["plants"][0]
    assert (first["precision"], first["recall"], first["scale_s"]) == (0.8, 4 / 6, 60.0)


def test_leads_are_no_findings() -> None:
    result = score("mnop", leads=frozenset({0}))
    assert [(p["found"], p["lead"]) for p in result["plants"]] == [(False, False), (False, True)]
    assert false_share(result) == 0.0


def test_false_findings_by_what_they_are_of() -> None:
    result = score("abcdef", "uvw", "xyz")
    assert [f["kind"] for f in result["findings"]] == ["plant", "feed", "none"]
    assert false_share(result) == 2 / 3
    assert false_share(result, ordinary=False) == 1 / 3


def test_a_plant_goes_before_a_feed_where_both_hold_half() -> None:
    assert score("abuv")["findings"][0]["kind"] == "plant"


def test_alone_needs_evidence_for_a_single_claim() -> None:
    assert score("abcdef", e_value=200.0)["plants"][0]["alone"] is True
    assert score("abcdef", e_value=199.0)["plants"][0]["alone"] is False


def test_groups_of_other_rules_by_the_same_rule() -> None:
    groups = proof("abcdef", "uvw", "xyz", "mn").groups
    assert score_groups(groups, TRUTH, n_plants=2) == {"found": [True, True], "n_false": 2}


def stream() -> Stream:
    roles = [
        ("plant", "plant-00", "abcdef"),
        ("plant", "plant-01", "mnop"),
        ("crowd", "news", "uvw"),
        ("copied", "c", "yz"),
    ]
    rows = [{"account_id": a, "role": role, "part": part} for role, part, names in roles for a in names]
    accounts = pl.DataFrame(rows, schema_overrides={"role": pl.Enum(ROLES)})
    return Stream(traces=TRACES.empty(), truth=TRUTH, objects=OBJECTS.empty(), accounts=accounts)


def test_names_are_counted_once_by_what_they_are() -> None:
    result = score_stream(proof("abcx", "bcuy", "mn", leads=frozenset({2})), stream(), PLANTS)
    assert result["names"] == {"plant": 3, "copied": 1, "crowd": 1, "ordinary": 1}
    assert result["n_explained"] == 1
    assert result["parts"] == {"c": 1, "news": 1, "ordinary": 1}
    assert [one["n_named"] for one in result["plants"]] == [3, 0]


def test_a_finding_of_attackers_is_true() -> None:
    truth = pl.concat(
        [TRUTH, pl.DataFrame([{"group": "attackers-00", "account_id": a, "kind": "attacker"} for a in "qrs"])]
    )
    result = score_proof(proof("qrsu"), truth)
    assert result["findings"][0]["kind"] == "attacker"
    assert false_share(result) == 0.0
