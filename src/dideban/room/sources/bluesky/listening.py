"""Listening to a Jetstream: what was heard is kept every second, and a break is gone on from."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

from django.utils import timezone
from websockets.exceptions import WebSocketException
from websockets.sync.client import ClientConnection

from dideban.errors import SourceError
from dideban.room.patience import patiently
from dideban.room.posts.intake import origin_of, room_for_more, take_lines
from dideban.room.posts.removals import note_removals
from dideban.room.sources.bluesky.stream import Heard, address, connected, looked, read_message, stream_trouble
from dideban.room.sources.health import record_success
from dideban.room.sources.models import Source, SourceRun
from dideban.room.sources.pictures import looking
from dideban.room.sources.poll import note_lag, note_taken

FLUSH_S = 1.0
FLUSH_MESSAGES = 1_000
PICTURES_S = 5.0
"""Time for the pictures of what is kept at once, seconds: the stream goes on meanwhile."""
FLUSH_CHARS = 16_000_000
SILENT_S = 60.0
"""A stream that says nothing for this long is reconnected."""
OVERLAP_US = 5_000_000
"""Seconds that are asked for again after a break: repeats are distinguished by id, gaps could not be."""


def listen(source: Source, stopped: Callable[[], bool]) -> None:
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
            _listen(source, link, stopped)
    except (OSError, WebSocketException) as error:
        raise SourceError(stream_trouble(error), url=url) from error


def _listen(source: Source, link: ClientConnection, stopped: Callable[[], bool]) -> None:
    batch, cursor = Batch(), int(source.state.get("cursor") or 0)
    last_heard = last_kept = time.monotonic()
    while not stopped():
        try:
            batch.add(read_message(link.recv(timeout=FLUSH_S), source.settings))
            last_heard = time.monotonic()
        except TimeoutError:
            if time.monotonic() - last_heard > SILENT_S:
                raise SourceError("room.stream-silent", seconds=SILENT_S) from None
        is_time = time.monotonic() - last_kept > FLUSH_S and (batch.at or batch.faults)
        if len(batch.lines) >= FLUSH_MESSAGES or batch.size > FLUSH_CHARS or is_time:
            while not room_for_more(source.room.slug) and not stopped():
                time.sleep(1.0)
            cursor = _keep(source, batch, cursor)
            batch, last_kept = Batch(), time.monotonic()
    if batch.lines or batch.faults:
        _keep(source, batch, cursor)


@dataclass
class Batch:
    """What was heard since the last time something was kept."""

    lines: list[str] = field(default_factory=list)
    faults: Counter[str] = field(default_factory=Counter)
    gone: list[tuple[str, int]] = field(default_factory=list)
    """Posts that were deleted, and when."""
    gone_accounts: list[tuple[str, int]] = field(default_factory=list)
    at: int = 0
    size: int = 0

    def add(self, heard: Heard) -> None:
        """Take one message."""
        self.at = max(self.at, heard.at)
        if heard.fault:
            self.faults[heard.fault] += 1
        if heard.gone:
            self.gone.append((heard.gone, heard.at))
        if heard.gone_account:
            self.gone_accounts.append((heard.gone_account, heard.at))
        if heard.line:
            self.lines.append(heard.line)
            self.size += len(heard.line)


def _keep(source: Source, batch: Batch, before: int) -> int:
    """Keep what was heard, then move the place in the stream: in this order, so that nothing falls between."""
    run = SourceRun(source=source, started_at=timezone.now())
    with looking(source.settings, room=source.room.slug, all_s=PICTURES_S) as pictures:
        lines = [looked(line, settings=source.settings, pictures=pictures) for line in batch.lines]
    taken = take_lines(lines, name="jetstream.ndjson", origin=origin_of(source))
    taken.refuse(batch.faults)
    note_removals(source.room.slug, "bluesky", posts=batch.gone, accounts=batch.gone_accounts)
    note_taken(run, taken)
    note_lag(source, taken)
    cursor = max(batch.at, before)
    source.state = {"cursor": cursor} if cursor else {}
    patiently(lambda: Source.objects.filter(pk=source.pk).update(state=source.state))
    record_success(source, run)
    return cursor
