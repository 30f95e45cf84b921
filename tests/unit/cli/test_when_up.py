"""An address is said when somebody answers there, not before."""

from __future__ import annotations

import socket
import threading
import time
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from dideban.cli import when_up


class Answers(BaseHTTPRequestHandler):
    """Is there, and not well yet."""

    def do_GET(self) -> None:
        self.send_response(503)
        self.end_headers()

    def log_message(self, *_: object) -> None: ...


@pytest.mark.parametrize("host", ["127.0.0.1", "0.0.0.0"])
def test_an_address_is_said_once_and_only_when_it_answers(host: str) -> None:
    with socket.socket() as silent:  # listens and says nothing: a server that still loads
        silent.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        silent.bind(("127.0.0.1", 0))
        port: int = silent.getsockname()[1]
        said = list[float]()
        waiting = when_up.say_when_up(host, port, lambda: said.append(time.monotonic()))
        time.sleep(3 * when_up.LOOK_S)
        assert not said
    server = HTTPServer(("127.0.0.1", port), Answers)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        waiting.join(timeout=10)
        assert len(said) == 1
    finally:
        server.shutdown()
        server.server_close()


def test_what_is_no_web_server_is_no_answer() -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()

        def greet() -> None:
            link, _ = other.accept()
            link.recv(100)
            link.sendall(b"220 mail.example.org\r\n")
            link.close()

        threading.Thread(target=greet, daemon=True).start()
        assert not when_up.answers("127.0.0.1", other.getsockname()[1], "/")
