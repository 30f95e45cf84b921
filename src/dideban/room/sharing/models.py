"""Peers, collections, what was sent and fetched, and what arrived."""

from __future__ import annotations

import uuid
from enum import StrEnum

from django.db import models

from dideban.exchange.stix import Tlp

TLPS = [(tlp.value, tlp.label) for tlp in Tlp]


class ExportState(StrEnum):
    """Where something that is to leave stands."""

    WAITING = "waiting"
    """For a second member."""
    SENT = "sent"
    REFUSED = "refused"
    REVOKED = "revoked"


class ArrivedState(StrEnum):
    """What became of something that arrived."""

    NEW = "new"
    LINKED = "linked"
    """Something of the room names the same links, websites, hashtags or ids."""
    SET_ASIDE = "set-aside"


class Peer(models.Model):
    """Another room or platform: it reads collections with its token, and may be read by the room."""

    room = models.ForeignKey("rooms.Room", on_delete=models.CASCADE, related_name="peers")
    slug = models.SlugField(max_length=60)
    name = models.CharField(max_length=100)
    identity = models.CharField(max_length=60, blank=True)
    """Id of the STIX identity that it sends as, pinned: objects of other authors are refused."""
    max_tlp = models.CharField(max_length=12, choices=TLPS, default=Tlp.AMBER.value)
    """The most closed objects that it may read, and that are taken from it."""
    may_send = models.BooleanField(default=False)
    """Whether it may post into inboxes of the room."""
    token_hash = models.CharField(max_length=64, blank=True, db_index=True)
    token_prefix = models.CharField(max_length=12, blank=True)
    token_at = models.DateTimeField(null=True, blank=True)
    is_paused = models.BooleanField(default=False)
    added_at = models.DateTimeField(auto_now_add=True)
    last_seen_at = models.DateTimeField(null=True, blank=True)
    url = models.CharField(max_length=500, blank=True)
    """Collection of the peer that the room pulls: ``https://.../collections/<id>/``; empty: none."""
    their_token = models.CharField(max_length=300, blank=True)
    """What the room shows there."""
    pull_s = models.PositiveIntegerField(default=3600)
    pulled_to = models.CharField(max_length=40, blank=True)
    """When the last object that was pulled was added there (``added_after``)."""
    pulled_at = models.DateTimeField(null=True, blank=True)
    next_pull_at = models.DateTimeField(null=True, blank=True)
    n_fails = models.PositiveIntegerField(default=0)
    trouble = models.JSONField(default=dict, blank=True)
    """Why the last pull failed: a message as data; empty where it did not."""
    pin = models.CharField(max_length=64, blank=True)
    """SHA-256 of the public key that its server must show (TLS); empty: whatever the system's trust store accepts."""
    seen_key = models.CharField(max_length=64, blank=True)
    """SHA-256 of the public key that its server showed last."""
    push_url = models.CharField(max_length=500, blank=True)
    """Inbox of the peer that the room pushes to; empty: none."""
    pushed = models.JSONField(default=dict, blank=True)
    """Collection to the number of the last object in it that the peer took."""
    next_push_at = models.DateTimeField(null=True, blank=True)
    n_push_fails = models.PositiveIntegerField(default=0)
    push_trouble = models.JSONField(default=dict, blank=True)
    """Why the last push failed."""

    class Meta:
        ordering = ["name"]
        constraints = [models.UniqueConstraint(fields=["room", "slug"], name="one_peer_per_slug")]

    def __str__(self) -> str:
        return self.name


class Collection(models.Model):
    """Objects under one ceiling, read by the peers that are named."""

    room = models.ForeignKey("rooms.Room", on_delete=models.CASCADE, related_name="collections")
    uuid = models.UUIDField(default=uuid.uuid4, unique=True)
    title = models.CharField(max_length=100)
    tlp_ceiling = models.CharField(max_length=12, choices=TLPS, default=Tlp.GREEN.value)
    is_inbox = models.BooleanField(default=False)
    """Peers that may send post here; nothing that they post is shown to others."""
    peers = models.ManyToManyField(Peer, blank=True, related_name="collections")
    last_seq = models.PositiveBigIntegerField(default=0)
    last_added_at = models.DateTimeField(null=True, blank=True)
    removed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["title", "pk"]


class Export(models.Model):
    """Something that leaves: asked for by one member, agreed to by a second one from TLP:AMBER up."""

    room = models.ForeignKey("rooms.Room", on_delete=models.CASCADE, related_name="exports")
    number = models.PositiveIntegerField()
    kind = models.CharField(max_length=12)
    """``finding``, ``narrative`` or ``case``."""
    key = models.CharField(max_length=40)
    """Id or number of it."""
    title = models.CharField(max_length=200)
    places = models.ManyToManyField("rooms.Place", blank=True, related_name="exports")
    collection = models.ForeignKey(Collection, null=True, blank=True, on_delete=models.PROTECT, related_name="exports")
    """None: as a file only."""
    tlp = models.CharField(max_length=12, choices=TLPS)
    text = models.TextField(blank=True)
    """What a member wrote for peers, of a case."""
    body = models.TextField()
    """The exact bytes that were seen in the preview."""
    sha256 = models.CharField(max_length=64)
    as_of = models.DateTimeField()
    """The instant that the bytes name as their version."""
    asked_by = models.ForeignKey("members.Member", null=True, on_delete=models.SET_NULL, related_name="+")
    asked_at = models.DateTimeField(auto_now_add=True)
    decided_by = models.ForeignKey("members.Member", null=True, on_delete=models.SET_NULL, related_name="+")
    decided_at = models.DateTimeField(null=True, blank=True)
    state = models.CharField(
        max_length=10, default=ExportState.WAITING, choices=[(one.value, one.value) for one in ExportState]
    )
    revoked_at = models.DateTimeField(null=True, blank=True)
    reason = models.CharField(max_length=500, blank=True)
    """Why it was revoked; peers read it."""

    class Meta:
        ordering = ["-number"]
        constraints = [models.UniqueConstraint(fields=["room", "number"], name="one_export_per_number")]


class Shelved(models.Model):
    """One version of one object in a collection. Never changed: a later version is another row."""

    collection = models.ForeignKey(Collection, on_delete=models.CASCADE, related_name="shelf")
    export = models.ForeignKey(Export, null=True, blank=True, on_delete=models.SET_NULL, related_name="shelved")
    stix_id = models.CharField(max_length=120)
    stix_type = models.CharField(max_length=60)
    version = models.CharField(max_length=40)
    """``modified``; of objects without one, when it was added."""
    body = models.TextField()
    seq = models.PositiveBigIntegerField()
    added_at = models.DateTimeField()
    is_first = models.BooleanField(default=True)
    is_last = models.BooleanField(default=True)

    class Meta:
        ordering = ["seq"]
        constraints = [
            models.UniqueConstraint(fields=["collection", "seq"], name="one_row_per_seq"),
            models.UniqueConstraint(fields=["collection", "stix_id", "version"], name="one_row_per_version"),
        ]
        indexes = [models.Index(fields=["collection", "is_last", "seq"])]


class PeerRead(models.Model):
    """A peer read a page of a collection: who fetched what, when."""

    peer = models.ForeignKey(Peer, on_delete=models.CASCADE, related_name="fetched")
    collection = models.ForeignKey(Collection, on_delete=models.CASCADE, related_name="fetched")
    at = models.DateTimeField(auto_now_add=True)
    first_seq = models.PositiveBigIntegerField()
    last_seq = models.PositiveBigIntegerField()
    n = models.PositiveIntegerField()

    class Meta:
        ordering = ["-at", "-pk"]


class Arrival(models.Model):
    """One bundle or envelope that arrived, with what was refused of it."""

    room = models.ForeignKey("rooms.Room", on_delete=models.CASCADE, related_name="arrivals")
    peer = models.ForeignKey(Peer, null=True, blank=True, on_delete=models.SET_NULL, related_name="arrivals")
    member = models.ForeignKey("members.Member", null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    """Who brought it, where it came as a file."""
    uuid = models.UUIDField(default=uuid.uuid4, unique=True)
    at = models.DateTimeField(auto_now_add=True)
    n_objects = models.PositiveIntegerField()
    n_known = models.PositiveIntegerField(default=0)
    """Versions that were there already."""
    kept = models.JSONField(default=list)
    """``[id, version]`` of those that were kept, 1,000 at most."""
    refused = models.JSONField(default=list)
    """``{"id": ..., "reason": message}`` of each that was refused, 1,000 at most."""

    class Meta:
        ordering = ["-at", "-pk"]


class Arrived(models.Model):
    """One version of one object from outside. A claim of its sender, never one of the room."""

    room = models.ForeignKey("rooms.Room", on_delete=models.CASCADE, related_name="arrived")
    peer = models.ForeignKey(Peer, null=True, blank=True, on_delete=models.SET_NULL, related_name="arrived")
    arrival = models.ForeignKey(Arrival, on_delete=models.CASCADE, related_name="arrived")
    sender = models.CharField(max_length=70)
    """``peer:<pk>``, or ``file`` for what members brought: whose objects replace each other."""
    stix_id = models.CharField(max_length=120)
    stix_type = models.CharField(max_length=60)
    version = models.CharField(max_length=40, blank=True)
    name = models.CharField(max_length=300, blank=True)
    tlp = models.CharField(max_length=12, choices=TLPS)
    body = models.JSONField()
    refs = models.JSONField(default=list)
    """Ids that it names, 1,000 at most."""
    signs = models.JSONField(default=dict)
    """``links``, ``domains``, ``hashtags`` that it and what came with it name."""
    state = models.CharField(
        max_length=10, default=ArrivedState.NEW, choices=[(one.value, one.value) for one in ArrivedState]
    )
    decided_by = models.ForeignKey("members.Member", null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    groups = models.ManyToManyField("findings.FollowedGroup", blank=True, related_name="arrived")
    """Groups that push the same."""

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(fields=["room", "sender", "stix_id", "version"], name="one_arrived_per_version")
        ]
        indexes = [models.Index(fields=["room", "stix_type", "-id"])]
