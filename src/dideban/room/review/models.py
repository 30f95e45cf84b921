"""What the room knows of its own mistakes.

Decoys and planted groups live here and nowhere else: they are never findings, so nothing that reads findings, such as
alerts, exports, packages or the API, can come across one.
"""

from __future__ import annotations

from enum import StrEnum

from django.db import models

from dideban.room.findings.models import VerdictKind


class MissReason(StrEnum):
    """Why the room did not find what others found."""

    NOT_FOLLOWED = "not-followed"
    TOO_FEW = "too-few"
    TOO_SLOW = "too-slow"
    EXPLAINED = "explained-away"
    BELOW = "below-threshold"
    UNKNOWN = "unknown"


class ProposalKind(StrEnum):
    """What setting a proposal is about."""

    RULE = "rule"
    SOURCE = "source"
    HORIZON = "horizon"
    OWNERS = "owners"


class ProposalState(StrEnum):
    OPEN = "open"
    ACCEPTED = "accepted"
    REFUSED = "refused"
    PASSED = "passed"
    """The figures no longer speak for it."""


class Rehearsal(models.Model):
    """One night's run: groups planted in a copy of the last week, and whether they were found."""

    room = models.ForeignKey("rooms.Room", on_delete=models.CASCADE, related_name="rehearsals")
    at = models.DateTimeField()
    seed = models.PositiveBigIntegerField()
    version = models.CharField(max_length=20)
    n_posts = models.PositiveIntegerField(default=0)
    rows = models.JSONField(default=list)
    """``n_accounts``, ``n_operations``, ``kind``, ``where``, ``found`` of each planted group."""
    seconds = models.FloatField(default=0.0)
    reason = models.CharField(max_length=40, blank=True)
    """Why nothing could be planted: the code of a message; empty = it was done."""

    class Meta:
        ordering = ["-at"]
        indexes = [models.Index(fields=["room", "-at"])]


class Decoy(models.Model):
    """A made-up item of the review queue: accounts whose contents were exchanged among their own moments."""

    room = models.ForeignKey("rooms.Room", on_delete=models.CASCADE, related_name="decoys")
    made_at = models.DateTimeField()
    seed = models.PositiveBigIntegerField()
    places = models.JSONField(default=list)
    """Slugs of the places of its posts; an empty name = posts without a place."""
    document = models.JSONField(default=dict)
    """``shares``: kind, label, account and instant of each."""

    class Meta:
        ordering = ["-made_at", "-pk"]


class ReviewItem(models.Model):
    """One item of the review queue as one member was shown it: a finding, or blind among them a decoy."""

    room = models.ForeignKey("rooms.Room", on_delete=models.CASCADE, related_name="review_items")
    member = models.ForeignKey("members.Member", null=True, on_delete=models.SET_NULL, related_name="+")
    token = models.CharField(max_length=24, unique=True)
    """Names it in addresses, and says nothing of what it is."""
    finding = models.ForeignKey("findings.KeptFinding", null=True, on_delete=models.CASCADE, related_name="+")
    decoy = models.ForeignKey(Decoy, null=True, on_delete=models.SET_NULL, related_name="items")
    is_decoy = models.BooleanField(default=False)
    """Stays when the decoy itself was removed."""
    offered_at = models.DateTimeField()
    verdict = models.CharField(
        max_length=12, blank=True, choices=[(kind.value, kind.value) for kind in VerdictKind]
    )  # fmt: skip
    judged_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-offered_at", "-pk"]
        indexes = [models.Index(fields=["room", "member", "judged_at"])]


class Miss(models.Model):
    """Something that others found first."""

    room = models.ForeignKey("rooms.Room", on_delete=models.CASCADE, related_name="misses")
    number = models.PositiveIntegerField()
    source = models.CharField(max_length=200)
    """Who found it."""
    url = models.URLField(max_length=500, blank=True)
    what = models.CharField(max_length=500)
    at = models.DateTimeField()
    """When they did."""
    why = models.CharField(max_length=20, choices=[(one.value, one.value) for one in MissReason])
    group = models.ForeignKey("findings.FollowedGroup", null=True, on_delete=models.SET_NULL, related_name="+")
    """The finding of the room that came later; null = it never came."""
    by = models.ForeignKey("members.Member", null=True, on_delete=models.SET_NULL, related_name="+")
    noted_at = models.DateTimeField()
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    withdrawn_reason = models.CharField(max_length=500, blank=True)

    class Meta:
        ordering = ["-number"]
        constraints = [models.UniqueConstraint(fields=["room", "number"], name="one_miss_per_number")]


class SettingProposal(models.Model):
    """A change of settings that the review speaks for; a member accepts or refuses it."""

    room = models.ForeignKey("rooms.Room", on_delete=models.CASCADE, related_name="proposals")
    number = models.PositiveIntegerField()
    kind = models.CharField(max_length=10, choices=[(one.value, one.value) for one in ProposalKind])
    key = models.CharField(max_length=120)
    """What it is about: ``rule:3``, ``source:wire``, ``horizon``, ``owners:12``."""
    setting = models.CharField(max_length=40, blank=True)
    before = models.FloatField(null=True)
    after = models.FloatField(null=True)
    """The value now and the one proposed; null = something that a member must do by hand."""
    figures = models.JSONField(default=dict)
    """The figures that speak for it."""
    state = models.CharField(max_length=10, default=ProposalState.OPEN)
    made_at = models.DateTimeField()
    decided_at = models.DateTimeField(null=True, blank=True)
    decided_by = models.ForeignKey("members.Member", null=True, on_delete=models.SET_NULL, related_name="+")
    reason = models.CharField(max_length=500, blank=True)

    class Meta:
        ordering = ["-number"]
        constraints = [models.UniqueConstraint(fields=["room", "number"], name="one_proposal_per_number")]
