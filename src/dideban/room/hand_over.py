"""How a request is handed to the process that takes posts, and how its answer comes back.

One connection for each request, over a socket of the file system: a line of JSON with the request, and the part of its
body that is there. The other side asks for more where it wants more, so that a body that nobody may send is never read.
The answer is a line of JSON and its body.
"""

from __future__ import annotations

import asyncio
import io
import json
import socket
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from dideban.room.answers import Answer, Event

SOCKET = "DIDEBAN_ROOM_INTAKE_SOCKET"
"""Names the socket for both sides; set by who starts them, unset where there is no such process."""
CAN_HAND_OVER = hasattr(socket, "AF_UNIX")
"""Elsewhere posts are taken by the process of the pages."""
CONNECT_S = 2.0
SILENCE_S = 300.0
"""Longest wait of either side for the next word of the other."""
PIECE = 64 * 1024
Stream = io.BufferedRWPair
SCOPE = ("type", "http_version", "method", "scheme", "path", "root_path", "query_string", "headers", "client", "server")


class NotThereError(Exception):
    """The process that takes posts is not there; nothing of the request was handed over."""


class LostError(Exception):
    """The process that takes posts went away, or fell silent, with the request."""


def is_intake(scope: Event) -> bool:
    """Return whether a request brings posts with the token of an intake."""
    return bool(scope["method"] == "POST" and scope["path"] == "/api/v1/intake")


@dataclass
class Sending:
    """The body of a request that is handed over."""

    start: Callable[[], bytes]
    """Returns what is there, once."""
    more: Callable[[], Awaitable[bytes]]
    is_whole: Callable[[], bool]


async def hand_over(at: str, scope: Event, body: Sending) -> tuple[Answer, float]:
    """Hand a request over and wait for its answer; return it and the seconds of the processor that it took.

    Raises
    ------
    NotThereError
        Nobody is at the socket; ``body`` is untouched.
    LostError
        The other side went away before it had answered. What it took is recognised when it is sent again.
    """
    try:
        reader, writer = await asyncio.wait_for(asyncio.open_unix_connection(at), CONNECT_S)
    except OSError as error:
        raise NotThereError from error
    try:
        start = body.start()
        await _say(writer, {"scope": _plain(scope), "n": len(start), "whole": body.is_whole()}, start)
        while "status" not in (heard := json.loads(await _heard(reader.readline()))):
            piece = await body.more()
            await _say(writer, {"n": len(piece), "whole": body.is_whole()}, piece)
        whole = await _heard(reader.readexactly(heard["n"]))
    except (_BrokenError, ValueError) as error:
        raise LostError from error
    finally:
        writer.close()
    headers = [(name.encode("latin-1"), text.encode("latin-1")) for name, text in heard["headers"]]
    return Answer(heard["status"], headers, whole), heard["seconds"]


class _BrokenError(Exception):
    """The connection between the processes ended or stood still; apart from what happens to the sender's."""


async def _say(writer: asyncio.StreamWriter, said: dict[str, Any], data: bytes) -> None:
    writer.write(json.dumps(said).encode() + b"\n" + data)
    await _heard(writer.drain())


async def _heard(coming: Awaitable[Any]) -> Any:
    try:
        return await asyncio.wait_for(coming, SILENCE_S)
    except (OSError, EOFError) as error:
        raise _BrokenError from error


def _plain(scope: Event) -> dict[str, Any]:
    """Return what the application reads of a request, as JSON can hold it."""
    found = {name: scope[name] for name in SCOPE if name in scope}
    found["query_string"] = scope["query_string"].decode("latin-1")
    found["headers"] = [(name.decode("latin-1"), text.decode("latin-1")) for name, text in scope["headers"]]
    return found


class Handed(io.RawIOBase):
    """The body of a request that was handed over, as a file: what has not come is asked for where it is read."""

    def __init__(self, stream: Stream, start: bytes) -> None:
        self.stream, self.waiting, self.is_whole = stream, memoryview(start), False

    def readable(self) -> bool:
        """Return True."""
        return True

    def readinto(self, target: Any) -> int:
        """Fill ``target`` with what is there; ask where nothing is."""
        while not self.waiting and not self.is_whole:
            self.stream.write(b'{"more": true}\n')
            self.stream.flush()
            said = _line(self.stream)
            self.waiting, self.is_whole = memoryview(_exactly(self.stream, said["n"])), said["whole"]
        n = min(len(target), len(self.waiting))
        target[:n] = self.waiting[:n]
        self.waiting = self.waiting[n:]
        return n


def receive(stream: Stream) -> tuple[Event, io.IOBase]:
    """Read a request that is handed over, and its body as a file.

    Raises
    ------
    OSError
        The other side is gone.
    """
    said = _line(stream)
    scope = said["scope"]
    scope["query_string"] = scope["query_string"].encode("latin-1")
    scope["headers"] = [(name.encode("latin-1"), text.encode("latin-1")) for name, text in scope["headers"]]
    start = _exactly(stream, said["n"])
    return scope, io.BytesIO(start) if said["whole"] else io.BufferedReader(Handed(stream, start), PIECE)


def give_back(stream: Stream, made: Answer, *, seconds: float) -> None:
    """Send an answer back."""
    headers = [(name.decode("latin-1"), text.decode("latin-1")) for name, text in made.headers]
    said = {"status": made.status, "headers": headers, "seconds": seconds, "n": len(made.body)}
    stream.write(json.dumps(said).encode() + b"\n" + made.body)
    stream.flush()


def _line(stream: Stream) -> dict[str, Any]:
    line = stream.readline()
    if not line.endswith(b"\n"):
        raise ConnectionResetError
    said: dict[str, Any] = json.loads(line)
    return said


def _exactly(stream: Stream, n: int) -> bytes:
    data = stream.read(n)
    if len(data) < n:
        raise ConnectionResetError
    return data
