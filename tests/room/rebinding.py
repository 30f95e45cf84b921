"""Run in a network of its own: a name server that changes its mind, an open address, and a secret on this machine."""

from __future__ import annotations

import json
import socket
import socketserver
import struct
import sys
import threading
from collections import Counter
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from dideban.errors import SourceError
from dideban.room.fetch import Fetcher, FetchLimits

OPEN, HERE = "93.184.215.14", "127.0.0.1"
A, AAAA = 1, 28
FIRST_OPEN = ("rebind.example", "again.example", "target.example", "late.example")
asked: Counter[tuple[str, int]] = Counter()
reached: Counter[str] = Counter()


def answer_of(name: str, kind: int) -> list[str]:
    """Return addresses: open ones when first asked, this machine ever after."""
    asked[name, kind] += 1
    if name == "mapped.example":
        return [f"::ffff:{HERE}"] if kind == AAAA else []
    if name == "mixed.example":
        return [OPEN, HERE] if kind == A else []
    if name == "six.example":
        return ["::1"] if kind == AAAA else []
    if name == "steady.example":
        return [OPEN] if kind == A else []
    if name in FIRST_OPEN and kind == A:
        return [OPEN if asked[name, kind] == 1 else HERE]
    return []


class Names(socketserver.BaseRequestHandler):
    """Answers with a lifetime of nothing, so that nobody keeps what it said."""

    def handle(self) -> None:
        query, to = self.request
        at, labels = 12, []
        while query[at]:
            labels.append(query[at + 1 : at + 1 + query[at]].decode())
            at += query[at] + 1
        (kind,) = struct.unpack("!H", query[at + 1 : at + 3])
        found = answer_of(".".join(labels).lower(), kind)
        head = query[:2] + struct.pack("!HHHHH", 0x8180, 1, len(found), 0, 0) + query[12 : at + 5]
        for address in found:
            packed = socket.inet_pton(socket.AF_INET if kind == A else socket.AF_INET6, address)
            head += struct.pack("!HHHIH", 0xC00C, kind, 1, 0, len(packed)) + packed
        to.sendto(head, self.client_address)


class Pages(BaseHTTPRequestHandler):
    """Says which address it was reached at; closes after each answer, so that a redirect connects anew."""

    def do_GET(self) -> None:
        where = self.server.server_address[0]
        reached[str(where)] += 1
        target = {"/self": "/", "/to": "http://target.example/", "/mapped": f"http://[::ffff:{HERE}]/"}.get(self.path)
        self.send_response(302 if target else 200)
        if target:
            self.send_header("Location", target)
        self.send_header("Content-Length", "0" if target else "4")
        self.end_headers()
        if not target:
            self.wfile.write(b"open" if where == OPEN else b"here")

    def log_message(self, *args: object) -> None:
        pass


class Pages6(ThreadingHTTPServer):
    address_family = socket.AF_INET6


def fetched(url: str) -> str:
    """Return what a fetch got, or why it was refused."""
    try:
        return Fetcher(FetchLimits(max_seconds=5.0)).get(url).body.decode()
    except SourceError as error:
        return error.message.code


def main() -> None:
    """Try everything, print what was seen."""
    servers = [
        socketserver.ThreadingUDPServer((HERE, 53), Names), ThreadingHTTPServer((OPEN, 80), Pages),
        ThreadingHTTPServer((HERE, 80), Pages), Pages6(("::1", 80), Pages),
    ]  # fmt: skip
    for server in servers:
        threading.Thread(target=server.serve_forever, daemon=True).start()
    names = ("mapped.example", "mixed.example", "six.example", "localhost")
    found = {
        "steady": fetched("http://steady.example/"),
        "rebind": [fetched("http://rebind.example/") for _ in range(3)],
        "redirected to itself": fetched("http://again.example/self"),
        "redirected to another": [fetched("http://steady.example/to") for _ in range(2)],
        "redirected to a mapped address": fetched("http://steady.example/mapped"),
        **{name: fetched(f"http://{name}/") for name in names},
    }
    asked["late.example", A] = 1
    found["late.example"] = fetched("http://late.example/")
    sys.stdout.write(json.dumps({"found": found, "reached": reached, "asked": sum(asked.values())}))


if __name__ == "__main__":
    main()
