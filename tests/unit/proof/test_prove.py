"""prove_groups: what it finds, what it does not, and what it says of data that cannot be used."""

import time

import numpy as np
import polars as pl
import pytest

from dideban.config import Config, ProofConfig
from dideban.errors import ConfigError, SchemaError
from dideban.messages import describe
from dideban.proof import prove_groups, strength
from dideban.proof.blocks import MAX_SLOTS
from dideban.schema import GROUPS, PROOF_TRACES, PROOFS, TRACES
from dideban.simulate import Plant, make_stream

QUICK = Config(seed=1, threads=1, proof=ProofConfig(n_shuffles=1))


def said(proof):
    """Notes of a proof in English."""
    return [describe(note)["text"]["en"] for note in proof.notes]


def table(rows, kind="link"):
    """TRACES from (account, object, seconds)."""
    return pl.DataFrame(
        {
            "account_id": [r[0] for r in rows],
            "object_kind": [kind] * len(rows),
            "object_id": [r[1] for r in rows],
            "post_id": [f"x/{i}" for i in range(len(rows))],
            "created_at": [int(r[2] * 1e6) for r in rows],
        },
        schema={**TRACES.dtypes, "created_at": pl.Int64},
    ).cast({"created_at": TRACES.dtypes["created_at"]})


def silent(proof):
    assert proof.groups.is_empty()
    assert proof.proofs.is_empty()
    assert proof.proof_traces.is_empty()
    assert proof.selfcheck["n_found"] == 0
    assert proof.selfcheck["n_found_shuffled"] == 0
    return proof


def nothing_found(proof):
    """Nothing is claimed; that all accounts are in lockstep may be shown as one lead."""
    assert proof.proofs["is_lead"].all()
    assert proof.proofs.height <= 1
    assert proof.selfcheck["n_found"] == 0
    assert proof.selfcheck["n_found_shuffled"] == 0
    return proof


def test_a_planted_group_is_found_whole_and_nobody_else(proved, members):
    claimed = proved.proofs.filter(~pl.col("is_lead"))
    assert len(claimed) == 1
    assert set(proved.groups.filter(pl.col("group_ix") == claimed["group_ix"][0])["account_id"]) == members
    assert claimed["e_value"][0] > 1e6
    assert claimed["p_value"][0] == pytest.approx(1 / claimed["e_value"][0])
    assert proved.selfcheck["n_found"] == 1


def test_shuffled_copies_are_silent(proved):
    assert proved.selfcheck["n_shuffles"] == 2
    assert proved.selfcheck["n_found_shuffled"] == 0


def test_a_null_stream_is_silent():
    stream = make_stream(seed=4, n_accounts=1_500, n_shares=30_000)
    proof = prove_groups(stream.traces, objects=stream.objects, config=QUICK)
    assert proof.proofs.filter(~pl.col("is_lead")).is_empty()
    assert proof.selfcheck["n_proposed"] > 100
    assert proof.selfcheck["n_found_shuffled"] == 0


def test_tables_keep_their_contract(proved):
    for spec, frame in ((GROUPS, proved.groups), (PROOFS, proved.proofs), (PROOF_TRACES, proved.proof_traces)):
        assert spec.check(frame).columns == spec.names
    assert proved.proofs["group_ix"].to_list() == list(range(len(proved.proofs)))
    assert proved.groups.sort("group_ix", "account_id").equals(proved.groups)
    sizes = proved.groups.group_by("group_ix").len().join(proved.proofs, on="group_ix")
    assert (sizes.filter(pl.col("kind") != "pair")["len"] >= 3).all()
    assert (sizes.filter(pl.col("kind") == "pair")["len"] == 2).all()
    assert len(proved.splits) == len(proved.proofs)
    assert (proved.proof_traces["e_value"].is_finite()).all()


def test_nothing_in_nothing_out():
    proof = silent(prove_groups(TRACES.empty(), config=QUICK))
    assert not proof.selfcheck["enough_data"]
    assert proof.selfcheck["reason"]


def test_a_table_without_times_is_refused():
    with pytest.raises(SchemaError, match="created_at"):
        prove_groups(TRACES.empty().drop("created_at"), config=QUICK)


def test_one_account():
    silent(prove_groups(table([("a", f"o{i}", 100 * i) for i in range(500)]), config=QUICK))


def test_one_object():
    rng = np.random.default_rng(1)
    silent(prove_groups(table([(f"a{i}", "o", rng.uniform(0, 1e6)) for i in range(500)]), config=QUICK))


def test_all_times_equal():
    rng = np.random.default_rng(2)
    rows = [(f"a{rng.integers(60)}", f"o{rng.integers(40)}", 1e9) for _ in range(3_000)]
    proof = silent(prove_groups(table(rows), config=QUICK))
    assert not proof.selfcheck["enough_data"]
    assert "Not enough data" in proof.selfcheck["reason"]["text"]["en"]


def test_everybody_shares_everything_at_their_own_time():
    rng = np.random.default_rng(3)
    rows = [(f"a{a}", f"o{o}", 86400 * o + rng.uniform(0, 7200)) for a in range(60) for o in range(40)]
    silent(prove_groups(table(rows), config=QUICK))


def test_everybody_shares_everything_at_once():
    """All are near all: nobody is closer than anybody, however often it happens."""
    rows = [(f"a{a}", f"o{o}", 86400 * o + a * 0.1) for a in range(40) for o in range(60)]
    nothing_found(prove_groups(table(rows), config=QUICK))


def campaign(name="g{}", *, step=1, n_days=60):
    """Four accounts post within seconds of each other, every day, among forty others who do not."""
    rng = np.random.default_rng(1)
    rows = []
    for day in range(n_days):
        at = day * 86400 + rng.uniform(0, 80000)
        rows += [(name.format(i), f"day {day}", at + rng.uniform(0, 20)) for i in range(4)]
        some = rng.choice(200, 40, replace=False)
        rows += [(f"other{i}", f"day {day}", at - 1000 + rng.uniform(0, 5000)) for i in some]
    return [(who, what, step * (when // step)) for who, what, when in rows]


def found(proof):
    claimed = proof.proofs.filter(~pl.col("is_lead"))["group_ix"].to_list()
    return [set(proof.groups.filter(pl.col("group_ix") == ix)["account_id"]) for ix in claimed]


def test_a_campaign_is_found_and_its_ids_may_be_written_in_any_script():
    assert found(prove_groups(table(campaign()), config=QUICK)) == [{"g0", "g1", "g2", "g3"}]
    for name in ("حساب\u200cنما {}", "👩‍👩‍👧{}", "\u202eab{}", "~{}"):
        expected = [{name.format(i) for i in range(4)}]
        assert found(prove_groups(table(campaign(name)), config=QUICK)) == expected, name


def test_times_to_the_minute_leave_out_finer_scales_with_a_word():
    proof = prove_groups(table(campaign(step=60)), config=QUICK, resolution_s=60.0)
    assert [note for note in said(proof) if "given to 60 seconds only" in note and "10 seconds" in note]
    assert set(proof.proof_traces["scale_s"]) <= {60.0, 600.0, 1800.0}
    assert [{"g0", "g1", "g2", "g3"} <= group for group in found(proof)] == [True]


def test_times_to_the_day_leave_nothing_to_test_and_that_is_said():
    proof = silent(prove_groups(table(campaign(step=86400)), config=QUICK, resolution_s=86400.0))
    assert not proof.selfcheck["enough_data"]
    assert "coarser than every scale" in proof.selfcheck["reason"]["text"]["en"]
    assert any("given to 1 day only" in note and "30 minutes" in note for note in said(proof))


def test_copies_of_a_post_count_once():
    rows = campaign()
    one = prove_groups(table(rows), config=QUICK)
    two = prove_groups(pl.concat([table(rows), table(rows)]), config=QUICK)
    assert two.proofs.equals(one.proofs)
    assert two.proof_traces.equals(one.proof_traces)


def test_later_shares_of_the_same_object_count_nothing():
    rows = campaign()
    later = [(who, what, when + 7 * 86400) for who, what, when in rows if who.startswith("g")]
    assert prove_groups(table(rows + later), config=QUICK).proofs.equals(prove_groups(table(rows), config=QUICK).proofs)


@pytest.mark.parametrize("max_groups", [0, 1, 4, 40])
def test_too_many_proposals_are_cut_and_that_is_said(planted, max_groups):
    config = Config(seed=1, threads=1, proof=ProofConfig(max_groups=max_groups, n_shuffles=0))
    proof = prove_groups(planted.traces, objects=planted.objects, config=config)
    assert proof.selfcheck["n_proposed"] <= max_groups
    assert any("were not tested: too many proposals" in note for note in said(proof))
    if proof.selfcheck["n_proposed"] == 0:
        assert not proof.selfcheck["enough_data"]
        assert "were left out" in proof.selfcheck["reason"]["text"]["en"]


@pytest.mark.parametrize(
    "setting",
    [
        {"scales_s": (0.0,)},
        {"scales_s": (60.0, -5.0)},
        {"scales_s": (float("inf"),)},
        {"scales_s": (float("nan"),)},
        {"n_splits": 0},
        {"n_splits": 10**9},
        {"max_size": 2},
        {"max_groups": -1},
        {"n_shuffles": -1},
    ],
)
def test_settings_that_make_no_sense_are_refused(setting):
    with pytest.raises(ConfigError, match=next(iter(setting))):
        ProofConfig(**setting)


def test_no_scale_no_test_and_that_is_said():
    config = Config(seed=1, threads=1, proof=ProofConfig(scales_s=()))
    assert not silent(prove_groups(table(campaign()), config=config)).selfcheck["enough_data"]


def test_without_shuffles_and_without_leads(planted, members):
    config = Config(seed=1, threads=1, proof=ProofConfig(n_shuffles=0, leads=False))
    proof = prove_groups(planted.traces, objects=planted.objects, config=config)
    assert not proof.proofs["is_lead"].any()
    assert found(proof) == [members]
    assert proof.selfcheck["n_leads"] == 0


def test_too_little_to_decide_is_an_answer():
    """Three accounts together three times: proposed, but three times can never be enough."""
    rng = np.random.default_rng(5)
    rows = []
    for day in range(6):
        at = day * 86400
        rows += [(f"g{i}", f"o{day}", at + 5 * i) for i in range(3)]
        rows += [(f"z{day}-{j}", f"o{day}", at + rng.uniform(0, 800)) for j in range(3)]
    proof = silent(prove_groups(table(rows), config=Config(seed=2, threads=1, proof=ProofConfig(leads=False))))
    assert not proof.selfcheck["enough_data"]
    assert "Not enough data to decide" in proof.selfcheck["reason"]["text"]["en"]


@pytest.mark.slow
def test_a_million_shares_of_one_object_within_an_hour():
    n = 1_000_000
    rng = np.random.default_rng(6)
    crowd = pl.DataFrame(
        {
            "account_id": pl.Series(np.arange(n)).cast(pl.String).str.zfill(7),
            "object_kind": pl.repeat("link", n, dtype=TRACES.dtypes["object_kind"], eager=True),
            "object_id": pl.repeat("everybody saw this", n, eager=True),
            "post_id": pl.Series(np.arange(n)).cast(pl.String),
            "created_at": pl.Series((rng.uniform(0, 3600, n) * 1e6).astype(np.int64)).cast(TRACES.dtypes["created_at"]),
        }
    )
    assert n > MAX_SLOTS
    began = time.process_time()
    proof = prove_groups(pl.concat([crowd, table(campaign())]), config=Config(seed=1, proof=ProofConfig(n_shuffles=0)))
    assert found(proof) == [{"g0", "g1", "g2", "g3"}]
    assert time.process_time() - began < 300  # of the order of seconds; the square of a million would take days


def test_a_group_that_is_left_out_is_left_out_of_every_table(monkeypatch: pytest.MonkeyPatch) -> None:
    """A group by own pace whose package could not show as strong evidence as the rate asks goes."""
    own = Plant(n_accounts=8, n_operations=18, jitter_s=40.0, where="exclusive", posts_per_day=3.0)
    stream = make_stream(seed=7_403, n_accounts=1_000, n_shares=15_000, crowds=(), plants=[own])
    given = {"objects": stream.objects, "moments": stream.moments, "config": QUICK}
    assert "own" in prove_groups(stream.traces, **given).proofs["kind"].to_list()
    monkeypatch.setattr(strength, "strength_by_kind", lambda *_, **__: 0.0)
    proof = prove_groups(stream.traces, **given)
    assert "note.own-pace-short" in [note.code for note in proof.notes]
    assert "own" not in proof.proofs["kind"].to_list()
    for table in (proof.groups, proof.proof_traces, proof.followed):
        assert set(table["group_ix"]) <= set(proof.proofs["group_ix"])
