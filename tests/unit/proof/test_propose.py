"""Proposals look at the proposing part only; habits and followers too."""

import dataclasses

import numpy as np
import polars as pl
import pytest

from dideban.proof.followers import follow_one_source, prompt_followers
from dideban.proof.hypotheses import test_split as run_split
from dideban.proof.hypotheses import under_nuisance_nulls, watch_chosen
from dideban.proof.moments import account_moments
from dideban.proof.propose import propose_groups
from dideban.proof.split import make_splits
from dideban.proof.strata import code_traces, make_strata

SCALE_S = 60.0


@pytest.fixture(scope="module")
def coded(planted):
    accounts, kinds = code_traces(planted.traces, planted.objects)
    return accounts, kinds[0]


def cells_of(traces, n_accounts):
    return make_strata([traces], [SCALE_S], n_accounts=n_accounts)


def exchanged(stratum, chosen, seed=0):
    """The same slots with accounts exchanged inside the chosen blocks."""
    blocks = stratum.blocks
    free = chosen[blocks.block_of_row]
    draw = np.where(free, np.random.default_rng(seed).random(len(free)), np.arange(len(free)))
    order = np.lexsort((draw, blocks.block_of_row))
    return blocks.traces.with_accounts(blocks.traces.account[order])


def proposals(stratum, allowed):
    return propose_groups(stratum.blocks, stratum.pairs, stratum.shared, allowed=allowed, max_size=80, seed=1)


@pytest.mark.parametrize("number", [0, 1, 2, 3])
def test_the_proving_part_has_no_say_in_what_is_proposed(coded, number):
    accounts, traces = coded
    stratum = cells_of(traces, len(accounts))[0]
    allowed = stratum.proposing(make_splits(seed=1, n_splits=2)[number])
    other = cells_of(exchanged(stratum, ~allowed), len(accounts))[0]
    assert (other.blocks.traces.account != stratum.blocks.traces.account).mean() > 0.1
    before, after = proposals(stratum, allowed), proposals(other, allowed)
    assert len(before) > 5
    assert {k: v.density for k, v in before.items()} == {k: v.density for k, v in after.items()}
    assert set(proposals(other, ~allowed)) != set(proposals(stratum, ~allowed))


def test_proposals_are_sorted_members_of_a_fair_size(coded):
    accounts, traces = coded
    stratum = cells_of(traces, len(accounts))[0]
    every = np.ones(len(stratum.blocks.informs), bool)
    found = propose_groups(stratum.blocks, stratum.pairs, stratum.shared, allowed=every, max_size=6, seed=1)
    assert found
    for key, one in found.items():
        assert key == one.members.tobytes()
        assert 3 <= len(one.members) <= 6
        assert (np.diff(one.members) > 0).all()
        assert 0.4 <= one.density <= 1.0


def test_nothing_allowed_nothing_proposed(coded):
    accounts, traces = coded
    stratum = cells_of(traces, len(accounts))[0]
    assert proposals(stratum, np.zeros(len(stratum.blocks.informs), bool)) == {}


def test_what_is_tested_and_how_it_is_weighted_depends_on_the_proposing_part_alone(coded):
    accounts, traces = coded
    split = make_splits(seed=1, n_splits=2)[0]
    stratum = cells_of(traces, len(accounts))[0]
    other = cells_of(exchanged(stratum, ~stratum.proposing(split)), len(accounts))[0]
    one, two = (
        run_split([c], split, max_size=80, max_groups=10_000, seed=1, leads=True, check_leads=True, memory=None)
        for c in (stratum, other)
    )
    assert [g.tolist() for g in one.groups] == [g.tolist() for g in two.groups]
    for name in ("density", "log_weight", "follows"):
        assert getattr(one, name).tolist() == getattr(two, name).tolist(), name
    assert one.log_e.tolist() != two.log_e.tolist()


def test_habits_only_lower_and_an_e_value_is_never_kept_from_a_kinder_null(planted, coded):
    """Each kind and scale counts with its smallest e-value over the habits, or with nothing where that was not sought."""
    accounts, traces = coded
    split = make_splits(seed=1, n_splits=2)[0]
    strata = make_strata([traces], [10.0, 60.0, 600.0], n_accounts=len(accounts))
    even = run_split(strata, split, max_size=80, max_groups=10_000, seed=1, leads=True, check_leads=True, memory=None)
    chosen = np.argsort(-even.log_e, kind="stable")[:25]
    watch = watch_chosen(strata, account_moments(planted.traces, accounts), [even], [np.sort(chosen)])
    lowered = under_nuisance_nulls(strata, even, np.sort(chosen), watch=watch)
    assert (lowered.per_column <= even.per_column).all()
    sought = lowered.per_column[chosen]
    assert (sought[even.per_column[chosen] <= 0] == -np.inf).all()
    assert ((sought > 0) | (sought == -np.inf)).all()
    assert (lowered.log_e[chosen] > 0).any()


def followers_of(stratum, masks, groups):
    promise = np.ones((len(groups), 1))
    return prompt_followers([stratum], [masks], groups, promise)


def prompt_world(n_groups_origins, *, delay_s):
    """Blocks in which accounts 0-2 follow each object of the given origins at once or late, among outsiders."""
    rows = []
    for k, origin in enumerate(n_groups_origins):
        born = 1e9 + k * 4 * 3600.0
        times = [born + delay_s + d for d in (0.0, 5.0, 9.0)] + [born + delay_s + 20.0 + 30.0 * j for j in range(5)]
        rows += [(f"a{j}" if j < 3 else f"z{k}-{j}", f"o{k:03d}", t, born, origin) for j, t in enumerate(times)]
    return rows


def as_cell(rows):
    traces = pl.DataFrame(
        {
            "account_id": [r[0] for r in rows],
            "object_kind": ["link"] * len(rows),
            "object_id": [r[1] for r in rows],
            "post_id": [str(i) for i in range(len(rows))],
            "created_at": [int(r[2] * 1e6) for r in rows],
        },
        schema_overrides={"object_kind": pl.Enum(["link"])},
    ).with_columns(pl.col("created_at").cast(pl.Datetime("us", "UTC")))
    objects = (
        pl.DataFrame(
            {
                "object_kind": ["link"] * len(rows),
                "object_id": [r[1] for r in rows],
                "born_at": [int(r[3] * 1e6) for r in rows],
                "origin": [r[4] for r in rows],
            }
        )
        .unique(maintain_order=True)
        .with_columns(pl.col("born_at").cast(pl.Datetime("us", "UTC")))
    )
    accounts, kinds = code_traces(traces, objects)
    return make_strata(kinds, [60.0], n_accounts=len(accounts))[0]


GROUP = [np.array([0, 1, 2], np.int32)]


@pytest.mark.parametrize(
    ("origins", "delay_s", "follows"),
    [
        (["one"] * 10, 60.0, True),
        (["one"] * 8 + ["two"] * 2, 60.0, True),
        (["one", "two"] * 5, 60.0, False),
        (["one"] * 10, 2 * 3600.0, False),
        ([None] * 10, 60.0, False),
        (["one"] * 4, 60.0, True),
        (["one"] * 3, 60.0, False),  # of three things some are of one site by chance
    ],
)
def test_prompt_followers_of_one_origin(origins, delay_s, follows):
    stratum = as_cell(prompt_world(origins, delay_s=delay_s))
    every = np.ones(len(stratum.blocks.informs), bool)
    assert followers_of(stratum, every, GROUP).tolist() == [follows]


def test_followers_are_judged_again_by_all_of_the_data():
    few = [as_cell(prompt_world(["one"] * n, delay_s=60.0)) for n in (2, 3)]
    assert [bool(follow_one_source([one], GROUP)[0]) for one in few] == [False, True]


def test_followers_are_judged_by_the_proposing_part():
    stratum = as_cell(prompt_world(["one"] * 10 + ["two", "three", "four", "five"] * 10, delay_s=60.0))
    first = np.arange(len(stratum.blocks.informs)) < np.searchsorted(stratum.blocks.bounds, 80)
    assert followers_of(stratum, first, GROUP).tolist() == [True]
    assert followers_of(stratum, ~first, GROUP).tolist() == [False]
    assert followers_of(stratum, np.ones(len(first), bool), GROUP).tolist() == [False]


def with_texts(rows, sites, *, link_delay_s):
    """The same shares as texts of one old wording each, whose posts link to ``sites``; a link is born with its item."""
    texts = [(a, f"t{o[1:]}", t, born - 30 * 86_400.0, None) for a, o, t, born, _ in rows]
    links = [(a, f"{site}/{o}", t, t - link_delay_s, site) for (a, o, t, *_), site in zip(rows, sites, strict=True)]
    table = [("text", *row) for row in texts] + [("link", *row) for row in links]
    n, kinds = len(rows), pl.Enum(["link", "text"])
    traces = pl.DataFrame(
        {
            "account_id": [r[1] for r in table],
            "object_kind": pl.Series([r[0] for r in table], dtype=kinds),
            "object_id": [r[2] for r in table],
            "post_id": [str(i % n) for i in range(len(table))],
            "created_at": pl.Series([int(r[3] * 1e6) for r in table]).cast(pl.Datetime("us", "UTC")),
        }
    )
    objects = pl.DataFrame(
        {
            "object_kind": pl.Series([r[0] for r in table], dtype=kinds),
            "object_id": [r[2] for r in table],
            "born_at": pl.Series([int(r[4] * 1e6) for r in table]).cast(pl.Datetime("us", "UTC")),
            "origin": pl.Series([r[5] for r in table], dtype=pl.String),
        }
    ).unique(["object_kind", "object_id"], keep="first", maintain_order=True)
    accounts, coded = code_traces(traces, objects)
    strata = make_strata([one for one in coded if one.kind == "text"], [60.0], n_accounts=len(accounts))
    return strata[0]


@pytest.mark.parametrize(
    ("sites", "link_delay_s", "follows"),
    [(["one"], 60.0, True), (["one"], 2 * 3600.0, False), (["one", "two"], 60.0, False), ([None], 60.0, False)],
)
def test_texts_follow_the_site_that_their_posts_link_to(sites, link_delay_s, follows):
    rows = prompt_world(["-"] * 10, delay_s=60.0)
    of_item = {o: sites[i % len(sites)] for i, o in enumerate(dict.fromkeys(r[1] for r in rows))}
    stratum = with_texts(rows, [of_item[r[1]] for r in rows], link_delay_s=link_delay_s)
    every = np.ones(len(stratum.blocks.informs), bool)
    assert followers_of(stratum, every, GROUP).tolist() == [follows]


def test_what_others_link_to_beside_the_same_text_has_no_say():
    rows = prompt_world(["-"] * 10, delay_s=60.0)
    stratum = with_texts(
        rows, ["one" if r[0].startswith("a") else f"x{i % 7}" for i, r in enumerate(rows)], link_delay_s=60.0
    )
    every = np.ones(len(stratum.blocks.informs), bool)
    assert followers_of(stratum, every, GROUP).tolist() == [True]
    outsiders = [
        np.flatnonzero(~np.isin(np.arange(stratum.blocks.traces.account.max() + 1), GROUP[0])).astype(np.int32)
    ]
    assert followers_of(stratum, every, outsiders).tolist() == [False]


def test_promise_decides_where_followers_are_looked_for(coded):
    accounts, traces = coded
    stratum = cells_of(traces, len(accounts))[0]
    bare = dataclasses.replace(stratum.blocks.traces, origin=np.full_like(stratum.blocks.traces.origin, -1))
    plain = cells_of(bare, len(accounts))[0]
    every = np.ones(len(stratum.blocks.informs), bool)
    groups = [one.members for one in proposals(stratum, every).values()]
    assert not followers_of(plain, every, groups).any()
