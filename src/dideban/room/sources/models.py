"""Sources, their runs and their gaps."""

from __future__ import annotations

from enum import StrEnum

from django.db import models


class Health(StrEnum):
    """How a source is, as a person would say it."""

    NEW = "new"
    OK = "ok"
    SILENT = "silent"
    FAILING = "failing"
    PAUSED = "paused"


class Source(models.Model):
    """One thing the room follows."""

    room = models.ForeignKey("rooms.Room", on_delete=models.CASCADE, related_name="sources")
    slug = models.SlugField(max_length=60)
    """Stands in the ``source`` column of its posts; never changes."""
    kind = models.CharField(max_length=40)
    """A type of source: see sources.registry."""
    name = models.CharField(max_length=120)
    place = models.ForeignKey("rooms.Place", null=True, blank=True, on_delete=models.SET_NULL, related_name="sources")
    language = models.CharField(max_length=12, blank=True)
    owner = models.ForeignKey("members.Member", null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    settings = models.JSONField(default=dict, blank=True)
    """What the kind needs: see the fields of its type."""
    interval_s = models.PositiveIntegerField(default=300)
    retention_days = models.PositiveIntegerField(null=True, blank=True)
    silent_after_s = models.PositiveIntegerField(default=21_600)
    """Seconds without a new post after which the source counts as silent."""
    is_paused = models.BooleanField(default=False)
    created_at = models.DateTimeField(auto_now_add=True)
    token_hash = models.CharField(max_length=64, blank=True, db_index=True)
    token_prefix = models.CharField(max_length=12, blank=True)

    state = models.JSONField(default=dict, blank=True)
    """Where the connector stands: etag, cursor, last id."""
    next_at = models.DateTimeField(null=True, blank=True)
    last_try_at = models.DateTimeField(null=True, blank=True)
    last_ok_at = models.DateTimeField(null=True, blank=True)
    last_post_at = models.DateTimeField(null=True, blank=True)
    """When the newest post arrived."""
    lag_s = models.FloatField(null=True, blank=True)
    """Seconds from a post being published to its arrival, of the newest batch, median."""
    last_error = models.TextField(blank=True)
    """In words; empty when the last try went well."""
    n_failures = models.PositiveIntegerField(default=0)
    """Tries in a row that failed."""
    n_posts = models.PositiveBigIntegerField(default=0)
    n_rejects = models.PositiveBigIntegerField(default=0)

    class Meta:
        ordering = ["name"]
        constraints = [models.UniqueConstraint(fields=["room", "slug"], name="one_source_per_slug")]

    def __str__(self) -> str:
        return self.name


class SourceRun(models.Model):
    """One try to get posts."""

    source = models.ForeignKey(Source, on_delete=models.CASCADE, related_name="runs")
    kind = models.CharField(max_length=10, default="poll")
    """``poll``, ``test``, ``backfill``, ``upload``, or ``look``: files that wait for a member to take them in."""
    started_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True, blank=True)
    n_read = models.PositiveIntegerField(default=0)
    n_posts = models.PositiveIntegerField(default=0)
    """Posts handed to the store; repeats are distinguished later."""
    n_rejects = models.PositiveIntegerField(default=0)
    reasons = models.JSONField(default=dict)
    """Reason slug to count."""
    samples = models.JSONField(default=list)
    """First few rejects: row, column, reason, value."""
    error = models.TextField(blank=True)
    file_name = models.CharField(max_length=255, blank=True)
    member = models.ForeignKey("members.Member", null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    folder = models.CharField(max_length=40, blank=True, default="")
    """Where the files of a look wait."""
    mapping = models.JSONField(default=dict, blank=True)
    """Column of POSTS to column of the files, as the member chose."""
    time_zone = models.CharField(max_length=64, blank=True, default="")
    """Zone of times that carry none."""
    arrivals = models.JSONField(default=list, blank=True)
    """When the posts of an upload arrived: what undoing looks for."""
    undone_at = models.DateTimeField(null=True, blank=True)
    undo_asked_at = models.DateTimeField(null=True, blank=True)
    n_undone = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ["-started_at"]
        indexes = [models.Index(fields=["source", "-started_at"])]


class SourceGap(models.Model):
    """A stretch in which a source that should have spoken was silent or failing."""

    source = models.ForeignKey(Source, on_delete=models.CASCADE, related_name="gaps")
    from_at = models.DateTimeField()
    until_at = models.DateTimeField(null=True, blank=True)
    reason = models.CharField(max_length=10)
    """``silent``, ``failing``, ``paused``."""
