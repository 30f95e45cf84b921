"""Which pairs carry a group: the table that a report shows."""

import numpy as np
import polars as pl
import pytest

from dideban.config import Config
from dideban.errors import SchemaError
from dideban.proof import pairs as pairs_module
from dideban.proof.pairs import explain_groups, explain_pairs
from dideban.proof.split import make_splits
from dideban.schema import GROUP_PAIRS, GROUPS, PAIR_TRACES, PROOF_TRACES, TRACES

SCALES = (10.0, 60.0, 600.0)


@pytest.fixture(scope="module")
def table(planted, members):
    return explain_pairs(planted.traces, members=sorted(members), objects=planted.objects, scales_s=SCALES)


def at(frame, scale_s=60.0):
    return frame.filter(pl.col("scale_s") == scale_s)


def test_every_pair_of_a_planted_group_is_tied(table, members):
    here = at(table)
    assert len(here) == len(members) * (len(members) - 1) // 2
    assert (here["n_near"] > 4 * here["expected"]).all()
    assert here["p_value"].max() < 1e-6
    assert here["e_value"].min() > 1e4


def test_a_bystander_is_tied_to_nobody(planted, members):
    mine = planted.traces.filter(pl.col("account_id").is_in(list(members)))["object_id"].unique().to_list()
    others = planted.traces.filter(pl.col("object_id").is_in(mine) & ~pl.col("account_id").is_in(list(members)))
    outsider = others["account_id"].value_counts(sort=True).sort("count", "account_id", descending=True)[0, 0]
    table = explain_pairs(planted.traces, members=[*members, outsider], objects=planted.objects, scales_s=SCALES)
    its = at(table).filter((pl.col("account_a") == outsider) | (pl.col("account_b") == outsider))
    assert len(its) > 3
    assert its["p_value"].min() > 1e-3
    assert its["e_value"].max() < 20


def test_ordinary_pairs_are_as_near_as_expected(planted, members):
    """Over many pairs of busy people near blocks add up to what was expected, and small p-values are as rare."""
    busy = planted.traces.filter(~pl.col("account_id").is_in(list(members)))["account_id"].value_counts()
    names = busy.sort("count", "account_id", descending=True)["account_id"].head(60).to_list()
    truth = set(planted.truth["account_id"])
    plain = [name for name in names if name not in truth]
    table = at(explain_pairs(planted.traces, members=plain, objects=planted.objects, scales_s=(60.0,)))
    assert len(table) > 200
    assert table["n_near"].sum() == pytest.approx(table["expected"].sum(), rel=0.35)
    assert (table["p_value"] < 0.01).mean() < 0.03
    assert table["e_value"].mean() < 3.0


def test_the_proving_part_alone(planted, members, table):
    splits = make_splits(seed=1, n_splits=1, scales_s=SCALES)
    parts = [
        explain_pairs(planted.traces, members=sorted(members), objects=planted.objects, scales_s=SCALES, split=split)
        for split in splits
    ]
    for part in parts:
        assert 0 < at(part)["n_near"].sum() < at(table)["n_near"].sum()
    assert at(parts[0])["n_blocks"].sum() != at(parts[1])["n_blocks"].sum()


def test_nothing_of_the_proposing_part_is_looked_at(planted, members):
    split = make_splits(seed=1, n_splits=1, scales_s=SCALES)[0]
    proposes = pl.Series(split.proposes(planted.traces["created_at"].dt.epoch("us").to_numpy() / 1e6))

    def pairs(rows):
        return explain_pairs(rows, members=sorted(members), objects=planted.objects, scales_s=SCALES, split=split)

    assert pairs(planted.traces.filter(proposes)).is_empty()
    assert not pairs(planted.traces.filter(~proposes)).is_empty()


def test_order_of_rows_and_members_changes_nothing(planted, members, table):
    rows = planted.traces.sample(fraction=1.0, shuffle=True, seed=4)
    again = explain_pairs(rows, members=sorted(members, reverse=True), objects=planted.objects, scales_s=SCALES[::-1])
    assert again.equals(table)
    assert PAIR_TRACES.check(table).equals(table)


def test_the_objects_of_the_group_are_enough(planted, members, table):
    mine = planted.traces.filter(pl.col("account_id").is_in(list(members)))["object_id"].unique().to_list()
    inside = planted.traces.filter(pl.col("object_id").is_in(mine))
    again = explain_pairs(inside, members=sorted(members), objects=planted.objects, scales_s=SCALES)
    assert again.equals(table)


def test_strangers_and_nothing(planted):
    assert explain_pairs(TRACES.empty(), members=["a", "b"], scales_s=SCALES).is_empty()
    assert explain_pairs(planted.traces, members=[], scales_s=SCALES).is_empty()
    assert explain_pairs(planted.traces, members=["nobody", "~"], scales_s=SCALES).is_empty()
    some = planted.traces["account_id"][0]
    assert explain_pairs(planted.traces, members=[some, "nobody", "~"], scales_s=SCALES).is_empty()
    with pytest.raises(SchemaError):
        explain_pairs(planted.traces.drop("post_id"), members=[some], scales_s=SCALES)


def test_crowded_blocks_give_way_when_the_work_is_too_much(planted, members, table, monkeypatch):
    monkeypatch.setattr(pairs_module, "MAX_COST", 20_000)
    less = explain_pairs(planted.traces, members=sorted(members), objects=planted.objects, scales_s=SCALES)
    assert 0 < less["n_blocks"].sum() < table["n_blocks"].sum()
    monkeypatch.setattr(pairs_module, "MAX_COST", 0)
    assert explain_pairs(planted.traces, members=sorted(members), objects=planted.objects, scales_s=SCALES).is_empty()


def test_the_table_of_a_claim(proved, planted):
    ix = proved.proofs.filter(~pl.col("is_lead"))["group_ix"][0]
    group = proved.groups.filter(pl.col("group_ix") == ix)["account_id"].to_list()
    config = Config(seed=1)
    part = explain_pairs(
        planted.traces,
        members=group,
        objects=planted.objects,
        scales_s=config.proof.scales_s,
        split=proved.divisions[proved.splits[tuple(group)]],
    )
    near = part.group_by("scale_s").agg(pl.col("n_near").sum()).sort("scale_s")
    stated = proved.proof_traces.filter(pl.col("group_ix") == ix).sort("scale_s")
    assert (near["n_near"].to_numpy()[:2] <= stated["n_pairs"].to_numpy()[:2]).all()
    assert np.all(near["n_near"].to_numpy()[:2] > 0)


def proved_tables(*groups):
    """GROUPS and PROOF_TRACES at two scales of links."""
    rows = [(ix, account, 1.0) for ix, accounts in enumerate(groups) for account in sorted(accounts)]
    strata = [(ix, "link", scale_s, 5, 5, 1.0, 0.01, 100.0) for ix in range(len(groups)) for scale_s in (60.0, 600.0)]
    return (
        pl.DataFrame(rows, schema=GROUPS.dtypes, orient="row"),
        pl.DataFrame(strata, schema=PROOF_TRACES.dtypes, orient="row"),
    )


def test_groups_are_explained_each_by_its_own_part(planted, members):
    first, second = make_splits(seed=1, n_splits=1, scales_s=SCALES)
    some = sorted(members)
    groups, strata = proved_tables(some, some[:4], some[2:6])
    table = explain_groups(
        planted.traces, groups=groups, proof_traces=strata, objects=planted.objects, splits={0: first, 1: second}
    )
    assert GROUP_PAIRS.check(table).equals(table)
    assert table["group_ix"].unique().to_list() == [0, 1], "without a split a group is passed over"
    assert table["scale_s"].unique().sort().to_list() == [60.0, 600.0]
    for ix, accounts, split in ((0, some, first), (1, some[:4], second)):
        held = planted.traces.filter(pl.col("account_id").is_in(accounts)).group_by("object_id")
        common = held.agg(n=pl.col("account_id").n_unique()).filter(pl.col("n") > 1)
        mine = planted.traces.join(common, on="object_id", how="semi")
        alone = explain_pairs(mine, members=accounts, objects=planted.objects, scales_s=(60.0, 600.0), split=split)
        assert table.filter(group_ix=ix).drop("group_ix").equals(alone)


def test_explained_groups_depend_on_no_order_of_rows(planted, members):
    split = make_splits(seed=1, n_splits=1, scales_s=SCALES)[0]
    groups, strata = proved_tables(members, sorted(members)[:5])
    tables = [
        explain_groups(
            planted.traces.sample(fraction=1.0, shuffle=True, seed=seed),
            groups=groups.sample(fraction=1.0, shuffle=True, seed=seed),
            proof_traces=strata.reverse() if seed else strata, objects=planted.objects, splits={1: split, 0: split},
        )
        for seed in (0, 5)
    ]  # fmt: skip
    assert tables[0].equals(tables[1])
    assert tables[0].height > 0


def test_no_group_is_no_pair(planted):
    groups, strata = proved_tables()
    assert explain_groups(planted.traces, groups=groups, proof_traces=strata, splits={}).equals(GROUP_PAIRS.empty())
