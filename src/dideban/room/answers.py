"""What the WSGI application answers to one request, made whole in a thread."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable, MutableMapping
from dataclasses import dataclass
from typing import Any

from asgiref.wsgi import WsgiToAsgiInstance

Event = MutableMapping[str, Any]
Wsgi = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


@dataclass(frozen=True)
class Answer:
    """An answer as it is sent."""

    status: int
    headers: list[tuple[bytes, bytes]]
    body: bytes


def ask(application: Wsgi, scope: Event, body: io.IOBase) -> Answer:
    """Let the application answer one request of ASGI whose body is a file."""
    environ: dict[str, Any] = _Environ(application, scope).build_environ(scope, body)  # type: ignore[no-untyped-call]
    started: list[tuple[int, list[tuple[bytes, bytes]]]] = []

    def start(status: str, headers: list[tuple[str, str]], exc_info: object = None) -> Callable[..., None]:
        plain = [(name.lower().encode("latin-1"), text.encode("latin-1")) for name, text in headers]
        started.append((int(status.split(" ", 1)[0]), plain))
        return lambda data: None

    parts = application(environ, start)
    try:
        whole = b"".join(parts)
    finally:
        if close := getattr(parts, "close", None):
            close()
    return Answer(*started[-1], whole)


class _Environ(WsgiToAsgiInstance):
    """Builds the environment of WSGI."""

    def __init__(self, application: Wsgi, scope: Event) -> None:
        super().__init__(application)  # type: ignore[no-untyped-call]
        self.scope = scope
