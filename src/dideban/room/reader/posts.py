"""Reading files of posts in a process of their own: bounded in memory, time and disk, and its memory goes back."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

from dideban.errors import InputError, StoreError
from dideban.messages import Message

KINDS = {"InputError": InputError, "StoreError": StoreError}
OUT_OF_TIME = {-signal.SIGXCPU} if hasattr(signal, "SIGXCPU") else set()
"""How a process ends that used up its processor time: where it computes on several cores, before the clock says so."""


@dataclass(frozen=True, kw_only=True)
class Read:
    """What reading gave: ``n_rows == n_posts + n_duplicates + n_rejects``."""

    posts_path: Path
    rejects_path: Path
    n_posts: int
    n_rows: int
    n_rejects: int
    n_duplicates: int
    reject_reasons: dict[str, int]


def read_posts_apart(
    paths: Sequence[Path],
    *,
    out: Path,
    mapping: Mapping[str, str] | None,
    max_bytes: int,
    max_memory: int,
    max_seconds: float,
    time_zone: str = "",
) -> Read:
    """Read files of posts with the ids as they are.

    Raises
    ------
    InputError
        They cannot be used, or take more memory, disk or time than they may.
    StoreError
        The disk is full.
    """
    question = {
        "paths": [str(path) for path in paths], "out": str(out), "mapping": dict(mapping) if mapping else None,
        "max_bytes": max_bytes, "max_memory": max_memory, "max_seconds": max_seconds, "time_zone": time_zone,
    }  # fmt: skip
    return _answer(_asked(question))


def look_apart(
    paths: Sequence[Path],
    *,
    mapping: Mapping[str, str] | None,
    time_zone: str = "",
    max_bytes: int,
    max_memory: int,
    max_seconds: float,
) -> list[dict[str, Any]]:
    """Say how files of posts would be read: shapes, columns and why, first rows, what would be set aside.

    Raises
    ------
    InputError
        They take more memory, disk or time than they may.
    """
    question = {
        "is_look": True, "paths": [str(path) for path in paths], "mapping": dict(mapping) if mapping else None,
        "time_zone": time_zone, "max_bytes": max_bytes, "max_memory": max_memory, "max_seconds": max_seconds,
    }  # fmt: skip
    said = _asked(question)
    if "kind" in said:
        _answer(said)
    files: list[dict[str, Any]] = said["files"]
    return files


def _asked(question: dict[str, Any]) -> dict[str, Any]:
    """Put a question to a process of its own.

    Raises
    ------
    InputError
        It took more memory or time than it may.
    """
    max_seconds = float(question["max_seconds"])
    environment = {
        **os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path),
        "POLARS_MAX_THREADS": str(min(4, os.cpu_count() or 1)),
    }  # fmt: skip
    try:
        done = subprocess.run(
            [sys.executable, "-P", "-m", "dideban.room.reader.posts_child"],
            input=orjson.dumps(question), env=environment,
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, timeout=max_seconds, check=False,
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        raise InputError("budget.time", n=int(max_seconds)) from None
    if done.returncode in OUT_OF_TIME:
        raise InputError("budget.time", n=int(max_seconds))
    if done.returncode or not done.stdout:
        raise InputError("budget.memory", hint="budget.send-fewer")
    said: dict[str, Any] = orjson.loads(done.stdout)
    return said


def _answer(said: dict[str, Any]) -> Read:
    if "kind" in said:
        kind = KINDS.get(said["kind"], InputError)
        raise kind(Message.from_dict(said["message"]), hint=Message.from_dict(said["hint"]))
    return Read(posts_path=Path(said.pop("posts_path")), rejects_path=Path(said.pop("rejects_path")), **said)
