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
    """The end of the chain: one row, locked by whoever appends."""

    seq = models.PositiveBigIntegerField(default=0)
    hash = models.CharField(max_length=64, default="0" * 64)
