"""Sources that speak on their own: Jetstream of Bluesky, and the simulated stream of a demo. One thread each."""

from __future__ import annotations

import json
import logging
import threading
import time
from collections.abc import Callable

from django.db import close_old_connections
from django.utils import timezone
from websockets.exceptions import WebSocketException
from websockets.sync.client import ClientConnection

from dideban.errors import DidebanError, SourceError
from dideban.room.posts.intake import origin_of as posts_origin
from dideban.room.posts.intake import room_for_more, take_bytes
from dideban.room.sources.connectors.jetstream import address, connected, read_message, stream_words
from dideban.room.sources.demo import play
from dideban.room.sources.health import record_failure, record_success
from dideban.room.sources.models import Source, SourceKind, SourceRun
from dideban.room.sources.poll import note_lag, note_taken

log = logging.getLogger("dideban.room.listen")
FLUSH_S = 1.0
FLUSH_MESSAGES = 1_000
SILENT_S = 60.0
"""A stream that says nothing for this long is connected to anew."""
OVERLAP_US = 5_000_000
"""Seconds that are asked for again after a break: repeats are told apart by id, gaps could not be."""
SPEAKING = (SourceKind.BLUESKY, SourceKind.DEMO)


class Listeners:
    """Keeps a thread for every source that speaks on its own."""

    def __init__(self, stopping: threading.Event) -> None:
        self.stopping = stopping
        self.threads: dict[int, tuple[threading.Thread, threading.Event, str]] = {}

    def follow(self) -> None:
        """Start threads for new sources, stop those of paused, changed and removed ones."""
        wanted = {
            source.pk: source
            for source in Source.objects.filter(kind__in=SPEAKING, is_paused=False, room__is_paused=False)
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
                (play if source.kind == SourceKind.DEMO else hear)(source, stopped)
            except DidebanError as error:
                record_failure(source, error)
                self.stopping.wait(min(60.0, 2.0 ** min(source.n_failures, 6)))
            except Exception as error:
                log.exception("listening failed", extra={"source": source.slug})
                record_failure(source, SourceError(f"a mistake of ours: {type(error).__name__}"))
                self.stopping.wait(30.0)


def hear(source: Source, stopped: Callable[[], bool]) -> None:
    """Listen to a Jetstream until told to stop; what was heard is kept every second.

    Raises
    ------
    SourceError
        The connection broke, or the stream fell silent.
    """
    url, cursor = source.settings["url"], source.state.get("cursor")
    joined = address(url, cursor=int(cursor) - OVERLAP_US if cursor else None)
    try:
        with connected(joined) as link:
            _hear(source, link, stopped)
    except (OSError, WebSocketException) as error:
        raise SourceError(stream_words(error), url=url) from error


def _hear(source: Source, link: ClientConnection, stopped: Callable[[], bool]) -> None:
    held: list[str] = []
    cursor, last_heard, last_kept = 0, time.monotonic(), time.monotonic()
    while not stopped():
        try:
            message = link.recv(timeout=FLUSH_S)
            last_heard = time.monotonic()
            line, at = read_message(message, source.settings)
            cursor = max(cursor, at)
            held += [line] if line else []
        except TimeoutError:
            if time.monotonic() - last_heard > SILENT_S:
                raise SourceError(f"the stream said nothing for {SILENT_S:.0f} seconds") from None
        is_full = len(held) >= FLUSH_MESSAGES
        if cursor and (is_full or time.monotonic() - last_kept > FLUSH_S):
            while not room_for_more(source.room.slug) and not stopped():
                time.sleep(1.0)
            _keep(source, held, cursor)
            held, last_kept = [], time.monotonic()
    if held:
        _keep(source, held, cursor)


def _keep(source: Source, lines: list[str], cursor: int) -> None:
    """Keep what was heard, then move the place in the stream: in this order, so that nothing falls between."""
    run = SourceRun(source=source, started_at=timezone.now())
    if lines:
        body = "\n".join(lines).encode("utf-8", "replace")
        taken = take_bytes(body, name="jetstream.ndjson", origin=posts_origin(source))
        note_taken(run, taken)
        note_lag(source, taken)
    source.state = {"cursor": cursor}
    Source.objects.filter(pk=source.pk).update(state=source.state)
    record_success(source, run)


def _mark(source: Source) -> str:
    return json.dumps([source.settings, source.room_id], sort_keys=True)
