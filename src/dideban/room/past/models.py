"""Runs over past periods. Their findings are followed groups that name their run (``FollowedGroup.past_run``)."""

from __future__ import annotations

from enum import StrEnum

from django.db import models


class RunStatus(StrEnum):
    """How far a run is."""

    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


UNDER_WAY = (RunStatus.WAITING, RunStatus.RUNNING)


class PastRun(models.Model):
    """One analysis of a period that a member chose. Its findings never mix with those of the watch."""

    room = models.ForeignKey("rooms.Room", on_delete=models.CASCADE, related_name="past_runs")
    number = models.PositiveIntegerField()
    """1, 2, 3 ... within the room."""
    since = models.DateTimeField()
    until = models.DateTimeField()
    """Posts with ``since <= created_at < until``."""
    asked_by = models.ForeignKey("members.Member", null=True, on_delete=models.SET_NULL, related_name="+")
    asked_at = models.DateTimeField()
    status = models.CharField(max_length=10, default=RunStatus.WAITING.value)
    cancel_asked_at = models.DateTimeField(null=True, blank=True)
    started_at = models.DateTimeField(null=True, blank=True)
    """Last start: a run that was cut short begins again."""
    finished_at = models.DateTimeField(null=True, blank=True)
    n_tries = models.PositiveIntegerField(default=0)
    stage = models.CharField(max_length=40, blank=True)
    """Slug of the stage under way; its words are in the catalogues, under ``stage``."""
    n_done = models.BigIntegerField(default=0)
    n_total = models.BigIntegerField(null=True, blank=True)
    n_posts = models.PositiveIntegerField(default=0)
    n_findings = models.PositiveIntegerField(default=0)
    n_leads = models.PositiveIntegerField(default=0)
    kept_since = models.DateTimeField(null=True, blank=True)
    """Posts before this were removed by then, where the period began earlier; null = none were."""
    batch = models.BigIntegerField(null=True, blank=True)
    """Last batch of posts in the table when it began."""
    config_digest = models.CharField(max_length=16, blank=True)
    record = models.JSONField(default=dict, blank=True)
    """The record of the run, as the analysis wrote it."""
    error = models.TextField(blank=True)
    seconds = models.JSONField(default=dict)
    """Stage to seconds."""

    class Meta:
        ordering = ["-number"]
        constraints = [models.UniqueConstraint(fields=["room", "number"], name="one_past_run_per_number")]

    def __str__(self) -> str:
        return f"{self.room_id}/{self.number}"

    @property
    def is_under_way(self) -> bool:
        """Whether it waits or runs."""
        return self.status in UNDER_WAY

    @property
    def stated_rate(self) -> float | None:
        """The error rate of the findings of this run; None = its method states none."""
        rate = self.record.get("fdr") if self.record.get("method") == "synchrony" else None
        return float(rate) if isinstance(rate, int | float) else None

    @property
    def took_s(self) -> float | None:
        """Seconds from its last start to its end."""
        if self.started_at is None or self.finished_at is None:
            return None
        return (self.finished_at - self.started_at).total_seconds()
