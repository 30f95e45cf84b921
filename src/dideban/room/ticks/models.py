"""What the room notes about its own work."""

from __future__ import annotations

from django.db import models


class Heartbeat(models.Model):
    """When each part of the room last said that it is alive."""

    name = models.CharField(max_length=60, unique=True)
    """``worker``, ``merge:ROOM``, ``listen:ROOM/SOURCE``."""
    at = models.DateTimeField()
    details = models.JSONField(default=dict)


class Tick(models.Model):
    """One analysis of the horizon of a room."""

    room = models.ForeignKey("rooms.Room", on_delete=models.CASCADE, related_name="ticks")
    due_at = models.DateTimeField()
    started_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True, blank=True)
    status = models.CharField(max_length=10, default="running")
    """``running``, ``done``, ``unchanged`` (nothing new arrived), ``failed``."""
    n_missed = models.PositiveIntegerField(default=0)
    """Ticks that should have run since the one before and did not; this one caught up for them."""
    n_posts = models.PositiveIntegerField(default=0)
    n_findings = models.PositiveIntegerField(default=0)
    n_new = models.PositiveIntegerField(default=0)
    n_changed = models.PositiveIntegerField(default=0)
    batch = models.BigIntegerField(null=True, blank=True)
    """Last batch of posts in the table when it began."""
    period_ix = models.PositiveIntegerField(null=True, blank=True)
    """Number of the analysis in the life of the room; null where there was none."""
    config_digest = models.CharField(max_length=16, blank=True)
    error = models.TextField(blank=True)
    seconds = models.JSONField(default=dict)
    """Stage to seconds."""

    class Meta:
        ordering = ["-started_at"]
        indexes = [models.Index(fields=["room", "-started_at"])]


class WatchGap(models.Model):
    """A stretch in which the watch itself slept."""

    from_at = models.DateTimeField()
    until_at = models.DateTimeField()
    noticed_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-from_at"]
