"""Who gets the newsletter. No address stands here in clear."""

from __future__ import annotations

from enum import StrEnum

from django.db import models


class SubscriberState(StrEnum):
    ASKED = "asked"
    """Somebody typed the address into the form; whether they may, only its owner can say."""
    CONFIRMED = "confirmed"
    BLOCKED = "blocked"
    """The owner of the address wants no mail, not even a question. The address itself is not kept."""


class Subscriber(models.Model):
    """One address of a room's newsletter."""

    room = models.ForeignKey("rooms.Room", on_delete=models.CASCADE, related_name="subscribers")
    name = models.CharField(max_length=32, unique=True)
    """Random; stands in the links of mails."""
    mark = models.CharField(max_length=64)
    """Keyed hash of the address: tells whether it is here, and nothing to whoever lacks the key."""
    sealed = models.BinaryField(default=b"")
    """The address; empty where it is not needed any more."""
    state = models.CharField(max_length=10, default=SubscriberState.ASKED)
    wanted = models.JSONField(default=dict)
    """``lang`` and ``places`` as they were asked for last; they hold once the owner of the address agrees."""
    lang = models.CharField(max_length=8, blank=True)
    places = models.JSONField(default=list, blank=True)
    """Slugs of places; empty = everything."""
    asked_at = models.DateTimeField()
    n_asked = models.PositiveIntegerField(default=0)
    """Questions that were sent and not answered yet."""
    confirmed_at = models.DateTimeField(null=True, blank=True)
    sent_until = models.DateTimeField(null=True, blank=True)
    """What was published before was sent, or is older than the agreement."""
    last_sent_at = models.DateTimeField(null=True, blank=True)
    n_failed = models.PositiveIntegerField(default=0)
    """Mails in a row that the receiving server refused for good."""

    class Meta:
        ordering = ["pk"]
        constraints = [models.UniqueConstraint(fields=["room", "mark"], name="one_subscriber_per_address")]

    def __str__(self) -> str:
        return self.name
