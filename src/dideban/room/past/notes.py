"""What the machine notes of a run: claimed, under way, done, failed, cancelled."""

from __future__ import annotations

import threading
import time
from datetime import datetime
from types import TracebackType
from typing import Any, Self

from django.utils import timezone

from dideban.room.past.models import PastRun, RunStatus
from dideban.room.patience import patiently

EVERY_S = 1.0
"""Seconds between two notes of how far a run is."""
MOST_TRIES = 4
"""Starts of a run before it is given up: what dies each time would die again."""


class CancelledError(Exception):
    """A member cancelled the run, or removed it."""


def next_run() -> PastRun | None:
    """Return the run to make next: one that was cut short first, then the one that has waited longest. One query."""
    runs = PastRun.objects.filter(room__is_paused=False, cancel_asked_at=None).select_related("room")
    cut_short = runs.filter(status=RunStatus.RUNNING).order_by("started_at").first()
    return cut_short or runs.filter(status=RunStatus.WAITING).order_by("asked_at", "pk").first()


def cancelled_runs() -> list[PastRun]:
    """Return runs that a member cancelled while they ran. One query."""
    found = PastRun.objects.filter(status=RunStatus.RUNNING, cancel_asked_at__isnull=False)
    return list(found.select_related("room"))


def claim(run: PastRun, *, batch: int, config_digest: str, kept_since: datetime | None) -> bool:
    """Note that a run begins, or begins again; False where it is over meanwhile."""
    found = PastRun.objects.filter(pk=run.pk, status__in=(RunStatus.WAITING, RunStatus.RUNNING), cancel_asked_at=None)
    values: dict[str, Any] = {
        "status": RunStatus.RUNNING, "started_at": timezone.now(), "n_tries": run.n_tries + 1, "stage": "",
        "n_done": 0, "n_total": None, "batch": batch, "config_digest": config_digest, "kept_since": kept_since,
    }  # fmt: skip
    is_ours = bool(patiently(lambda: found.update(**values)))
    if is_ours:
        run.refresh_from_db()
    return is_ours


def put_back(run: PastRun) -> None:
    """Let a run wait again: posts that it read were deleted meanwhile."""
    PastRun.objects.filter(pk=run.pk, status=RunStatus.RUNNING).update(status=RunStatus.WAITING, stage="")


def finish(run: PastRun, **values: Any) -> bool:
    """Note that a run is done; False where it was cancelled meanwhile."""
    found = PastRun.objects.filter(pk=run.pk, status=RunStatus.RUNNING, cancel_asked_at=None)
    now = timezone.now()
    return bool(patiently(lambda: found.update(status=RunStatus.DONE, finished_at=now, stage="", **values)))


def fail(run: PastRun, *, error: str) -> None:
    """Note that a run failed, and why."""
    values = {"status": RunStatus.FAILED, "finished_at": timezone.now(), "stage": "", "error": error[:2_000]}
    patiently(lambda: PastRun.objects.filter(pk=run.pk, status=RunStatus.RUNNING).update(**values))


def end_cancelled(run: PastRun) -> None:
    """Note that a run is over because a member cancelled it."""
    values = {"status": RunStatus.CANCELLED, "finished_at": timezone.now(), "stage": ""}
    patiently(lambda: PastRun.objects.filter(pk=run.pk, status=RunStatus.RUNNING).update(**values))


def is_cancelled(run: PastRun) -> bool:
    """Return whether a member cancelled the run. One query."""
    return not PastRun.objects.filter(pk=run.pk, cancel_asked_at=None).exists()


class RunProgress:
    """Progress of a run, noted in its row once a second; raises CancelledError once a member cancelled it.

    Notes
    -----
    Other threads count too, but only the one that made this writes: a database connection belongs to a thread.
    """

    def __init__(self, run: PastRun) -> None:
        self.run = run
        self._owner = threading.get_ident()
        self._noted_at = 0.0

    def stage(self, name: str, *, total: int | None = None, unit: str = "rows") -> RunStage:
        """Open a stage."""
        found = RunStage(self, name, total)
        self.note(found, at_once=True)
        return found

    def note(self, stage: RunStage, *, at_once: bool = False) -> None:
        """Write how far a stage is, where the last note is old enough."""
        if threading.get_ident() != self._owner:
            return
        now = time.monotonic()
        if not at_once and now - self._noted_at < EVERY_S:
            return
        self._noted_at = now
        going = PastRun.objects.filter(pk=self.run.pk, cancel_asked_at=None)
        values = {"stage": stage.name[:40], "n_done": stage.n_done, "n_total": stage.total}
        if not patiently(lambda: going.update(**values)):
            raise CancelledError

    def check(self) -> None:
        """Raise CancelledError once a member cancelled the run."""
        if is_cancelled(self.run):
            raise CancelledError


class RunStage:
    """One stage of a run under way."""

    def __init__(self, progress: RunProgress, name: str, total: int | None) -> None:
        self.progress, self.name, self.total, self.n_done = progress, name, total, 0

    def advance(self, n: int = 1, *, rejects: int = 0) -> None:
        """Add finished units."""
        self.n_done += n
        self.progress.note(self)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        pass
