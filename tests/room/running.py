"""A whole room in processes of its own, to send posts to and to kill."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import sqlite3
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

PASSWORD = "correct horse battery staple"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


class Running:
    """A room that runs: web, worker and what keeps them."""

    def __init__(self, home: Path, **environment: str) -> None:
        self.home, self.port = home, free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("DIDEBAN_", "DATABASE_URL"))}
        self.environment = {
            **kept, "DJANGO_SETTINGS_MODULE": "dideban.room.settings", "DIDEBAN_ROOM_DATA": str(home),
            "DIDEBAN_ROOM_URL": self.url, "DIDEBAN_ROOM_LOG_LEVEL": "WARNING", **environment,
        }  # fmt: skip
        self.process: subprocess.Popen[bytes] | None = None

    def django(self, *arguments: str, check: bool = True, text: str = "") -> str:
        """Run a command of Django and return what it printed."""
        done = subprocess.run(
            [sys.executable, "-m", "django", *arguments], env=self.environment, capture_output=True, text=True,
            check=False, input=text,
        )  # fmt: skip
        if check and done.returncode:
            raise AssertionError(f"{arguments}: {done.returncode}\n{done.stdout}\n{done.stderr}")
        return done.stdout

    def make(self) -> str:
        """Make the room with an HTTP intake; return its token."""
        self.django("room_init", "--member", "alice", "--password", PASSWORD)
        code = (
            "from dideban.room.rooms.models import Room; from dideban.room.rooms.actions import change_room\n"
            "from dideban.room.sources.actions import add_source, make_intake_token\n"
            "room = Room.objects.get()\n"
            "change_room(room, tick_s=5, engine={'proof.n_shuffles': 0, 'proof.leads': False}, by=None)\n"
            "print(make_intake_token(add_source(room, kind='intake', name='Wire', by=None), by=None))"
        )
        return self.django("shell", "-v0", "-c", code).strip().splitlines()[-1]

    def start(self, command: str = "room_serve", *, arguments: tuple[str, ...] = ()) -> None:
        port = [] if command == "room_work" else ["--port", str(self.port)]
        with (self.home / "stderr.log").open("ab") as log:
            whole = [sys.executable, "-m", "django", command, *port, *arguments]
            self.process = subprocess.Popen(
                whole, env=self.environment, stdout=subprocess.DEVNULL, stderr=log, stdin=subprocess.DEVNULL
            )

    def stop(self) -> None:
        if self.process is not None:
            self.process.terminate()
            try:
                self.process.wait(timeout=30)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()

    def health(self) -> dict[str, Any]:
        try:
            with urllib.request.urlopen(f"{self.url}/healthz", timeout=5) as answer:
                found: dict[str, Any] = json.loads(answer.read())
                return found
        except urllib.error.HTTPError as error:
            return dict(json.loads(error.read()))
        except (OSError, ValueError):
            return {"ok": False, "database": False, "worker": False}

    def wait_up(self, seconds: float = 60.0) -> float:
        """Wait until pages are served; return how long it took."""
        began = time.monotonic()
        while time.monotonic() - began < seconds:
            if self.health()["database"]:
                return time.monotonic() - began
            time.sleep(0.05)
        raise AssertionError(f"not up after {seconds} s\n{(self.home / 'stderr.log').read_text()[-3000:]}")

    def send(self, token: str, posts: list[dict[str, Any]]) -> dict[str, Any] | None:
        """Send posts once; None where the room did not say that it has them."""
        body = "\n".join(json.dumps(post) for post in posts).encode()
        headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/x-ndjson"}
        request = urllib.request.Request(f"{self.url}/api/v1/intake", data=body, headers=headers)
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                taken: dict[str, Any] = json.loads(answer.read())
                return taken
        except (OSError, ValueError):
            return None

    def has_worker(self) -> bool:
        """Whether a worker has ever said that it is alive."""
        link = sqlite3.connect(self.home / "room.sqlite3", timeout=10)
        try:
            return bool(link.execute("SELECT count(*) FROM jobs_heartbeat WHERE name = 'worker'").fetchone()[0])
        finally:
            link.close()

    def wait_worker(self, seconds: float = 60.0) -> bool:
        """Wait until a worker has said that it is alive."""
        end = time.monotonic() + seconds
        while not self.has_worker() and time.monotonic() < end:
            time.sleep(0.1)
        return self.has_worker()

    def children(self) -> dict[str, list[int]]:
        """Return the processes of the room by what they are: web, work, tick, serve."""
        mark, found = f"DIDEBAN_ROOM_DATA={self.home}\0".encode(), {}
        for entry in Path("/proc").iterdir():
            try:
                if not entry.name.isdigit() or mark not in (entry / "environ").read_bytes():
                    continue
                words = (entry / "cmdline").read_bytes().split(b"\0")
            except OSError:
                continue
            name = next((w.decode().removeprefix("room_") for w in words if w.startswith(b"room_")), "web")
            found.setdefault(name, []).append(int(entry.name))
        return found

    def kill(self, *names: str) -> int:
        """Kill processes at once, without a word."""
        pids = [pid for name in names for pid in self.children().get(name, [])]
        for pid in pids:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        return len(pids)

    def stored(self) -> list[str]:
        """Return the ids of every post in the table, repeats included."""
        from dideban.store.delta import PostTable

        table = PostTable(self.home / "rooms" / "watch" / "posts")
        return table.scan(columns=["post_id"]).collect()["post_id"].to_list()

    def n_waiting(self) -> int:
        from dideban.room.posts.spool import Spool

        return Spool(self.home / "rooms" / "watch" / "spool").n_waiting()

    def wait_ticks(self, n: int, *, seconds: float = 90.0) -> list[str]:
        """Wait until so many ticks have ended; return how each did, the oldest first."""
        end, found = time.monotonic() + seconds, list[str]()
        while time.monotonic() < end and len(found) < n:
            time.sleep(0.2)
            with contextlib.closing(sqlite3.connect(self.home / "room.sqlite3", timeout=10)) as link:
                query = "SELECT status FROM jobs_tick WHERE finished_at IS NOT NULL ORDER BY id"
                found = [row[0] for row in link.execute(query)]
        return found

    def wait_merged(self, seconds: float = 60.0) -> None:
        end = time.monotonic() + seconds
        while self.n_waiting() and time.monotonic() < end:
            time.sleep(0.1)
        assert not self.n_waiting()
