"""The room as those who run it know it: one command, settings, health, backup, death."""

from __future__ import annotations

import itertools
import json
import os
import shutil
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from django.core.checks import run_checks
from django.core.management import call_command
from django.db import connections
from django.test import override_settings

from dideban.cli.room import check_port
from dideban.errors import ConfigError, InputError
from dideban.room.audit.verify import verify
from dideban.room.cases.actions import add_file, add_note, open_case
from dideban.room.environment import database, read_flag, read_number, read_text
from dideban.room.members.models import Membership
from dideban.room.posts.intake import Origin, take_bytes
from dideban.room.posts.merge import merge, merge_all
from dideban.room.rooms.folder import folder_of
from dideban.room.rooms.models import Room
from dideban.room.rooms.sealed_ids import open_account, pseudonym_of
from dideban.room.upkeep.backup import back_up, restore
from dideban.room.upkeep.health import check_all, metrics, schema_trouble
from dideban.store.delta import PostTable
from room.cast import post
from room.running import PASSWORD, Running

needs_proc = pytest.mark.skipif(not Path("/proc/self/environ").exists(), reason="finds processes by /proc")


# Settings


def test_a_secret_comes_from_a_file(tmp_path: Path) -> None:
    path = tmp_path / "secret"
    path.write_text("from a file\n")
    assert read_text("X", environment={"X_FILE": str(path)}) == "from a file"
    assert read_text("X", "else", environment={}) == "else"
    with pytest.raises(ConfigError, match="both set"):
        read_text("X", environment={"X": "1", "X_FILE": str(path)})
    for name, content in (("missing", None), ("folder", None), ("binary", b"\xff\xfe\x00")):
        if content is not None:
            (tmp_path / name).write_bytes(content)
        (tmp_path / "folder").mkdir(exist_ok=True)
        with pytest.raises(ConfigError, match="cannot be read"):
            read_text("X", environment={"X_FILE": str(tmp_path / name)})
    path.write_text("\n")
    with pytest.raises(ConfigError, match="is empty"):
        read_text("X", environment={"X_FILE": str(path)})
    assert read_text("X", "else", environment={"X_FILE": ""}) == "else"


def test_a_secret_that_everybody_can_read_is_told(data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "secret"
    path.write_text("x" * 40)
    monkeypatch.setenv("DIDEBAN_ROOM_SECRET_KEY_FILE", str(path))
    path.chmod(0o644)
    assert "dideban.W003" in {message.id for message in run_checks()}
    assert any(text.startswith("dideban.W003") for text in check_all()["warnings"])
    path.chmod(0o600)
    assert "dideban.W003" not in {message.id for message in run_checks()}


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"DATABASE_URL": "postgres://me:hunter2@127.0.0.1:1/room"}, "the database cannot be used"),
        ({"DATABASE_URL": "postgres://me:hunter2@127.0.0.1:1/room?sslmode=odd"}, "the database cannot be used"),
        ({"DATABASE_URL": "postgres://me:hunter2@127.0.0.1:port/room"}, "cannot be read as an address"),
        ({"DIDEBAN_ROOM_TIME_ZONE": "Middle/Earth"}, "is not a time zone"),
        ({"DIDEBAN_ROOM_LANGUAGE": "xx"}, "is not known"),
        ({"DIDEBAN_ROOM_LOG_LEVEL": "LOUD"}, "is not known"),
        ({"DIDEBAN_ROOM_SECRET_KEY_FILE": "/no/such"}, "cannot be read"),
    ],
    ids=["away", "odd-option", "odd-port", "zone", "language", "level", "no-secret"],
)
def test_a_start_that_cannot_be_is_told_in_one_line(tmp_path: Path, settings: dict[str, str], words: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", "from dideban.cli import main; main()", "room", "--data", str(tmp_path), "work"],
        capture_output=True, text=True, check=False, env=plain_environment() | settings,
    )  # fmt: skip
    assert done.returncode in (11, 13), done.stderr
    assert words in " ".join(done.stderr.split())
    assert "Traceback" not in done.stderr
    assert "hunter2" not in done.stdout + done.stderr


def test_a_port_that_is_taken_is_told_before_anything_starts() -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        with pytest.raises(ConfigError) as told:
            check_port("127.0.0.1", port)
    assert told.value.message.code == "cli.room.port-taken"
    check_port("127.0.0.1", port)
    with pytest.raises(ConfigError):
        check_port("192.0.2.1", port)


@pytest.mark.parametrize(
    ("sql", "words"),
    [
        ("DELETE FROM django_migrations WHERE app = 'narratives'", "older version: run 'dideban room init'"),
        (
            "INSERT INTO django_migrations (app, name, applied) VALUES ('cases', '9999_x', '2026-01-01')",
            "newer version",
        ),
    ],
)
def test_a_database_of_another_version_is_told(data: Path, sql: str, words: str) -> None:
    assert schema_trouble() == ""
    with connections["default"].cursor() as cursor:
        cursor.execute(sql)
    assert words in schema_trouble()
    assert words in " ".join(check_all()["problems"])


def test_what_the_models_say_is_what_the_migrations_make(data: Path) -> None:
    call_command("makemigrations", "--check", "--dry-run", verbosity=0)


@pytest.mark.parametrize("value", ["maybe", "2", "ja"])
def test_a_flag_is_yes_or_no(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    monkeypatch.setenv("X", value)
    with pytest.raises(ConfigError, match="neither yes nor no"):
        read_flag("X", default=True)


@pytest.mark.parametrize("value", ["-1", "ten", "1e3", "70000", "١٢"])
def test_a_number_is_within_its_bounds(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    monkeypatch.setenv("X", value)
    with pytest.raises(ConfigError, match="whole number from 1 to 65535"):
        read_number("X", 1, least=1, most=65_535)


def test_an_address_of_a_database_is_read(tmp_path: Path) -> None:
    found = database("postgres://us%40er:p%3Aw@db.example:5433/room?sslmode=require", default=tmp_path)
    assert (found["USER"], found["PASSWORD"], found["HOST"], found["PORT"], found["NAME"]) == (
        "us@er", "p:w", "db.example", "5433", "room",
    )  # fmt: skip
    assert found["OPTIONS"] == {"sslmode": "require"}
    assert database("", default=tmp_path / "x.sqlite3")["NAME"] == str(tmp_path / "x.sqlite3")
    with pytest.raises(ConfigError, match="not a supported database"):
        database("mysql://x/y", default=tmp_path)


@pytest.mark.parametrize(
    ("setting", "value", "code"),
    [
        ("SECRET_KEY", "short", "dideban.E002"),
        ("DATA", Path("/proc/no/such"), "dideban.E003"),
        ("SITE_URL", "room.example.org", "dideban.E004"),
        ("SITE_URL", "https://elsewhere.example", "dideban.E005"),
        ("TIME_ZONE", "Middle/Earth", "dideban.E006"),
        ("SITE_URL", "http://testserver", "dideban.W001"),
        ("ALLOW_PRIVATE_ADDRESSES", True, "dideban.W002"),
    ],
)
def test_settings_that_make_no_sense_are_told(data: Path, setting: str, value: Any, code: str) -> None:
    assert code not in {message.id for message in run_checks()}
    with override_settings(**{setting: value} if setting != "TIME_ZONE" else {}):
        from django.conf import settings

        if setting == "TIME_ZONE":  # Django itself refuses to switch to it
            object.__setattr__(settings._wrapped, "TIME_ZONE", value)
        found = {message.id for message in run_checks()}
        if setting == "TIME_ZONE":
            object.__setattr__(settings._wrapped, "TIME_ZONE", "UTC")
    assert code in found


def test_without_the_extra_the_command_says_which(tmp_path: Path) -> None:
    code = (
        "import importlib.util as u, sys; real = u.find_spec\n"
        "u.find_spec = lambda name, *a: None if name in ('django', 'huey') else real(name, *a)\n"
        "sys.argv = ['dideban', 'room', 'check']\n"
        "from dideban.cli import main; main()"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 11
    assert "dideban[room]" in done.stderr
    assert "Traceback" not in done.stderr


def plain_environment() -> dict[str, str]:
    return {
        name: value for name, value in os.environ.items() if not name.startswith(("DIDEBAN_", "DJANGO_", "DATABASE"))
    }


def test_a_room_without_a_member_says_what_to_do_and_init_makes_one_from_a_password_file(
    migrated: Path, tmp_path: Path
) -> None:
    """The tables are there already: rooms that run (the slow tests below) are made from nothing."""
    (tmp_path / "d").mkdir(mode=0o755)
    shutil.copy(migrated, tmp_path / "d" / "room.sqlite3")
    (tmp_path / "pw").write_text(PASSWORD + "\n")
    main = [sys.executable, "-c", "from dideban.cli import main; main()", "room", "--data", str(tmp_path / "d")]
    done = subprocess.run(
        main, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL, env=plain_environment()
    )
    assert done.returncode == 11, done.stderr
    assert "room init --member" in done.stderr.replace("\n", " ")
    made = subprocess.run(
        [*main, "init", "--member", "alice", "--password-file", str(tmp_path / "pw")], capture_output=True, text=True,
        check=False, env=plain_environment(),
    )  # fmt: skip
    assert made.returncode == 0, made.stderr
    checked = subprocess.run([*main, "check"], capture_output=True, text=True, check=False, env=plain_environment())
    assert checked.returncode == 0, checked.stdout + checked.stderr
    assert json.loads(checked.stdout)["warnings"] == ["the worker is not running"]
    assert (tmp_path / "d").stat().st_mode & 0o077 == 0
    audit = subprocess.run(
        [*main, "audit", "verify"], capture_output=True, text=True, check=False, env=plain_environment()
    )
    assert json.loads(audit.stdout)["whole"] is True


# Health


def test_check_says_what_is_wrong(room: Room, lead: Membership) -> None:
    take_bytes(json.dumps(post(1)).encode(), name="p.ndjson", origin=Origin(room="watch", source="s"))
    merge_all("watch")
    assert check_all()["problems"] == []
    folder = folder_of("watch")
    folder.key.unlink()
    folder.index.unlink()
    (folder.spool / "damaged").mkdir()
    (folder.spool / "damaged" / "x").write_bytes(b"")
    problems = " ".join(check_all()["problems"])
    assert "pseudonym.key is missing" in problems
    assert "the index knows 0 posts, the table has 1" in problems
    assert "1 damaged files" in problems


def test_metrics_are_in_the_format_that_is_read(room: Room) -> None:
    names = set()
    for line in metrics().splitlines():
        if not line.startswith("#"):
            name, value = line.rsplit(" ", 1)
            names.add(name.split("{")[0])
            float(value)
    assert {"dideban_posts_waiting", "dideban_tick_age_seconds", "dideban_worker_beat_age_seconds"} <= names


# Backup


def test_a_restored_room_is_the_same_room(room: Room, lead: Membership, data: Path, tmp_path: Path) -> None:
    origin = Origin(room="watch", source="s")
    take_bytes("\n".join(json.dumps(post(n)) for n in range(20)).encode(), name="p.ndjson", origin=origin)
    merge("watch")
    take_bytes(json.dumps(post(99)).encode(), name="p.ndjson", origin=origin)  # acknowledged, still in the spool
    case = open_case(room, title="A case", by=lead)
    add_note(case, text="a note", by=lead)
    kept = add_file(case, name="proof.txt", chunks=[b"content"], by=lead)
    before = PostTable(folder_of("watch").posts).scan().sort("post_id").collect()
    trail = verify()
    manifest = back_up(tmp_path / "room.tar.gz")
    assert manifest["sha256"]
    connections["default"].close()
    new = tmp_path / "new"
    new.mkdir()
    link = connections["default"]
    old_name = link.settings_dict["NAME"]
    link.settings_dict["NAME"] = str(new / "room.sqlite3")
    try:
        with override_settings(DATA=new):
            restore(tmp_path / "room.tar.gz")
            assert PostTable(folder_of("watch").posts).scan().sort("post_id").collect().equals(before)
            assert merge_all("watch") == 1
            assert merge_all("watch") == 0
            assert (verify().is_whole, verify().head) == (True, trail.head)
            again = Room.objects.get().cases.get()
            assert (again.title, again.notes.get().text) == ("A case", "a note")
            assert (folder_of("watch").case_files / kept.sha256).read_bytes() == b"content"
            assert open_account("watch", pseudonym_of("watch", "acc1")) == "acc1"
            assert check_all()["problems"] == []
            with pytest.raises(InputError, match="holds a room already"):
                restore(tmp_path / "room.tar.gz")
    finally:
        link.close()
        link.settings_dict["NAME"] = old_name


@pytest.mark.parametrize("harm", ["cut", "changed", "other", "outside"])
def test_a_damaged_or_foreign_backup_is_refused(room: Room, tmp_path: Path, harm: str) -> None:
    import io
    import tarfile

    path = tmp_path / "room.tar.gz"
    back_up(path)
    if harm == "cut":
        path.write_bytes(path.read_bytes()[:-2000])
    elif harm == "other":
        path.write_bytes(b"no archive at all")
    else:
        with tarfile.open(path) as archive:
            members = [(m, archive.extractfile(m).read()) for m in archive]  # type: ignore[union-attr]
        with tarfile.open(path, "w:gz") as archive:
            for entry, content in members:
                name = "../../escaped" if harm == "outside" and entry.name == "secret.key" else entry.name
                body = content + b"x" if harm == "changed" and "pseudonym" in name else content
                new = tarfile.TarInfo(name)
                new.size = len(body)
                archive.addfile(new, io.BytesIO(body))
            if harm == "outside":
                new = tarfile.TarInfo("../escaped")
                new.size = 1
                archive.addfile(new, io.BytesIO(b"x"))
    home = tmp_path / "deep" / "new"
    with override_settings(DATA=home), pytest.raises(InputError):
        restore(path)
    assert not (tmp_path / "deep" / "escaped").exists()
    assert not (home / "rooms").exists()


# Life and death


@pytest.mark.slow
@needs_proc
def test_ticks_are_made_by_one_process_that_stays(tmp_path: Path) -> None:
    running = Running(tmp_path / "room")
    token = running.make()
    running.django("shell", "-v0", "-c", "from dideban.room.rooms.models import Room; Room.objects.update(tick_s=5)")
    running.start()
    try:
        running.wait_up()
        running.send(token, [post(n) for n in range(10)])
        running.wait_merged()
        before = running.wait_ticks(1 + len(running.wait_ticks(1)))
        first = running.children().get("tick", [])
        running.send(token, [post(n) for n in range(10, 20)])
        running.wait_merged()
        after = running.wait_ticks(len(before) + 2)
        assert running.children().get("tick", []) == first
    finally:
        running.stop()
    assert len(first) == 1
    assert set(after) <= {"done", "unchanged"}
    assert after.count("done") >= 2
    assert running.children() == {}


@pytest.mark.slow
@needs_proc
def test_one_command_serves_works_and_outlives_kills(tmp_path: Path) -> None:
    """A handful of kills here; benchmarks/room/kills.py does fifty."""
    running = Running(tmp_path / "room")
    token = running.make()
    running.start()
    acknowledged: list[str] = []
    numbers = itertools.count()

    def send() -> None:
        posts = [post(next(numbers)) for _ in range(10)]
        if (taken := running.send(token, posts)) is not None:
            assert taken["accepted"] == 10
            acknowledged.extend(p["post_id"] for p in posts)

    try:
        running.wait_up()
        assert running.wait_worker()
        for names in (("work",), ("work", "web", "tick")):
            for _ in range(3):
                send()
            assert running.kill(*names)
            send()
            assert running.wait_up(30) < 30
            send()
        running.wait_merged()
        stored = running.stored()
    finally:
        running.stop()
    assert len(acknowledged) >= 60
    assert set(acknowledged) <= set(stored)
    assert len(stored) == len(set(stored))
    assert json.loads(running.django("room_audit"))["whole"] is True
    end = time.monotonic() + 10
    while running.children() and time.monotonic() < end:
        time.sleep(0.1)
    assert running.children() == {}


@pytest.mark.slow
@needs_proc
def test_a_second_worker_is_sent_away_and_nobody_is_left_behind(tmp_path: Path) -> None:
    running = Running(tmp_path / "room")
    running.make()
    running.start("room_work")
    try:
        end = time.monotonic() + 40
        while not running.has_worker() and time.monotonic() < end:
            time.sleep(0.1)
        with pytest.raises(AssertionError, match="another worker is running"):
            running.django("room_work")
    finally:
        running.stop()
    assert pl.Series(running.stored()).is_empty()
