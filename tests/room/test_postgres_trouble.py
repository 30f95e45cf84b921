"""PostgreSQL in trouble: no connection is left, and a standby that takes over."""

from __future__ import annotations

import contextlib
import json
import shutil
import socket
import subprocess
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from room.running import Running, free_port
from room.test_postgres import Postgres, postgres, sent

__all__ = ["postgres"]
pytestmark = pytest.mark.slow


class Way:
    """A port that leads to one server, and later to another; connections do not survive the change."""

    def __init__(self, port: int) -> None:
        self.port, self.to = free_port(), port
        self.open: list[socket.socket] = []
        self.listener = socket.create_server(("127.0.0.1", self.port))
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        while True:
            try:
                near, _ = self.listener.accept()
            except OSError:
                return
            try:
                far = socket.create_connection(("127.0.0.1", self.to), timeout=5)
            except OSError:
                near.close()
                continue
            far.settimeout(None)
            self.open += [near, far]
            for one, other in ((near, far), (far, near)):
                threading.Thread(target=self._carry, args=(one, other), daemon=True).start()

    def _carry(self, one: socket.socket, other: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while data := one.recv(65_536):
                other.sendall(data)
        for end in (one, other):
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)

    def lead_to(self, port: int) -> None:
        """Lead to another server from now on."""
        self.to = port
        for end in self.open:
            with contextlib.suppress(OSError):
                end.close()
        self.open = []


def well(running: Running, *, seconds: float = 180) -> bool:
    """Wait until everything is up."""
    end = time.monotonic() + seconds
    while not running.health()["ok"] and time.monotonic() < end:
        time.sleep(0.2)
    return bool(running.health()["ok"])


def database(postgres: Postgres, name: str) -> str:
    import psycopg

    with psycopg.connect(postgres.url, autocommit=True) as link:
        link.execute(f"CREATE DATABASE {name}")
    return name


def test_a_room_outlives_a_server_without_a_connection_left(postgres: Postgres, tmp_path: Path) -> None:
    import psycopg

    name = database(postgres, "crowded")
    running = Running(tmp_path / "room", DATABASE_URL=postgres.url.removesuffix("postgres") + name)
    token = running.make()
    running.start()
    hogs: list[Any] = []
    try:
        running.wait_up(120)
        assert sent(running, token, 1)
        with contextlib.suppress(psycopg.OperationalError):
            while len(hogs) < 500:
                hogs.append(psycopg.connect(postgres.url))
        assert 10 < len(hogs) < 500
        with psycopg.connect(postgres.url, autocommit=True) if not hogs else contextlib.nullcontext(hogs[0]) as link:
            link.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = 'crowded'"
            )  # connections of the room are taken away, and others stand in line for them
        with contextlib.suppress(psycopg.OperationalError):
            while len(hogs) < 500:
                hogs.append(psycopg.connect(postgres.url))
        acknowledged = [n for n in range(2, 12) if running.send(token, [line(n)]) is not None]
        for hog in hogs:
            hog.close()
        assert well(running)
        assert sent(running, token, 20)
        running.wait_merged(120)
        stored = running.stored()
        assert {"p1", "p20", *(f"p{n}" for n in acknowledged)} <= set(stored)
        assert len(stored) == len(set(stored))
        assert json.loads(running.django("room_audit"))["whole"] is True
    finally:
        for hog in hogs:
            hog.close()
        running.stop()


def line(n: int) -> dict[str, Any]:
    """One post."""
    from room.cast import post

    return post(n)


@pytest.fixture
def standby(postgres: Postgres) -> Iterator[Postgres]:
    """A copy that follows the server and has every commit before it is acknowledged."""
    import psycopg

    base = Path(postgres.run[-1]).parent / "standby"
    before, program = postgres.run[:-3], Path(postgres.run[-3]).resolve()
    copy = [*before, str(program.parent / "pg_basebackup"), "-h", "127.0.0.1", "-p", str(postgres.port), "-U", "room"]
    subprocess.run([*copy, "-D", str(base), "-R", "--no-sync"], check=True, capture_output=True, cwd="/")
    one = Postgres(run=[*before, str(program), "-D", str(base)], port=free_port())
    one.stopping = [*before, str(program.parent / "pg_ctl"), "-D", str(base), "-m", "immediate", "stop"]
    one.start()
    with psycopg.connect(postgres.url, autocommit=True) as link:
        link.execute("ALTER SYSTEM SET synchronous_standby_names = '*'")
        link.execute("SELECT pg_reload_conf()")
        end = time.monotonic() + 60
        while not link.execute("SELECT 1 FROM pg_stat_replication WHERE sync_state = 'sync'").fetchone():
            assert time.monotonic() < end, "the standby does not follow"
            time.sleep(0.2)
    yield one
    one.stop()
    shutil.rmtree(base, ignore_errors=True)


def test_a_standby_takes_over_and_nothing_is_lost(postgres: Postgres, standby: Postgres, tmp_path: Path) -> None:
    way = Way(postgres.port)
    name = database(postgres, "moved")
    running = Running(tmp_path / "room", DATABASE_URL=f"postgres://room@127.0.0.1:{way.port}/{name}")
    token = running.make()
    running.start()
    try:
        running.wait_up(120)
        assert sent(running, token, 1)
        before = json.loads(running.django("room_audit"))
        postgres.stop()
        way.lead_to(standby.port)
        promote = [*standby.stopping[:-3], "promote"]
        subprocess.run(promote, check=True, capture_output=True, cwd="/")
        assert well(running)
        assert sent(running, token, 2)
        running.wait_merged(120)
        assert sorted(running.stored()) == ["p1", "p2"]
        after = json.loads(running.django("room_audit"))
        assert after["whole"] is True
        assert after["events"] >= before["events"]
    finally:
        running.stop()
        way.listener.close()
