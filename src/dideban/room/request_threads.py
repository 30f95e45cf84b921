"""What a process that answers requests in threads sets once, before the first."""

from __future__ import annotations

import secrets
import threading

from django.db import connections
from django.middleware import csrf
from django.urls import base
from django.utils import crypto, timezone
from django.utils.translation import trans_real

WRITE_WAIT_S = 5
"""Seconds a page waits for a database that others hold: longer, and a few forms would keep every thread."""


def make_ready_for_threads() -> None:
    """Set it."""
    wait_less()
    keep_by_thread()
    csrf.get_random_string = random_letters  # type: ignore[attr-defined]


def wait_less() -> None:
    """Let pages wait less for the database than the work behind them."""
    options = connections.settings["default"].get("OPTIONS", {})
    if "timeout" in options and (usual := int(options["timeout"])) > WRITE_WAIT_S:
        options["timeout"] = WRITE_WAIT_S
        begin = options["init_command"]
        options["init_command"] = begin.replace(f"busy_timeout={usual * 1000}", f"busy_timeout={WRITE_WAIT_S * 1000}")


def keep_by_thread() -> None:
    """Keep language, time zone and prefix by thread alone: each page is made by one, from beginning to end.

    What Django keeps them in asks for one lock of the whole process at each look, hundreds a page. Where a thread is
    interrupted inside, all others stand still.
    """
    for module, names in ((trans_real, ("_active",)), (timezone, ("_active",)), (base, ("_prefixes", "_urlconfs"))):
        for name in names:
            setattr(module, name, threading.local())


def random_letters(length: int, allowed_chars: str = crypto.RANDOM_STRING_CHARS) -> str:
    """Return letters picked by the system's source of chance, each as likely as the others.

    What Django has asks that source for each letter, 66 times a page, and lets go of the interpreter each time: under
    load the page waits for it again behind all others. Here it is asked once.
    """
    n, found = len(allowed_chars), ""
    end = 256 - 256 % n  # beyond it the first letters would come more often
    while len(found) < length:
        found += "".join(allowed_chars[one % n] for one in secrets.token_bytes(2 * length) if one < end)
    return found[:length]
