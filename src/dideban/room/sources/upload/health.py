"""Files arrive when a member uploads them: a source that never got any is not silent."""

from __future__ import annotations

from datetime import datetime

from dideban.room.sources.health import usual_health
from dideban.room.sources.models import Health, Source


def health_of(source: Source, now: datetime) -> Health:
    """Return how a source is; silence counts from the first post."""
    return usual_health(source, now, expected_since=None)
