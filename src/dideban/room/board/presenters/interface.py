"""The interface for programs as a page: each call with its parameters, what it answers, and an example."""

from __future__ import annotations

import json
import re
from typing import Any
from urllib.parse import quote

from django.http import HttpRequest
from django.urls import resolve

DESCRIPTION = "/api/v1/openapi.json"
SAMPLES = {"number": "1", "finding_id": "FINDING", "platform": "x", "post_id": "POST"}
MOST_FIELDS = 60


def described(request: HttpRequest) -> dict[str, Any]:
    """Return the interface's own description of itself (OpenAPI), as any program gets it."""
    match = resolve(DESCRIPTION)
    answer = match.func(request, *match.args, **match.kwargs)
    found: dict[str, Any] = json.loads(answer.content)
    return found


def calls(document: dict[str, Any], *, room: str, base: str) -> list[dict[str, Any]]:
    """Return every call in the order of the description.

    Parameters
    ----------
    room : str
        Short name that examples name.
    base : str
        Address of the installation.
    """
    return [
        _call(path, method, one, document, room=room, base=base)
        for path, methods in document["paths"].items()
        for method, one in methods.items()
    ]


def surface(document: dict[str, Any]) -> list[str]:
    """Return all calls with the names of their parameters and of what goes in and out, one line each."""
    lines = []
    for path, methods in sorted(document["paths"].items()):
        for method, one in sorted(methods.items()):
            names = sorted(parameter["name"] for parameter in one.get("parameters", []))
            fields = [sorted(name for name, _ in rows) for rows in (_body(one, document), _answer(one, document))]
            lines.append(f"{method} {path} {' '.join(names)} < {' '.join(fields[0])} > {' '.join(fields[1])}")
    return lines


def _call(
    path: str, method: str, one: dict[str, Any], document: dict[str, Any], *, room: str, base: str
) -> dict[str, Any]:
    parameters = [_parameter(parameter) for parameter in one.get("parameters", []) if parameter["name"] != "room"]
    filled = re.sub(r"\{(\w+)\}", lambda m: quote(room if m[1] == "room" else SAMPLES.get(m[1], m[1])), path)
    body = _body(one, document)
    slug = one["operationId"].removeprefix("dideban_room_api_").partition("_")[2]  # without its module
    return {
        "slug": slug, "name": slug.replace("_", "-"), "method": method.upper(), "path": path.replace("{room}", room),
        "tag": one.get("tags", ["room"])[0], "parameters": parameters, "body": body, "answer": _answer(one, document),
        "can_try": method == "get", "curl": _curl(method, f"{base}{filled}", body),
    }  # fmt: skip


def _parameter(parameter: dict[str, Any]) -> dict[str, Any]:
    kind = parameter.get("schema", {})
    of = kind.get("type") or " | ".join(sorted({one.get("type", "") for one in kind.get("anyOf", [])} - {"", "null"}))
    return {"name": parameter["name"], "in": parameter["in"], "type": of, "required": parameter.get("required", False)}


def _body(one: dict[str, Any], document: dict[str, Any]) -> list[tuple[str, str]]:
    content = one.get("requestBody", {}).get("content", {})
    return _fields(content.get("application/json", {}).get("schema", {}), document)


def _answer(one: dict[str, Any], document: dict[str, Any]) -> list[tuple[str, str]]:
    good: dict[str, Any] = next(
        (answer for status, answer in one["responses"].items() if str(status).startswith("2")), {}
    )
    return _fields(good.get("content", {}).get("application/json", {}).get("schema", {}), document)


def _fields(schema: dict[str, Any], document: dict[str, Any]) -> list[tuple[str, str]]:
    """Return (name, type) of the fields of a schema; of a list, those of its items."""
    for _ in range(6):
        if "$ref" in schema:
            schema = document["components"]["schemas"][schema["$ref"].rsplit("/", 1)[-1]]
        elif schema.get("type") == "array":
            schema = schema.get("items", {})
        elif set(schema.get("properties", {})) == {"items", "count"}:
            schema = schema["properties"]["items"]
        else:
            break
    found = schema.get("properties", {})
    return [(name, _type(one)) for name, one in list(found.items())[:MOST_FIELDS]]


def _type(schema: dict[str, Any]) -> str:
    if "anyOf" in schema:
        return " | ".join(dict.fromkeys(_type(one) for one in schema["anyOf"]))
    if "$ref" in schema:
        return str(schema["$ref"].rsplit("/", 1)[-1])
    if schema.get("type") == "array":
        return f"[{_type(schema.get('items', {}))}]"
    return str(schema.get("format") or schema.get("type") or "any")


def _curl(method: str, address: str, body: list[tuple[str, str]]) -> str:
    lines = ['curl -H "Authorization: Bearer $TOKEN"']
    if method == "post" and body:
        sample = json.dumps({name: "..." for name, _ in body[:3]})
        lines += ['-H "Content-Type: application/json"', f"-d '{sample}'"]
    elif method == "post":
        lines += ['-H "Content-Type: application/x-ndjson"', "--data-binary @posts.ndjson"]
    return " \\\n     ".join([*lines, address])
