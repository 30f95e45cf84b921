"""An evening, a day, a week, two years: nobody innocent is named, what can be found is, what cannot says what is missing."""

from __future__ import annotations

import datetime as dt
import random

import polars as pl
import pytest

from dideban.config import Config, ProofConfig
from dideban.proof import make_splits, prove_groups
from dideban.proof.blocks import STRETCH_S, Scale
from dideban.proof.stretches import (
    LEAST_STRETCHES,
    STRETCH_LENGTHS_S,
    fit_stretch,
    fitting_stretch,
    log_stretch_choices,
    scales_within,
)
from dideban.schema import TRACES
from dideban.simulate import CROWD_SETS, Framing, Plant, make_framing_stream, make_stream

HOURS = {"evening": 3, "day": 24, "week": 24 * 7, "two years": 24 * 730}
SIZES = {"evening": (600, 4_600), "day": (600, 6_000), "week": (800, 10_000), "two years": (800, 20_000)}
CAMPAIGN = Plant(n_accounts=8, n_operations=24, jitter_s=20.0, where="popular")
CONFIG = Config(threads=1, proof=ProofConfig(n_shuffles=0))


def world(length, *, seed, plants=(), crowds="default"):
    n_accounts, n_shares = SIZES[length]
    return make_stream(
        seed=seed,
        n_accounts=n_accounts,
        n_shares=n_shares,
        days=HOURS[length] / 24,
        plants=plants,
        crowds=CROWD_SETS[crowds],
    )


def proved(stream):
    return prove_groups(stream.traces, objects=stream.objects, moments=stream.moments, config=CONFIG)


def named(proof):
    claims = proof.proofs.filter(~pl.col("is_lead"))
    return set(proof.groups.join(claims, on="group_ix", how="semi")["account_id"])


def members(stream, kind="plant"):
    return set(stream.truth.filter(pl.col("kind") == kind)["account_id"])


@pytest.mark.parametrize("length", HOURS)
def test_a_campaign_is_found_and_only_its_members_are_named(length):
    stream = world(length, seed=21, plants=(CAMPAIGN,))
    found = named(proved(stream))
    assert found <= members(stream)
    assert len(found) >= 5


@pytest.mark.parametrize("crowds", ["none", "everything"])
@pytest.mark.parametrize("length", HOURS)
def test_without_a_campaign_nobody_is_named(length, crowds):
    assert not named(proved(world(length, seed=31, crowds=crowds)))


@pytest.mark.parametrize("victims", ["busy", "sparse", "ahead"])
def test_nobody_is_framed_in_an_evening(victims):
    framing = Framing(n_attackers=3, victims=victims, n_posts=30)
    try:
        stream = make_framing_stream(framing, seed=41, n_accounts=800, n_shares=8_000, days=0.25)
    except Exception as error:  # an evening may hold nobody who posts as often as such a victim
        pytest.skip(str(error))
    assert named(proved(stream)) <= members(stream, "attacker")


def table(rows):
    """TRACES from (account, object, seconds), of an evening in March."""
    begin = dt.datetime(2026, 3, 2, 18, tzinfo=dt.UTC)
    made = {
        "account_id": [row[0] for row in rows],
        "object_kind": ["link"] * len(rows),
        "object_id": [row[1] for row in rows],
        "post_id": [f"x/{i}" for i in range(len(rows))],
        "created_at": [begin + dt.timedelta(seconds=row[2]) for row in rows],
    }
    return pl.DataFrame(made, schema=TRACES.dtypes)


def together(n_times, *, every_s=3_600, n_others=30):
    """Four accounts together every so often, among others who are spread over ten minutes."""
    rows, chance = [], random.Random(1)
    for i in range(n_times):
        at = every_s * i + 300 + chance.randrange(every_s - 900)
        rows += [(f"g{j}", f"o{i}", at + chance.randrange(15)) for j in range(4)]
        rows += [(f"z{who}", f"o{i}", at - 250 + chance.randrange(570)) for who in chance.sample(range(200), n_others)]
    return table(rows)


def test_too_little_says_how_much_more_would_be_needed():
    check = prove_groups(together(2), config=CONFIG).selfcheck
    assert not check["enough_data"]
    needed = check["needed"]
    assert (needed["joint_posts"], needed["more_s"]) == (12, 10 * 3_600)
    assert "At least 12 joint posts more" in check["reason"]["text"]["en"]
    assert "10 hours" in check["reason"]["text"]["en"]
    assert set(check["reason"]["text"]) >= {"en", "fa", "ar"}


def test_with_what_was_said_to_be_needed_the_group_is_found():
    n_more = prove_groups(together(2), config=CONFIG).selfcheck["needed"]["joint_posts"]
    proof = prove_groups(together(2 + n_more), config=CONFIG)
    assert proof.selfcheck["enough_data"]
    assert proof.selfcheck["needed"] is None
    assert named(proof) == {"g0", "g1", "g2", "g3"}


def test_fifty_posts_without_a_common_object_say_what_a_proof_takes():
    rows = [(f"a{i}", f"o{i}", 60 * i) for i in range(25)] + [(f"b{i}", f"o{i}", 60 * i + 20) for i in range(25)]
    check = prove_groups(table(rows), config=CONFIG).selfcheck
    assert not check["enough_data"]
    assert check["needed"] == {"joint_posts": 12, "more_s": None}


@pytest.mark.parametrize("hours", [0, 1, 2.9, 3, 5, 6, 12, 19, 20, 24, 48, 24 * 800])
def test_a_stretch_is_as_long_as_the_data_allow(hours):
    first = 1_772_409_600.0
    stretch = fitting_stretch(first, first + hours * 3_600)
    longer = [length for length in STRETCH_LENGTHS_S if length > stretch]
    assert all(int(hours * 3_600 // length) + 1 < LEAST_STRETCHES for length in longer)
    assert stretch == STRETCH_LENGTHS_S[-1] or hours * 3_600 // stretch + 1 >= LEAST_STRETCHES


def test_longer_data_never_have_shorter_stretches_and_choosing_costs():
    lengths = [fitting_stretch(0, hours * 3_600) for hours in range(60)]
    assert lengths == sorted(lengths)
    costs = [log_stretch_choices(0, hours * 3_600) for hours in range(60)]
    assert costs == sorted(costs, reverse=True)
    assert costs[-1] == 0.0


@pytest.mark.parametrize("stretch_s", STRETCH_LENGTHS_S)
def test_every_scale_of_a_run_lies_within_its_stretches(stretch_s):
    scales = (1.0, 10.0, 60.0, 300.0, 600.0, 1_800.0)
    used = scales_within(scales, stretch_s)
    assert used
    for split in make_splits(seed=1, n_splits=1, scales_s=scales, stretch_s=stretch_s):
        assert split.least_stretch_s == stretch_s
        assert all(split.stretch_s % Scale(window_s=one, stretch_s=stretch_s).bin_s == 0 for one in used)


def test_wide_scales_keep_the_usual_stretch_and_dropped_ones_are_said():
    assert fit_stretch(0.0, 7_200.0, [1_800.0]) == (STRETCH_S, [1_800.0])
    codes = [note.code for note in proved(world("evening", seed=5)).notes]
    assert "note.short-data-scales" in codes
    assert "note.short-data-scales" not in [note.code for note in proved(world("week", seed=5)).notes]


def test_nothing_is_said_of_the_length_of_data_without_traces():
    stream = world("week", seed=5)
    proof = prove_groups(stream.traces.clear(), objects=stream.objects, moments=stream.moments, config=CONFIG)
    assert not [note for note in proof.notes if note.code.startswith("note.short-data")]
