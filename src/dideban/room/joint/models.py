"""Epochs that a room takes part in, their record, what the room has yet to send, and joint findings."""

from __future__ import annotations

from enum import StrEnum

from django.db import models


class EpochState(StrEnum):
    """Where an epoch stands for the room."""

    WAITING = "waiting"
    """For a second member."""
    REFUSED = "refused"
    OPEN = "open"
    DONE = "done"
    """The round is over and its claims are kept."""
    VOID = "void"
    """It ended before the round was done."""
    LEFT = "left"
    HALTED = "halted"
    """Somebody else signs with the room's key, or the record is not one that can be: a member has to look."""


class JointEpoch(models.Model):
    """One epoch of a federation under one charter: asked for by one member, agreed to by a second."""

    room = models.ForeignKey("rooms.Room", on_delete=models.CASCADE, related_name="joint_epochs")
    number = models.PositiveIntegerField()
    federation = models.CharField(max_length=100)
    epoch = models.CharField(max_length=100)
    charter = models.TextField()
    digest = models.CharField(max_length=64)
    host_url = models.CharField(max_length=500, blank=True)
    """Where the record is; empty: this room keeps it."""
    holder_urls = models.JSONField(default=list)
    """Addresses of the key holders, in the order of the charter."""
    phase_hours = models.PositiveIntegerField(default=24)
    """How long each phase lasts at most, where this room keeps the record."""
    state = models.CharField(
        max_length=10, default=EpochState.WAITING, choices=[(one.value, one.value) for one in EpochState]
    )
    statement = models.CharField(max_length=64)
    """SHA-256 of the leak statement that both members saw."""
    asked_by = models.ForeignKey("members.Member", null=True, on_delete=models.SET_NULL, related_name="+")
    asked_at = models.DateTimeField(auto_now_add=True)
    decided_by = models.ForeignKey("members.Member", null=True, on_delete=models.SET_NULL, related_name="+")
    decided_at = models.DateTimeField(null=True, blank=True)
    left_by = models.ForeignKey("members.Member", null=True, on_delete=models.SET_NULL, related_name="+")
    left_at = models.DateTimeField(null=True, blank=True)
    phase = models.PositiveSmallIntegerField(default=0)
    phase_since = models.DateTimeField(null=True, blank=True)
    said = models.SmallIntegerField(default=-1)
    """The last phase in which the room made what it has to say."""
    asked_number = models.BigIntegerField(default=0)
    """Number of the last request to a key holder: it grows whatever the clock does."""
    n_names = models.PositiveIntegerField(default=0)
    """Blinded names that the room asked each key holder for."""
    n_erased = models.PositiveIntegerField(default=0)
    """Accounts of the room that were deleted on request since."""
    is_left_out = models.BooleanField(default=False)
    """Whether the closed record lacks something that the room sent."""
    next_at = models.DateTimeField(null=True, blank=True)
    n_fails = models.PositiveIntegerField(default=0)
    trouble = models.JSONField(default=dict, blank=True)
    """Why the last step failed: a message as data; empty where it did not."""

    class Meta:
        ordering = ["-number"]
        constraints = [
            models.UniqueConstraint(fields=["room", "number"], name="one_epoch_per_number"),
            models.UniqueConstraint(fields=["room", "digest"], name="one_epoch_per_charter"),
        ]

    def __str__(self) -> str:
        return f"{self.federation} {self.epoch}"

    @property
    def is_host(self) -> bool:
        """Whether this room keeps the record."""
        return not self.host_url


class RecordMessage(models.Model):
    """One message of the record of an epoch, in the order of the host. Never changed."""

    epoch = models.ForeignKey(JointEpoch, on_delete=models.CASCADE, related_name="messages")
    seq = models.PositiveIntegerField()
    body = models.TextField()
    sha256 = models.CharField(max_length=64)

    class Meta:
        ordering = ["seq"]
        constraints = [models.UniqueConstraint(fields=["epoch", "seq"], name="one_message_per_seq")]


class Outgoing(models.Model):
    """A message that the room made: the same bytes are sent until the host has them."""

    epoch = models.ForeignKey(JointEpoch, on_delete=models.CASCADE, related_name="outgoing")
    phase = models.PositiveSmallIntegerField()
    body = models.TextField()
    sha256 = models.CharField(max_length=64)
    made_at = models.DateTimeField(auto_now_add=True)
    sent_at = models.DateTimeField(null=True, blank=True)
    trouble = models.JSONField(default=dict, blank=True)
    """Why the host refused it for good."""

    class Meta:
        ordering = ["pk"]
        indexes = [models.Index(fields=["epoch", "sent_at"])]


class JointFinding(models.Model):
    """A group that the rooms proved together, and the room's own part in it."""

    room = models.ForeignKey("rooms.Room", on_delete=models.CASCADE, related_name="joint_findings")
    epoch = models.ForeignKey(JointEpoch, on_delete=models.CASCADE, related_name="findings")
    number = models.PositiveIntegerField()
    proposal = models.CharField(max_length=64)
    n_named = models.PositiveIntegerField()
    own = models.JSONField(default=list)
    """Pseudonyms of the named members that are the room's own; nobody else is told."""
    n_erased = models.PositiveIntegerField(default=0)
    """Own members that were deleted on request since."""
    facts = models.JSONField(default=dict)
    """What the record says of the claim: the same for every room."""
    days = models.JSONField(default=dict)
    """Day to posts of own members in stretches that show them together."""
    found_at = models.DateTimeField()
    places = models.ManyToManyField("rooms.Place", blank=True, related_name="joint_findings")

    class Meta:
        ordering = ["-number"]
        constraints = [models.UniqueConstraint(fields=["room", "number"], name="one_joint_finding_per_number")]
