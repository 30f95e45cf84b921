"""Findings as plain data checked against ``findings.schema.json``, before anything is built from them."""

from __future__ import annotations

import functools
import importlib.resources
import re
from collections.abc import Iterator, Mapping
from typing import Any

import orjson

from dideban.kinds import slugs

MAX_PROBLEMS = 5

_TYPES: dict[str, type | tuple[type, ...]] = {
    "object": dict,
    "array": list,
    "string": str,
    "integer": int,
    "number": (int, float),
    "boolean": bool,
    "null": type(None),
}


@functools.cache
def findings_schema() -> dict[str, Any]:
    """Return the JSON Schema of ``findings.json``, with the kinds that this version knows."""
    data = importlib.resources.files("dideban.findings").joinpath("findings.schema.json").read_bytes()
    schema: dict[str, Any] = orjson.loads(data)
    schema["$defs"]["kind"]["enum"] = list(slugs())
    return schema


def check_finding(data: object) -> list[str]:
    """Return what is wrong with one finding as plain data; empty = it keeps the format."""
    return _first(_problems(data, findings_schema()["$defs"]["finding"], "finding"))


def check_document(data: object) -> list[str]:
    """Return what is wrong with a whole ``findings.json`` as plain data; empty = it keeps the format."""
    return _first(_problems(data, findings_schema(), "document"))


def _first(problems: Iterator[str]) -> list[str]:
    return [problem for problem, _ in zip(problems, range(MAX_PROBLEMS), strict=False)]


def _problems(data: object, rule: Mapping[str, Any], where: str) -> Iterator[str]:
    """Yield where ``data`` breaks ``rule``: the part of JSON Schema that our schema uses."""
    if "$ref" in rule:
        rule = findings_schema()["$defs"][rule["$ref"].rsplit("/", 1)[1]]
    if "const" in rule and data != rule["const"]:
        yield f"{where}: not {rule['const']!r}"
    if "enum" in rule and data not in rule["enum"]:
        yield f"{where}: {data!r:.60} is not one of {', '.join(map(str, rule['enum']))}"
    if "type" in rule and not _is(data, rule["type"]):
        yield f"{where}: {type(data).__name__} instead of {rule['type']}"
        return
    if isinstance(data, str) and "pattern" in rule and not re.search(rule["pattern"], data):
        yield f"{where}: {data!r:.60} does not look like {rule['pattern']}"
    if isinstance(data, int | float) and data < rule.get("minimum", data):
        yield f"{where}: {data} is less than {rule['minimum']}"
    if isinstance(data, dict):
        yield from _object_problems(data, rule, where)
    if isinstance(data, list):
        if not rule.get("minItems", 0) <= len(data) <= rule.get("maxItems", len(data)):
            yield f"{where}: {len(data)} entries"
        for i, entry in enumerate(data):
            yield from _problems(entry, rule.get("items", {}), f"{where}[{i}]")


def _object_problems(data: Mapping[str, Any], rule: Mapping[str, Any], where: str) -> Iterator[str]:
    known = rule.get("properties", {})
    yield from (f"{where}.{name}: missing" for name in rule.get("required", ()) if name not in data)
    for name, value in data.items():
        if name in known:
            yield from _problems(value, known[name], f"{where}.{name}")
        elif rule.get("additionalProperties") is False:
            yield f"{where}.{name:.60}: not a known field"
        elif isinstance(rule.get("additionalProperties"), dict):
            yield from _problems(value, rule["additionalProperties"], f"{where}.{name:.60}")


def _is(data: object, kinds: str | list[str]) -> bool:
    names = [kinds] if isinstance(kinds, str) else kinds
    if isinstance(data, bool):
        return "boolean" in names
    return any(isinstance(data, _TYPES[name]) for name in names)
