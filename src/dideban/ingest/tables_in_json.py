"""Tables that are written as JSON by their columns, or by rows of bare cells, as data frames are."""

from __future__ import annotations

from typing import Any

from dideban.ingest.format import Record

LEAST = 2
"""Columns and rows of a table."""


def rows_of(value: Record) -> list[Record] | None:
    """Return the rows of a table; None where an object is none.

    Examples
    --------
    >>> rows_of({"columns": ["id", "text"], "data": [[1, "a"], [2, "b"]]})
    [{'id': 1, 'text': 'a'}, {'id': 2, 'text': 'b'}]
    >>> rows_of({"id": {"0": 1, "1": 2}, "text": {"0": "a", "1": "b"}})
    [{'id': 1, 'text': 'a'}, {'id': 2, 'text': 'b'}]
    """
    return _split(value) or _by_column(value)


def _split(value: Record) -> list[Record] | None:
    names = next((value[key] for key in ("columns", "fields", "header", "headers") if key in value), None)
    rows = next((value[key] for key in ("data", "rows", "values") if key in value), None)
    if not isinstance(names, list) or not isinstance(rows, list) or not rows:
        return None
    named = [name.get("name") if isinstance(name, dict) else name for name in names]
    called = [name for name in named if isinstance(name, str)]
    if len(called) != len(names):
        return None
    if not all(isinstance(row, list) and len(row) <= len(called) for row in rows):
        return None
    return [dict(zip(called, row, strict=False)) for row in rows]


def rows_of_lists(value: Any) -> list[Record]:
    """Return the rows of a list of lists whose first names the columns; empty where it is none.

    Examples
    --------
    >>> rows_of_lists([["id", "text"], [1, "a"]])
    [{'id': 1, 'text': 'a'}]
    """
    if not isinstance(value, list) or len(value) < LEAST or not all(isinstance(row, list) for row in value):
        return []
    names = value[0]
    if len(names) < LEAST or not all(isinstance(name, str) for name in names) or len(set(names)) < len(names):
        return []
    return [dict(zip(names, row, strict=False)) for row in value[1:]]


def _by_column(value: Record) -> list[Record] | None:
    columns = list(value.values())
    if len(columns) < LEAST or len({len(column) if _is_column(column) else -1 for column in columns}) != 1:
        return None
    if not _is_column(columns[0]):
        return None
    if all(isinstance(column, list) for column in columns):
        return [dict(zip(value, row, strict=True)) for row in zip(*columns, strict=True)]
    keys = columns[0].keys() if isinstance(columns[0], dict) else ()
    if not all(isinstance(column, dict) and column.keys() == keys for column in columns):
        return None
    return [{name: column[key] for name, column in value.items()} for key in keys]


def _is_column(column: Any) -> bool:
    """Whether these are the cells of a column: under numbers that count, or in a list without objects."""
    if isinstance(column, dict):
        return len(column) >= LEAST and all(str(key) == str(place) for place, key in enumerate(column))
    return isinstance(column, list) and len(column) >= LEAST and not any(isinstance(cell, dict) for cell in column)
