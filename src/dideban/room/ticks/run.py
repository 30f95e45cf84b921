"""Ticks: when they are due, what one does, and what is noted when the watch was late."""

from __future__ import annotations

import logging
import time
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import orjson
from django.db import transaction
from django.utils import timezone

from dideban.atomic import write_bytes
from dideban.config import Config, load_config
from dideban.errors import ConfigError, DidebanError, StoreError
from dideban.findings import Affiliations
from dideban.ingest import load_key
from dideban.room.alerts.watch import watch_findings, watch_searches
from dideban.room.disk import is_full
from dideban.room.findings.follow import Changes, take_findings
from dideban.room.findings.models import KeptFinding
from dideban.room.locks import TICK, only_one
from dideban.room.patience import patiently
from dideban.room.posts.actions import IS_PSEUDONYM
from dideban.room.posts.models import Erasure
from dideban.room.rooms.folder import folder_of
from dideban.room.rooms.models import Room
from dideban.room.rooms.sealed_ids import pseudonym_of
from dideban.room.ticks.analysis import HorizonAnalysis, analyse_horizon
from dideban.room.ticks.heartbeat import beat
from dideban.room.ticks.models import Tick
from dideban.room.ticks.narrative_step import follow_step, is_overdue
from dideban.room.ticks.packages import write_packages, write_shares
from dideban.room.ticks.redaction import redact
from dideban.room.ticks.tick_cache import TickCache
from dideban.room.wording.problems import said_plainly, to_text
from dideban.store.delta import PostTable
from dideban.text import SignatureCache

log = logging.getLogger("dideban.room.ticks")
HOUR = timedelta(hours=1)
WORTH_KEEPING = 0.02
"""Share of texts without a signature on the disk from which on the file is rewritten: it is large."""
LEAP = timedelta(minutes=1)
"""A clock that is set back by more is noticed."""
SELFCHECK = timedelta(hours=1)
"""How long a self-check on shuffled copies stands: it says how the settings do on such data, not what is new."""


def due_at(room: Room) -> datetime:
    """Return when the next tick of a room is due; the first is due at once. One query.

    The last tick is the one made last, whatever the clock said then: clocks are set back.
    """
    last = Tick.objects.filter(room=room).exclude(status="running").order_by("-pk").first()
    return room.created_at if last is None else last.due_at + timedelta(seconds=room.tick_s)


def is_due(room: Room, now: datetime) -> bool:
    """Return whether a tick is due: also where the last was due in what is now the future. One query."""
    due, step = due_at(room), timedelta(seconds=room.tick_s)
    return due <= now or due - step > now + LEAP


def config_of(room: Room, *, threads: int = 0) -> Config:
    """Return the settings of the engine for a room."""
    return load_config(flags={**room.engine, "threads": threads})


def affiliations_of(room: Room) -> Affiliations | None:
    """Return the declared owners of a room, under its pseudonyms; None = no list."""
    if not room.affiliations.strip():
        return None
    import tomllib

    try:
        data = tomllib.loads(room.affiliations)
    except tomllib.TOMLDecodeError as error:
        raise ConfigError("room.owners-not-toml", detail=str(error)[:200]) from error
    return Affiliations.from_dict(data, pseudonym=lambda account: _hidden(room.slug, account))


def _hidden(room: str, account: str) -> str:
    """Return the pseudonym of an account that a list of owners names; it may be one already."""
    return account if IS_PSEUDONYM.match(account) else pseudonym_of(room, account)


def run_tick(
    room: Room, *, now: datetime | None = None, threads: int = 0, cache: TickCache | None = None
) -> Tick | None:
    """Analyse the horizon of a room once; None = another process is at it.

    Parameters
    ----------
    cache : TickCache, optional
        What the tick before left in this process. Never changes what is found.

    Notes
    -----
    Where ticks were missed, this one catches up: it sees every post that arrived meanwhile, and says how many were
    missed. A tick that finds nothing new since the last notes just that.
    """
    with only_one(folder_of(room.slug).root / TICK) as is_ours:
        if not is_ours:
            return None
        now = now or timezone.now()
        running = Tick.objects.filter(room=room, status="running")
        patiently(lambda: running.update(status="failed", error="interrupted", finished_at=now))
        tick = patiently(partial(_begin, room, now))
        try:
            _do(room, tick, now, threads, cache or TickCache())
        except DidebanError as error:
            tick.status, tick.error = "failed", to_text(error)
        except Exception as error:  # a bug: told, noted, and the watch goes on
            log.exception("tick failed", extra={"room": room.slug})
            full = StoreError("room.disk-full") if is_full(error) else None
            tick.status, tick.error = "failed", to_text(full) if full else f"{type(error).__name__}: {error}"[:2000]
        tick.finished_at = timezone.now()
        patiently(tick.save)
    log.info("tick", extra={"room": room.slug, "status": tick.status, "n": tick.n_findings})
    return tick


def _begin(room: Room, now: datetime) -> Tick:
    due = due_at(room)
    late = (now - due).total_seconds()
    missed = max(0, int(late // room.tick_s)) if Tick.objects.filter(room=room).exists() else 0
    slot = due + timedelta(seconds=max(0, int(late // room.tick_s)) * room.tick_s)
    load_key(folder_of(room.slug).key)
    return Tick.objects.create(room=room, due_at=min(slot, now), started_at=now, n_missed=missed)


def _do(room: Room, tick: Tick, now: datetime, threads: int, cache: TickCache) -> None:
    began = time.monotonic()
    folder = folder_of(room.slug)
    config = config_of(room, threads=threads)
    tick.batch = PostTable(folder.posts).committed()
    tick.config_digest = config.digest()
    since = (now - timedelta(days=room.horizon_days)).replace(minute=0, second=0, microsecond=0)
    until = now + timedelta(days=2)
    alive = partial(beat, f"tick:{room.slug}")
    follow = partial(follow_step, room, since=since, until=until, threads=threads, beat=alive)
    last = Tick.objects.filter(room=room, period_ix__isnull=False).exclude(pk=tick.pk).order_by("-period_ix").first()
    if last and _is_unchanged(room, tick, last):
        tick.status, tick.n_posts, tick.n_findings = "unchanged", last.n_posts, last.n_findings
        watch_searches(room, now)
        tick.seconds = follow()
        _erased_meanwhile(room, tick)
        return
    check, checked_at = _selfcheck(folder.scan / "run.json", config, now)
    caches = cache.caches(folder.signatures)
    found = analyse_horizon(
        folder.posts, since=since, until=until, config=config, affiliations=affiliations_of(room),
        selfcheck=check, caches=caches, name=room.name, beat=alive,
    )  # fmt: skip
    found.run["selfcheck_at"] = checked_at
    at = now + timedelta(seconds=time.monotonic() - began)
    changes = patiently(partial(_store, room, tick, found, at, period_ix=_next(last)))
    wanted = set(KeptFinding.objects.filter(room=room, current_of__is_active=True).values_list("finding_id", flat=True))
    write_shares(found, home=folder.findings, wanted=wanted)
    folder.scan.mkdir(parents=True, exist_ok=True)
    write_bytes(folder.scan / "run.json", orjson.dumps(found.run), survives="kill")
    told = {group.current.finding_id for group in changes.new if group.current}
    waits = partial(awaited, room, tick)
    write_packages(found, home=folder.findings, wanted=wanted, first=told, is_awaited=waits, beat=alive)
    tick.seconds = {**found.seconds, **(follow() if not waits() or is_overdue(room) else {})}
    _keep(caches.signatures)
    _erased_meanwhile(room, tick)


def _erased_meanwhile(room: Room, tick: Tick) -> None:
    """Take out again what was deleted on request since the tick began: it has seen those posts."""
    for erasure in Erasure.objects.filter(room=room, done_at__gt=tick.started_at):
        redact(room, erasure.account_id)


def awaited(room: Room, tick: Tick) -> bool:
    """Return whether the next tick is due and has posts to look at."""
    is_time = timezone.now() >= tick.due_at + timedelta(seconds=room.tick_s)
    return is_time and PostTable(folder_of(room.slug).posts).committed() != tick.batch


def _keep(signatures: SignatureCache | None) -> None:
    """Keep what was computed about texts, where it is much; a full disk costs time later, nothing else."""
    if signatures is None or signatures.unsaved <= WORTH_KEEPING:
        return
    try:
        signatures.save()
    except OSError as error:
        log.warning("signatures are not kept: %s", error.strerror)


def _next(last: Tick | None) -> int:
    return (last.period_ix or 0) + 1 if last else 0


def _selfcheck(path: Path, config: Config, now: datetime) -> tuple[dict[str, Any] | None, str]:
    """Return the self-check of an earlier analysis, where it is fresh and of the same settings, and when it was made.

    Without one, or where there was too little to check then, the analysis at hand makes it now.
    """
    try:
        run = orjson.loads(path.read_bytes())
        made_at = datetime.fromisoformat(run["selfcheck_at"])
    except (OSError, ValueError, KeyError, TypeError):
        return None, now.isoformat()
    check = run.get("selfcheck")
    is_fresh = timedelta(0) <= now - made_at < SELFCHECK and run.get("config_digest") == config.digest()
    if not is_fresh or not isinstance(check, dict) or not check.get("enough_data"):
        return None, now.isoformat()
    return check, run["selfcheck_at"]


def _is_unchanged(room: Room, tick: Tick, last: Tick) -> bool:
    """Same posts, same settings, no one's posts deleted since, and the horizon has moved by less than an hour."""
    return (
        (last.batch, last.config_digest) == (tick.batch, tick.config_digest)
        and tick.started_at - last.started_at < HOUR
        and not Erasure.objects.filter(room=room, done_at__gt=last.started_at).exists()
    )


@transaction.atomic
def _store(room: Room, tick: Tick, found: HorizonAnalysis, now: datetime, *, period_ix: int) -> Changes:
    """Note everything one analysis found in one transaction: it appears whole or not at all."""
    changes = take_findings(room, found.findings, groups=found.groups, facts=found.facts, at=now, period_ix=period_ix)
    tick.status, tick.period_ix, tick.seconds = "done", period_ix, found.seconds
    tick.n_posts, tick.n_findings = found.n_posts, len(found.findings)
    tick.n_new, tick.n_changed = len(changes.new), changes.n_changed
    tick.save()
    watch_findings(room, changes, now)
    watch_searches(room, now)
    return changes


def summary(tick: Tick) -> dict[str, Any]:
    """Return a tick as plain data."""
    return {
        "status": tick.status, "posts": tick.n_posts, "findings": tick.n_findings, "new": tick.n_new,
        "changed": tick.n_changed, "missed": tick.n_missed, "error": said_plainly(tick.error), "seconds": tick.seconds,
    }  # fmt: skip
