"""How much a few words say: by how many other texts hold them."""

from __future__ import annotations

import math
import random

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dideban.text.rarity import LEAST_BITS, KnownWords, information


def table(texts: list[str]) -> pl.DataFrame:
    return pl.DataFrame({"print": range(len(texts)), "text": texts}, schema={"print": pl.UInt64, "text": pl.String})


CROWD = [f"the weather in town {n} is fine and the market opens at {n % 12}" for n in range(5_000)]
SAMPLE = table([*CROWD, "the market", "今天天气很好", "42 17", "بازار شهر"])


@pytest.mark.parametrize(
    ("text", "is_rare"),
    [
        ("the market", False), ("is fine", False), ("Zorvex", True), ("buy zorvex", True), ("ZORVEX!!!", True),
        ("the the the the", False), ("42 17", False), ("9 9 9 9 9", False), ("", False), ("نوسازی انبار", True),
        ("今天", True), ("Zorvex the market", True),
    ],
)  # fmt: skip
def test_rare_words_say_something(text: str, is_rare: bool) -> None:
    (bits,) = information(table([text]).with_columns(print=pl.lit(10**6, pl.UInt64)), sample=SAMPLE)["bits"]
    assert (bits >= LEAST_BITS) == is_rare, bits


def test_a_campaign_does_not_make_its_own_words_common() -> None:
    own = table(["Zorvex soon"])
    for sample in (own, pl.concat([own] * 1)):
        (bits,) = information(own, sample=sample)["bits"]
        assert bits == 2.0  # of one text, none other holds its words: log2(2 / 1) for each of two


def test_small_data_have_no_rare_single_word() -> None:
    sample = table([f"text number {n}" for n in range(200)])
    (one, two) = information(table(["zorvex", "zorvex quillon"]).with_columns(pl.col("print") + 900), sample=sample)[
        "bits"
    ]
    assert one < LEAST_BITS <= two


WORDS = st.lists(st.sampled_from(["aa", "bb", "cc", "dd", "11"]), min_size=1, max_size=4).map(" ".join)


@settings(max_examples=60, deadline=None)
@given(st.lists(WORDS, min_size=1, max_size=12, unique=True), st.integers(0, 10))
def test_bits_are_what_the_slow_way_counts(texts: list[str], seed: int) -> None:
    sample = table(texts)
    shuffled = sample[random.Random(seed).sample(range(len(texts)), len(texts))]
    found = dict(information(shuffled, sample=shuffled).iter_rows())
    for name, text in sample.iter_rows():
        words = set(text.split())
        others = [set(other.split()) for other in texts if other != text]
        slow = sum(math.log2((len(texts) + 1) / (sum(word in held for held in others) + 1)) for word in words)
        expected = slow if any(word.isalpha() for word in words) else 0.0
        assert found[name] == pytest.approx(expected, abs=0.0005 * len(words) + 1e-9)


TEXTS = st.dictionaries(st.integers(0, 6), WORDS, max_size=7)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(TEXTS, TEXTS), min_size=2, max_size=4))
def test_words_of_a_run_before_change_nothing(runs: list[tuple[dict[int, str], dict[int, str]]]) -> None:
    """Texts come and go, and a print may stand for another text than before."""
    known = KnownWords(), KnownWords()
    for asked, drawn in runs:
        texts, sample = (
            pl.DataFrame({"print": list(one), "text": list(one.values())}, schema=SAMPLE.schema)
            for one in (asked, drawn)
        )
        found = information(texts, sample=sample, known=known)
        assert found.equals(information(texts, sample=sample))
