"""What a file is and what would become of its rows, kept beside the file until a member takes it in."""

from __future__ import annotations

import logging
import shutil
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import orjson
from django.utils import timezone

from dideban.atomic import write_bytes
from dideban.errors import DidebanError, InputError
from dideban.room.budget import FILES
from dideban.room.posts.intake import Taken, origin_of, take_files
from dideban.room.reader.posts import look_apart
from dideban.room.rooms.folder import folder_of
from dideban.room.rooms.models import Room
from dideban.room.sources.models import SourceRun
from dideban.room.wording.problems import to_text

log = logging.getLogger("dideban.room.imports")
MOST_FILES = 8
"""Files of one import whose columns are shown; all are counted."""


def folder_of_run(run: SourceRun) -> Path:
    """Return where the files of a run wait."""
    # Rows come from backups too: a name that leads upwards would have the room itself removed with its import.
    return folder_of(run.source.room.slug).uploads / (Path(run.folder).name.strip(".") or "none")


def look_at(run: SourceRun) -> None:
    """Read the files of a run as taking them in would, keep nothing, and write down what was seen."""
    folder = folder_of_run(run)
    try:
        if not (paths := sorted(folder.iterdir()) if folder.is_dir() else []):
            raise InputError("room.files-empty")
        mapping = {**run.source.settings.get("mapping", {}), **run.mapping} or None
        limits = {"max_bytes": FILES.max_bytes, "max_memory": FILES.max_memory, "max_seconds": FILES.max_seconds}
        files = look_apart(paths[:MOST_FILES], mapping=mapping, time_zone=run.time_zone, **limits)  # type: ignore[arg-type]
        told = {"files": files, "n_more": max(0, len(paths) - MOST_FILES), "whole": _whole(run, paths, mapping)}
        write_bytes(_path(folder), orjson.dumps(told, default=str), survives="power")
        run.error = ""
    except DidebanError as error:
        run.error = to_text(error)
    run.finished_at = timezone.now()
    run.save(update_fields=["error", "finished_at"])


def _whole(run: SourceRun, paths: list[Path], mapping: dict[str, str] | None) -> dict[str, Any]:
    """Say what would become of all rows, by the rules of the room too."""
    try:
        taken = take_files(
            paths, origin=origin_of(run.source), mapping=mapping, keep=False, budget=FILES, time_zone=run.time_zone
        )
    except InputError as error:
        return {"refused": error.message.to_dict()}  # its hint names options of the command; the page has a form
    return _counted(taken)


def _counted(taken: Taken) -> dict[str, Any]:
    return {
        "n_rows": taken.n_rows, "n_posts": taken.n_posts, "n_repeats": taken.n_repeats, "n_rejects": taken.n_rejects,
        "reasons": dict(taken.reasons.most_common()), "n_outside": taken.n_outside,
        "oldest_at": taken.oldest_at.isoformat() if taken.oldest_at else None,
        "newest_at": taken.newest_at.isoformat() if taken.newest_at else None,
    }  # fmt: skip


def read_look(run: SourceRun) -> dict[str, Any] | None:
    """Return what was seen; None where the look is not done, or is gone."""
    try:
        told: dict[str, Any] = orjson.loads(_path(folder_of_run(run)).read_bytes())
    except (OSError, ValueError):
        return None
    for name in ("oldest_at", "newest_at"):
        if text := told["whole"].get(name):
            told["whole"][name] = datetime.fromisoformat(text)
    return told


def drop_files(run: SourceRun) -> None:
    """Remove the files of a run and what was seen of them."""
    if run.folder:
        shutil.rmtree(folder_of_run(run), ignore_errors=True)
        _path(folder_of_run(run)).unlink(missing_ok=True)


def drop_waiting(room: Room, *, before: datetime | None = None) -> int:
    """Remove files that wait to be taken in: all, as before a deletion on request, or those that wait for long."""
    n = 0
    for run in _waiting(room):
        if before is None or run.started_at < before:
            drop_files(run)
            run.delete()
            n += 1
    return n


def _waiting(room: Room) -> Iterator[SourceRun]:
    looks = SourceRun.objects.filter(source__room=room, kind="look").select_related("source__room")
    yield from looks.order_by("pk")


def _path(folder: Path) -> Path:
    return folder.with_name(f"{folder.name}.look")
