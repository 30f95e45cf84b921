"""Half-open connections, slow senders and crowds: pages and ``/healthz`` answer all the same."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Coroutine, Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from dideban.room.gate import MIB, Gate, Limits, address_of

Started = Callable[..., Any]
FAST = Limits(
    threads=2,
    large_threads=1,
    idle_s=0.2,
    most_bodies=8,
    most_of_address=3,
    most_waiting=6,
    wait_s=0.5,
    small=1000,
    hold_s=0.0,
)
WELL = {"database": True, "worker": True, "ok": True}


class Pages:
    """A WSGI application that reads the body, and waits where the path says so."""

    def __init__(self) -> None:
        self.going, self.seen = threading.Event(), list[bytes]()

    def __call__(self, environ: dict[str, Any], start: Started) -> Iterable[bytes]:
        if environ["PATH_INFO"] == "/wait":
            self.going.wait(5)
        if environ["PATH_INFO"] != "/unread":
            self.seen.append(environ["wsgi.input"].read())
        start("200 OK", [("X-From", environ["REMOTE_ADDR"])])
        return [b"hello ", b"world"]


class Browser:
    """Sends one request in pieces and keeps the answer."""

    def __init__(self, gate: Gate, path: str = "/", *, address: str = "192.0.2.1", pieces: Iterable[bytes] = (b"",),
        pause_s: float = 0.0, is_whole: bool = True) -> None:  # fmt: skip
        self.gate, self.pieces, self.pause_s, self.is_whole = gate, list(pieces), pause_s, is_whole
        self.scope = {
            "type": "http", "method": "GET", "path": path, "query_string": b"", "http_version": "1.1",
            "headers": [(b"host", b"room.example")], "client": (address, 5), "server": ("room.example", 80),
        }  # fmt: skip
        self.status, self.headers, self.body = 0, dict[bytes, bytes](), b""

    async def receive(self) -> dict[str, Any]:
        await asyncio.sleep(self.pause_s)
        if not self.pieces:
            await asyncio.sleep(60)
        piece = self.pieces.pop(0)
        return {"type": "http.request", "body": piece, "more_body": bool(self.pieces) or not self.is_whole}

    async def send(self, event: Any) -> None:
        if event["type"] == "http.response.start":
            self.status, self.headers = event["status"], dict(event["headers"])
        else:
            self.body += event["body"]

    async def ask(self) -> Browser:
        await self.gate(self.scope, self.receive, self.send)
        return self


def made(pages: Pages, *, limits: Limits = FAST, health: Callable[[], dict[str, Any]] = lambda: dict(WELL)) -> Gate:
    return Gate(pages, health=health, proxies=0, limits=limits)


def run(work: Coroutine[Any, Any, Any]) -> Any:
    return asyncio.run(work)


def test_a_whole_request_is_answered_by_the_pages() -> None:
    pages = Pages()
    got = run(Browser(made(pages), pieces=[b"a", b"b", b"c"]).ask())
    assert (got.status, got.body, pages.seen) == (200, b"hello world", [b"abc"])
    assert got.headers[b"x-from"] == b"192.0.2.1"


def test_a_body_that_stops_coming_is_given_up_and_holds_no_thread() -> None:
    pages = Pages()

    async def crowd() -> tuple[list[Browser], Browser]:
        gate = made(pages)
        slow = [Browser(gate, address=f"192.0.2.{n}", pieces=[b"login="], is_whole=False) for n in range(6)]
        asked = [asyncio.create_task(one.ask()) for one in slow]
        await asyncio.sleep(0.05)
        other = await Browser(gate, address="198.51.100.1").ask()
        assert not any(task.done() for task in asked)
        return list(await asyncio.gather(*asked)), other

    slow, other = run(crowd())
    assert other.status == 200
    assert [one.status for one in slow] == [408] * 6
    assert slow[0].headers[b"connection"] == b"close"
    assert pages.seen == [b""], "no page saw half a body"


def test_a_body_that_trickles_is_given_up() -> None:
    pages = Pages()
    pieces = [b"x"] * 50
    began = time.monotonic()
    got = run(Browser(made(pages), pieces=pieces, pause_s=0.05).ask())
    assert got.status == 408
    assert time.monotonic() - began < 2
    assert not pages.seen


def test_one_address_sends_so_many_bodies_at_a_time() -> None:
    async def crowd() -> tuple[list[int], int]:
        gate = made(Pages())
        slow = [Browser(gate, pieces=[b"x"], is_whole=False) for _ in range(4)]
        tasks = [asyncio.create_task(one.ask()) for one in slow]
        other = asyncio.create_task(Browser(gate, address="198.51.100.1").ask())
        return [(await task).status for task in tasks], (await other).status

    statuses, other = run(crowd())
    assert sorted(statuses) == [408, 408, 408, 429]
    assert other == 200


def test_who_is_refused_waits_a_little_before_it_is_said_and_so_many_at_most() -> None:
    pages = Pages()

    async def crowd() -> list[float]:
        gate = made(pages, limits=replace(FAST, hold_s=0.4, most_held=2))
        held = [asyncio.create_task(Browser(gate, "/wait").ask()) for _ in range(3)]  # all that one address may have
        await asyncio.sleep(0.05)
        began = time.monotonic()

        async def took() -> float:
            assert (await Browser(gate, "/wait").ask()).status == 503
            return time.monotonic() - began

        found = sorted(await asyncio.gather(*(took() for _ in range(3))))
        assert gate.n_held == 0
        pages.going.set()
        await asyncio.gather(*held)
        return found

    at_once, *later = run(crowd())
    assert at_once < 0.4
    assert all(took >= 0.39 for took in later)


def test_an_address_with_too_many_waiting_is_refused_before_its_body_is_waited_for() -> None:
    pages = Pages()

    async def crowd() -> int:
        gate = made(pages)
        held = [asyncio.create_task(Browser(gate, "/wait").ask()) for _ in range(3)]
        await asyncio.sleep(0.05)
        silent = Browser(gate, pieces=[])
        await asyncio.wait_for(silent.ask(), 0.15)  # sooner than any silence is given up
        pages.going.set()
        await asyncio.gather(*held)
        return silent.status

    assert run(crowd()) == 503


def test_load_is_shed_in_words_and_one_address_never_takes_all_threads() -> None:
    pages = Pages()

    async def crowd() -> tuple[list[Browser], Browser]:
        gate = made(pages)
        many = []
        for _ in range(5):
            many.append(asyncio.create_task(Browser(gate, "/wait").ask()))
            await asyncio.sleep(0.02)
        other = await Browser(gate, address="198.51.100.1").ask()
        pages.going.set()
        return list(await asyncio.gather(*many)), other

    many, other = run(crowd())
    assert other.status == 200, "answered while the crowd of another address still waited"
    assert sorted(one.status for one in many) == [200, 200, 200, 503, 503]
    shed = next(one for one in many if one.status == 503)
    assert shed.headers[b"retry-after"] == b"5"
    text = shed.body.decode()
    assert "more requests than it can answer" in text
    assert "درخواست" in text
    assert "طلبات" in text


def test_what_waits_for_a_locked_database_leaves_threads_to_readers() -> None:
    pages = Pages()

    async def crowd() -> tuple[list[Browser], Browser]:
        gate = made(pages)
        writers = [Browser(gate, "/wait", address=f"192.0.2.{n}") for n in range(4)]
        for one in writers:
            one.scope["method"] = "POST"
        many = [asyncio.create_task(one.ask()) for one in writers]
        await asyncio.sleep(0.05)
        reader = await Browser(gate, address="198.51.100.1").ask()
        pages.going.set()
        return list(await asyncio.gather(*many)), reader

    many, reader = run(crowd())
    assert reader.status == 200
    assert [one.status for one in many] == [200] * 4


def test_a_flood_that_is_refused_does_not_fill_the_log(monkeypatch: pytest.MonkeyPatch) -> None:
    lines: list[dict[str, Any]] = []
    monkeypatch.setattr("dideban.room.gate.log.warning", lambda _words, extra: lines.append(extra))

    async def crowd() -> None:
        gate = made(Pages())
        gate.refusals.every_s = 0.1
        for round_ in range(2):
            slow = [Browser(gate, f"/{n}", pieces=[b"x"], is_whole=False) for n in range(30)]
            await asyncio.gather(*(one.ask() for one in slow))
            await asyncio.sleep(0.3)
            assert len(lines) == 2 * (round_ + 1)

    run(crowd())
    assert lines[:2] == [
        {"reason": "room.too-many-at-once", "status": 429, "path": "/3", "n": 27},
        {"reason": "room.too-slow", "status": 408, "path": "/0", "n": 3},
    ]


def test_programs_are_told_in_json() -> None:
    got = run(Browser(made(Pages()), "/api/v1/intake", pieces=[b"x"], is_whole=False).ask())
    said = json.loads(got.body)
    assert (got.status, said["code"], said["message"]) == (408, "room.too-slow", "the request came too slowly")


def test_an_address_that_no_server_reads_is_refused() -> None:
    pages = Pages()
    one = Browser(made(pages))
    one.scope["query_string"] = b"a=\xff"
    assert run(one.ask()).status == 400
    assert not pages.seen


def test_who_waited_too_long_for_a_thread_is_answered_without_work() -> None:
    pages = Pages()

    async def crowd() -> list[int]:
        gate = made(pages)
        tasks = [asyncio.create_task(Browser(gate, "/wait", address=f"192.0.2.{n}").ask()) for n in range(4)]
        await asyncio.sleep(0.7)
        pages.going.set()
        return [(await task).status for task in tasks]

    assert sorted(run(crowd())) == [200, 200, 503, 503]
    assert len(pages.seen) == 2


def test_health_is_answered_while_every_thread_is_busy_and_asked_once() -> None:
    pages, asked = Pages(), list[float]()

    def health() -> dict[str, Any]:
        asked.append(time.monotonic())
        return dict(WELL)

    async def crowd() -> list[int]:
        gate = made(pages, health=health)
        busy = [asyncio.create_task(Browser(gate, "/wait", address=f"192.0.2.{n}").ask()) for n in range(4)]
        await asyncio.sleep(0.05)
        found = []
        for _ in range(50):
            found.append((await Browser(gate, "/healthz").ask()).status)
        pages.going.set()
        await asyncio.gather(*busy)
        return found

    assert run(crowd()) == [200] * 50
    assert len(asked) == 1


def test_health_says_so_where_the_database_does_not_answer() -> None:
    stop = threading.Event()

    async def ask() -> Browser:
        gate = made(Pages(), health=lambda: {"ok": stop.wait(5)})
        gate.health.patience_s = 0.1
        got = await Browser(gate, "/healthz").ask()
        stop.set()
        return got

    got = run(ask())
    assert got.status == 503
    assert json.loads(got.body) == {"database": False, "worker": False, "ok": False}


def test_a_large_body_reaches_the_pages_as_it_comes() -> None:
    pages = Pages()
    pieces = [bytes([65 + n % 26]) * 700 for n in range(40)]
    got = run(Browser(made(pages), pieces=pieces).ask())
    assert got.status == 200
    assert pages.seen == [b"".join(pieces)]


def test_a_large_body_that_nobody_wants_is_not_waited_for() -> None:
    began = time.monotonic()
    got = run(Browser(made(Pages()), "/unread", pieces=[b"x" * 2000], is_whole=False).ask())
    assert got.status == 200
    assert time.monotonic() - began < 0.15


def test_a_large_body_that_stops_ends_its_reader() -> None:
    pages = Pages()
    got = run(Browser(made(pages), pieces=[b"x" * 2000], is_whole=False).ask())
    assert got.status == 408
    assert not pages.seen


def test_whoever_does_not_read_is_left() -> None:
    class Deaf(Browser):
        async def send(self, event: Any) -> None:
            if event["type"] == "http.response.body":
                await asyncio.sleep(60)

    began = time.monotonic()
    run(Deaf(made(Pages())).ask())
    assert time.monotonic() - began < 2


def test_bytes_that_wait_are_counted_and_forgotten() -> None:
    async def one_by_one() -> int:
        gate = made(Pages())
        for n in range(5):
            await Browser(gate, pieces=[b"x" * 900] * 2, is_whole=n % 2 == 0).ask()
        assert not gate.n_bodies
        assert not gate.n_waiting
        assert not gate.shares.waiting
        assert not gate.shares.busy
        return gate.n_bytes

    assert run(one_by_one()) == 0


@pytest.mark.parametrize(
    ("client", "forwarded", "proxies", "expected"),
    [
        ("192.0.2.7", b"203.0.113.9", 0, "192.0.2.7"),
        ("127.0.0.1", b"203.0.113.9", 1, "203.0.113.9"),
        ("127.0.0.1", b"1.2.3.4, 203.0.113.9", 1, "203.0.113.9"),
        ("127.0.0.1", b"", 1, "127.0.0.1"),
        ("2001:db8:1:2:3::4", b"", 0, "2001:db8:1:2::/64"),
        ("127.0.0.1", b"nonsense" * 50, 1, ("nonsense" * 50)[:60]),
    ],
)
def test_who_asks(client: str, forwarded: bytes, proxies: int, expected: str) -> None:
    scope = {"client": (client, 1), "headers": [(b"x-forwarded-for", forwarded)] if forwarded else []}
    assert address_of(scope, proxies=proxies) == expected


def test_the_usual_limits_leave_room_for_uploads_on_slow_lines() -> None:
    usual = Limits()
    assert usual.small == MIB
    assert usual.least_rate < 128 * 1024 / 8, "128 kbit/s"
    assert usual.most_bodies * usual.small > usual.most_bytes


@pytest.mark.slow
def test_six_hundred_half_open_connections_do_not_hold_the_site(tmp_path: Path) -> None:
    import sys

    sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "benchmarks" / "room"))
    from half_open import KINDS, Attacker, watch

    from room.running import Running

    running = Running(tmp_path / "room")
    running.make()
    running.start("room_web")
    try:
        running.wait_up(120)
        attacker = Attacker(running.port, 600, kinds=KINDS[:2])
        attacker.start()
        deadline = time.monotonic() + 60
        while len(attacker.held) < 600 and time.monotonic() < deadline:
            time.sleep(0.1)
        pages = watch(f"{running.url}/account/login/", 15)
        attacker.stopping.set()
        attacker.join()
    finally:
        running.stop()
    assert len(pages) > 3
    assert float("inf") not in pages, "no page failed or took ten seconds"


def test_no_page_waits_for_the_lock_of_another_to_look_up_its_language(tmp_path: Path) -> None:
    code = (
        "import threading, dideban.room.asgi\n"
        "from django.urls import base\n"
        "from django.utils import timezone, translation\n"
        "from django.utils.translation import trans_real\n"
        "kept = [trans_real._active, timezone._active, base._prefixes, base._urlconfs]\n"
        "assert all(type(one) is threading.local for one in kept), kept\n"
        "translation.activate('fa'); timezone.activate('Asia/Tehran'); found = []\n"
        "look = lambda: found.append((translation.get_language(), timezone.get_current_timezone_name()))\n"
        "other = threading.Thread(target=look); other.start(); other.join(); look()\n"
        "assert found == [('en', 'UTC'), ('fa', 'Asia/Tehran')], found\n"
    )
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "dideban.room.settings", "DIDEBAN_ROOM_DATA": str(tmp_path)}
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
