"""The same room on PostgreSQL: a real server, made for the test from the machine's own packages."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from room.cast import post
from room.running import Running, free_port


def _programs() -> Path | None:
    """Return where initdb and postgres are: in the path, or where Debian keeps them."""
    found = [Path(name).parent for name in [shutil.which("initdb")] if name]
    found += sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    return next((home for home in found if (home / "initdb").exists() and (home / "postgres").exists()), None)


@dataclass
class Postgres:
    """A server that can be stopped and started."""

    run: list[str]
    port: int
    stopping: list[str] = field(default_factory=list)
    process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"postgres://room@127.0.0.1:{self.port}/postgres"

    def start(self) -> None:
        options = ["-k", "", "-h", "127.0.0.1", "-p", str(self.port), "-F"]
        self.process = subprocess.Popen([*self.run, *options], stderr=subprocess.DEVNULL, cwd="/")
        _wait(self.url)

    def stop(self) -> None:
        subprocess.run(self.stopping, check=False, capture_output=True, cwd="/")
        if self.process is not None:
            self.process.wait(timeout=20)


@pytest.fixture(scope="module")
def postgres() -> Iterator[Postgres]:
    pytest.importorskip("psycopg", reason="the extra dideban[postgres] is not installed")
    home = _programs()
    if home is None:
        pytest.skip("no PostgreSQL server is installed (Debian package postgresql)")
    folder = Path(tempfile.mkdtemp(prefix="dideban-postgres-"))  # pytest's own folders are closed to other users
    user = "postgres" if os.getuid() == 0 else None  # the server refuses to run as root
    if user:
        if shutil.which("runuser") is None:
            pytest.skip("the server does not run as root, and there is no runuser")
        folder.chmod(0o755)
        shutil.chown(folder, user)
    port, run = free_port(), ["runuser", "-u", user, "--"] if user else []
    base = folder / "data"
    made = [*run, str(home / "initdb"), "-D", str(base), "-A", "trust", "-U", "room", "-E", "UTF8", "--no-sync"]
    subprocess.run(made, check=True, capture_output=True, cwd="/")
    one = Postgres(run=[*run, str(home / "postgres"), "-D", str(base)], port=port)
    one.stopping = [*run, str(home / "pg_ctl"), "-D", str(base), "-m", "immediate", "stop"]
    one.start()
    try:
        yield one
    finally:
        one.stop()
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def server(postgres: Postgres) -> str:
    """Address of the server."""
    return postgres.url


def _wait(url: str) -> None:
    import psycopg

    end = time.monotonic() + 30
    while True:
        try:
            psycopg.connect(url).close()
        except psycopg.OperationalError:
            if time.monotonic() > end:
                raise
            time.sleep(0.2)
        else:
            return


SCRIPT = """
import json, threading
from django.db import connection, connections, transaction, DatabaseError
from dideban.room.rooms.models import Room
from dideban.room.members.models import Membership
from dideban.room.audit.actions import record
from dideban.room.audit.models import AuditEvent
from dideban.room.audit.verify import verify
from dideban.room.cases.actions import open_case
from dideban.room.posts.merge import merge_all
from dideban.room.ticks.run import run_tick
from dideban.room.sources.models import Source
from dideban.room.posts.intake import origin_of, take_bytes
room, lead = Room.objects.get(), Membership.objects.get()
def write():
    for _ in range(5):
        with transaction.atomic():
            record(room, "test.note", by=None)
    connections.close_all()
threads = [threading.Thread(target=write) for _ in range(4)]
[t.start() for t in threads]; [t.join() for t in threads]
refused = 0
for sql in ("DELETE FROM audit_auditevent", "UPDATE audit_auditevent SET action = 'x'", "TRUNCATE audit_auditevent"):
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(sql)
    except DatabaseError:
        refused += 1
take_bytes(BODY.encode(), name="p.ndjson", origin=origin_of(Source.objects.get()))
n = merge_all("watch")
tick = run_tick(room)
case = open_case(room, title="On PostgreSQL", by=lead)
print(json.dumps({"vendor": connection.vendor, "whole": verify().is_whole, "notes": AuditEvent.objects.filter(action="test.note").count(),
  "refused": refused, "posts": n, "tick": tick.status, "error": tick.error, "case": case.number}))
"""


@pytest.mark.slow
def test_the_room_lives_on_postgresql(server: str, tmp_path: Path) -> None:
    running = Running(tmp_path / "room", DATABASE_URL=server)
    running.make()
    body = "\n".join(json.dumps(post(n)) for n in range(10))
    answer = running.django("shell", "-v0", "-c", f"BODY = {body!r}\n{SCRIPT}").strip().splitlines()[-1]
    assert json.loads(answer) == {
        "vendor": "postgresql", "whole": True, "notes": 20, "refused": 3, "posts": 10, "tick": "done", "error": "",
        "case": 1,
    }  # fmt: skip
    backup = tmp_path / "backup.tar.gz"
    running.django("room_backup", "--to", str(backup))
    assert backup.stat().st_size > 1000
    assert json.loads(running.django("room_check"))["problems"] == []


COUNT = """
import json, hashlib
from django.apps import apps
from django.core import serializers
from dideban.room.audit.verify import verify
found = {}
for model in apps.get_models():
    if model._meta.managed and model._meta.label not in ("sessions.Session", "contenttypes.ContentType", "auth.Permission"):
        plain = (json.loads(serializers.serialize("json", [row])) for row in model._base_manager.all())
        rows = sorted(json.dumps(row, sort_keys=True) for row in plain)  # PostgreSQL orders the names in JSON
        found[model._meta.label] = [len(rows), hashlib.sha256("".join(rows).encode()).hexdigest()]
found["audit"] = [verify().is_whole, verify().head]
print(json.dumps(found))
"""


@pytest.mark.slow
def test_a_room_restored_on_postgresql_is_the_same_room(server: str, tmp_path: Path) -> None:
    import psycopg

    with psycopg.connect(server, autocommit=True) as link:
        for name in ("before", "after"):
            link.execute(f"CREATE DATABASE {name}")
    running = Running(tmp_path / "room", DATABASE_URL=server.removesuffix("postgres") + "before")
    running.make()
    body = "\n".join(json.dumps(post(n)) for n in range(10))
    running.django("shell", "-v0", "-c", f"BODY = {body!r}\n{SCRIPT}")
    before = json.loads(running.django("shell", "-v0", "-c", COUNT).strip().splitlines()[-1])
    backup = tmp_path / "backup.tar.gz"
    running.django("room_backup", "--to", str(backup))
    again = Running(tmp_path / "again", DATABASE_URL=server.removesuffix("postgres") + "after")
    again.django("room_restore", "--source", str(backup))
    assert json.loads(again.django("shell", "-v0", "-c", COUNT).strip().splitlines()[-1]) == before
    assert before["cases.Case"][0] == 1
    assert before["audit"][0] is True
    assert sorted(again.stored()) == sorted(running.stored())
    assert json.loads(again.django("room_check"))["problems"] == []
    again.django("shell", "-v0", "-c", "from dideban.room.rooms.models import *; from dideban.room.cases.actions import *\n"
        "from dideban.room.members.models import Membership\n"
        "open_case(Room.objects.get(), title='After', by=Membership.objects.get())")  # fmt: skip


@pytest.mark.slow
def test_a_room_moves_from_sqlite_row_by_row(server: str, tmp_path: Path) -> None:
    import psycopg

    with psycopg.connect(server, autocommit=True) as link:
        link.execute("CREATE DATABASE moved")
    here = Running(tmp_path / "room")
    here.make()
    body = "\n".join(json.dumps(post(n)) for n in range(10))
    here.django("shell", "-v0", "-c", f"BODY = {body!r}\n{SCRIPT}")
    before = json.loads(here.django("shell", "-v0", "-c", COUNT).strip().splitlines()[-1])
    there = Running(tmp_path / "room", DATABASE_URL=server.removesuffix("postgres") + "moved")
    moved = json.loads(there.django("room_move"))["rows"]
    assert moved["cases.case"] == 1
    after = json.loads(there.django("shell", "-v0", "-c", COUNT).strip().splitlines()[-1])
    assert after == before
    assert json.loads(there.django("room_check"))["problems"] == []
    assert json.loads(here.django("shell", "-v0", "-c", COUNT).strip().splitlines()[-1]) == before
    with pytest.raises(AssertionError):
        there.django("room_move")


def sent(running: Running, token: str, n: int, *, seconds: float = 120) -> bool:
    """Send a post until the room says that it has it, as any sender does."""
    end = time.monotonic() + seconds
    while running.send(token, [post(n)]) is None:
        if time.monotonic() > end:
            return False
        time.sleep(0.5)
    return True


def wait_down(running: Running, *, seconds: float = 30) -> None:
    """Wait until the room says that its database is away: its answer may be a second old."""
    end = time.monotonic() + seconds
    while running.health()["database"]:
        assert time.monotonic() < end, "the room does not notice that its database is away"
        time.sleep(0.2)


@pytest.mark.slow
def test_a_room_outlives_a_restart_of_postgresql(postgres: Postgres, tmp_path: Path) -> None:
    import psycopg

    with psycopg.connect(postgres.url, autocommit=True) as link:
        link.execute("CREATE DATABASE restarted")
    running = Running(tmp_path / "room", DATABASE_URL=postgres.url.removesuffix("postgres") + "restarted")
    token = running.make()
    running.start()
    try:
        running.wait_up(120)
        assert sent(running, token, 1)
        postgres.stop()
        wait_down(running)
        postgres.start()
        running.wait_up(120)
        assert sent(running, token, 2)
        running.wait_merged(120)
        end = time.monotonic() + 120
        while not running.health()["worker"] and time.monotonic() < end:
            time.sleep(0.2)
        assert running.health()["ok"]
        assert sorted(running.stored()) == ["p1", "p2"]
    finally:
        running.stop()
