"""Alert rules, alerts, and their way to people."""

from __future__ import annotations

from enum import StrEnum

from django.db import models


class RuleKind(StrEnum):
    NEW_FINDING = "new-finding"
    GROWING_FINDING = "growing-finding"
    NARRATIVE_BURST = "narrative-burst"
    SAVED_SEARCH = "saved-search"
    SOURCE_SILENT = "source-silent"
    ROOM_LATE = "room-late"
    TASK_DUE = "task-due"


class Webhook(models.Model):
    """Where alerts are sent over HTTP, each signed."""

    room = models.ForeignKey("rooms.Room", on_delete=models.CASCADE, related_name="webhooks")
    name = models.CharField(max_length=100)
    url = models.URLField(max_length=500)
    secret = models.CharField(max_length=64)
    is_paused = models.BooleanField(default=False)
    last_error = models.TextField(blank=True)
    preset = models.CharField(max_length=20, default="dideban")
    """How it is written: one of alerts.presets.PRESETS."""
    target = models.CharField(max_length=200, blank=True, default="")
    """Topic, chat or room, where the preset needs one."""
    token = models.CharField(max_length=500, blank=True, default="")
    """What the receiver knows us by; never shown again."""
    language = models.CharField(max_length=8, blank=True, default="")
    """In which it is written; empty = that of the room."""


class WebhookTry(models.Model):
    """One try to send something to a webhook; the last hundred are kept."""

    webhook = models.ForeignKey(Webhook, on_delete=models.CASCADE, related_name="tries")
    alert = models.ForeignKey("Alert", null=True, on_delete=models.SET_NULL, related_name="+")
    """None = a test."""
    at = models.DateTimeField()
    seconds = models.FloatField()
    error = models.TextField(blank=True)

    class Meta:
        ordering = ["-at", "-pk"]


class Rule(models.Model):
    """When to tell whom."""

    room = models.ForeignKey("rooms.Room", on_delete=models.CASCADE, related_name="rules")
    kind = models.CharField(max_length=20, choices=[(kind.value, kind.value) for kind in RuleKind])
    name = models.CharField(max_length=120)
    params = models.JSONField(default=dict, blank=True)
    """Thresholds: see alerts.rules.PARAMS."""
    places = models.ManyToManyField("rooms.Place", blank=True, related_name="+")
    search = models.ForeignKey(
        "posts.SavedSearch", null=True, blank=True, on_delete=models.CASCADE, related_name="rules"
    )
    emails = models.ManyToManyField("members.Member", blank=True, related_name="+")
    webhooks = models.ManyToManyField(Webhook, blank=True, related_name="rules")
    is_paused = models.BooleanField(default=False)
    state = models.JSONField(default=dict, blank=True)

    class Meta:
        ordering = ["name"]


class Alert(models.Model):
    """Something a rule noticed. ``key`` makes it unique: the same thing is reported once."""

    room = models.ForeignKey("rooms.Room", on_delete=models.CASCADE, related_name="alerts")
    rule = models.ForeignKey(Rule, null=True, on_delete=models.SET_NULL, related_name="alerts")
    kind = models.CharField(max_length=20)
    key = models.CharField(max_length=120)
    at = models.DateTimeField()
    decided_at = models.DateTimeField(null=True, blank=True)
    """When the room could first have known: arrival of the deciding post."""
    params = models.JSONField(default=dict)
    """What its sentence needs: counts, names, ids."""
    group = models.ForeignKey("findings.FollowedGroup", null=True, on_delete=models.CASCADE, related_name="alerts")
    narrative = models.ForeignKey("narratives.Narrative", null=True, on_delete=models.CASCADE, related_name="alerts")
    source = models.ForeignKey("sources.Source", null=True, on_delete=models.CASCADE, related_name="alerts")
    search = models.ForeignKey("posts.SavedSearch", null=True, on_delete=models.SET_NULL, related_name="alerts")
    task = models.ForeignKey("cases.Task", null=True, on_delete=models.CASCADE, related_name="alerts")
    places = models.ManyToManyField("rooms.Place", blank=True, related_name="alerts")
    handled_at = models.DateTimeField(null=True, blank=True)
    handled_by = models.ForeignKey("members.Member", null=True, on_delete=models.SET_NULL, related_name="+")

    class Meta:
        ordering = ["-at"]
        constraints = [models.UniqueConstraint(fields=["room", "key"], name="one_alert_per_key")]
        indexes = [models.Index(fields=["room", "-at"])]


class Delivery(models.Model):
    """One alert on its way to one address."""

    alert = models.ForeignKey(Alert, on_delete=models.CASCADE, related_name="deliveries")
    channel = models.CharField(max_length=10)
    """``email`` or ``webhook``."""
    member = models.ForeignKey("members.Member", null=True, on_delete=models.CASCADE, related_name="+")
    webhook = models.ForeignKey(Webhook, null=True, on_delete=models.CASCADE, related_name="deliveries")
    next_at = models.DateTimeField(null=True)
    """None = delivered or given up."""
    n_tries = models.PositiveIntegerField(default=0)
    delivered_at = models.DateTimeField(null=True, blank=True)
    last_error = models.TextField(blank=True)
    held_until = models.DateTimeField(null=True, blank=True)
    """When the member wants to hear of it: their digest, or the end of their quiet hours."""

    class Meta:
        indexes = [models.Index(fields=["next_at"])]
