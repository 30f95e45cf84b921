"""One try of a source, from question to acknowledged posts."""

from __future__ import annotations

import logging
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.utils import timezone

from dideban.errors import DidebanError, SourceError, StoreError
from dideban.room.budget import FILES
from dideban.room.disk import os_reason
from dideban.room.fetch import Fetcher, FetchLimits
from dideban.room.patience import patiently
from dideban.room.posts.intake import Origin, Taken, origin_of, room_for_more, take_files, take_lines
from dideban.room.sources.contract import Ask, Collected
from dideban.room.sources.health import record_failure, record_success
from dideban.room.sources.imports.look import drop_files
from dideban.room.sources.models import Source, SourceRun
from dideban.room.sources.pictures import Pictures, looking
from dideban.room.sources.registry import type_of
from dideban.room.wording.problems import to_text

log = logging.getLogger("dideban.room.sources")
OUR_RULES = {"time-in-future", "older-than-kept", "account-erased"}
"""Reasons to set a post aside that say nothing about how the source writes."""
FEWEST_ODD = 3
"""So many records, none of them readable, are another way of writing; fewer are odd posts."""


def poll(source: Source, *, run: SourceRun | None = None, since: datetime | None = None) -> SourceRun:
    """Ask a source once, keep what it answers, and note how it went.

    Parameters
    ----------
    run : SourceRun
        The run that was asked for (test or backfill); None = a regular try.
    since : datetime
        Look back this far.
    """
    run = run or SourceRun(source=source, kind="poll", started_at=timezone.now())
    is_test = run.kind == "test"
    try:
        if not is_test and not room_for_more(source.room.slug):
            raise SourceError("room.queue-full", retry_after_s=30)
        with looking({} if is_test else source.settings, room=source.room.slug) as pictures:
            collected = _collect(source, since=since, is_test=is_test, pictures=pictures)
            taken = _take(collected, origin_of(source), keep=not is_test)
            _refuse_unreadable(collected, taken)
    except DidebanError as error:
        run.error = to_text(error)
        if not is_test:
            record_failure(source, error)
    except Exception as error:  # a mistake of ours ends one try, not the watch
        log.exception("a try failed", extra={"source": source.slug})
        fault = SourceError("room.our-mistake", name=type(error).__name__)
        run.error = to_text(fault)
        if not is_test:
            record_failure(source, fault)
    else:
        note_taken(run, taken)
        if not is_test:
            if since is None:  # a backfill looks back; where the source stands is not its business
                Source.objects.filter(pk=source.pk).update(state=collected.state)
            note_lag(source, taken)
            if collected.trouble is None:
                record_success(source, run)
            else:
                record_failure(source, collected.trouble)
        if collected.trouble is not None:
            run.error = to_text(collected.trouble)
    run.finished_at = timezone.now()
    if run.kind != "poll" or run.n_read or run.error:
        run.save()
    return run


def take_upload(source: Source, *, run: SourceRun, folder: Path, mapping: dict[str, str]) -> SourceRun:
    """Read uploaded files; they are removed afterwards, whatever came of them."""
    import shutil

    try:
        wanted = {**source.settings.get("mapping", {}), **mapping}
        taken = take_files(
            sorted(folder.iterdir()), origin=origin_of(source), mapping=wanted or None, budget=FILES,
            time_zone=run.time_zone,
        )  # fmt: skip
        note_taken(run, taken)
        run.arrivals = [at.isoformat() for at in taken.arrivals]
        record_success(source, run)  # no lag: files that somebody brings are as old as they are
    except (DidebanError, OSError) as error:
        fault = error if isinstance(error, DidebanError) else StoreError("room.cannot-read", reason=os_reason(error))
        run.error = to_text(fault)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        drop_files(run)
    run.finished_at = timezone.now()
    run.save()
    return run


def note_taken(run: SourceRun, taken: Taken) -> None:
    """Write what became of the rows into a run."""
    run.n_read, run.n_posts, run.n_rejects = taken.n_rows, taken.n_posts, taken.n_rejects
    run.reasons, run.samples = dict(taken.reasons), taken.samples


def note_lag(source: Source, taken: Taken) -> None:
    """Note how late posts arrive."""
    if taken.lag_s is not None:
        lag_s = taken.lag_s
        patiently(lambda: Source.objects.filter(pk=source.pk).update(lag_s=lag_s))


def fetcher(*, max_bytes: int | None = None, pin: str = "") -> Fetcher:
    """Return a fetcher with the limits of this installation.

    Parameters
    ----------
    pin : str
        SHA-256 of the public key that the server must show.
    """
    limits = FetchLimits(allow_private=settings.ALLOW_PRIVATE_ADDRESSES, pin=pin)
    return Fetcher(limits if max_bytes is None else replace(limits, max_bytes=max_bytes))


def _collect(source: Source, *, since: datetime | None, is_test: bool, pictures: Pictures | None) -> Collected:
    one = type_of(source.kind)
    if not one.package:
        raise SourceError("room.source-type-gone", permanent=True)
    if not (one.is_polled or one.can_test or one.can_look_back):
        raise SourceError("room.source-pushes")
    ask = Ask(
        state=source.state,
        fetcher=fetcher(),
        now=timezone.now(),
        since=since,
        is_test=is_test,
        room=source.room.slug,
        pictures=pictures,
    )
    collected: Collected = one.connector.collect(source.settings, ask)
    return collected


def _refuse_unreadable(collected: Collected, taken: Taken) -> None:
    """Refuse an answer of which no record could be read: the source stays where it was and says so."""
    reasons = taken.reasons - collected.faults
    n_odd = sum(n for reason, n in reasons.items() if reason not in OUR_RULES)
    if not collected.files and n_odd >= FEWEST_ODD and n_odd == taken.n_rows - sum(collected.faults.values()):
        raise SourceError("room.answer-odd")


def _take(collected: Collected, origin: Origin, *, keep: bool) -> Taken:
    total = Taken()
    mapping = collected.mapping or None
    for name, data in collected.parts:
        lines = data.decode("utf-8", "replace").split("\n")
        total.add(take_lines(lines, name=name, origin=origin, mapping=mapping, keep=keep))
    total.refuse(collected.faults)
    for path in collected.files:
        try:
            total.add(take_files([path], origin=origin, mapping=mapping, keep=keep, budget=FILES))
        except DidebanError as error:  # one bad file does not stop the folder
            total.refuse_file(path.name, str(error))
    return total
