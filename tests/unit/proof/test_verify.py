"""What a package states about its proof is recomputed; whatever was changed is seen."""

import dataclasses
import math
from types import SimpleNamespace

import polars as pl
import pytest

from dideban.config import Config
from dideban.figures import figure
from dideban.proof import verify_proof
from dideban.proof.split import make_splits

CONFIG = Config(seed=1)


def stated(proved, ix=None):
    """The finding that ``prove_groups`` would lead to, as verify_proof reads it."""
    row = proved.proofs.filter(~pl.col("is_lead") if ix is None else pl.col("group_ix") == ix).row(0, named=True)
    ix = row["group_ix"]
    accounts = proved.groups.filter(pl.col("group_ix") == ix)["account_id"].to_list()
    traces = [
        SimpleNamespace(
            kind=r["object_kind"],
            scale_s=r["scale_s"],
            n_pairs=r["n_pairs"],
            expected_pairs=figure(r["expected_pairs"]),
            p_value=figure(r["p_value"]),
            e_value=figure(r["e_value"]),
        )
        for r in proved.proof_traces.filter(pl.col("group_ix") == ix)
        .sort("object_kind", "p_value", "scale_s")
        .unique("object_kind", keep="first", maintain_order=True)
        .iter_rows(named=True)
    ]
    finding = SimpleNamespace(
        accounts=accounts,
        lead=row["is_lead"],
        kind=row["kind"],
        followed=[],
        e_value=figure(row["e_value"]),
        p_value=figure(row["p_value"]),
        traces=traces,
    )
    if finding.lead:  # a lead states no strength
        for one in (finding, *traces):
            one.e_value = None
        for one in traces:
            one.p_value = None
    manifest = {
        "config": CONFIG.to_dict(),
        "seed": proved.divisions[0].seed,
        "proof": {
            "split": proved.splits[tuple(accounts)],
            "first_day": proved.first_day.isoformat(),
            "stretch_s": int(proved.stretch_s),
        },
    }
    return finding, manifest


@pytest.fixture
def package(planted, proved):
    """A finding with its manifest, and the posts a package holds: all shares of the objects that members share."""
    finding, manifest = stated(proved)
    mine = planted.traces.filter(pl.col("account_id").is_in(finding.accounts))["object_id"].unique().to_list()
    inside = planted.traces.filter(pl.col("object_id").is_in(mine))
    return finding, SimpleNamespace(traces=inside, objects=planted.objects), manifest


def holds(package, **changes):
    finding, tables, manifest = package
    checks = verify_proof(finding, traces=tables, manifest={**manifest, **changes})
    return all(ok for _, ok, _ in checks)


def test_an_honest_package_holds(package):
    assert holds(package)
    assert len(verify_proof(package[0], traces=package[1], manifest=package[2])) == len(package[0].traces) + 2


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("n_pairs", lambda x: x + 1),
        ("n_pairs", lambda x: x - 1),
        ("expected_pairs", lambda x: x * 1.0001),
        ("expected_pairs", lambda x: math.nan),
        ("expected_pairs", lambda x: None),
        ("e_value", lambda x: x * 1.0001),
        ("e_value", lambda x: x / 2),
        ("e_value", lambda x: math.inf),
        ("e_value", lambda x: None),
        ("p_value", lambda x: x * 1.0001),
        ("p_value", lambda x: None),
    ],
)
@pytest.mark.parametrize("which", [0, -1])
def test_a_changed_number_is_seen(package, name, change, which):
    one = package[0].traces[which]
    setattr(one, name, change(getattr(one, name)))
    assert not holds(package)


def test_a_larger_whole_than_its_parts_is_seen(package):
    package[0].e_value = 2 * max(one.e_value for one in package[0].traces)
    assert not holds(package)


@pytest.mark.parametrize("change", [lambda x: x * 1.00002, lambda x: x / 1.00002, lambda x: None])
def test_a_changed_chance_of_the_whole_is_seen(package, change):
    assert holds(package)
    package[0].p_value = change(package[0].p_value)
    assert not holds(package)


def test_evidence_of_a_kind_that_the_posts_do_not_hold_is_seen(package):
    first = package[0].traces[0]
    package[0].traces.append(SimpleNamespace(**{**vars(first), "kind": "repost", "n_pairs": 0, "e_value": 1.0}))
    assert not holds(package)


def test_a_kind_left_out_or_a_worse_scale_is_seen(package, planted, proved):
    finding, tables, manifest = package
    kept = finding.traces
    finding.traces = kept[1:]
    assert not holds(package)
    rows = proved.proof_traces.filter(
        pl.col("object_kind") == kept[0].kind,
        pl.col("scale_s") != kept[0].scale_s,
        pl.col("group_ix") == proved.proofs.filter(~pl.col("is_lead"))["group_ix"][0],
    )
    for row in rows.iter_rows(named=True):
        worse = {name: figure(row[name]) for name in ("scale_s", "expected_pairs", "e_value", "p_value")}
        finding.traces = [SimpleNamespace(kind=kept[0].kind, n_pairs=row["n_pairs"], **worse), *kept[1:]]
        failed = [name for name, ok, _ in verify_proof(finding, traces=tables, manifest=manifest) if not ok]
        assert "kinds and scales" in failed


def test_a_scale_that_was_not_tested_is_seen(package):
    package[0].traces[0].scale_s = 61.0
    assert not holds(package)


@pytest.mark.parametrize("accounts", [["acc_nobody"], ["zzz"], []])
def test_other_members_are_seen(package, accounts):
    finding = package[0]
    finding.accounts = sorted([*finding.accounts[:-1], *accounts])
    assert not holds(package)


def test_another_division_of_time_is_seen(package):
    _, _, manifest = package
    n = len(make_splits(seed=1, n_splits=CONFIG.proof.n_splits))
    others = [k for k in range(n) if k != manifest["proof"]["split"]]
    assert not any(holds(package, proof={**manifest["proof"], "split": k}) for k in others)
    assert not holds(package, seed=2)


@pytest.mark.parametrize(
    "changes",
    [
        {"proof": {}},
        {"proof": None},
        {"proof": {"split": 0}},
        {"proof": {"split": 4, "stretch_s": 14_400}},
        {"proof": {"split": -1, "stretch_s": 14_400}},
        {"proof": {"split": 10**30, "stretch_s": 14_400}},
        {"proof": {"split": 0, "stretch_s": 7_200}},
        {"proof": {"split": 0, "stretch_s": "14400"}},
        {"proof": {"split": 0, "stretch_s": None}},
        {"seed": "x"},
        {"seed": None},
        {"config": {}},
        {"config": {"proof": {"scales_s": [0.0], "n_splits": 2}}},
        {"config": {"proof": {"scales_s": [float("inf")], "n_splits": 2}}},
        {"config": {"proof": {"scales_s": [1e-300, math.nan], "n_splits": 2}}},
        {"config": {"proof": {"scales_s": 10, "n_splits": 2}}},
        {"config": {"proof": {"scales_s": [10.0], "n_splits": 10**12}}},
        {"config": {"proof": {"scales_s": [10.0] * 5000, "n_splits": 2}}},
    ],
)
def test_a_manifest_that_makes_no_sense_is_a_failed_check(package, changes):
    assert not holds(package, **changes)


def test_posts_taken_out_are_seen(package):
    finding, tables, _ = package
    member = finding.accounts[0]
    object_ = tables.traces.filter(pl.col("account_id") == member)["object_id"].mode().sort()[0]
    tables.traces = tables.traces.filter((pl.col("account_id") != member) | (pl.col("object_id") == object_))
    assert not holds(package)


def test_posts_moved_in_time_are_seen(package):
    tables = package[1]
    tables.traces = tables.traces.with_columns(
        pl.col("created_at") + pl.duration(seconds=pl.col("post_id").hash() % 600)
    )
    assert not holds(package)


def test_leads_are_recounted(planted, proved):
    leads = proved.proofs.filter(pl.col("is_lead"))["group_ix"].to_list()
    assert leads
    finding, manifest = stated(proved, leads[0])
    tables = SimpleNamespace(traces=planted.traces, objects=planted.objects)
    assert all(ok for _, ok, _ in verify_proof(finding, traces=tables, manifest=manifest))
    finding.traces[0] = SimpleNamespace(**{**vars(finding.traces[0]), "n_pairs": finding.traces[0].n_pairs + 1})
    assert not all(ok for _, ok, _ in verify_proof(finding, traces=tables, manifest=manifest))


def test_config_is_what_the_fixture_proved_with(proved):
    assert proved.selfcheck["n_found"] == 1
    assert dataclasses.asdict(CONFIG)["proof"]["scales_s"] == CONFIG.proof.scales_s
