"""Tables on their way: Polars here, Arrow between, Spark there."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

import polars as pl

if TYPE_CHECKING:
    import pyarrow as pa

Columns = Mapping[str, pl.DataType]


def map_frame(frame: Any, work: Callable[[pl.DataFrame], pl.DataFrame], *, columns: Columns) -> Any:
    """Run ``work`` on every batch of a table on the cluster.

    Parameters
    ----------
    work : function of a module, or a partial of one
        Workers import it by its name: what it needs goes with it.
    columns : mapping
        Columns of what it returns, and their types.
    """

    def run(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        for batch in batches:
            yield from arrow_of(work(polars_of(batch)).select(list(columns)), columns).to_batches()

    return frame.mapInArrow(run, schema_of(columns))


def polars_of(table: pa.Table | pa.RecordBatch) -> pl.DataFrame:
    """Return a table of the cluster; times are in microseconds and UTC, categories are words."""
    frame = pl.from_arrow(table)
    if not isinstance(frame, pl.DataFrame):
        raise TypeError(type(frame))
    return frame.with_columns(
        pl.col(pl.Categorical).cast(pl.String), pl.col(pl.Datetime("us", "Etc/UTC")).dt.convert_time_zone("UTC")
    )


def arrow_of(table: pl.DataFrame, columns: Columns | None = None) -> pa.Table:
    """Return a table of the driver with the plain types that every engine knows."""
    return table.to_arrow(compat_level=pl.CompatLevel.oldest()).cast(_arrow_schema(columns or table.schema))


def _arrow_schema(columns: Columns) -> pa.Schema:
    import pyarrow as pa

    return pa.schema([(name, _arrow_type(dtype)) for name, dtype in columns.items()])


def _arrow_type(dtype: pl.DataType) -> pa.DataType:
    import pyarrow as pa

    if isinstance(dtype, pl.List):
        return pa.list_(_arrow_type(_inner(dtype.inner)))
    if isinstance(dtype, pl.Array):
        return pa.list_(_arrow_type(_inner(dtype.inner)))
    if isinstance(dtype, pl.Datetime):
        return pa.timestamp("us", tz="UTC")
    plain = {
        pl.String: pa.string(), pl.Int64: pa.int64(), pl.Int32: pa.int32(), pl.Float64: pa.float64(),
        pl.Boolean: pa.bool_(), pl.Binary: pa.binary(),
    }  # fmt: skip
    return plain[type(dtype)]


def _inner(dtype: Any) -> pl.DataType:
    found: pl.DataType = dtype() if isinstance(dtype, type) else dtype
    return found


def schema_of(columns: Columns) -> Any:
    """Return columns as the engine declares them; nobody is asked."""
    from pyspark.sql.types import StructField, StructType

    return StructType([StructField(name, _spark_type(dtype)) for name, dtype in columns.items()])


def _spark_type(dtype: pl.DataType) -> Any:
    from pyspark.sql import types

    if isinstance(dtype, pl.List | pl.Array):
        return types.ArrayType(_spark_type(_inner(dtype.inner)))
    plain = {
        pl.String: types.StringType, pl.Int64: types.LongType, pl.Int32: types.IntegerType,
        pl.Float64: types.DoubleType, pl.Boolean: types.BooleanType, pl.Binary: types.BinaryType,
        pl.Datetime: types.TimestampType, pl.Int8: types.IntegerType,
    }  # fmt: skip
    return plain[type(dtype)]()
