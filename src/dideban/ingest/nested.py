"""Lists inside records, reached by a path such as ``data.videos[].video_description``."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from dideban.ingest.flatten_json import flatten
from dideban.ingest.format import LISTS, Record

MARK = "[]"
MAX_ITEMS = 1_000_000
"""Items taken from the lists of one record."""


def prefix_of(mapping: Mapping[str, str]) -> str:
    """Return the path of the list whose items are the posts; empty where records are the posts themselves.

    Examples
    --------
    >>> prefix_of({"text": "data.videos[].video_description", "urls": "data.videos[].links[].url"})
    'data.videos[]'
    """
    paths = [said for target, said in mapping.items() if MARK in said and target not in LISTS]
    return max((said.rpartition(MARK)[0] + MARK for said in paths), key=len, default="")


def reaches_in(mapping: Mapping[str, str]) -> bool:
    """Whether any field is read from inside a list."""
    return any(MARK in said for said in mapping.values())


def records_in(record: Record, prefix: str, mapping: Mapping[str, str]) -> Iterator[Record]:
    """Yield the posts inside a record as flat records, whose fields are named by their whole path."""
    for outer, item in _items(record, prefix.split(MARK)[:-1], "", {}) if prefix else [({}, record)]:
        flat = {**outer, **_named(item, prefix)}
        for target, said in mapping.items():
            rest = said.removeprefix(prefix) if said.startswith(prefix) else said
            if target in LISTS and MARK in rest:
                flat[said] = list(_values(item if said.startswith(prefix) else record, rest.lstrip(".")))[:MAX_ITEMS]
        yield flat


def _named(item: Any, prefix: str) -> Record:
    if not isinstance(item, dict):
        return {prefix: item} if prefix else {}
    return {f"{prefix}.{name}" if prefix else name: value for name, value in flatten(flatten(item)).items()}


def _items(value: Any, steps: list[str], path: str, outer: Record) -> Iterator[tuple[Record, Any]]:
    """Walk down the lists of a path; fields on the way go with every item."""
    if not steps:
        yield outer, value
        return
    if isinstance(value, dict):
        outer = {**outer, **{n: v for n, v in _named(value, path).items() if not isinstance(v, list)}}
    inner = _get(value, steps[0].strip("."))
    step = f"{path}.{steps[0].strip('.')}{MARK}" if path else f"{steps[0]}{MARK}"
    for item in inner[:MAX_ITEMS] if isinstance(inner, list) else []:
        yield from _items(item, steps[1:], step, outer)


def _get(value: Any, path: str) -> Any:
    for name in path.split(".") if path else []:
        value = value.get(name) if isinstance(value, dict) else None
    return value


def _values(value: Any, path: str) -> Iterator[Any]:
    head, mark, rest = path.partition(MARK)
    found = _get(value, head.strip("."))
    if not mark:
        if found is not None:
            yield found
        return
    for item in found if isinstance(found, list) else []:
        yield from _values(item, rest.lstrip(".")) if rest.strip(".") else [item]
