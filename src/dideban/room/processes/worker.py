"""The worker: merges posts, follows sources, runs ticks, delivers alerts, maintains the data; a few threads."""

from __future__ import annotations

import contextlib
import logging
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

from django.conf import settings
from django.db import InterfaceError, OperationalError, close_old_connections
from django.utils import timezone
from huey.consumer import Consumer

from dideban.errors import DidebanError, StoreError
from dideban.parent_watch import WITH_PARENT
from dideban.room.alerts.deliver import deliver_due
from dideban.room.alerts.room_state import watch_rooms
from dideban.room.joint.steps import due
from dideban.room.locks import WORKER, only_one
from dideban.room.newsletter.sending import SEND_S, send_newsletters
from dideban.room.past.notes import cancelled_runs
from dideban.room.posts.intake import tidy_incoming, tidy_scratch
from dideban.room.posts.merge import merge
from dideban.room.processes.public_site import BUILD_S, COMMENTS_S, CommentWatch, build_sites
from dideban.room.queue import enqueue, huey
from dideban.room.rooms.models import Room
from dideban.room.sources.health import claim_due, note_merged
from dideban.room.sources.listeners import Listeners
from dideban.room.ticks.heartbeat import beat, beat_worker
from dideban.room.ticks.past_period import due_run
from dideban.room.ticks.run import is_due
from dideban.room.upkeep import rehearsals
from dideban.room.upkeep.maintenance import COMPACT_S, run_maintenance
from dideban.room.upkeep.setup import close_connections

log = logging.getLogger("dideban.room.worker")
MERGE_S = 1.0
LOOK_S = 0.5
WAITING_PER_THREAD = 25
BUSY_S = 1.0
"""Seconds until a step is tried again that a locked database stopped."""
REHEARSE_S = 300.0
PAST_S = 2.0
"""Seconds between two looks at what members asked for or cancelled."""
JOINT_S = 20.0
LESS = 10
"""How much lower the priority is of what no alert waits for: runs on the past, at night, with other rooms."""
RETRY_S = 5.0
"""Seconds after its start until a process of ticks that died is started again."""


class Worker:
    """The worker of an installation."""

    def __init__(self) -> None:
        self.stopping = threading.Event()
        self.ticks: dict[str, subprocess.Popen[bytes]] = {}
        self.started: dict[str, float] = {}
        self.listeners = Listeners(self.stopping)
        self.rehearsals: dict[str, subprocess.Popen[bytes]] = {}
        self.past: subprocess.Popen[bytes] | None = None
        self.joint: subprocess.Popen[bytes] | None = None

    def run(self) -> None:
        """Work until told to stop.

        Raises
        ------
        StoreError
            Another worker is at work with the same data folder.
        """
        with only_one(Path(settings.DATA) / WORKER) as is_ours:
            if not is_ours:
                raise StoreError("room.second-worker", hint="room.stop-it-first")
            for room in Room.objects.all():
                tidy_scratch(room.slug)
            tidy_incoming()
            from dideban.room.processes import tasks  # noqa: F401 - what may be asked for

            consumer = Consumer(huey, workers=settings.JOB_THREADS, periodic=False, max_delay=1.0)
            threads = [
                threading.Thread(target=self._loop, args=(name, every_s, step), name=name)
                for name, every_s, step in self.steps()
            ]
            beat_worker()
            consumer.start()
            for name in (signal.SIGTERM, signal.SIGINT):  # after the consumer, which sets its own
                signal.signal(name, lambda *_: self.stopping.set())
            for thread in threads:
                thread.start()
            log.info("worker is up")
            self.stopping.wait()
            consumer.stop(graceful=True)
            for thread in threads:
                thread.join(timeout=20)
            self.listeners.join()
            for process in (*self.ticks.values(), *self.rehearsals.values(), self.past, self.joint):
                if process is not None:
                    process.terminate()

    def steps(self) -> tuple[tuple[str, float, Callable[[], object]], ...]:
        """Return what is done again and again: name, seconds between two times, and the step."""
        return (
            ("merge", MERGE_S, self.merge_rooms),
            ("look", LOOK_S, self.look),
            ("beat", 10.0, beat_worker),
            ("deliver", 1.0, deliver_due),
            ("watch", 15.0, watch_rooms),
            ("maintenance", min(60.0, COMPACT_S), run_maintenance),
            ("listen", 2.0, self.listeners.follow),
            ("rehearse", REHEARSE_S, self.rehearse),
            ("past", PAST_S, self.look_back),
            ("sites", BUILD_S, build_sites),
            ("comments", COMMENTS_S, CommentWatch().look),
            ("newsletter", SEND_S, send_newsletters),
            ("joint", min(JOINT_S, settings.JOINT_S), self.prove_together),
        )

    def _loop(self, name: str, every_s: float, step: Callable[[], object]) -> None:
        """Repeat a step; trouble is logged and tried again later, it never ends the watch."""
        pause = every_s
        while not self.stopping.is_set():
            close_old_connections()
            try:
                step()
                pause = every_s
            except (OperationalError, InterfaceError) as error:  # it has been waited for already
                log.warning("%s: the database is busy: %s", name, error)
                pause = max(every_s, BUSY_S)
            except DidebanError as error:
                log.error("%s: %s %s", name, error.message, error.hint)
                pause = min(pause * 2, 30.0)
            except Exception:
                log.exception("%s failed", name)
                pause = min(pause * 2, 30.0)
            self.stopping.wait(pause)
        close_connections()

    def merge_rooms(self) -> None:
        """Bring what was acknowledged into the tables; trouble of one room does not stop the others."""
        trouble: DidebanError | None = None
        for room in Room.objects.all():
            try:
                while not self.stopping.is_set() and (merged := merge(room.slug)) is not None:
                    note_merged(room, merged)
            except DidebanError as error:
                log.error("merge: %s %s", error.message, error.hint, extra={"room": room.slug})
                trouble = error
            else:
                beat(f"merge:{room.slug}")
        if trouble:
            raise trouble

    def look(self) -> None:
        """Ask for whatever is due: sources and ticks."""
        now = timezone.now()
        # what threads get through in a while: the rest stays in order, and what members ask for waits behind few
        for source_id in claim_due(now, most=WAITING_PER_THREAD * settings.JOB_THREADS - huey.pending_count()):
            enqueue("poll", source_id=source_id)
        for room in Room.objects.filter(is_paused=False):
            if not self._is_busy(room.slug) and is_due(room, now):
                self.ticks[room.slug], self.started[room.slug] = start_tick(room.slug), time.monotonic()

    def rehearse(self) -> None:
        """Start the nightly run of each room in its quiet hour; at most one at a time on the machine."""
        if any(process.poll() is None for process in self.rehearsals.values()):
            return
        for room in Room.objects.filter(is_paused=False):
            if rehearsals.is_due(room, now=timezone.now()):
                self.rehearsals[room.slug] = start_command("room_rehearse", room.slug)
                return

    def look_back(self) -> None:
        """Analyse the past periods that members asked for, one at a time on the machine; stop what they cancelled."""
        if self.past is not None and self.past.poll() is None:
            if cancelled_runs():
                self.past.terminate()
                self.past.wait(timeout=20)
            return
        if (run := due_run()) is not None:
            self.past = start_command("room_past", run.room.slug, "--number", str(run.number))

    def prove_together(self) -> None:
        """Start what is due with other rooms; at most one process at a time on the machine."""
        if self.joint is not None and self.joint.poll() is None:
            return
        for epoch in due(timezone.now())[:1]:
            self.joint = start_command("room_joint", epoch.room.slug)

    def _is_busy(self, slug: str) -> bool:
        """Return whether ticks of a room are being made, or one just died: it is not tried again at once."""
        process = self.ticks.get(slug)
        if process is None or process.poll() is None:
            return process is not None
        return process.returncode != 0 and time.monotonic() - self.started[slug] < RETRY_S


def start_tick(slug: str) -> subprocess.Popen[bytes]:
    """Start ticks in a process of their own: it may use all the machine's memory and die without harm to the watch."""
    return start_command("room_tick", slug, "--stay", less=0)


def start_command(name: str, slug: str, *options: str, less: int = LESS) -> subprocess.Popen[bytes]:
    """Start a command of the room in a process that ends with this one and has ``less`` priority."""
    command = [sys.executable, "-P", "-m", "django", name, *options, "--room", slug]
    environment = {**os.environ, WITH_PARENT: "1"}
    process = subprocess.Popen(command, env=environment, stdin=subprocess.DEVNULL)  # noqa: S603 - our own command
    give_way(process.pid, less=less)
    return process


def give_way(pid: int, *, less: int) -> None:
    """Let a process that was just started have a processor when others want none, where a system knows of such."""
    if hasattr(os, "setpriority"):
        with contextlib.suppress(OSError):  # it has ended already
            os.setpriority(os.PRIO_PROCESS, pid, os.getpriority(os.PRIO_PROCESS, 0) + less)


def wait_until(done: Callable[[], bool], *, seconds: float) -> bool:
    """Wait for something to come true."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if done():
            return True
        time.sleep(0.1)
    return done()
