"""The audit trail: each event carries the hash of the one before it, so that a change anywhere shows."""

from __future__ import annotations

from typing import Any, NoReturn

from django.db import models


class AppendOnlyError(TypeError):
    """Somebody tried to change the past."""


class AuditQuerySet(models.QuerySet["AuditEvent"]):
    """A query set that cannot change what it reads. The database refuses as well (migration 0002)."""

    def update(self, **kwargs: Any) -> NoReturn:
        """Refuse."""
        raise AppendOnlyError("audit events are never changed")

    def delete(self) -> NoReturn:
        """Refuse."""
        raise AppendOnlyError("audit events are never deleted")


class AuditEvent(models.Model):
    """One thing that was done. Names and ids only: no text of posts or notes."""

    seq = models.PositiveBigIntegerField(primary_key=True)
    at = models.DateTimeField()
    room_slug = models.CharField(max_length=40, blank=True, db_index=True)
    member_id = models.BigIntegerField(null=True)
    """Who; None = the room itself."""
    member_name = models.CharField(max_length=150, blank=True)
    action = models.CharField(max_length=60)
    """``case.open``, ``reveal.agree``, ...: see audit.actions.ACTIONS."""
    subject = models.CharField(max_length=80, blank=True)
    """``case:12``, ``group:3``, ``source:feed-a``."""
    details = models.JSONField(default=dict)
    previous_hash = models.CharField(max_length=64)
    hash = models.CharField(max_length=64, unique=True)

    objects = AuditQuerySet.as_manager()

    class Meta:
        ordering = ["seq"]
        indexes = [models.Index(fields=["room_slug", "subject"]), models.Index(fields=["room_slug", "-at"])]

    def delete(self, *args: Any, **kwargs: Any) -> NoReturn:
        """Refuse."""
        raise AppendOnlyError("audit events are never deleted")


class AuditHead(models.Model):
    """The end of the chain: one row, locked by the writer that appends."""

    seq = models.PositiveBigIntegerField(default=0)
    hash = models.CharField(max_length=64, default="0" * 64)


class AnchorPlace(models.Model):
    """How far one place of anchors is: a file, a mail address, a peer. What it lost since shows by this."""

    name = models.CharField(max_length=500, unique=True)
    """``file:...``, ``mail`` or ``peer``."""
    seq = models.PositiveBigIntegerField(default=0)
    n = models.PositiveBigIntegerField(default=0)
    """Anchors that were put there."""
    mac = models.CharField(max_length=64, default="0" * 64)
    at = models.DateTimeField(null=True)
    """When the last one arrived there."""
    waits_since = models.DateTimeField(null=True)
    """Since when one has been waiting; None = none is."""
    error = models.TextField(blank=True)


class AnchorPeer(models.Model):
    """Another installation whose anchors this one keeps."""

    name = models.CharField(max_length=100, unique=True)
    token_hash = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField()
    series = models.PositiveIntegerField(default=1)
    """Begins again at every start from the first anchor; earlier series are kept."""
    received_at = models.DateTimeField(null=True)
    refused_at = models.DateTimeField(null=True)
    """When it last sent an anchor that does not follow from those before."""


class KeptAnchor(models.Model):
    """An anchor of a peer, as it came."""

    peer = models.ForeignKey(AnchorPeer, on_delete=models.CASCADE, related_name="anchors")
    series = models.PositiveIntegerField()
    n = models.PositiveBigIntegerField()
    seq = models.PositiveBigIntegerField()
    hash = models.CharField(max_length=64)
    line = models.CharField(max_length=250)
    received_at = models.DateTimeField()

    class Meta:
        ordering = ["series", "n"]
        constraints = [models.UniqueConstraint(fields=["peer", "series", "n"], name="one_anchor_per_number")]
