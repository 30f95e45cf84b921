"""Watched folders."""

from __future__ import annotations

import json
import os
import time
from pathlib import Path
from typing import Any

import pytest

from dideban.room.rooms.folder import folder_of
from dideban.room.rooms.models import Room
from dideban.room.sources.actions import add_source
from dideban.room.sources.poll import poll
from room.cast import post
from room.sources.helpers import again, stored


def drop(path: Path, *posts: dict[str, Any]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join(json.dumps(p) for p in posts), "utf-8")
    os.utime(path, (time.time() - 60, time.time() - 60))


def test_a_watched_folder_is_read_file_by_file(room: Room) -> None:
    inbox = folder_of("watch").root / "inbox" / "drop"
    drop(inbox / "a.ndjson", post(1), post(2))
    drop(inbox / "deep" / "b.ndjson", post(3))
    (inbox / "broken.csv").write_bytes(b"\x00\x01nonsense")
    os.utime(inbox / "broken.csv", (1, 1))
    source = add_source(room, kind="folder", name="Drop", settings={"path": "drop"}, by=None)
    run = poll(again(source))
    assert (run.n_posts, run.error) == (3, "")
    assert run.n_rejects == 1
    assert poll(again(source)).n_read == 0
    drop(inbox / "a.ndjson", post(1), post(4))
    assert poll(again(source)).n_posts == 2
    assert stored().height == 4


@pytest.mark.parametrize("path", ["/etc", "../../..", "../keys", "drop/../../keys"])
def test_a_folder_outside_is_not_read(room: Room, path: str) -> None:
    source = add_source(room, kind="folder", name="Drop", settings={"path": path}, by=None)
    assert "room.folder-forbidden" in poll(again(source)).error


def test_a_link_that_leads_out_of_the_folder_is_not_followed(room: Room) -> None:
    inbox = folder_of("watch").root / "inbox"
    inbox.mkdir()
    (inbox / "innocent.csv").symlink_to(folder_of("watch").key)
    source = add_source(room, kind="folder", name="Drop", settings={"path": "."}, by=None)
    assert poll(again(source)).n_read == 0
