"""What stands before the pages: it waits for slow senders so that no thread of the pages does, and sheds load politely.

An event loop holds thousands of connections that say little. A request reaches a thread once its body is there; one of
more than a MiB once the first MiB is there, and then a thread of those that are kept for large bodies.
"""

from __future__ import annotations

import asyncio
import io
import ipaddress
import json
import logging
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any

from dideban.messages import Message, say, translations
from dideban.room.answers import Answer, Event, Wsgi, ask
from dideban.room.hand_over import LostError, NotThereError, Sending, hand_over, is_intake
from dideban.room.thread_shares import ThreadShares

log = logging.getLogger("dideban.room.gate")
Receive = Callable[[], Awaitable[Event]]
Send = Callable[[Event], Awaitable[None]]
MIB = 1024 * 1024
PIECE = 64 * 1024
"""Bytes of an answer that are sent at once: a slow reader has this much time for each."""


@dataclass(frozen=True, kw_only=True)
class Limits:
    """What senders may cost before anybody knows who they are."""

    threads: int = 12
    at_once: int = 4
    """Threads that are busy with pages side by side; others are for what takes long."""
    large_threads: int = 6
    idle_s: float = 10.0
    """Longest silence of a sender, and of a reader, within one request."""
    least_rate: int = 8 * 1024
    """Bytes a second, after the first ``idle_s``."""
    small: int = MIB
    """Bytes that are waited for without a thread."""
    most_bytes: int = 256 * MIB
    """Of all bodies that are waited for."""
    most_bodies: int = 2_000
    most_of_address: int = 64
    """Bodies that are waited for from one address."""
    most_waiting: int = 512
    """Whole requests that wait for a thread; half of them from one address."""
    wait_s: float = 20.0
    """Longest wait for a thread: afterwards no one is there to read the answer."""
    hold_s: float = 2.0
    """A refusal is said so much later: who asks again at once, and again, costs the loop little."""
    most_held: int = 1_024
    """Refusals that wait to be said; more are said at once, so that they hold no connections."""


class RefusedError(Exception):
    """A request that is not answered by a page."""

    def __init__(self, status: int, message: Message) -> None:
        super().__init__(message.code)
        self.status, self.message = status, message


class Gate:
    """An ASGI application around a WSGI one.

    Parameters
    ----------
    health : callable
        State for ``/healthz``; asked in a thread of its own, at most once a second.
    proxies : count
        Web servers in front whose ``X-Forwarded-For`` is believed.
    intake : path, optional
        Socket of the process that takes posts; where nobody is there, posts are taken by threads of the pages.
    """

    def __init__(
        self,
        application: Wsgi,
        *,
        health: Callable[[], dict[str, Any]],
        proxies: int,
        limits: Limits,
        intake: str = "",
    ) -> None:
        self.application, self.limits, self.proxies, self.intake = application, limits, proxies, intake
        self.health = CachedHealth(health)
        self.pages = ThreadPoolExecutor(limits.threads, thread_name_prefix="page")
        self.large = ThreadPoolExecutor(limits.large_threads, thread_name_prefix="large")
        self.n_waiting: Counter[str] = Counter()
        self.n_bodies: Counter[str] = Counter()
        self.n_bytes = 0
        self.refusals = Refusals()
        self.n_held = 0
        self.shares = ThreadShares(limits.threads, at_once=min(limits.at_once, limits.threads))
        self.large_shares = ThreadShares(limits.large_threads)
        self.intake_shares = ThreadShares(max(1, limits.threads // 2))

    async def __call__(self, scope: Event, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            return
        if scope["path"] == "/healthz" and scope["method"] in ("GET", "HEAD"):
            state = await self.health.state()
            await answer(send, 200 if state["ok"] else 503, state)
            return
        try:
            await self._serve(scope, receive, send)
        except RefusedError as error:
            self.refusals.note(error, scope["path"])
            await self._hold(error)
            await refuse(scope, send, error)

    async def _hold(self, error: RefusedError) -> None:
        """Let a sender who is refused for asking too much wait a little, on the connection that it has."""
        if error.status not in (429, 503) or self.n_held >= self.limits.most_held:
            return
        self.n_held += 1
        try:
            await asyncio.sleep(self.limits.hold_s)
        finally:
            self.n_held -= 1

    async def _serve(self, scope: Event, receive: Receive, send: Send) -> None:
        if not scope["query_string"].isascii():
            raise RefusedError(400, Message("room.unreadable"))
        address = address_of(scope, proxies=self.proxies)
        self._check_waiting(address)
        body = Body(receive, limits=self.limits)
        try:
            await self._gather(body, address)
            await self._run(scope, body, address, send)
        finally:
            self.n_bytes -= body.n_counted

    async def _gather(self, body: Body, address: str) -> None:
        """Wait for a body, or for the first part of a large one."""
        limits = self.limits
        if self.n_bodies[address] >= limits.most_of_address:
            raise RefusedError(429, Message("room.too-many-at-once"))
        if self.n_bodies.total() >= limits.most_bodies or self.n_bytes >= limits.most_bytes:
            raise RefusedError(503, Message("room.busy"))
        self.n_bodies[address] += 1
        try:
            while not body.is_whole and body.n_counted < limits.small:
                self.n_bytes += await body.more()
        finally:
            self._less(self.n_bodies, address)

    async def _run(self, scope: Event, body: Body, address: str, send: Send) -> None:
        limits, shares, n = self.limits, self._shares(scope, body), self.n_waiting
        self._check_waiting(address)
        n[address] += 1
        until = time.monotonic() + limits.wait_s
        try:
            async with shares.turn(address, writes=shares is self.shares and scope["method"] not in ("GET", "HEAD")):
                made, seconds = await self._made(scope, body, until)
                shares.note(address, seconds)
        except TimeoutError:  # what came of it
            if not body.is_late:
                raise
        finally:
            self._less(n, address)
        if body.is_late:
            raise RefusedError(408, Message("room.too-slow"))
        await send_answer(made, send, limits=limits)

    def _check_waiting(self, address: str) -> None:
        """Refuse where too many wait for a thread; asked before a body is waited for as well, which is work."""
        most, n = self.limits.most_waiting, self.n_waiting
        if n[address] >= most // 2 or n.total() >= most:
            raise RefusedError(503, Message("room.busy"))

    def _shares(self, scope: Event, body: Body) -> ThreadShares:
        if not body.is_whole:
            return self.large_shares
        return self.intake_shares if self._is_handed(scope) else self.shares

    def _is_handed(self, scope: Event) -> bool:
        return bool(self.intake) and is_intake(scope)

    async def _made(self, scope: Event, body: Body, until: float) -> tuple[Answer, float]:
        """Return the answer and the seconds of the processor that it took."""
        loop = asyncio.get_running_loop()

        def run() -> tuple[Answer, float]:
            _check_time(until)
            began = time.thread_time()
            return ask(self.application, scope, body.opened(loop)), time.thread_time() - began

        if self._is_handed(scope):
            _check_time(until)
            try:
                return await hand_over(self.intake, scope, Sending(body.taken, body.next, lambda: body.is_whole))
            except NotThereError:
                log.info("the process that takes posts is not there: the pages take them")
            except LostError:
                raise RefusedError(503, Message("room.intake-lost")) from None
        return await loop.run_in_executor(self.pages if body.is_whole else self.large, run)

    @staticmethod
    def _less(counter: Counter[str], name: str) -> None:
        counter[name] -= 1
        if counter[name] <= 0:
            del counter[name]


class Refusals:
    """Writes refused requests to the log once a second, counted by reason.

    A line for each would let a flood fill the disk, and every line is a time at which the loop waits for its turn.
    """

    def __init__(self, *, every_s: float = 1.0) -> None:
        self.every_s = every_s
        self.n: Counter[tuple[str, int]] = Counter()
        self.paths: dict[tuple[str, int], str] = {}

    def note(self, error: RefusedError, path: str) -> None:
        """Count one; soon it is told."""
        if not self.n:
            asyncio.get_running_loop().call_later(self.every_s, self.tell)
        kind = str(error), error.status
        self.n[kind] += 1
        self.paths.setdefault(kind, path)

    def tell(self) -> None:
        """Write a line for each reason, with the path of the first request."""
        for (reason, status), n in self.n.items():
            path = self.paths[reason, status]
            log.warning("refused", extra={"reason": reason, "status": status, "path": path, "n": n})
        self.n.clear()
        self.paths.clear()


def _check_time(until: float) -> None:
    if time.monotonic() > until:
        raise RefusedError(503, Message("room.busy"))


class Body:
    """The body of a request as it comes, within limits of time."""

    def __init__(self, receive: Receive, *, limits: Limits) -> None:
        self.receive, self.limits = receive, limits
        self.parts: list[bytes] = []
        self.n_counted = 0
        self.n_read = 0
        self.is_whole = False
        self.is_late = False
        self.began = time.monotonic()

    async def more(self) -> int:
        """Wait for the next piece and keep it; return its bytes."""
        piece = await self.next()
        self.parts.append(piece)
        self.n_counted += len(piece)
        return len(piece)

    async def next(self) -> bytes:
        """Return the next piece; empty at the end.

        Raises
        ------
        RefusedError
            The sender is too slow, or gone.
        """
        limits = self.limits
        deadline = self.began + limits.idle_s + self.n_read / limits.least_rate
        try:
            patience = min(limits.idle_s, max(0.01, deadline - time.monotonic()))
            async with asyncio.timeout(patience):  # unlike ``wait_for`` it makes no task for each piece
                event = await self.receive()
        except TimeoutError:
            self.is_late = True
            raise RefusedError(408, Message("room.too-slow")) from None
        if event["type"] != "http.request":
            raise RefusedError(400, Message("room.unreadable"))
        piece: bytes = event.get("body", b"")
        self.n_read += len(piece)
        self.is_whole = not event.get("more_body", False)
        return piece

    def taken(self) -> bytes:
        """Return what is there, once."""
        start = b"".join(self.parts)
        self.parts.clear()
        return start

    def opened(self, loop: asyncio.AbstractEventLoop) -> io.IOBase:
        """Return the body as a file; what has not come yet is awaited by the reader."""
        start = self.taken()
        return io.BytesIO(start) if self.is_whole else io.BufferedReader(Coming(self, start, loop), PIECE)


class Coming(io.RawIOBase):
    """A body of which a part is still on its way, as a file for another thread."""

    def __init__(self, body: Body, start: bytes, loop: asyncio.AbstractEventLoop) -> None:
        self.body, self.waiting, self.loop = body, memoryview(start), loop

    def readable(self) -> bool:
        """Return True."""
        return True

    def readinto(self, target: Any) -> int:
        """Fill ``target`` with what is there; wait where nothing is."""
        while not self.waiting and not self.body.is_whole:
            coming = asyncio.run_coroutine_threadsafe(self.body.next(), self.loop)
            try:
                self.waiting = memoryview(coming.result())
            except RefusedError as error:
                raise TimeoutError(str(error)) from error
        n = min(len(target), len(self.waiting))
        target[:n] = self.waiting[:n]
        self.waiting = self.waiting[n:]
        return n


async def send_answer(made: Answer, send: Send, *, limits: Limits) -> None:
    """Send an answer; a receiver that does not read is dropped."""
    await send({"type": "http.response.start", "status": made.status, "headers": made.headers})
    for at in range(0, len(made.body), PIECE):
        piece = made.body[at : at + PIECE]
        event = {"type": "http.response.body", "body": piece, "more_body": at + PIECE < len(made.body)}
        try:
            async with asyncio.timeout(limits.idle_s):
                await send(event)
        except TimeoutError:
            log.warning("an answer is not read", extra={"status": made.status})
            return
    if not made.body:
        await send({"type": "http.response.body", "body": b"", "more_body": False})


class CachedHealth:
    """State of the room: asked in a thread of its own, once a second, for everybody who asks meanwhile."""

    def __init__(self, ask: Callable[[], dict[str, Any]], *, keep_s: float = 1.0, patience_s: float = 3.0) -> None:
        self.ask, self.keep_s, self.patience_s = ask, keep_s, patience_s
        self.pool = ThreadPoolExecutor(1, thread_name_prefix="health")
        self.asking: asyncio.Future[dict[str, Any]] | None = None
        self.at = 0.0

    async def state(self) -> dict[str, Any]:
        """Return the state; a database that does not answer in time is away."""
        is_old = self.asking is not None and self.asking.done() and time.monotonic() - self.at > self.keep_s
        if self.asking is None or is_old:
            self.asking = asyncio.get_running_loop().run_in_executor(self.pool, self._asked)
        try:
            return await asyncio.wait_for(asyncio.shield(self.asking), self.patience_s)
        except TimeoutError:
            return {"database": False, "worker": False, "ok": False}

    def _asked(self) -> dict[str, Any]:
        try:
            return self.ask()
        finally:
            self.at = time.monotonic()


def address_of(scope: Event, *, proxies: int) -> str:
    """Return who asks, as far as limits go: an IPv4 address, or the /64 of an IPv6 one."""
    text = str((scope.get("client") or ("",))[0])
    if proxies:
        named = b",".join(value for name, value in scope.get("headers", []) if name == b"x-forwarded-for")
        parts = [part.strip() for part in named.decode("latin-1").split(",") if part.strip()]
        text = parts[-min(proxies, len(parts))] if parts else text
    return _network_of(text[:100])


@lru_cache(maxsize=4_096)
def _network_of(text: str) -> str:
    try:
        ip = ipaddress.ip_address(text)
    except ValueError:
        return text[:60]
    return str(ip) if ip.version == 4 else str(ipaddress.ip_network(f"{ip}/64", strict=False))


async def refuse(scope: Event, send: Send, error: RefusedError) -> None:
    """Answer in words: to programs as JSON, to people in every language."""
    start, body = _refusal(error.status, error.message.code, is_api=scope["path"].startswith("/api/"))
    await send(start)
    await send(body)


@cache
def _refusal(status: int, code: str, *, is_api: bool) -> tuple[Event, Event]:
    """Return the answer of a refusal; a flood is refused with what is made once."""
    message, hint = Message(code), Message("room.try-in-a-moment")
    if is_api:
        said: Any = {"code": code, "values": {}, "message": say(message, "en"), "hint": say(hint, "en")}
    else:
        words, hints = translations(message), translations(hint)
        said = "\n\n".join(f"{words[lang]}. {hints[lang]}." for lang in words)
    return made_small(status, said)


async def answer(send: Send, status: int, said: Any) -> None:
    """Send a small answer; it is never kept in a cache."""
    for event in made_small(status, said):
        await send(event)


def made_small(status: int, said: Any) -> tuple[Event, Event]:
    """Return the two events of a small answer: text as it is, anything else as JSON."""
    is_text = isinstance(said, str)
    body = (said if is_text else json.dumps(said)).encode()
    headers = [
        (b"content-type", b"text/plain; charset=utf-8" if is_text else b"application/json"),
        (b"content-length", str(len(body)).encode()), (b"cache-control", b"no-store"),
        (b"x-content-type-options", b"nosniff"), (b"content-security-policy", b"default-src 'none'"),
    ]  # fmt: skip
    if status in (408, 429, 503):
        headers += [(b"retry-after", b"5"), (b"connection", b"close")]
    start = {"type": "http.response.start", "status": status, "headers": headers}
    return start, {"type": "http.response.body", "body": body, "more_body": False}
