"""Sources that speak on their own: a thread for each."""

from __future__ import annotations

import json
import logging
import threading

from django.db import close_old_connections

from dideban.errors import DidebanError, SourceError
from dideban.room.sources.health import record_failure
from dideban.room.sources.models import Source
from dideban.room.sources.registry import slugs, type_of

log = logging.getLogger("dideban.room.listen")


class Listeners:
    """Keeps a thread for every source that speaks on its own."""

    def __init__(self, stopping: threading.Event) -> None:
        self.stopping = stopping
        self.threads: dict[int, tuple[threading.Thread, threading.Event, str]] = {}

    def follow(self) -> None:
        """Start threads for new sources, stop those of paused, changed and removed ones."""
        wanted = {
            source.pk: source
            for source in Source.objects.filter(kind__in=slugs("speaks"), is_paused=False, room__is_paused=False)
        }
        for pk, (thread, stop, mark) in list(self.threads.items()):
            source = wanted.get(pk)
            if source is None or mark != _mark(source) or not thread.is_alive():
                stop.set()
                if not thread.is_alive():
                    del self.threads[pk]
        for pk, source in wanted.items():
            if pk not in self.threads and not self.stopping.is_set():
                stop = threading.Event()
                thread = threading.Thread(
                    target=self._listen, args=(pk, stop), name=f"listen-{source.slug}", daemon=True
                )
                self.threads[pk] = thread, stop, _mark(source)
                thread.start()

    def join(self) -> None:
        """Stop all."""
        for _, stop, _ in self.threads.values():
            stop.set()
        for thread, _, _ in self.threads.values():
            thread.join(timeout=5)

    def _listen(self, pk: int, stop: threading.Event) -> None:
        def stopped() -> bool:
            return stop.is_set() or self.stopping.is_set()

        while not stopped():
            close_old_connections()
            source = Source.objects.select_related("room", "place").filter(pk=pk).first()
            if source is None:
                return
            try:
                type_of(source.kind).connector.listen(source, stopped)
            except DidebanError as error:
                record_failure(source, error)
                self.stopping.wait(min(60.0, 2.0 ** min(source.n_failures, 6)))
            except Exception as error:
                log.exception("listening failed", extra={"source": source.slug})
                record_failure(source, SourceError("room.our-mistake", name=type(error).__name__))
                self.stopping.wait(30.0)


def _mark(source: Source) -> str:
    return json.dumps([source.settings, source.room_id], sort_keys=True)
