"""Everything at once: readers, a stream of posts and half-open connections; how long pages take, and what is lost.

Run ``python benchmarks/room/joint_load.py --readers 150 --rate 2000 --connections 600 --seconds 60``. The load runs on
the same machine as the room. Ends with 1 where a post was lost or doubled, an answer was no page, or pages took longer
than ``--most`` (p95).
"""

from __future__ import annotations

import argparse
import asyncio
import http.client
import json
import os
import random
import sys
import tempfile
import threading
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "tests"))

from half_open import Attacker, said
from intake import made_up

from room.running import Running

PAGES = (
    "",
    "findings/",
    "posts/",
    "posts/?text=harvest",
    "cases/",
    "alerts/",
    "sources/",
    "rules/",
    "review/",
    "members/",
)
SESSIONS = """
from django.contrib.sessions.backends.db import SessionStore
from dideban.room.members.models import Member
member = Member.objects.get(username="alice")
for n in range({n}):
    one = SessionStore()
    one.update({{"_auth_user_id": str(member.pk), "_auth_user_backend": "django.contrib.auth.backends.ModelBackend",
                "_auth_user_hash": member.get_session_auth_hash()}})
    one.create()
    print(one.session_key)
"""


class Stream:
    """Sends posts at a rate, from several threads and from an address of its own; sends again what was not taken."""

    def __init__(self, running: Running, token: str, *, rate: int, seconds: float, batch: int = 500) -> None:
        self.running, self.token, self.rate, self.batch = running, token, rate, batch
        self.numbers = iter(range(int(rate * seconds / batch)))
        self.lock, self.acknowledged, self.took, self.refused = threading.Lock(), list[int](), list[float](), 0
        self.ended = 0.0

    def run(self, began: float) -> None:
        """Send until all is sent."""
        while True:
            with self.lock:
                number = next(self.numbers, None)
            if number is None:
                return
            time.sleep(max(0.0, began + number * self.batch / self.rate - time.monotonic()))
            wanted = range(number * self.batch, (number + 1) * self.batch)
            body, start = "\n".join(json.dumps(made_up(k)) for k in wanted).encode(), time.monotonic()
            while not self._send(body):
                self.refused += 1
                time.sleep(0.5)
            self.took.append(time.monotonic() - start)
            self.acknowledged += wanted
            self.ended = time.monotonic()

    def _send(self, body: bytes) -> bool:
        headers = {"Authorization": f"Bearer {self.token}", "Content-Type": "application/x-ndjson"}
        try:
            link = http.client.HTTPConnection(
                "127.0.0.1", self.running.port, timeout=30, source_address=("127.0.0.3", 0)
            )
            link.request("POST", "/api/v1/intake", body=body, headers=headers)
            answer = link.getresponse()
            answer.read()
            link.close()
        except (OSError, http.client.HTTPException):
            return False
        return answer.status == 200


async def read(port: int, page: str, cookie: str, *, address: str) -> tuple[int, float]:
    """Ask for one page; return its status and how long it took."""
    began = time.monotonic()
    reader, writer = await asyncio.open_connection("127.0.0.1", port, local_addr=(address, 0))
    lines = (
        f"GET /r/watch/{page} HTTP/1.1",
        f"Host: 127.0.0.1:{port}",
        f"Cookie: sessionid_{port}={cookie}",
        "Connection: close",
    )
    writer.write(("\r\n".join(lines) + "\r\n\r\n").encode())
    answer = await reader.read(-1)
    writer.close()
    return int(answer[9:12] or 0), time.monotonic() - began


async def crowd(port: int, cookies: list[str], *, seconds: float, pause: float) -> tuple[dict[str, list[float]], int]:
    """Let everybody read for a while; return how long each page took, and how many answers were none."""
    times, end, wrong = {page: list[float]() for page in PAGES}, time.monotonic() + seconds, 0

    async def one(n: int) -> None:
        nonlocal wrong
        chance = random.Random(n)
        await asyncio.sleep(chance.uniform(0, pause))
        while time.monotonic() < end:
            page, address = chance.choice(PAGES), f"127.0.1.{n % 50 + 1}"
            try:
                status, took = await asyncio.wait_for(read(port, page, cookies[n], address=address), 30)
            except (OSError, TimeoutError, ValueError):
                status, took = 0, float("inf")
            wrong += status != 200
            times[page].append(took)
            await asyncio.sleep(min(chance.uniform(0.5, 1.5) * pause, max(0.0, end - time.monotonic())))

    await asyncio.gather(*(one(n) for n in range(len(cookies))))
    return times, wrong


def processor_s(running: Running) -> dict[str, float]:
    """Return the seconds of processors used so far by each part of the room, by this program, and by all there is."""
    ticks, whole = os.sysconf("SC_CLK_TCK"), Path("/proc/stat").read_text().split("\n", 1)[0].split()
    used = {"all": sum(int(whole[k]) for k in (1, 2, 3, 6, 7)) / ticks, "load": time.process_time()}
    for name, pids in running.children().items():
        fields = [Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split() for pid in pids]
        used[name] = sum(int(one[11]) + int(one[12]) for one in fields) / ticks
    return used


def main() -> int:
    """Run it."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--readers", type=int, default=150)
    options.add_argument("--pause", type=float, default=10.0)
    options.add_argument("--rate", type=int, default=2000)
    options.add_argument("--connections", type=int, default=600)
    options.add_argument("--seconds", type=float, default=60)
    options.add_argument("--workers", type=int, default=1)
    options.add_argument("--most", type=float, default=1.0)
    given = options.parse_args()
    with tempfile.TemporaryDirectory(prefix="dideban-joint-") as folder:
        running = Running(Path(folder) / "room")
        token = running.make()
        cookies = running.django("shell", "-v0", "-c", SESSIONS.format(n=given.readers)).split()[-given.readers :]
        running.django(
            "shell", "-v0", "-c", "from dideban.room.rooms.models import Room; Room.objects.update(tick_s=3600)"
        )
        running.start(arguments=("--workers", str(given.workers)))
        try:
            result = _measure(running, token, cookies, given)
        finally:
            running.stop()
    print(json.dumps(result))
    bad = result["lost"] or result["doubled"] or result["no_page"] or result["pages"]["p95"] > given.most  # type: ignore[index]
    return int(bool(bad))


async def _warm(port: int, cookie: str) -> None:
    """Ask for every page once and wait a little: what a room loads when it starts is no part of the load."""
    for page in PAGES:
        await read(port, page, cookie, address="127.0.1.1")
    await asyncio.sleep(8)


def _measure(running: Running, token: str, cookies: list[str], given: argparse.Namespace) -> dict[str, object]:
    running.wait_up(120)
    running.wait_worker(120)
    asyncio.run(_warm(running.port, cookies[0]))
    load, used = os.getloadavg()[0], processor_s(running)
    attacker = Attacker(running.port, given.connections)
    stream = Stream(running, token, rate=given.rate, seconds=given.seconds)
    began = time.monotonic() + 1.0
    senders = [threading.Thread(target=stream.run, args=(began,)) for _ in range(4)]
    if given.connections:
        attacker.start()
    for thread in senders:
        thread.start()
    times, wrong = asyncio.run(crowd(running.port, cookies, seconds=given.seconds, pause=given.pause))
    lasted_s = time.monotonic() - began
    cores = {name: round((s - used.get(name, 0)) / lasted_s, 2) for name, s in processor_s(running).items()}
    for thread in senders:
        thread.join()
    sent_s = stream.ended - began
    attacker.stopping.set()
    running.wait_merged(300)
    stored = running.stored()
    return {
        "readers": given.readers, "rate": given.rate, "connections": given.connections, "opened": attacker.n_opened,
        "pages": said([took for each in times.values() for took in each]),
        "p95_of": {page: said(each)["p95"] for page, each in times.items() if each}, "no_page": wrong,
        "posts": len(stream.acknowledged),
        "posts_per_s": round(len(stream.acknowledged) / sent_s), "sent_p95_s": said(stream.took)["p95"],
        "sent_again": stream.refused,
        "lost": len({f"i{k}" for k in stream.acknowledged} - set(stored)),
        "doubled": len(stored) - len(set(stored)),
        "cores": cores, "load_before": round(load, 1), "load_after": round(os.getloadavg()[0], 1),
    }  # fmt: skip


if __name__ == "__main__":
    sys.exit(main())
