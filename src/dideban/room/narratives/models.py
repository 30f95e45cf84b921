"""Narratives as the room keeps them: numbers, words and names of posts; never a text."""

from __future__ import annotations

from django.db import models


class Narrative(models.Model):
    """Posts about the same thing, whoever wrote them. Not a claim about any account."""

    room = models.ForeignKey("rooms.Room", on_delete=models.CASCADE, related_name="narratives")
    number = models.PositiveIntegerField()
    """1, 2, 3 ... within the room; never given to another."""
    key = models.BigIntegerField(null=True, blank=True)
    """Its number in the state of the follower; null = nothing of it is followed any more."""
    merged_into = models.ForeignKey("self", null=True, blank=True, on_delete=models.SET_NULL, related_name="merged")
    """Set where two narratives turned out to be one."""
    is_active = models.BooleanField(default=True)
    """Enough of its posts are in the horizon."""
    terms = models.JSONField(default=list)
    """Words that tell it from the rest, most telling first."""
    words = models.TextField(blank=True)
    """Normal forms of its terms, each between spaces, for finding it."""
    n_posts = models.PositiveIntegerField(default=0)
    n_texts = models.PositiveIntegerField(default=0)
    n_accounts = models.PositiveIntegerField(default=0)
    """All three within the horizon."""
    first_at = models.DateTimeField()
    last_at = models.DateTimeField()
    found_at = models.DateTimeField()
    """When the room first listed it."""
    recent = models.PositiveIntegerField(default=0)
    """Posts of the last 24 hours."""
    growth = models.IntegerField(default=0)
    """Posts of the last 24 hours less those of the 24 before."""
    start_at = models.DateTimeField()
    step_s = models.PositiveIntegerField(default=3600)
    counts = models.JSONField(default=list)
    """Posts per bin of ``step_s`` seconds from ``start_at`` on."""
    days = models.JSONField(default=dict)
    """Posts per day (UTC), also of days beyond the horizon."""
    bursts = models.JSONField(default=list)
    """``start``, ``end``, ``n_posts``, ``share``, ``usual_share``, ``weight`` of each, as the engine found them."""
    burst_at = models.DateTimeField(null=True, blank=True)
    """Start of the burst that goes on now."""
    burst_posts = models.PositiveIntegerField(default=0)
    last_arrived_at = models.DateTimeField(null=True, blank=True)
    """When the room acknowledged the latest of its posts."""
    languages = models.JSONField(default=dict)
    platforms = models.JSONField(default=dict)
    place_counts = models.JSONField(default=dict)
    source_counts = models.JSONField(default=dict)
    """Slugs of places and sources to posts, ten at most."""
    domains = models.JSONField(default=dict)
    """Websites linked."""
    n_proved = models.PositiveIntegerField(default=0)
    """Posts by accounts of groups that were found, whatever else these did."""
    reach = models.BigIntegerField(null=True, blank=True)
    """Views or shares of its posts together, as far as sources say; null = none says."""
    weight = models.BigIntegerField(default=0)
    """How much it matters now: see narratives.weigh."""
    proved = models.JSONField(default=dict)
    """Number of a group to posts of its accounts."""
    spread = models.JSONField(default=list)
    """First accounts: ``account``, ``at``, ``source``, ``place``, ``platform``, ``post``, in order of time."""
    examples = models.JSONField(default=list)
    """``role`` and ``post`` (platform/post_id); the texts are read from the table of posts."""
    described_at = models.DateTimeField(null=True, blank=True)
    described_posts = models.PositiveIntegerField(default=0)
    places = models.ManyToManyField("rooms.Place", blank=True, related_name="narratives")

    class Meta:
        ordering = ["-recent", "-n_posts", "-number"]
        constraints = [models.UniqueConstraint(fields=["room", "number"], name="one_narrative_per_number")]
        indexes = [models.Index(fields=["room", "is_active", "-recent"])]

    @property
    def share_proved(self) -> float:
        """Share of its posts by accounts of groups that were found, 0..1."""
        return self.n_proved / self.n_posts if self.n_posts else 0.0
