"""PDQ hashes against comparing all with all."""

from __future__ import annotations

import random

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from dideban.traces import pictures
from dideban.traces.media import is_same

Value = tuple[int, ...]


def written(value: Value) -> str:
    return "pdq:" + ".".join(f"{code:064x}" for code in value)


def table(counts: dict[Value, int]) -> pl.DataFrame:
    return pl.DataFrame({"value": [written(value) for value in counts], "n": list(counts.values())})


def is_near(one: Value, two: Value, distance: int) -> bool:
    seen = [[code for code in value if code.bit_count() >= 32] for value in (one, two)]
    return any((a ^ b).bit_count() <= distance for a in seen[0] for b in seen[1])


def by_hand(counts: dict[Value, int], distance: int) -> dict[str, str]:
    """The most frequent picture leads, ties to the smaller; it takes every free one with a hash within the distance."""
    left = sorted(
        (v for v in counts if max(code.bit_count() for code in v) >= 32), key=lambda v: (-counts[v], written(v))
    )
    found: dict[str, str] = {}
    while left:
        leader = left[0]
        members = [value for value in left if value == leader or is_near(value, leader, distance)]
        found |= {written(value): written(leader) for value in members}
        left = [value for value in left if value not in members]
    return found


def turned(chance: random.Random, code: int, n: int) -> int:
    for bit in chance.sample(range(256), n):
        code ^= 1 << bit
    return code


def clouds(seed: int, n: int) -> dict[Value, int]:
    """Pictures of one or two hashes: each a centre with up to forty bits turned; some blank."""
    chance = random.Random(seed)
    centres = [chance.getrandbits(256) for _ in range(max(n // 6, 1))] + [0]
    found: dict[Value, int] = {}
    for _ in range(n):
        value = tuple(
            turned(chance, chance.choice(centres), chance.randrange(41)) for _ in range(chance.choice([1, 1, 2]))
        )
        found[value] = chance.randrange(1, 4)
    return found


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 100_000), st.integers(1, 60), st.integers(0, 31))
def test_the_same_as_comparing_all_with_all(seed: int, n: int, distance: int) -> None:
    counts = clouds(seed, n)
    found, _notes = pictures.cluster_pictures(table(counts), distance=distance)
    assert dict(found.iter_rows()) == by_hand(counts, distance)


def test_thirty_one_bits_spread_as_badly_as_can_be_are_found() -> None:
    """Two bits in each block but one: only the last one leads to the other hash."""
    one = random.Random(5).getrandbits(256)
    two = one
    for block in range(15):
        two ^= 0b11 << (16 * block)
    two ^= 1 << (16 * 15 + 7)
    assert (one ^ two).bit_count() == 31
    found, _ = pictures.cluster_pictures(table({(one,): 2, (two,): 1}))
    assert found["leader"].n_unique() == 1
    found, _ = pictures.cluster_pictures(table({(one,): 2, (two ^ (1 << 255),): 1}))
    assert found["leader"].n_unique() == 2


def test_members_of_a_picture_are_never_further_apart_than_twice_the_distance() -> None:
    counts = {value: n for value, n in clouds(11, 200).items() if len(value) == 1}
    found, _ = pictures.cluster_pictures(table(counts))
    for _, rows in found.group_by("leader"):
        codes = [int(value.removeprefix("pdq:"), 16) for value in rows["value"]]
        assert max((a ^ b).bit_count() for a in codes for b in codes) <= 62


def test_order_of_the_input_never_matters() -> None:
    counts = clouds(3, 200)
    one, _ = pictures.cluster_pictures(table(counts))
    two, _ = pictures.cluster_pictures(table(counts).reverse())
    assert one.sort("value").equals(two.sort("value"))


def test_a_spent_budget_is_told_and_never_gives_a_wrong_pair() -> None:
    """All hashes share a block, so that every list of it holds them all."""
    chance = random.Random(1)
    counts = {(chance.getrandbits(240) << 16 | 0xBEEF,): 1 for _ in range(300)}
    found, notes = pictures.cluster_pictures(table(counts), budget=1000)
    assert [note.code for note in notes] == ["note.pictures-alike"]
    assert found["leader"].n_unique() == 300


def test_blank_pictures_are_no_evidence_and_counted() -> None:
    found, notes = pictures.cluster_pictures(table({(0,): 9, (1, 3): 4, (random.Random(2).getrandbits(256),): 1}))
    assert found.height == 1
    assert [(note.code, note.values["n"]) for note in notes] == [("note.pictures-blank", 2)]


def test_words_keep_pictures_that_look_the_same_apart() -> None:
    look, near = "pdq:" + "5" * 64, "pdq:" + "5" * 63 + "4"
    said = [f"{look}~{'a' * 16}", f"{near}~{'a' * 16}", f"{look}~{'b' * 16}", look, near]
    assert pictures.is_near(said[0], said[1])
    assert not pictures.is_near(said[0], said[2])
    assert not pictures.is_near(said[0], said[3])
    assert pictures.is_near(said[3], said[4])


def test_a_package_is_checked_with_the_same_rule_as_pictures_are_found() -> None:
    look, near, far = "pdq:" + "5" * 64, "pdq:" + "5" * 63 + "4", "pdq:" + "a" * 64
    assert is_same(look, near, distance=0)
    assert not is_same(look, far, distance=7)
    assert is_same("ffaa00ffaa00ffa0", "dhash:ffaa00ffaa00ffa1", distance=1)
    assert not is_same("ffaa00ffaa00ffa0", "ffaa00ffaa00ffaf", distance=1)
    assert is_same("an-id", "an-id", distance=0)
