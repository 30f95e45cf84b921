"""A server on this machine that speaks as told: feeds, timelines, and everything a hostile one might try."""

from __future__ import annotations

import gzip
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Answer = Callable[[BaseHTTPRequestHandler], None]


class Server:
    """Answers paths with functions; remembers what was asked."""

    def __init__(self) -> None:
        self.answers: dict[str, Answer] = {}
        self.asked: list[tuple[str, dict[str, str]]] = []
        self.bodies: list[bytes] = []
        server = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                server.asked.append((self.path, dict(self.headers)))
                if length := int(self.headers.get("Content-Length") or 0):
                    server.bodies.append(self.rfile.read(length))
                answer = server.answers.get(self.path.split("?")[0])
                try:
                    if answer is None:
                        reply(self, b"", status=404)
                    else:
                        answer(self)
                except (BrokenPipeError, ConnectionResetError):
                    pass

            do_POST = do_PUT = do_GET

            def log_message(self, *args: Any) -> None:
                pass

        class Quiet(ThreadingHTTPServer):
            daemon_threads = True

            def handle_error(self, request: Any, client_address: Any) -> None:
                pass

        self.http = Quiet(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.http.server_address[1]}"

    @contextmanager
    def running(self) -> Iterator[Server]:
        thread = threading.Thread(target=self.http.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        thread.start()
        try:
            yield self
        finally:
            self.http.shutdown()
            self.http.server_close()
            thread.join()


def reply(handler: BaseHTTPRequestHandler, body: bytes, *, status: int = 200, **headers: str) -> None:
    """Answer plainly."""
    handler.send_response(status)
    for name, value in headers.items():
        handler.send_header(name.replace("_", "-"), value)
    handler.send_header("Content-Length", str(len(body)))
    handler.end_headers()
    handler.wfile.write(body)


def fixed(body: bytes, *, status: int = 200, **headers: str) -> Answer:
    """Answer the same every time."""
    return lambda handler: reply(handler, body, status=status, **headers)


def redirect(target: str) -> Answer:
    """Point somewhere else."""
    return fixed(b"", status=302, Location=target)


def endless(handler: BaseHTTPRequestHandler) -> None:
    """Never end."""
    handler.send_response(200)
    handler.end_headers()
    while True:
        handler.wfile.write(b"<item>" * 10_000)


def drip(handler: BaseHTTPRequestHandler) -> None:
    """Send a byte now and then."""
    handler.send_response(200)
    handler.end_headers()
    for _ in range(200):
        handler.wfile.write(b" ")
        handler.wfile.flush()
        time.sleep(0.1)


def bomb(handler: BaseHTTPRequestHandler) -> None:
    """Send a little that unpacks to a lot."""
    reply(handler, gzip.compress(b"\x00" * 200_000_000, 9), Content_Encoding="gzip")


def cut_off(handler: BaseHTTPRequestHandler) -> None:
    """Promise more than is sent."""
    handler.send_response(200)
    handler.send_header("Content-Length", "1000000")
    handler.end_headers()
    handler.wfile.write(b"<rss>")


def rss(*items: str, head: str = "") -> bytes:
    """A feed."""
    body = "".join(f"<item>{item}</item>" for item in items)
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>{head}<rss version="2.0"><channel><title>Feed</title>'
        f"<link>https://news.example/</link><language>en</language>{body}</channel></rss>"
    ).encode()


def item(n: int, *, date: str = "", extra: str = "") -> str:
    """An entry of a feed."""
    return (
        f"<title>Harvest report {n}</title><link>/story/{n}</link><guid>story-{n}</guid>"
        f"<description>&lt;p&gt;The &lt;b&gt;wheat&lt;/b&gt; of field {n} is in.&lt;/p&gt;</description>"
        f"<pubDate>{date}</pubDate>{extra}"
    )
