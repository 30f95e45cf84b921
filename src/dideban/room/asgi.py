"""What the web server runs: the pages behind the gate."""

from __future__ import annotations

import os
import sys
from typing import Any

from dideban.room.wsgi import application as pages  # isort: skip - makes Django ready
from django.conf import settings
from django.db import DatabaseError, close_old_connections
from django.urls import get_resolver

from dideban.room.gate import Gate, Limits
from dideban.room.hand_over import SOCKET
from dideban.room.request_threads import make_ready_for_threads
from dideban.room.upkeep.health import quick

SWITCH_S = 0.001
"""Longest turn of a thread that others wait for: a page asks for the interpreter a hundred times, after each query."""


def state() -> dict[str, Any]:
    """Return what ``/healthz`` says."""
    close_old_connections()
    try:
        return quick()
    except DatabaseError:
        return {"database": False, "worker": False, "ok": False}


_ = get_resolver().url_patterns  # loaded before the room is announced as up
sys.setswitchinterval(SWITCH_S)
make_ready_for_threads()
application = Gate(
    pages, health=state, proxies=settings.ALLAUTH_TRUSTED_PROXY_COUNT, limits=Limits(),
    intake=os.environ.get(SOCKET, ""),
)  # fmt: skip
