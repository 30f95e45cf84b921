"""A backup of strangers: what it claims is looked at before it is read."""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import os
import resource
import shutil
import subprocess
import sys
import tarfile
import time
from pathlib import Path

import pytest
from django.db import connections
from django.test import override_settings

from dideban.errors import InputError
from dideban.room.upkeep import backup
from dideban.room.upkeep.backup import restore
from room.running import Running

MIB = 1024 * 1024
KILLS = int(os.environ.get("DIDEBAN_TEST_KILLS", "3"))


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


def packed(path: Path, *entries: tuple[str, bytes], kind: bytes = tarfile.REGTYPE) -> Path:
    with tarfile.open(path, "w:gz") as archive:
        for name, body in entries:
            entry = tarfile.TarInfo(name)
            entry.size, entry.type = len(body), kind
            archive.addfile(entry, io.BytesIO(body))
    return path


def refused(path: Path, home: Path, match: str) -> None:
    with override_settings(DATA=home), pytest.raises(InputError, match=match):
        restore(path)
    assert not [one for one in home.rglob("*") if one.is_file()], "nothing is left of it"


def header_of(name: str, size: int, kind: bytes) -> bytes:
    entry = tarfile.TarInfo(name)
    entry.size, entry.type = size, kind
    return entry.tobuf(tarfile.GNU_FORMAT)


def peak_mib() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def test_a_backup_that_unpacks_without_end_is_refused(tmp_path: Path, home: Path) -> None:
    bomb = packed(tmp_path / "b.tar.gz", ("rooms/watch/posts/x", bytes(400 * MIB)))
    assert bomb.stat().st_size < MIB
    before = peak_mib()
    refused(bomb, home, "more than a backup can hold")
    assert peak_mib() - before < 50


@pytest.mark.parametrize("kind", [tarfile.XHDTYPE, tarfile.GNUTYPE_LONGNAME, tarfile.XGLTYPE])
def test_a_backup_that_lies_about_sizes_is_refused(tmp_path: Path, home: Path, kind: bytes) -> None:
    path = tmp_path / "b.tar.gz"
    with gzip.open(path, "wb") as file:
        file.write(header_of("x", 2**33, kind))
        file.write(bytes(200 * MIB))
    before = peak_mib()
    refused(path, home, "more than a backup can hold")
    assert peak_mib() - before < 100


def test_a_disk_without_room_is_told_before_it_is_full(
    tmp_path: Path, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(backup, "KEEP_FREE", 2**62)
    refused(packed(tmp_path / "b.tar.gz", ("secret.key", b"x" * 100)), home, "disk has room")


def test_too_many_files_and_the_same_file_twice_are_refused(
    tmp_path: Path, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    refused(packed(tmp_path / "b.tar.gz", ("secret.key", b"x"), ("secret.key", b"y")), home, "more than")
    monkeypatch.setattr(backup, "MOST_FILES", 3)
    refused(packed(tmp_path / "c.tar.gz", *((f"rooms/w/{n}", b"") for n in range(5))), home, "more than")


@pytest.mark.parametrize(
    "body",
    [b"", b"nonsense", b"\x1f\x8b\x08\x00garbage", gzip.compress(b"x" * 600, mtime=0), b"\x1f\x8b" * 9],
    ids=["empty", "nonsense", "damaged", "no-archive", "heads-only"],
)
def test_what_is_no_backup_is_refused_in_words(tmp_path: Path, home: Path, body: bytes) -> None:
    path = tmp_path / "b.tar.gz"
    path.write_bytes(body)
    refused(path, home, r"b\.tar\.gz")


@pytest.mark.parametrize("manifest", [b"[]", b"1", b"{}", b"[" * 200_000, b'{"schema": 5}', b"\xff"])
def test_a_list_of_files_that_is_none_is_refused(tmp_path: Path, home: Path, manifest: bytes) -> None:
    refused(packed(tmp_path / "b.tar.gz", ("backup.json", manifest)), home, r"b\.tar\.gz")


@pytest.mark.parametrize("kind", [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.FIFOTYPE, tarfile.CHRTYPE, tarfile.DIRTYPE])
def test_links_pipes_and_devices_are_no_part_of_a_backup(tmp_path: Path, home: Path, kind: bytes) -> None:
    refused(packed(tmp_path / "b.tar.gz", ("secret.key", b""), kind=kind), home, "secret.key")


@pytest.mark.slow
def test_a_restore_that_was_killed_leaves_no_half_room_and_is_done_again(tmp_path: Path) -> None:
    """Killed as soon as it began, and ever later, then done to the end."""
    old = Running(tmp_path / "old")
    token = old.make()
    assert token
    old.django("room_backup", "--to", str(tmp_path / "b.tar.gz"))
    new = Running(tmp_path / "new")
    command = [sys.executable, "-m", "django", "room_restore", "--source", str(tmp_path / "b.tar.gz")]
    n_killed = 0
    for n in range(KILLS):
        shutil.rmtree(new.home, ignore_errors=True)
        process = subprocess.Popen(command, env=new.environment, stdout=subprocess.DEVNULL)
        while process.poll() is None and not (new.home / "restore.unfinished").exists():
            time.sleep(0.005)
        time.sleep(0.4 * n)
        n_killed += process.poll() is None
        process.kill()
        process.wait()
        is_half = (new.home / "restore.unfinished").exists()
        if is_half:
            told = subprocess.run(
                [sys.executable, "-m", "django", "room_work"],
                env=new.environment,
                capture_output=True,
                text=True,
                check=False,
            )
            assert told.returncode
            assert "restore" in told.stderr
        if is_half or not (new.home / "room.sqlite3").exists():
            new.django("room_restore", "--source", str(tmp_path / "b.tar.gz"))
        assert json.loads(new.django("room_check"))["problems"] == []
        assert not list(new.home.glob("restore*"))
    assert n_killed


def listed(*entries: tuple[str, bytes]) -> tuple[tuple[str, bytes], ...]:
    """Return files with the list of them that a backup ends with."""
    hashes = {name: hashlib.sha256(body).hexdigest() for name, body in entries}
    manifest = {"schema": backup.SCHEMA, "made_at": "2026-11-29T03:00:00+00:00", "sha256": hashes}
    return *entries, ("backup.json", json.dumps(manifest).encode())


@pytest.mark.parametrize(
    ("entries", "match"),
    [
        ([("secret.key", b"k")], "not what was written"),
        ([("room.sqlite3", b"no database")], "not a backup of a room, or damaged"),
        ([("room.sqlite3/x", b"")], "not a backup of a room"),
        ([("room.sqlite3", b""), ("elsewhere.sqlite3", b"")], "not a backup of a room"),
        ([("room.sqlite3", b""), ("rooms", b"")], "not a backup of a room"),
        ([("room.sqlite3", b""), ("rooms/../secret.key", b"")], "not a backup of a room"),
    ],
)
def test_a_backup_whose_list_holds_and_whose_files_do_not_is_refused(
    tmp_path: Path, home: Path, entries: list[tuple[str, bytes]], match: str
) -> None:
    """As whoever makes one up would; nothing of it stays, and no room is made without its database."""
    link = connections["default"]
    own = link.settings_dict["NAME"]
    link.close()
    link.settings_dict["NAME"] = str(home / "room.sqlite3")
    try:
        refused(packed(tmp_path / "b.tar.gz", *listed(*entries)), home, match)
    finally:
        link.close()
        link.settings_dict["NAME"] = own


def test_a_list_of_files_under_another_name_is_none(tmp_path: Path, home: Path) -> None:
    *_, (_, manifest) = listed(("room.sqlite3", b""))
    refused(packed(tmp_path / "b.tar.gz", ("./backup.json", manifest)), home, "not a backup of a room")
