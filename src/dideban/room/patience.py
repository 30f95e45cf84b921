"""Writes that wait their turn: a database that is locked or away is asked again, for a while."""

from __future__ import annotations

import errno
import logging
import time
from collections.abc import Callable
from typing import TypeVar

from django.db import InterfaceError, OperationalError, close_old_connections, connection

from dideban.messages.causes import system_code

log = logging.getLogger("dideban.room.patience")
T = TypeVar("T")
PATIENCE_S = 120.0
"""Longest that the work behind the pages waits for a database that others hold."""
PAUSES_S = (0.1, 0.3, 1.0, 2.0)


def patiently(write: Callable[[], T], *, seconds: float | None = None) -> T:
    """Do one write, again and again while the database is locked or away; inside a transaction once.

    A full disk is not waited for: what makes room on it would wait too.

    Parameters
    ----------
    write : callable
        Does all or nothing, so that it may be done again: one statement, or a transaction of its own.
    seconds : seconds, optional
        Time after which the last trouble is raised; PATIENCE_S unless given.

    Raises
    ------
    django.db.OperationalError
        The database did not answer all the while.
    """
    if connection.in_atomic_block:
        return write()
    end, n = time.monotonic() + (PATIENCE_S if seconds is None else seconds), 0
    while True:
        try:
            return write()
        except (OperationalError, InterfaceError) as error:
            if time.monotonic() >= end or _is_full(error):
                raise
            if n == 0:
                log.warning("the database is busy: %s", error)
            close_old_connections()
            time.sleep(PAUSES_S[min(n, len(PAUSES_S) - 1)])
            n += 1


def _is_full(error: BaseException) -> bool:
    return any(system_code(one) in (errno.ENOSPC, errno.EDQUOT) for one in (error, error.__cause__) if one is not None)
