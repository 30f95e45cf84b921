"""Places of a room that a member may see."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db.models import Prefetch, QuerySet
from django.shortcuts import get_object_or_404

from dideban.room.access.limits import LimitedAccess
from dideban.room.rooms.models import Place

if TYPE_CHECKING:
    from dideban.room.posts.search import Scope


class PlaceAccess(LimitedAccess):
    """Places, and where the posts lie that may be searched."""

    def places(self) -> QuerySet[Place]:
        """Places the member may see."""
        found = Place.objects.filter(room=self.room)
        return found if (ids := self.membership.place_ids()) is None else found.filter(pk__in=ids)

    def place(self, slug: str) -> Place:
        """Return one place, or 404."""
        return get_object_or_404(self.places(), slug=slug)

    def seen_places(self) -> Prefetch[Any]:
        """Return how lists read the places of their rows: those the member may see."""
        return Prefetch("places", queryset=self.places())

    def sees_place(self, pk: int) -> bool:
        """Return whether a place is one the member may see. One query, the first time only."""
        return (ids := self.membership.place_ids()) is None or pk in ids

    def scope(self) -> Scope:
        """Return what posts the member may search: see posts.search."""
        from dideban.room.posts.search import Scope

        if (ids := self.membership.place_ids()) is None:
            return Scope(places=None)
        return Scope(places=tuple(sorted(Place.objects.filter(pk__in=ids).values_list("slug", flat=True))))
