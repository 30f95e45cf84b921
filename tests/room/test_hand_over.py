"""Posts are taken by a process of its own: the same answers, the same bounds, and what happens when it dies."""

from __future__ import annotations

import asyncio
import gzip
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.wsgi import get_wsgi_application
from django.test import override_settings

from dideban.room import hand_over
from dideban.room.gate import Gate, Limits
from dideban.room.processes import supervisor
from dideban.room.processes.intake_process import IntakeServer
from dideban.room.request_threads import random_letters
from dideban.room.rooms.models import Room
from dideban.room.sources.actions import add_source, make_intake_token, set_paused
from room.cast import post
from room.running import Running
from room.test_gate import FAST, WELL, Browser, Pages, run

pytestmark = pytest.mark.skipif(not hand_over.CAN_HAND_OVER, reason="without sockets in the file system")
needs_proc = pytest.mark.skipif(not Path("/proc/self/environ").exists(), reason="finds processes by /proc")
INTAKE = "/api/v1/intake"
App = Callable[..., Iterable[bytes]]


@pytest.fixture
def at() -> Iterator[Path]:
    """A place for a socket; paths of tests are often too long for one."""
    folder = Path(tempfile.mkdtemp(prefix="t-"))
    yield folder / "intake"
    shutil.rmtree(folder)


def serve(application: App, at: Path) -> IntakeServer:
    server = IntakeServer(application, at)
    threading.Thread(target=server.serve, daemon=True).start()
    return server


def served_by(answer: Callable[[socket.socket], object], at: Path) -> None:
    """Let a function do with each connection what it likes."""
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    listener.bind(str(at))
    listener.listen()

    def loop() -> None:
        kept = []
        while True:
            kept.append(listener.accept()[0])
            answer(kept[-1])

    threading.Thread(target=loop, daemon=True).start()


def gate(pages: App, at: Path | str, *, limits: Limits = FAST) -> Gate:
    return Gate(pages, health=lambda: dict(WELL), proxies=0, limits=limits, intake=str(at))


def sender(of: Gate, path: str = INTAKE, *, method: str = "POST", **given: Any) -> Browser:
    made = Browser(of, path, **given)
    made.scope["method"] = method
    return made


def show_all(environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
    """Answer with everything a page could read of a request."""
    body = environ["wsgi.input"].read()
    kept = {name: environ[name] for name in sorted(environ) if isinstance(environ[name], str | int)}
    start("201 Created", [("X-Words", "één"), ("Set-Cookie", "a=1"), ("Set-Cookie", "b=2")])
    return [json.dumps(kept).encode(), b"\n", body]


def test_posts_are_handed_over_and_nothing_else_is(at: Path) -> None:
    here, there = Pages(), Pages()
    serve(there, at)
    of = gate(here, at)
    run(sender(of, pieces=[b"posts"]).ask())
    for path, method in ((INTAKE, "GET"), (f"{INTAKE}/", "POST"), ("/account/login/", "POST"), ("/", "POST")):
        run(sender(of, path, method=method, pieces=[b"form"]).ask())
    assert there.seen == [b"posts"]
    assert here.seen == [b"form"] * 4


@pytest.mark.parametrize(
    "pieces", [[b""], [b"x"], [b"a" * 400, b"b" * 400], [b"a" * 900] * 30, [bytes(range(256)) * 3000]], ids=range(5)
)
@pytest.mark.parametrize("query", [b"", b"a=%C3%A9&b"])
def test_an_answer_is_the_same_byte_by_byte(at: Path, pieces: list[bytes], query: bytes) -> None:
    serve(show_all, at)
    got = []
    for where in ("", at):
        one = sender(gate(show_all, where), pieces=list(pieces))
        one.scope["query_string"] = query
        one.scope["headers"] += [(b"authorization", b"Bearer \xe9"), (b"content-length", b"%d" % sum(map(len, pieces)))]
        run(one.ask())
        got.append((one.status, one.headers, one.body))
    assert got[0] == got[1]
    assert got[0][0] == 201
    assert got[0][2].endswith(b"".join(pieces))


def test_a_large_body_that_nobody_wants_is_not_asked_for(at: Path) -> None:
    def refuse(environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
        start("401 Unauthorized", [])
        return [b"no"]

    serve(refuse, at)
    one = sender(gate(Pages(), at), pieces=[b"x" * 2000, b"y"], is_whole=False)
    run(one.ask())
    assert (one.status, one.body, one.pieces) == (401, b"no", [b"y"])


def test_a_large_body_that_stops_is_given_up_on_both_sides(at: Path) -> None:
    ended = threading.Event()

    def read(environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
        try:
            environ["wsgi.input"].read()
        finally:
            ended.set()
        return []

    serve(read, at)
    one = sender(gate(Pages(), at), pieces=[b"x" * 2000], is_whole=False)
    assert run(one.ask()).status == 408
    assert ended.wait(5), "the thread that took it is free again"


def test_without_the_process_the_pages_take_posts(at: Path) -> None:
    here = Pages()
    of = gate(here, at)
    assert run(sender(of, pieces=[b"one"]).ask()).status == 200
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    listener.bind(str(at))
    listener.close()  # what a killed process leaves
    assert run(sender(of, pieces=[b"a" * 2000, b"b"]).ask()).status == 200
    assert here.seen == [b"one", b"a" * 2000 + b"b"]
    there = Pages()
    serve(there, at)
    assert run(sender(of, pieces=[b"two"]).ask()).status == 200
    assert there.seen == [b"two"]


def half_an_answer(link: socket.socket) -> None:
    link.recv(10)
    link.sendall(b'{"status": 200, "headers": [], "seconds": 0, "n": 10}\nhello')
    link.close()


def no_words(link: socket.socket) -> None:
    link.recv(10)
    link.sendall(b"\xff\n")


@pytest.mark.parametrize("died", [socket.socket.close, half_an_answer, no_words, lambda link: None])
def test_a_request_whose_process_dies_is_told_to_come_again(
    at: Path, died: Callable[[socket.socket], object], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hand_over, "SILENCE_S", 0.3)
    served_by(died, at)
    here = Pages()
    of = gate(here, at)
    one = run(sender(of, pieces=[b"posts"]).ask())
    said = json.loads(one.body)
    assert (one.status, said["code"]) == (503, "room.intake-lost")
    assert (said["message"], said["hint"]) == ("these posts were interrupted on their way in", "try again in a moment")
    assert (one.headers[b"retry-after"], one.headers[b"connection"]) == (b"5", b"close")
    assert not here.seen, "what ended one process is not tried in the other"
    assert not of.intake_shares.busy
    assert of.n_bytes == 0


def test_posts_that_wait_hold_no_thread_of_the_pages(at: Path) -> None:
    here, there = Pages(), Pages()
    there.going = threading.Event()

    def slow(environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
        there.going.wait(5)
        return there(environ, start)

    serve(slow, at)

    async def crowd() -> tuple[list[int], list[int]]:
        of = gate(here, at)
        posts = [sender(of, address=f"192.0.2.{n}", pieces=[b"p"]) for n in range(4)]
        taking = [asyncio.create_task(one.ask()) for one in posts]
        await asyncio.sleep(0.05)
        forms = [sender(of, "/", address="198.51.100.1", pieces=[b"f"]) for _ in range(3)]
        read = [(await one.ask()).status for one in forms]
        assert not any(one.status for one in posts)
        there.going.set()
        return read, [(await one).status for one in taking]

    read, taken = run(crowd())
    assert read == [200] * 3
    assert sorted(taken) == [200] * 4


def test_bounds_of_senders_hold_before_anything_is_handed_over(at: Path) -> None:
    there = Pages()
    serve(there, at)

    async def crowd() -> list[int]:
        of = gate(Pages(), at)
        slow = [sender(of, pieces=[b"x"], is_whole=False) for _ in range(4)]
        return sorted([(await task).status for task in [asyncio.create_task(one.ask()) for one in slow]])

    assert run(crowd()) == [408, 408, 408, 429]
    assert not there.seen


def test_who_waited_too_long_for_their_turn_is_answered_without_work(at: Path) -> None:
    there = Pages()

    def slow(environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
        time.sleep(0.7)
        return there(environ, start)

    serve(slow, at)

    async def crowd() -> list[int]:
        of = gate(Pages(), at)
        tasks = [asyncio.create_task(sender(of, address=f"192.0.2.{n}", pieces=[b"p"]).ask()) for n in range(3)]
        return sorted([(await task).status for task in tasks])

    assert run(crowd()) == [200, 503, 503]
    assert len(there.seen) == 1


def test_a_web_server_that_dies_ends_its_request_alone(at: Path) -> None:
    there = Pages()
    serve(there, at)
    for said in (b"", b"{", b"[]\n", b'{"scope": {"query_string": "", "headers": []}, "n": 9, "whole": true}\nx'):
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as link:
            link.connect(str(at))
            link.sendall(said)
    assert run(sender(gate(Pages(), at), pieces=[b"posts"]).ask()).status == 200
    assert there.seen == [b"posts"]


# The room


def asked(of: Gate, token: str, body: bytes, *, kind: bytes = b"application/x-ndjson") -> tuple[int, Any, bytes]:
    one = sender(of, pieces=[body[at : at + 65_536] for at in range(0, len(body), 65_536)] or [b""])
    one.scope["headers"] = [
        (b"host", b"127.0.0.1"), (b"authorization", b"Bearer " + token.encode()), (b"content-type", kind),
        (b"content-length", str(len(body)).encode()),
    ]  # fmt: skip
    run(one.ask())
    return one.status, one.headers, one.body


def test_every_answer_of_the_intake_is_the_same_from_both_processes(room: Room, at: Path) -> None:
    source = add_source(room, kind="intake", name="Wire", by=None)
    token = make_intake_token(source, by=None)
    application = get_wsgi_application()
    serve(application, at)
    both = [gate(application, where, limits=Limits()) for where in ("", at)]
    posts = "\n".join(json.dumps(post(n)) for n in range(5)).encode()

    def same(status: int, body: bytes, *, of: str = token, **given: Any) -> bytes:
        first, second = (asked(one, of, body, **given) for one in both)
        assert first == second
        assert first[0] == status, first
        return first[2]

    assert json.loads(same(200, posts))["accepted"] == 5
    assert json.loads(same(200, gzip.compress(posts)))["accepted"] == 5
    same(200, b"post_id,account_id,created_at,text\n1,a,2020-01-01,x\n", kind=b"text/csv")
    same(401, posts, of="wrong")
    same(401, b"x" * 3_000_000, of="wrong")
    same(400, b"PK\x03\x04")
    same(400, b"")
    same(413, gzip.compress(b"\n" * 200_000))
    same(413, b"x" * (33 * 1024 * 1024))
    same(200, b"\n".join([posts] * 4000))  # more than a thread waits for
    with override_settings(SPOOL_LIMIT=1):
        same(429, posts)
    set_paused(source, is_paused=True, by=None)
    same(403, posts)


def test_letters_of_tokens_come_as_often_as_each_other(monkeypatch: pytest.MonkeyPatch) -> None:
    found = random_letters(62_000)
    assert len(found) == 62_000
    assert len(set(found)) == 62
    assert all(800 < found.count(letter) < 1_200 for letter in set(found))
    assert random_letters(0) == ""
    given = iter([bytes([255, 254, 9, 248]), bytes([0, 61, 62, 247])])
    monkeypatch.setattr("dideban.room.request_threads.secrets.token_bytes", lambda _n: next(given))
    assert random_letters(2) == random_letters.__defaults__[0][9] + "a"  # type: ignore[index]


def test_without_such_sockets_the_web_server_takes_posts(monkeypatch: pytest.MonkeyPatch, at: Path) -> None:
    children = supervisor.web_and_intake("127.0.0.1", 1, 1, at.parent)
    assert [child.name for child in children] == ["web", "intake"]
    assert children[0].environment[hand_over.SOCKET] in children[1].command
    alone = supervisor.web_and_intake("127.0.0.1", 1, 1, at.parent / ("x" * 100))
    assert [(child.name, child.environment) for child in alone] == [("web", {})]
    monkeypatch.setattr(supervisor, "CAN_HAND_OVER", False)
    alone = supervisor.web_and_intake("127.0.0.1", 1, 1, at.parent)
    assert [(child.name, child.environment) for child in alone] == [("web", {})]


def ask_for_503(running: Running, token: str, posts: list[dict[str, Any]]) -> tuple[int, Any, Any]:
    body = "\n".join(json.dumps(one) for one in posts).encode()
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/x-ndjson"}
    request = urllib.request.Request(f"{running.url}{INTAKE}", data=body, headers=headers)
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            return answer.status, answer.headers, json.loads(answer.read())
    except urllib.error.HTTPError as error:
        return error.code, error.headers, json.loads(error.read())


def wait_for_intake(running: Running, *, but: int = 0, seconds: float = 60.0) -> int:
    """Wait until the process that takes posts listens; return its number."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        for pid in running.children().get("intake", []):
            if pid != but and any("socket:" in link for link in open_files(pid)) and "intake" in listening(pid):
                return pid
        time.sleep(0.05)
    raise AssertionError(f"no intake process after {seconds} s")


def open_files(pid: int) -> list[str]:
    try:
        return [str(path.readlink()) for path in Path(f"/proc/{pid}/fd").iterdir()]
    except OSError:
        return []


def listening(pid: int) -> str:
    """Return the names of the sockets of files that a process has."""
    own = {link.removeprefix("socket:[").removesuffix("]") for link in open_files(pid) if link.startswith("socket:")}
    lines = [line.split() for line in Path("/proc/net/unix").read_text().splitlines()[1:]]
    return " ".join(line[7] for line in lines if len(line) > 7 and line[6] in own)


@pytest.mark.slow
@needs_proc
def test_posts_survive_the_death_of_the_process_that_takes_them(tmp_path: Path) -> None:
    running = Running(tmp_path / "room")
    token = running.make()
    running.start()
    acknowledged: list[str] = []
    accepted: list[int] = []
    stopping = threading.Event()

    def send(k: int) -> None:
        for n in range((k + 1) * 100_000, (k + 2) * 100_000, 20):
            posts = [post(m, created_at=time.time() - 60) for m in range(n, n + 20)]
            while (taken := running.send(token, posts)) is None and not stopping.wait(0.05):
                pass
            if taken is None:
                return
            accepted.append(taken["accepted"])
            acknowledged.extend(one["post_id"] for one in posts)
            if stopping.is_set():
                return

    try:
        running.wait_up(180)
        pid = wait_for_intake(running, seconds=180)
        os.kill(pid, signal.SIGSTOP)  # so that a request is under way for sure when it dies
        got: list[tuple[int, Any, Any]] = []
        asking = threading.Thread(target=lambda: got.append(ask_for_503(running, token, [post(7)])))
        asking.start()
        time.sleep(1.0)
        assert not got
        os.kill(pid, signal.SIGKILL)
        asking.join(20)
        status, headers, said = got[0]
        assert (status, headers["Retry-After"], said["code"]) == (503, "5", "room.intake-lost")
        assert running.send(token, [post(7)]) is not None, "also before the process is back"
        acknowledged.append(post(7)["post_id"])
        senders = [threading.Thread(target=send, args=(k,)) for k in range(3)]
        for one in senders:
            one.start()
        for _ in range(3):
            pid = wait_for_intake(running, but=pid, seconds=30)
            time.sleep(0.5)
            os.kill(pid, signal.SIGKILL)
        wait_for_intake(running, but=pid, seconds=30)
        stopping.set()
        for one in senders:
            one.join(30)
        running.wait_merged()
        stored = running.stored()
    finally:
        stopping.set()
        running.stop()
    assert len(acknowledged) > 60
    assert set(accepted) == {20}
    assert set(acknowledged) <= set(stored)
    assert len(stored) == len(set(stored))
    assert json.loads(running.django("room_audit"))["whole"] is True
    assert running.children() == {}


def test_the_process_ends_when_told_to_and_answers_first(tmp_path: Path, at: Path) -> None:
    code = (
        "import sys, time, signal, threading\nfrom pathlib import Path\n"
        "from dideban.room.processes.intake_process import IntakeServer\n"
        "def slow(environ, start):\n"
        "    print('taking', flush=True); time.sleep(0.5); start('200 OK', []); return [b'done']\n"
        "signal.signal(signal.SIGTERM, signal.default_int_handler)\n"
        f"server = IntakeServer(slow, Path({str(at)!r}))\nserver.serve()\nprint('ended')\n"
    )
    environment = {**os.environ, "DIDEBAN_ROOM_DATA": str(tmp_path)}
    process = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True, env=environment)
    assert process.stdout is not None
    end = time.monotonic() + 30
    while not at.exists() and time.monotonic() < end:
        time.sleep(0.02)

    async def ask() -> Browser:
        asking = asyncio.create_task(sender(gate(Pages(), at), pieces=[b"p"]).ask())
        await asyncio.to_thread(process.stdout.readline)  # type: ignore[union-attr]
        process.terminate()
        return await asking

    got = run(ask())
    assert (got.status, got.body) == (200, b"done")
    assert process.communicate(timeout=10) == ("ended\n", None)
    assert process.returncode == 0
