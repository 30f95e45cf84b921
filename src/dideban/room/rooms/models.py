"""Rooms and the places they watch."""

from __future__ import annotations

from django.db import models


class Room(models.Model):
    """A team and what it watches. Its posts and findings lie in a folder of its own."""

    slug = models.SlugField(max_length=40, unique=True)
    """Stands in every address and names the folder; never changes."""
    name = models.CharField(max_length=100)
    names = models.JSONField(default=dict, blank=True)
    """Language to the name in it, where it differs from ``name``."""
    created_at = models.DateTimeField(auto_now_add=True)
    horizon_days = models.PositiveIntegerField(default=14)
    """Days of posts that every tick analyses."""
    tick_s = models.PositiveIntegerField(default=60)
    """Seconds from one tick to the next."""
    retention_days = models.PositiveIntegerField(default=400)
    """Days after which posts are removed; a source may ask for fewer."""
    engine = models.JSONField(default=dict, blank=True)
    """Settings of the engine that differ from its defaults, as dotted keys."""
    affiliations = models.TextField(blank=True)
    """Declared owners (TOML, as ``dideban scan --affiliations`` reads)."""
    needs_second_factor = models.BooleanField(default=False)
    reveal_hours = models.PositiveIntegerField(default=24)
    """Hours a reveal stays open."""
    language = models.CharField(max_length=5, default="en")
    """In which the room writes to programs, such as webhooks; members read in their own."""
    past_sources = models.JSONField(default=dict, blank=True)
    """Names of sources that were removed to the days their posts are kept (null = as the room): never given again."""
    is_demo = models.BooleanField(default=False)
    is_paused = models.BooleanField(default=False)

    def __str__(self) -> str:
        return self.name


class Place(models.Model):
    """A place the room watches. Posts carry its slug."""

    room = models.ForeignKey(Room, on_delete=models.CASCADE, related_name="places")
    slug = models.SlugField(max_length=60, allow_unicode=True)
    name = models.CharField(max_length=100)
    names = models.JSONField(default=dict, blank=True)
    """Language to the name in it, where it differs from ``name``."""
    parent = models.ForeignKey("self", null=True, blank=True, on_delete=models.SET_NULL, related_name="children")

    class Meta:
        ordering = ["name"]
        constraints = [models.UniqueConstraint(fields=["room", "slug"], name="one_place_per_slug")]

    def __str__(self) -> str:
        return self.name
