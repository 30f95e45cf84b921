"""Near perceptual hashes against comparing all with all."""

from __future__ import annotations

import random

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dideban.traces import hamming


def table(counts: dict[int, int]) -> pl.DataFrame:
    return pl.DataFrame(
        {"value": [f"{code:016x}" for code in counts], "n": list(counts.values())},
        schema={"value": pl.String, "n": pl.UInt32},
    )


def by_hand(counts: dict[int, int], distance: int) -> dict[str, str]:
    """The most frequent hash leads, ties to the smaller; it takes every free hash within the distance."""
    bits = {code: code.bit_count() for code in counts}
    left = sorted((c for c in counts if 4 <= bits[c] <= 60), key=lambda code: (-counts[code], code))
    found: dict[str, str] = {}
    while left:
        leader = left[0]
        members = [code for code in left if (code ^ leader).bit_count() <= distance]
        found |= {f"{code:016x}": f"{leader:016x}" for code in members}
        left = [code for code in left if code not in members]
    return found


def near(seed: int, n: int) -> dict[int, int]:
    """Hashes in clouds: each a centre with up to ten bits turned."""
    chance = random.Random(seed)
    centres = [chance.getrandbits(64) for _ in range(max(n // 8, 1))]
    codes = {}
    for _ in range(n):
        code = chance.choice(centres)
        for bit in chance.sample(range(64), chance.randrange(11)):
            code ^= 1 << bit
        codes[code] = chance.randrange(1, 4)
    return codes


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10_000), st.integers(1, 120), st.integers(0, 7))
def test_the_same_as_comparing_all_with_all(seed: int, n: int, distance: int) -> None:
    counts = near(seed, n)
    found, _notes = hamming.cluster_hashes(table(counts), distance=distance)
    assert dict(found.iter_rows()) == by_hand(counts, distance)


def test_order_of_the_input_never_matters() -> None:
    counts = near(3, 300)
    one, _ = hamming.cluster_hashes(table(counts), distance=6)
    two, _ = hamming.cluster_hashes(table(counts).reverse(), distance=6)
    assert one.sort("value").equals(two.sort("value"))


def test_blank_pictures_are_left_out_and_counted() -> None:
    found, notes = hamming.cluster_hashes(table({0: 9, 2**64 - 1: 3, 0xF0F0A5A5C3C39696: 1}), distance=6)
    assert found["value"].to_list() == ["f0f0a5a5c3c39696"]
    assert [str(note) for note in notes] == ["2 picture hashes are of blank pictures and were left out."]


def test_no_hashes_at_all() -> None:
    found, notes = hamming.cluster_hashes(table({}), distance=6)
    assert found.is_empty()
    assert notes == []


def test_work_is_bounded_and_the_shortfall_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    alike = {0xF0F0A5A5C3C30000 + n: 1 for n in range(400)}
    whole, notes = hamming.cluster_hashes(table(alike), distance=6)
    assert notes == []
    monkeypatch.setattr(hamming, "MAX_PAIRS", 20_000)
    cut, notes = hamming.cluster_hashes(table(alike), distance=6)
    assert [str(note) for note in notes] == [
        "Very many picture hashes look alike; pictures were compared within the rarer blocks only."
    ]
    assert cut["leader"].n_unique() >= whole["leader"].n_unique()


def test_pairs_are_compared_a_few_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    counts = near(5, 200)
    whole, _ = hamming.cluster_hashes(table(counts), distance=6)
    monkeypatch.setattr(hamming, "PAIRS_AT_A_TIME", 3)
    assert hamming.cluster_hashes(table(counts), distance=6)[0].equals(whole)
