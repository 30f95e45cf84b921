"""Requests over HTTP for key holders and hosts: small, bounded in size, time and number. TLS belongs to a proxy."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import orjson

from dideban.errors import DidebanError, InputError
from dideban.joint.wire import MOST_BYTES

PATIENCE_S = 20.0
"""How long a request may keep a connection waiting."""
MOST_AT_ONCE = 16

Answer = Callable[[bytes], bytes]


class Service:
    """A server for a few paths, each a function of the bytes that were posted.

    Parameters
    ----------
    answers : path -> function
    host, port :
        Port 0 = any that is free.
    """

    def __init__(self, answers: Mapping[str, Answer], *, host: str = "127.0.0.1", port: int = 0) -> None:
        handler = type(
            "Handler", (PostHandler,), {"answers": dict(answers), "slots": threading.Semaphore(MOST_AT_ONCE)}
        )
        self._server = ThreadingHTTPServer((host, port), handler)
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)

    @property
    def address(self) -> str:
        """Where it listens."""
        host, port = self._server.server_address[:2]
        return f"http://{host!s}:{port}"

    def __enter__(self) -> Service:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    def run(self) -> None:
        """Serve until the process is told to stop."""
        try:
            self._server.serve_forever()
        finally:
            self._server.server_close()


class PostHandler(BaseHTTPRequestHandler):
    """Answers POST; says nothing of itself."""

    answers: Mapping[str, Answer]
    slots: threading.Semaphore
    timeout = PATIENCE_S
    server_version, sys_version = "dideban", ""

    def do_POST(self) -> None:
        """Answer one request."""
        answer = self.answers.get(self.path)
        length = self.headers.get("Content-Length", "")
        if answer is None:
            self._say(404, b"{}")
        elif not length.isdigit() or len(length) > 9 or int(length) > MOST_BYTES:
            self._say(413, b"{}")
        elif not self.slots.acquire(blocking=False):
            self._say(503, b"{}")
        else:
            try:
                self._answer(answer, int(length))
            finally:
                self.slots.release()

    def _answer(self, answer: Answer, length: int) -> None:
        data = self.rfile.read(length)
        try:
            self._say(200, answer(data))
        except InputError as error:
            self._say(400, orjson.dumps(error.message.to_dict()))
        except DidebanError as error:
            self._say(503, orjson.dumps(error.message.to_dict()))

    def _say(self, status: int, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(body)
        self.close_connection = True

    def log_message(self, format: str, *args: Any) -> None:
        """Keep no log of requests: counts are kept by room, addresses are not."""
