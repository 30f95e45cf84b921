"""Say where a server is once it answers there: until then its address leads nowhere."""

from __future__ import annotations

import http.client
import threading
import time
from collections.abc import Callable

LOOK_S = 0.2
PATIENCE_S = 10.0
"""Longest wait for one answer."""
ANYWHERE = {"": "127.0.0.1", "0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - read, not listened to
"""Addresses that mean every one of a machine, and one of them to ask at."""


def say_when_up(host: str, port: int, say: Callable[[], None], *, path: str = "/healthz") -> threading.Thread:
    """Call ``say`` once, as soon as a server answers; whatever it answers, it is there.

    Parameters
    ----------
    host, port : str, int
        Where the server listens.
    say : callable
        Called in a thread of its own, which ends with the process.

    Returns
    -------
    Thread
        It waits as long as the process lives.
    """

    def wait() -> None:
        while not answers(host, port, path):
            time.sleep(LOOK_S)
        say()

    waiting = threading.Thread(target=wait, name="when-up", daemon=True)
    waiting.start()
    return waiting


def answers(host: str, port: int, path: str) -> bool:
    """Return whether a web server answers."""
    link = http.client.HTTPConnection(ANYWHERE.get(host, host), port, timeout=PATIENCE_S)
    try:
        link.request("GET", path)
        link.getresponse().read()
    except (OSError, http.client.HTTPException):
        return False
    finally:
        link.close()
    return True
