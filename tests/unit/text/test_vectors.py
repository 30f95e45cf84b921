from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dideban.kernels.grams import keep_heaviest, nearest_earlier
from dideban.text.vectors import BITS, GramRows, GramWeights, count_grams, heaviest, nearest, tf_idf

WORDS = (
    "river",
    "bridge",
    "open",
    "closed",
    "market",
    "پل",
    "رودخانه",
    "بازار",
    "الجسر",
    "السوق",
    "мост",
    "рынок",
    "橋",
    "a",
)
TEXTS = st.lists(st.lists(st.sampled_from(WORDS), max_size=8).map(" ".join), min_size=1, max_size=14)


def vectors(texts: list[str]) -> tuple[GramRows, np.ndarray]:
    rows = count_grams(pl.Series(texts, dtype=pl.String))
    weights = GramWeights()
    weights.learn(rows)
    return rows, tf_idf(rows, weights.idf())


def dense(rows: GramRows, weights: np.ndarray) -> np.ndarray:
    columns = {gram: ix for ix, gram in enumerate(np.unique(rows.grams))}
    table = np.zeros((len(rows), max(len(columns), 1)))
    for row in range(len(rows)):
        for at in range(rows.starts[row], rows.starts[row + 1]):
            table[row, columns[rows.grams[at]]] = weights[at]
    return table


@settings(max_examples=60, deadline=None)
@given(texts=TEXTS, n=st.integers(1, 4), least=st.sampled_from([0.05, 0.3, 0.9]))
def test_neighbours_are_those_of_every_pair(texts: list[str], n: int, least: float) -> None:
    rows, weights = vectors(texts)
    found = nearest(rows, weights, asked=np.arange(len(rows)), n_nearest=n, least=least)
    table = dense(rows, weights)
    cosine = table @ table.T
    for row in range(len(rows)):
        mine = found.filter(pl.col("row") == row)
        others = sorted((-cosine[row, j], j) for j in range(row) if cosine[row, j] >= least + 1e-4)[:n]
        assert len(mine) >= len(others)
        likeness = mine["likeness"].to_list()
        assert likeness == sorted(likeness, reverse=True)
        for value, (expected, _) in zip(likeness, others, strict=False):
            assert value == pytest.approx(-expected, abs=1e-4)


@settings(max_examples=40, deadline=None)
@given(texts=TEXTS)
def test_rows_have_length_one_and_distinct_grams(texts: list[str]) -> None:
    rows, weights = vectors(texts)
    for row in range(len(rows)):
        part = slice(rows.starts[row], rows.starts[row + 1])
        grams = rows.grams[part]
        assert (np.diff(grams) > 0).all()
        length = float((weights[part].astype(float) ** 2).sum())
        assert length == pytest.approx(1.0, abs=1e-3) or length == 0


def test_grams_do_not_cross_words_and_edges_count() -> None:
    one, two, three = (
        set(count_grams(pl.Series([text])).grams.tolist()) for text in ("open gate", "gate open", "opengate")
    )
    assert one == two
    assert one != three


def test_spellings_of_one_word_have_one_vector() -> None:
    rows = count_grams(pl.Series(["كتاب بزرگ", "کتاب بزرگ", "کِتاب بزرگ"]))
    parts = [rows.grams[rows.starts[i] : rows.starts[i + 1]].tolist() for i in range(3)]
    assert parts[0] == parts[1] == parts[2]


def test_take_and_join_are_each_others_inverse() -> None:
    rows = count_grams(pl.Series(["the bridge is open", "", "the market is closed", "پل باز است"]))
    front, back = rows.take(np.array([0, 1])), rows.take(np.array([2, 3]))
    again = front.join(back)
    assert (again.starts == rows.starts).all()
    assert (again.grams == rows.grams).all()
    assert len(GramRows.empty().join(rows)) == 4


def test_what_is_rare_weighs_more_and_fades() -> None:
    weights = GramWeights()
    rows = count_grams(pl.Series(["bridge market", "bridge river", "bridge gate"]))
    weights.learn(rows)
    idf = weights.idf()
    common, rare = (set(count_grams(pl.Series([word])).grams.tolist()) for word in ("bridge", "river"))
    assert max(idf[list(common)]) < min(idf[list(rare)])
    before = idf[list(rare)].min()
    weights.learn(count_grams(pl.Series(["gate", "gate"])), keep=0.1)
    assert weights.idf()[list(common)].min() > idf[list(common)].min()
    assert before > 0


def test_heaviest_keeps_the_most_telling() -> None:
    idf = np.zeros(1 << BITS)
    idf[:100] = np.arange(100)
    starts, grams, counts = np.array([0, 4]), np.array([3, 50, 70, 99], np.int32), np.ones(4, np.float32)
    _, kept, _ = keep_heaviest(starts, grams, counts, idf, 2)
    assert kept.tolist() == [70, 99]
    assert len(heaviest(GramRows(starts, grams, counts), idf)) == 1


def test_budget_bounds_the_search_and_prefers_new_rows() -> None:
    texts = ["the same long passage stands in every one of these"] * 300
    rows, _ = vectors(texts)
    weights = np.full(len(rows.grams), 0.1, np.float32)
    from dideban.kernels.grams import invert_rows

    heads, holders = invert_rows(rows.starts, rows.grams, 1 << BITS)
    near, _ = nearest_earlier(rows.starts, rows.grams, weights, heads, holders, np.array([299]), 5, 0.0, 50)
    assert (near >= 249).all()


def test_threads_change_nothing() -> None:
    texts = [f"{WORDS[i % 7]} {WORDS[(i * 3) % 11]} {WORDS[(i * 5) % 13]}" for i in range(120)]
    rows, weights = vectors(texts)
    asked = np.arange(len(rows))
    one, many = (nearest(rows, weights, asked=asked, n_nearest=4, least=0.1, threads=n) for n in (1, 3))
    assert one.equals(many)
    assert nearest(rows, weights, asked=asked[:0], n_nearest=4, least=0.1).is_empty()
