"""Half-open connections: how long pages and ``/healthz`` take while hundreds of connections say nothing.

Run ``python benchmarks/room/half_open.py --connections 600 --seconds 30``. One third sends half a head, one third half
a body, one third asks and does not read the answer. Ends with 1 where a page took longer than ``--most`` seconds.
"""

from __future__ import annotations

import argparse
import http.client
import json
import socket
import sys
import tempfile
import threading
import time
from pathlib import Path
from urllib.parse import urlsplit

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "tests"))

from room.running import Running

HEAD = b"POST /account/login/ HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/x-www-form-urlencoded\r\n"
KINDS = (
    b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Slow: ",
    HEAD + b"Content-Length: 100000\r\n\r\nlogin=",
    b"GET /account/login/ HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n" * 200,
)


class Attacker(threading.Thread):
    """Holds connections open: opens each again when it is closed, and sends a byte now and then."""

    def __init__(self, port: int, n: int, *, kinds: tuple[bytes, ...] = KINDS) -> None:
        super().__init__(daemon=True)
        self.port, self.n, self.kinds, self.stopping = port, n, kinds, threading.Event()
        self.held: dict[int, socket.socket] = {}
        self.n_opened = 0

    def run(self) -> None:
        while not self.stopping.is_set():
            for k in range(self.n):
                self._hold(k)
                if self.stopping.is_set():
                    break
            self.stopping.wait(0.5)
        for link in self.held.values():
            link.close()

    def _hold(self, k: int) -> None:
        kind = self.kinds[k % len(self.kinds)]
        try:
            if k not in self.held:
                link = socket.create_connection(("127.0.0.1", self.port), timeout=2)
                link.setblocking(False)
                self.held[k] = link
                self.n_opened += 1
                link.send(kind)
            else:
                self.held[k].send(b"x" if len(kind) < 1000 else b"GET")
        except BlockingIOError:
            return
        except OSError:
            if k in self.held:
                self.held.pop(k).close()


def watch(url: str, seconds: float) -> list[float]:
    """Ask for a page every fifth of a second, from another address than the attacker.

    Return how long each took, infinity where none came in ten seconds.
    """
    parts, found, end = urlsplit(url), list[float](), time.monotonic() + seconds
    while time.monotonic() < end:
        began = time.monotonic()
        try:
            link = http.client.HTTPConnection(
                str(parts.hostname), parts.port, timeout=10, source_address=("127.0.0.2", 0)
            )
            link.request("GET", parts.path)
            link.getresponse().read()
            link.close()
            found.append(time.monotonic() - began)
        except OSError:
            found.append(float("inf"))
        time.sleep(0.2)
    return found


def said(times: list[float]) -> dict[str, float]:
    """Return what a line of the result says."""
    ordered = sorted(times)
    return {
        "n": len(ordered), "failed": sum(t == float("inf") for t in ordered),
        "p50": round(ordered[len(ordered) // 2], 3), "p95": round(ordered[int(len(ordered) * 0.95)], 3),
        "max": round(ordered[-1], 3),
    }  # fmt: skip


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--connections", type=int, default=600)
    options.add_argument("--seconds", type=float, default=30)
    options.add_argument("--kinds", default="012", help="0 half a head, 1 half a body, 2 asks and does not read")
    options.add_argument("--most", type=float, default=1.0)
    given = options.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        running = Running(Path(folder))
        running.make()
        running.start("room_web")
        try:
            running.wait_up()
            quiet = watch(f"{running.url}/account/login/", 3)
            attacker = Attacker(running.port, given.connections, kinds=tuple(KINDS[int(k)] for k in given.kinds))
            attacker.start()
            time.sleep(3)
            health: list[float] = []
            second = threading.Thread(target=lambda: health.extend(watch(f"{running.url}/healthz", given.seconds)))
            second.start()
            page = watch(f"{running.url}/account/login/", given.seconds)
            second.join()
            attacker.stopping.set()
            attacker.join()
            after = watch(f"{running.url}/account/login/", 3)
        finally:
            running.stop()
    print(json.dumps({"quiet": said(quiet), "page": said(page), "healthz": said(health), "after": said(after),
        "opened": attacker.n_opened}))  # fmt: skip
    return int(said(page)["p95"] > given.most or said(page)["failed"] > 0)


if __name__ == "__main__":
    sys.exit(main())
