"""Laws of the proof: order of rows, threads, names and the zero of the clock change nothing."""

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dideban.config import Config, ProofConfig
from dideban.proof import Proof, prove_groups
from dideban.schema import TRACES
from dideban.simulate import Plant, make_stream

SOME = {"n_splits": 1, "n_shuffles": 1}


def config(*, threads: int = 1, seed: int = 1, **proof) -> Config:
    return Config(seed=seed, threads=threads, proof=ProofConfig(**{**SOME, **proof}))


@pytest.fixture(scope="module")
def stream():
    return make_stream(
        seed=5,
        n_accounts=500,
        n_shares=8_000,
        plants=[
            Plant(n_accounts=6, n_operations=25, jitter_s=20),
            Plant(n_accounts=5, n_operations=25, jitter_s=20, where="exclusive"),
        ],
    )


@pytest.fixture(scope="module")
def reference(stream) -> Proof:
    return prove_groups(stream.traces, objects=stream.objects, config=config())


def same(one: Proof, two: Proof) -> bool:
    tables = ("groups", "proofs", "proof_traces")
    return (
        all(getattr(one, name).equals(getattr(two, name)) for name in tables)
        and one.splits == two.splits
        and one.selfcheck == two.selfcheck
        and one.notes == two.notes
    )


def test_there_is_something_to_compare(reference):
    assert reference.selfcheck["n_found"] >= 1
    assert reference.selfcheck["n_leads"] >= 1


@given(seed=st.integers(0, 2**32 - 1), threads=st.sampled_from([1, 2, 4]))
@settings(max_examples=4, deadline=None)
def test_order_of_rows_and_threads_change_nothing(stream, reference, seed, threads):
    rows = stream.traces.sample(fraction=1.0, shuffle=True, seed=seed)
    items = stream.objects.sample(fraction=1.0, shuffle=True, seed=seed)
    assert same(prove_groups(rows, objects=items, config=config(threads=threads)), reference)


def test_names_that_keep_their_order_only_rename(stream, reference):
    rows = stream.traces.with_columns(
        account_id="آ" + pl.col("account_id") + "\u200c", object_id="ب" + pl.col("object_id")
    )
    items = stream.objects.with_columns(object_id="ب" + pl.col("object_id"))
    proof = prove_groups(rows, objects=items, config=config())
    assert proof.groups["account_id"].to_list() == [f"آ{name}\u200c" for name in reference.groups["account_id"]]
    assert proof.proofs.equals(reference.proofs)
    assert proof.proof_traces.equals(reference.proof_traces)


def test_names_in_another_order_find_the_same_people(stream, reference):
    """Ties between proposals may fall otherwise, what is proved beyond doubt may not."""
    turned = pl.col("account_id").str.reverse()
    proof = prove_groups(stream.traces.with_columns(turned), objects=stream.objects, config=config())

    def sets(one, flip):
        claimed = one.proofs.filter(~pl.col("is_lead"))["group_ix"].to_list()
        groups = [one.groups.filter(pl.col("group_ix") == ix)["account_id"].to_list() for ix in claimed]
        return {frozenset(name[::-1] if flip else name for name in group) for group in groups}

    assert sets(proof, True) == sets(reference, False)


def test_posts_of_accounts_that_share_nothing_with_anybody_change_nothing(stream, reference):
    alone = stream.traces.head(300).with_columns(
        account_id="z" + pl.col("account_id"), object_id="only mine " + pl.col("object_id")
    )
    proof = prove_groups(pl.concat([stream.traces, alone.unique("object_id")]), objects=stream.objects, config=config())
    assert same(proof, reference)


def test_the_calendar_may_move_by_whole_days(stream, reference):
    """Stretches fall into other parts, so that numbers differ; the clear group is there on any date, 1921 too."""
    moved = [stream.traces.with_columns(pl.col("created_at") + pl.duration(days=days)) for days in (7, -38_000)]
    items = [stream.objects.with_columns(pl.col("born_at") + pl.duration(days=days)) for days in (7, -38_000)]
    first = set(
        reference.groups.filter(pl.col("group_ix") == reference.proofs.filter(~pl.col("is_lead"))["group_ix"][0])[
            "account_id"
        ]
    )
    for rows, objects in zip(moved, items, strict=True):
        proof = prove_groups(rows, objects=objects, config=config())
        assert any(set(part["account_id"]) == first for _, part in proof.groups.group_by("group_ix"))


@given(
    st.lists(
        st.tuples(
            st.text(max_size=3),
            st.sampled_from(["link", "text", "domain", "repost"]),
            st.text(max_size=2),
            st.one_of(st.integers(-(10**6), 10**6), st.sampled_from([0, 10**11, -(10**11)])),
        ),
        max_size=60,
    ),
    st.sampled_from([0.0, 1.0, 60.0, 3600.0, 86400.0]),
)
@settings(max_examples=40, deadline=None)
def test_any_table_gives_an_answer(rows, resolution_s):
    frame = pl.DataFrame(
        {
            "account_id": [r[0] for r in rows],
            "object_kind": [r[1] for r in rows],
            "object_id": [r[2] for r in rows],
            "post_id": [str(i) for i in range(len(rows))],
            "created_at": [r[3] * 1_000_000 for r in rows],
        },
        schema={**TRACES.dtypes, "created_at": pl.Int64},
    ).cast({"created_at": TRACES.dtypes["created_at"]})
    proof = prove_groups(frame, config=config(scales_s=(10.0, 7200.0)), resolution_s=resolution_s)
    assert proof.selfcheck["n_found"] == len(proof.proofs.filter(~pl.col("is_lead")))
    assert proof.selfcheck["enough_data"] or proof.selfcheck["reason"]
    assert set(proof.groups["account_id"]) <= set(frame["account_id"])


def test_chance_alone_proves_nothing_over_many_small_worlds():
    """Forty small worlds without any concert: at a rate of 5 % two are expected to err at most, six would be a fault."""
    wrong = 0
    for seed in range(40):
        rng = np.random.default_rng(seed)
        n = 800
        frame = pl.DataFrame(
            {
                "account_id": [f"a{i}" for i in rng.integers(0, 60, n)],
                "object_kind": ["link"] * n,
                "object_id": [f"o{i}" for i in rng.integers(0, 30, n)],
                "post_id": [str(i) for i in range(n)],
                "created_at": ((rng.integers(0, 20, n) * 86400 + rng.integers(0, 4000, n)) * 1_000_000).tolist(),
            },
            schema={**TRACES.dtypes, "created_at": pl.Int64},
        ).cast({"created_at": TRACES.dtypes["created_at"]})
        proof = prove_groups(frame, config=config(n_shuffles=0, leads=False, scales_s=(60.0, 600.0)))
        wrong += bool(proof.selfcheck["n_found"])
    assert wrong <= 5
