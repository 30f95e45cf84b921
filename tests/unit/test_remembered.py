from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl
import pytest

from dideban.remembered import Remembered, is_same

TABLE = pl.DataFrame({"a": [1, 2], "b": ["x", None]})
OTHERS = [
    TABLE.reverse(),
    TABLE.head(1),
    TABLE.rename({"a": "c"}),
    TABLE.with_columns(pl.col("a").cast(pl.Int32)),
    TABLE.with_columns(b=pl.lit("x")),
    None,
]


@pytest.mark.parametrize("other", OTHERS, ids=["order", "rows", "names", "types", "nulls", "none"])
def test_a_result_is_made_again_when_a_table_differs(other: Any) -> None:
    memory = Remembered()
    memory.get("key", (TABLE, 1), lambda: "old")
    memory.begin()
    assert memory.get("key", (other, 1), lambda: "new") == "new"


def test_a_result_is_taken_from_the_run_before_where_every_input_is_equal() -> None:
    memory = Remembered()
    memory.get("key", (TABLE, np.arange(3), [1.5]), lambda: "old")
    memory.begin()
    assert memory.get("key", (TABLE.clone(), np.arange(3), [1.5]), lambda: "new") == "old"
    assert (memory.n_known, memory.n_made) == (1, 0)
    assert memory.get("another key", (TABLE, np.arange(3), [1.5]), lambda: "new") == "new"


def test_what_a_run_does_not_ask_for_is_forgotten() -> None:
    memory = Remembered()
    memory.get("key", (1,), lambda: "old")
    memory.begin()
    memory.begin()
    assert memory.get("key", (1,), lambda: "new") == "new"


def test_equal_numbers_of_other_types_are_other_inputs() -> None:
    assert not is_same(np.array([1, 2]), np.array([1.0, 2.0]))
    assert not is_same((1, 2), [1, 2])
    assert not is_same((1, 2), (1, 2, 3))
    assert is_same((1, (TABLE,)), (1, (TABLE.clone(),)))


def test_of_several_inputs_only_new_ones_are_made_and_all_at_once() -> None:
    memory, asked = Remembered(), []

    def double(some: list[str]) -> list[str]:
        asked.append(some)
        return [2 * one for one in some]

    assert memory.each("double", ["a", "b", "a"], double) == ["aa", "bb", "aa"]
    assert asked == [["a", "b"]]
    memory.begin()
    assert memory.each("double", ["c", "b"], double) == ["cc", "bb"]
    assert asked == [["a", "b"], ["c"]]
    assert (memory.n_known, memory.n_made) == (1, 1)
    memory.begin()
    assert memory.each("double", ["b"], double) == ["bb"]
    assert memory.each("another", ["b"], lambda some: [one.upper() for one in some]) == ["B"]
    assert memory.each("double", ["a"], double) == ["aa"]
    assert asked == [["a", "b"], ["c"], ["a"]], "what a run did not ask for is forgotten"


def test_as_many_results_as_inputs_are_asked_for() -> None:
    with pytest.raises(ValueError):
        Remembered().each("none", ["a"], lambda _: [])
