"""What runs in the process that reads files of posts: one question on standard input, one answer on standard output."""

from __future__ import annotations

import dataclasses
import math
import os
import sys
from pathlib import Path
from typing import Any

import orjson

from dideban.errors import DidebanError

MOST_SHOWN = 200
"""Columns, rows and values of one list that a look tells of."""
MOST_CHARS = 400


def answer(question: dict[str, Any]) -> dict[str, Any]:
    """Read, and say what came of it."""
    from dideban import ingest
    from dideban.config import IngestConfig

    zone = question.get("time_zone") or "UTC"
    config = IngestConfig(keep_ids=True, max_reject_share=1.0, max_field_bytes=2_000_000, time_zone=zone)
    if question.get("is_look"):
        return look(question)
    try:
        found = ingest.read_posts(
            [Path(path) for path in question["paths"]], out=Path(question["out"]), key=bytes(32), config=config,
            mapping=question["mapping"],
        )  # fmt: skip
    except DidebanError as error:
        kinds = [kind.__name__ for kind in type(error).__mro__]
        kind = "StoreError" if "StoreError" in kinds else "InputError"
        return {"kind": kind, "message": error.message.to_dict(), "hint": error.hint.to_dict()}
    return {
        "posts_path": str(found.posts_path), "rejects_path": str(found.rejects_path), "n_posts": found.n_posts,
        "n_rows": found.n_rows, "n_rejects": found.n_rejects, "n_duplicates": found.n_duplicates,
        "reject_reasons": dict(found.reject_reasons),
    }  # fmt: skip


def look(question: dict[str, Any]) -> dict[str, Any]:
    """Say how each file would be read: the accounts that are shown are pseudonyms of no room."""
    from dideban.config import IngestConfig
    from dideban.ingest import inspect_file

    config = IngestConfig(
        max_reject_share=1.0, max_field_bytes=2_000_000, time_zone=question.get("time_zone") or "UTC"
    )  # fmt: skip
    files = []
    for path in map(Path, question["paths"]):
        try:
            files.append(_said(inspect_file(path, config=config, mapping=question["mapping"])))
        except DidebanError as error:
            files.append({"name": path.name, "parts": [], "problems": [str(error)], "refused": error.message.to_dict()})
    return {"files": files}


def _said(value: Any) -> Any:
    """Return an inspection as plain data that JSON takes; messages stay messages."""
    from dideban.messages import Message

    if isinstance(value, Message):
        return value.to_dict()
    if dataclasses.is_dataclass(value):
        return {one.name: _said(getattr(value, one.name)) for one in dataclasses.fields(value)}
    if isinstance(value, dict):
        return {str(name): _said(one) for name, one in value.items()}
    if isinstance(value, list | tuple):
        return [_said(one) for one in value[:MOST_SHOWN]]
    return value[:MOST_CHARS] if isinstance(value, str) else value


def bound(question: dict[str, Any]) -> None:
    """Let the system end this process where it takes more than it may."""
    if os.name != "posix":
        return
    import resource
    import signal

    signal.signal(signal.SIGXFSZ, signal.SIG_DFL)
    for kind, most in (
        (resource.RLIMIT_AS, int(question["max_memory"])),
        (resource.RLIMIT_FSIZE, int(question["max_bytes"])),
        (resource.RLIMIT_CPU, math.ceil(question["max_seconds"] * 4)),
        (resource.RLIMIT_CORE, 0),
    ):
        _, hard = resource.getrlimit(kind)
        resource.setrlimit(kind, (most if hard == resource.RLIM_INFINITY else min(most, hard), hard))


def main() -> None:
    """Answer one question."""
    question = orjson.loads(sys.stdin.buffer.read())
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # a library that prints does not speak into the answer
    bound(question)
    answers.write(orjson.dumps(answer(question), default=str))
    answers.flush()


if __name__ == "__main__":
    main()
