"""The same room on PostgreSQL: a real server, made for the test from the machine's own packages."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from room.cast import post
from room.running import Running, free_port


def _programs() -> Path | None:
    """Return where initdb and postgres are: in the path, or where Debian keeps them."""
    found = [Path(name).parent for name in [shutil.which("initdb")] if name]
    found += sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    return next((home for home in found if (home / "initdb").exists() and (home / "postgres").exists()), None)


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
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
    subprocess.run(
        [*run, str(home / "initdb"), "-D", str(base), "-A", "trust", "-U", "room", "-E", "UTF8", "--no-sync"],
        check=True,
        capture_output=True,
        cwd="/",
    )
    options = ["-k", "", "-h", "127.0.0.1", "-p", str(port), "-F"]
    process = subprocess.Popen(
        [*run, str(home / "postgres"), "-D", str(base), *options], stderr=subprocess.DEVNULL, cwd="/"
    )
    url = f"postgres://room@127.0.0.1:{port}/postgres"
    try:
        _wait(url)
        yield url
    finally:
        subprocess.run(
            [*run, str(home / "pg_ctl"), "-D", str(base), "-m", "immediate", "stop"],
            check=False,
            capture_output=True,
            cwd="/",
        )
        process.wait(timeout=20)
        shutil.rmtree(folder, ignore_errors=True)


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
from dideban.room.jobs.ticks import run_tick
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
