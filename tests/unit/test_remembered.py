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
