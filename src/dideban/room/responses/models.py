"""Responses of a room, lots that say which goes first, and their estimated effects."""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum

from django.db import models

HORIZONS_H = (6, 24, 48, 168)
"""Hours after a response that may count; which of them is planned beforehand."""
ARRIVAL_H = 3
"""Hours that late posts have before an effect is estimated."""


class ResponseKind(StrEnum):
    CORRECTION = "correction"
    BULLETIN = "bulletin"
    REPORT = "report"
    TALK = "talk"
    NOTHING = "nothing"
    OTHER = "other"


class ResponseOutcome(StrEnum):
    """What is counted afterwards."""

    POSTS = "posts"
    """Posts of the target."""
    ELSEWHERE = "elsewhere"
    """Other posts by the accounts that told the narrative before it was noticed."""


class ObjectKind(StrEnum):
    LINK = "link"
    HASHTAG = "hashtag"


class FurtherKind(StrEnum):
    """What is looked at besides what a plan says."""

    ACCOUNTS = "accounts"
    """Other posts by the accounts that shared the target before it was noticed."""
    TEXTS = "texts"
    """Posts that repeat a text of those early posts without sharing the target."""
    GONE = "gone"
    """Posts of the target that were removed."""


class ResponseState(StrEnum):
    PLANNED = "planned"
    RUNNING = "running"
    """It happened; its horizon has not passed."""
    OVER = "over"
    CANCELLED = "cancelled"


def choices(kind: type[StrEnum]) -> list[tuple[str, str]]:
    """Return what a field of the database takes."""
    return [(one.value, one.value) for one in kind]


class Lot(models.Model):
    """A draw among narratives that are ready for a response: chance says which goes now, the others wait."""

    room = models.ForeignKey("rooms.Room", on_delete=models.CASCADE, related_name="lots")
    number = models.PositiveIntegerField()
    case = models.ForeignKey("cases.Case", on_delete=models.CASCADE, related_name="lots")
    candidates = models.ManyToManyField("narratives.Narrative", related_name="lots")
    names = models.JSONField(default=list)
    """Numbers of the candidates in rising order: what the draw counts through."""
    kind = models.CharField(max_length=12, choices=choices(ResponseKind))
    horizon_h = models.PositiveIntegerField()
    chain_seq = models.PositiveBigIntegerField()
    chain_hash = models.CharField(max_length=64)
    """The event of the audit trail that opened the lot: its hash could not be known before."""
    seed = models.CharField(max_length=64)
    drawn = models.ForeignKey("narratives.Narrative", null=True, on_delete=models.SET_NULL, related_name="drawn_in")
    by = models.ForeignKey("members.Member", null=True, on_delete=models.SET_NULL, related_name="+")
    at = models.DateTimeField()
    refused_at = models.DateTimeField(null=True, blank=True)
    refused_by = models.ForeignKey("members.Member", null=True, on_delete=models.SET_NULL, related_name="+")
    refused_reason = models.CharField(max_length=500, blank=True)

    class Meta:
        ordering = ["-number"]
        constraints = [models.UniqueConstraint(fields=["room", "number"], name="one_lot_per_number")]

    @property
    def odds(self) -> float:
        """The chance of each candidate."""
        return 1 / len(self.names) if self.names else 0.0


class Response(models.Model):
    """Something that a room does about a target, planned before it happens."""

    room = models.ForeignKey("rooms.Room", on_delete=models.CASCADE, related_name="responses")
    number = models.PositiveIntegerField()
    case = models.ForeignKey("cases.Case", on_delete=models.CASCADE, related_name="responses")
    kind = models.CharField(max_length=12, choices=choices(ResponseKind))
    title = models.CharField(max_length=200)
    narrative = models.ForeignKey(
        "narratives.Narrative", null=True, blank=True, on_delete=models.SET_NULL, related_name="responses"
    )
    group = models.ForeignKey(
        "findings.FollowedGroup", null=True, blank=True, on_delete=models.SET_NULL, related_name="responses"
    )
    object_kind = models.CharField(max_length=8, blank=True, choices=choices(ObjectKind))
    object_id = models.CharField(max_length=500, blank=True)
    """Canonical link, or hashtag in its normal form."""
    outcome = models.CharField(max_length=12, choices=choices(ResponseOutcome))
    horizon_h = models.PositiveIntegerField()
    salt = models.CharField(max_length=32)
    plan_digest = models.CharField(max_length=64)
    """Hash of the plan, kept in the audit trail as well (responses.plans)."""
    planned_at = models.DateTimeField()
    """When the plan as it stands was registered."""
    planned_by = models.ForeignKey("members.Member", null=True, on_delete=models.SET_NULL, related_name="+")
    lot = models.ForeignKey(Lot, null=True, blank=True, on_delete=models.SET_NULL, related_name="responses")
    at = models.DateTimeField(null=True, blank=True)
    """When it happened."""
    told_at = models.DateTimeField(null=True, blank=True)
    told_by = models.ForeignKey("members.Member", null=True, on_delete=models.SET_NULL, related_name="+")
    url = models.URLField(max_length=500, blank=True)
    language = models.CharField(max_length=20, blank=True)
    places = models.ManyToManyField("rooms.Place", blank=True, related_name="responses")
    cancelled_at = models.DateTimeField(null=True, blank=True)
    cancelled_by = models.ForeignKey("members.Member", null=True, on_delete=models.SET_NULL, related_name="+")
    cancelled_reason = models.CharField(max_length=500, blank=True)

    class Meta:
        ordering = ["-number"]
        constraints = [models.UniqueConstraint(fields=["room", "number"], name="one_response_per_number")]

    @property
    def is_drawn(self) -> bool:
        """Whether chance chose its target, and the room went along."""
        return self.lot is not None and self.lot.refused_at is None and self.narrative_id == self.lot.drawn_id

    @property
    def ends_at(self) -> datetime | None:
        """When its horizon has passed: whole hours after that of the response; None = it has not happened."""
        if self.at is None:
            return None
        hour = self.at.replace(minute=0, second=0, microsecond=0)
        return hour + timedelta(hours=1 + self.horizon_h)

    def state(self, now: datetime) -> ResponseState:
        """Return the state."""
        if self.cancelled_at is not None:
            return ResponseState.CANCELLED
        if self.ends_at is None:
            return ResponseState.PLANNED
        return ResponseState.OVER if self.ends_at <= now else ResponseState.RUNNING


class EffectRun(models.Model):
    """What one version of the estimator says of one response."""

    response = models.ForeignKey(Response, on_delete=models.CASCADE, related_name="runs")
    version = models.CharField(max_length=20)
    at = models.DateTimeField()
    reasons = models.JSONField(default=list)
    """``code`` and ``values`` of why nothing can be said; empty = the figures stand."""
    drawn = models.BooleanField(default=False)
    """Estimated among the candidates of its lot."""
    n_controls = models.PositiveIntegerField(default=0)
    posts = models.PositiveBigIntegerField(null=True)
    expected = models.FloatField(null=True)
    reduction = models.FloatField(null=True)
    low = models.FloatField(null=True)
    high = models.FloatField(null=True)
    p_fewer = models.FloatField(null=True)
    p_more = models.FloatField(null=True)
    e_value = models.FloatField(null=True)
    gamma = models.FloatField(null=True)
    placebo_p = models.FloatField(null=True)
    life_share = models.FloatField(null=True)
    delay_h = models.FloatField(null=True)
    """Hours from the target being noticed to the response."""
    without_low = models.FloatField(null=True)
    without_high = models.FloatField(null=True)
    """Smallest and largest p when each control is left out in turn."""
    curve = models.JSONField(default=dict)
    fitted = models.JSONField(default=dict)
    """Outcome and errors of the matched units: what pooling needs when their posts are gone."""
    digest = models.CharField(max_length=64)
    """Hash of what went in."""

    class Meta:
        ordering = ["-at"]
        constraints = [models.UniqueConstraint(fields=["response", "version"], name="one_run_per_version")]


class EffectPool(models.Model):
    """What the responses of one kind, horizon and way of choosing did together."""

    room = models.ForeignKey("rooms.Room", on_delete=models.CASCADE, related_name="effect_pools")
    kind = models.CharField(max_length=12, blank=True)
    """Empty = all kinds but doing nothing."""
    split = models.CharField(max_length=10, blank=True)
    """``delay``, ``place`` or ``language``: pooled are those with one ``value`` of it; empty = by kind alone."""
    value = models.CharField(max_length=60, blank=True)
    """A band of delays, the slug of a place, or the tag of a language."""
    outcome = models.CharField(max_length=12, default=ResponseOutcome.POSTS.value)
    horizon_h = models.PositiveIntegerField()
    drawn = models.BooleanField()
    version = models.CharField(max_length=20)
    at = models.DateTimeField()
    n = models.PositiveIntegerField()
    reduction = models.FloatField(null=True)
    low = models.FloatField(null=True)
    high = models.FloatField(null=True)
    p_fewer = models.FloatField()
    p_more = models.FloatField()
    e_value = models.FloatField()
    gamma = models.FloatField()
    n_needed = models.PositiveIntegerField(null=True)
    """Responses in all after which a halving would show; null = enough."""

    class Meta:
        ordering = ["split", "value", "horizon_h", "-drawn", "kind"]
        constraints = [
            models.UniqueConstraint(
                fields=["room", "kind", "split", "value", "outcome", "horizon_h", "drawn"], name="one_pool_of_a_kind"
            )
        ]


class FurtherRun(models.Model):
    """What else one version of the estimator says of one response: whether activity moved, whether posts are gone."""

    run = models.ForeignKey(EffectRun, on_delete=models.CASCADE, related_name="further")
    what = models.CharField(max_length=10, choices=choices(FurtherKind))
    reasons = models.JSONField(default=list)
    """``code`` and ``values`` of why nothing can be said; empty = the figures stand."""
    said = models.JSONField(default=list)
    """``code`` and ``values`` of what it says."""
    posts = models.PositiveBigIntegerField(null=True)
    """Posts elsewhere within the horizon; of posts that are gone, those that were there before."""
    gone = models.PositiveBigIntegerField(null=True)
    expected = models.FloatField(null=True)
    """Posts elsewhere, or removals, that the controls lead one to expect."""
    reduction = models.FloatField(null=True)
    low = models.FloatField(null=True)
    high = models.FloatField(null=True)
    p_fewer = models.FloatField(null=True)
    p_more = models.FloatField(null=True)
    """Of posts that are gone: how often chance alone lets so few, or so many, go."""
    fitted = models.JSONField(default=dict)
    """What pooling needs when the posts are gone."""

    class Meta:
        ordering = ["pk"]
        constraints = [models.UniqueConstraint(fields=["run", "what"], name="one_further_run_of_a_kind")]


class FurtherPool(models.Model):
    """What else the responses of one pool did together."""

    pool = models.ForeignKey(EffectPool, on_delete=models.CASCADE, related_name="further")
    what = models.CharField(max_length=10, choices=choices(FurtherKind))
    said = models.JSONField(default=list)
    n = models.PositiveIntegerField()
    posts = models.PositiveBigIntegerField(null=True)
    gone = models.PositiveBigIntegerField(null=True)
    expected = models.FloatField(null=True)
    reduction = models.FloatField(null=True)
    low = models.FloatField(null=True)
    high = models.FloatField(null=True)
    p_fewer = models.FloatField()
    p_more = models.FloatField()

    class Meta:
        ordering = ["pool", "pk"]
        constraints = [models.UniqueConstraint(fields=["pool", "what"], name="one_further_pool_of_a_kind")]
