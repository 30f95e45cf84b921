"""Move a room from SQLite to the database of its settings, and compare row by row before saying that it is done."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path
from typing import Any

from django.apps import apps
from django.conf import settings
from django.core.management import call_command
from django.db import connection

from dideban.errors import ConfigError, StoreError
from dideban.room.locks import WORKER, only_one
from dideban.room.rooms.models import Room
from dideban.room.upkeep.dump import dump, load

OURS = "room.sqlite3"
SOURCE = ("DATABASE_URL", "DATABASE_URL_FILE")


def move() -> dict[str, int]:
    """Bring everything from the SQLite file into the database of the settings; return rows by model.

    Raises
    ------
    ConfigError
        The settings name no other database.
    StoreError
        A worker runs, there is no SQLite file, the database is not empty, or what arrived is not what left.

    Notes
    -----
    The SQLite file stays as it is: taking ``DATABASE_URL`` away is the way back, until somebody works in the new one.
    """
    if connection.vendor == "sqlite":
        raise ConfigError("room.move-nowhere", hint="room.move-hint", key="DATABASE_URL")
    home = Path(settings.DATA)
    if not (home / OURS).is_file():
        raise StoreError("room.move-nothing", path=str(home / OURS))
    with only_one(home / WORKER) as is_ours:
        if not is_ours:
            raise StoreError("room.move-running")
        with tempfile.TemporaryDirectory(prefix="move-", dir=home) as scratch:
            left, arrived = Path(scratch) / "left.jsonl", Path(scratch) / "arrived.jsonl"
            _dump_source(left)
            call_command("migrate", verbosity=0)
            call_command("createcachetable", verbosity=0)
            if Room.objects.exists():
                raise StoreError("room.move-not-empty")
            load(left)
            dump(arrived)
            if odd := differences(left, arrived):
                raise StoreError("room.move-differs", names=odd[:10])
            return dict(sorted(Counter(one["model"] for one in _rows(left)).items()))


def differences(first: Path, second: Path) -> list[str]:
    """Return the models of which two dumps hold different rows."""
    held: list[dict[tuple[str, str], str]] = [
        {(row["model"], str(row["pk"])): json.dumps(_plain(row), sort_keys=True) for row in _rows(path)}
        for path in (first, second)
    ]
    return sorted({key[0] for key in held[0].keys() | held[1].keys() if held[0].get(key) != held[1].get(key)})


def _rows(path: Path) -> list[dict[str, Any]]:
    with path.open(encoding="utf-8") as file:
        return [json.loads(line) for line in file if line.strip()]


def _plain(row: dict[str, Any]) -> dict[str, Any]:
    """Return a row in which what has no order has one: the other ends of many-to-many fields."""
    many = {field.name for field in apps.get_model(row["model"])._meta.many_to_many}
    fields = {name: sorted(map(str, value)) if name in many else value for name, value in row["fields"].items()}
    return {**row, "fields": fields}


def _dump_source(to: Path) -> None:
    """Dump the SQLite file in a process whose settings name no other database."""
    environment = {name: value for name, value in os.environ.items() if name not in SOURCE}
    environment |= {
        "PYTHONPATH": os.pathsep.join(path for path in sys.path if path),
        "DIDEBAN_ROOM_DATA": str(settings.DATA),
    }
    command = [sys.executable, "-P", "-m", "django", "room_move", "--dump", str(to)]
    done = subprocess.run(command, env=environment, capture_output=True, check=False)  # noqa: S603 - our own command
    if done.returncode:
        raise StoreError("room.move-unreadable", path=OURS)
