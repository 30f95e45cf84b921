"""Narratives that a member may see."""

from __future__ import annotations

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404

from dideban.room.access.limits import LimitedAccess
from dideban.room.narratives.models import Narrative


class NarrativeAccess(LimitedAccess):
    """Narratives."""

    def narratives(self) -> QuerySet[Narrative]:
        """Narratives of which a post lies in a place the member may see."""
        return self._in_places(Narrative.objects.filter(room=self.room), "places")

    def narrative(self, number: int) -> Narrative:
        """Return one narrative by its number, or 404."""
        return get_object_or_404(self.narratives(), number=number)
