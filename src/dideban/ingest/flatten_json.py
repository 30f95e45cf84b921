"""Nested JSON fields to one level."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from dideban.ingest.format import Record

_MONGO = frozenset({"$oid", "$date", "$numberLong", "$numberInt", "$numberDouble", "$numberDecimal", "$uuid"})


def flatten(record: Record, *, prefix: str = "", depth: int = 0) -> Record:
    """Return nested fields on one level, names joined by a dot; lists and what lies deeper stay as they are."""
    flat: Record = {}
    for name, given in record.items():
        value = _bare(given) if isinstance(given, dict) and len(given) == 1 else given
        if isinstance(value, dict) and depth < 2:
            flat.update(flatten(value, prefix=f"{prefix}{name}.", depth=depth + 1))
        else:
            flat[f"{prefix}{name}"] = value
    return flat


def _bare(value: object) -> object:
    """Take off what MongoDB puts around ids, numbers and times: ``{"$date": {"$numberLong": "1700000000000"}}``."""
    while isinstance(value, dict) and len(value) == 1 and (name := next(iter(value))) in _MONGO:
        value = value[name]
    return value


def picker(names: Iterable[str]) -> Callable[[Record, Record], Iterable[Record]]:
    """Return what flattens a record where that is needed to reach ``names``, and leaves it alone where it is not."""
    if any("." in name for name in names):
        return lambda record, _: (flatten(record),)

    def pick(record: Record, _: Record) -> Iterable[Record]:
        return (flatten(record),) if dict in map(type, record.values()) else (record,)

    return pick
