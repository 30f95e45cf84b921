"""Small writes that no page waits for: noted at once, written together every few seconds by a thread of their own.

For what may be lost with the process: when somebody was last seen. Where no thread runs (the worker, commands, tests)
each is written at once. The same thread tidies what the process keeps in memory.
"""

from __future__ import annotations

import itertools
import logging
import threading
import time
from collections.abc import Callable, Hashable

from django.db import InterfaceError, OperationalError, close_old_connections, transaction

log = logging.getLogger("dideban.room.deferred_writes")
EVERY_S = 3.0
TIDY_S = 30.0
MOST_WAITING = 10_000
"""Writes that are kept for the next round where the database is away."""


class DeferredWrites:
    """Writes that wait; of one name the last stands."""

    def __init__(self) -> None:
        self.is_on = False
        self._waiting: dict[Hashable, Callable[[], object]] = {}
        self._tidying: list[Callable[[], object]] = []
        self._lock = threading.Lock()

    def start(self, first: Callable[[], object]) -> None:
        """Write later from now on; ``first`` is done once, when the first pages have been answered."""
        self.is_on = True
        threading.Thread(target=self._run, args=(first,), name="deferred-writes", daemon=True).start()

    def put(self, name: Hashable, write: Callable[[], object]) -> None:
        """Write soon; at once where nothing runs that would."""
        if not self.is_on:
            write()
            return
        with self._lock:
            self._waiting[name] = write

    def tidy(self, step: Callable[[], object]) -> None:
        """Do something now and then, as long as the process lives."""
        self._tidying.append(step)

    def flush(self) -> int:
        """Write what waits, in one transaction; return how many."""
        with self._lock:
            waiting, self._waiting = self._waiting, {}
        if not waiting:
            return 0
        try:
            with transaction.atomic():
                _write_all(waiting)
        except (OperationalError, InterfaceError):  # locked or away: all of it waits for the next round
            with self._lock:
                newer = self._waiting
                self._waiting = {**dict(itertools.islice(waiting.items(), MOST_WAITING)), **newer}
            raise
        return len(waiting)

    def step(self) -> None:
        """Tidy what the process keeps."""
        for tidying in self._tidying:
            tidying()

    def _run(self, first: Callable[[], object]) -> None:
        time.sleep(EVERY_S)
        try:
            first()
        except Exception:
            log.exception("what was to be done first")
        tidied = time.monotonic()
        while True:
            time.sleep(EVERY_S)
            try:
                close_old_connections()
                self.flush()
                if time.monotonic() - tidied >= TIDY_S:
                    self.step()
                    tidied = time.monotonic()
            except Exception as error:  # a locked database, a full disk: the next round goes on
                log.warning("deferred writes: %s", error)


def _write_all(waiting: dict[Hashable, Callable[[], object]]) -> None:
    for name, write in waiting.items():
        try:
            with transaction.atomic():
                write()
        except (OperationalError, InterfaceError):
            raise
        except Exception as error:  # one that fails takes no other with it
            log.warning("%s is not written: %s", name, error)


deferred = DeferredWrites()
