"""Table contracts."""

import polars as pl
import pytest

from dideban.errors import SchemaError
from dideban.schema import GROUPS, TABLES


@pytest.mark.parametrize("table", TABLES, ids=lambda t: t.name)
def test_empty_table_keeps_its_contract(table):
    assert table.check(table.empty()).columns == table.names
    assert all(column.meaning for column in table.columns)


def test_check_names_the_column_at_fault():
    good = pl.DataFrame({"group_ix": [0], "account_id": ["a"], "strength": [1.0]})
    assert GROUPS.check(good.select("strength", "account_id", "group_ix")).columns == GROUPS.names
    with pytest.raises(SchemaError, match="account_id"):
        GROUPS.check(good.drop("account_id"))
    with pytest.raises(SchemaError, match="strength"):
        GROUPS.check(good.with_columns(strength=pl.lit(1)))
    with pytest.raises(SchemaError, match="nulls"):
        GROUPS.check(good.with_columns(strength=pl.lit(None, pl.Float64)))
