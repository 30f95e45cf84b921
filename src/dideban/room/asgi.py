"""What the web server runs: the pages behind the gate."""

from __future__ import annotations

import sys
import threading
from typing import Any

from dideban.room.wsgi import application as pages  # isort: skip - makes Django ready
from django.conf import settings
from django.db import DatabaseError, close_old_connections, connections
from django.urls import base, get_resolver
from django.utils import timezone
from django.utils.translation import trans_real

from dideban.room.gate import Gate, Limits
from dideban.room.upkeep.health import quick

WRITE_WAIT_S = 5
"""Seconds a page waits for a database that others hold: longer, and a few forms would keep every thread."""

SWITCH_S = 0.001
"""Longest turn of a thread that others wait for: a page asks for the interpreter a hundred times, after each query."""


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


def state() -> dict[str, Any]:
    """Return what ``/healthz`` says."""
    close_old_connections()
    try:
        return quick()
    except DatabaseError:
        return {"database": False, "worker": False, "ok": False}


_ = get_resolver().url_patterns  # loaded before the room is announced as up
sys.setswitchinterval(SWITCH_S)
wait_less()
keep_by_thread()
application = Gate(pages, health=state, proxies=settings.ALLAUTH_TRUSTED_PROXY_COUNT, limits=Limits())
