"""What the web server runs: the pages behind the gate."""

from __future__ import annotations

from typing import Any

from dideban.room.wsgi import application as pages  # isort: skip - makes Django ready
from django.conf import settings
from django.db import DatabaseError, close_old_connections, connections
from django.urls import get_resolver

from dideban.room.gate import Gate, Limits
from dideban.room.upkeep.health import quick

WRITE_WAIT_S = 5
"""Seconds a page waits for a database that others hold: longer, and a few forms would keep every thread."""


def wait_less() -> None:
    """Let pages wait less for the database than the work behind them."""
    options = connections.settings["default"].get("OPTIONS", {})
    if "timeout" in options and (usual := int(options["timeout"])) > WRITE_WAIT_S:
        options["timeout"] = WRITE_WAIT_S
        begin = options["init_command"]
        options["init_command"] = begin.replace(f"busy_timeout={usual * 1000}", f"busy_timeout={WRITE_WAIT_S * 1000}")


def state() -> dict[str, Any]:
    """Return what ``/healthz`` says."""
    close_old_connections()
    try:
        return quick()
    except DatabaseError:
        return {"database": False, "worker": False, "ok": False}


_ = get_resolver().url_patterns  # loaded before the room is announced as up
wait_less()
application = Gate(pages, health=state, proxies=settings.ALLAUTH_TRUSTED_PROXY_COUNT, limits=Limits())
