"""A disk that is full, truly: every writer of a room on a small disk, with nothing left and with ever a little more."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from room.cast import join, post  # isort: skip # makes Django ready
from django.core.management import call_command
from django.db import DatabaseError, connections, transaction
from django.test import Client, override_settings

from dideban.errors import DidebanError
from dideban.room.audit.actions import record
from dideban.room.audit.verify import anchor, verify
from dideban.room.cases.actions import add_file, add_note, open_case
from dideban.room.members.models import Membership
from dideban.room.posts.actions import ask_erasure
from dideban.room.posts.merge import merge_all
from dideban.room.posts.search_files import keep_up
from dideban.room.roles import Role
from dideban.room.rooms.actions import create_room
from dideban.room.rooms.folder import folder_of
from dideban.room.rooms.models import Room
from dideban.room.sources.actions import add_source, ask_upload, make_intake_token
from dideban.room.sources.models import Source
from dideban.room.ticks.heartbeat import beat_worker
from dideban.room.ticks.run import run_tick
from dideban.room.upkeep.backup import back_up
from dideban.room.upkeep.maintenance import compact, run_maintenance
from dideban.store.delta import PostTable

import json  # isort: skip

SIZE_MIB = 128
LEFT = (0, 4_096, 40_000, 400_000)
"""Bytes that are left when a writer begins."""
REFUSALS = (DidebanError, OSError, DatabaseError, sqlite3.Error)


@pytest.fixture
def small(migrated: Path, tmp_path: Path) -> Iterator[Path]:
    """A data folder on a disk of its own."""
    home = tmp_path / "small"
    home.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", f"size={SIZE_MIB}m", "tmpfs", str(home)]
    if os.name != "posix" or os.geteuid() != 0 or not shutil.which("mount"):
        pytest.skip("a disk of its own needs root")
    if subprocess.run(command, check=False, capture_output=True).returncode:
        pytest.skip("this machine mounts nothing")
    shutil.copy(migrated, home / "room.sqlite3")
    link = connections["default"]
    link.close()
    before = link.settings_dict["NAME"]
    link.settings_dict["NAME"] = str(home / "room.sqlite3")
    with override_settings(DATA=home, PASSWORD_HASHERS=["django.contrib.auth.hashers.MD5PasswordHasher"]):
        yield home
    link.close()
    link.settings_dict["NAME"] = before
    subprocess.run(["umount", "-l", str(home)], check=True)


class Sender:
    """Sends posts and remembers which were acknowledged."""

    def __init__(self, token: str) -> None:
        self.client = Client(headers={"Authorization": f"Bearer {token}"})
        self.client.raise_request_exception = False
        self.n, self.acknowledged = 0, set[str]()

    def __call__(self) -> None:
        """Send five posts."""
        posts = [post(self.n + k, account_id=f"a{(self.n + k) % 5}") for k in range(5)]
        self.n += 5
        body = "\n".join(json.dumps(one) for one in posts)
        answer = self.client.post("/api/v1/intake", body, content_type="application/x-ndjson")
        assert answer.status_code in (200, 429, 503), answer.content[:300]
        if answer.status_code == 200:
            self.acknowledged |= {one["post_id"] for one in posts}


def fill(home: Path, *, left: int) -> None:
    """Leave so many bytes of the disk."""
    with suppress(OSError), (home / "filler").open("wb") as file:
        while True:
            file.write(b"x" * 65_536)
            file.flush()
    size = (home / "filler").stat().st_size
    os.truncate(home / "filler", max(0, size - left))


def writers(room: Room, lead: Membership, home: Path, send: Callable[[], None]) -> dict[str, Callable[[], object]]:
    """Return everything in a room that writes."""
    files = Source.objects.get(pk=add_source(room, kind="upload", name="Files", by=None).pk)
    case = open_case(room, title="A case", by=lead)

    def note() -> None:
        with transaction.atomic():
            record(room, "case.open", by=lead, details={"x": "y" * 5_000})

    return {
        "intake": send, "merge": lambda: merge_all("watch"), "search files": lambda: keep_up("watch"),
        "tick": lambda: run_tick(room), "compaction": lambda: compact("watch"), "audit": note, "anchor": anchor,
        "note": lambda: add_note(case, text="n" * 5_000, by=lead),
        "file": lambda: add_file(case, name="x.bin", chunks=[b"x" * 200_000] * 3, by=lead),
        "upload": lambda: ask_upload(files, files=[("p.ndjson", [json.dumps(post(10_000)).encode() * 1])], by=lead),
        "backup": lambda: back_up(home / "b.tar.gz"), "beat": beat_worker, "maintenance": run_maintenance,
        "erasure": lambda: ask_erasure(room, account="nobody", platform="x", reason="asked", by=lead),
        "new room": lambda: create_room(slug=f"r{os.urandom(4).hex()}", name="Another"),
    }  # fmt: skip


@pytest.mark.slow
def test_a_full_disk_stops_every_writer_in_words_and_harms_nothing(small: Path) -> None:
    room = create_room(slug="watch", name="Watch")
    lead = join(room, "alice", Role.COORDINATOR)
    send = Sender(make_intake_token(add_source(room, kind="intake", name="Wire", by=None), by=None))
    send()
    merge_all("watch")
    every, refused = writers(room, lead, small, send), dict[str, int]()
    for left in LEFT:
        for name, write in every.items():
            fill(small, left=left)
            try:
                write()
            except REFUSALS:
                refused[name] = refused.get(name, 0) + 1
            finally:
                (small / "filler").unlink(missing_ok=True)
                (small / "b.tar.gz").unlink(missing_ok=True)
        send()
        merge_all("watch")
    assert {"backup", "file"} <= set(refused)
    for write in every.values():  # with room on the disk all of it works, at once
        write()
    merge_all("watch")
    with sqlite3.connect(small / "room.sqlite3") as link:
        assert link.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    stored = PostTable(folder_of("watch").posts).scan(columns=["post_id"]).collect()["post_id"].to_list()
    assert send.acknowledged <= set(stored)
    assert len(stored) == len(set(stored))
    assert verify().is_whole, verify().problems
    call_command("check")
    leftovers = [path for path in small.rglob("*.part") if path.is_file()]
    assert leftovers == []
