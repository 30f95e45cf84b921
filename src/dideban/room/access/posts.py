"""Searches, reveals and deletions of posts that a member may see."""

from __future__ import annotations

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404

from dideban.room.access.limits import LimitedAccess
from dideban.room.posts.models import Comparison, Erasure, Reveal, SavedSearch


class PostAccess(LimitedAccess):
    """Saved searches and comparisons, reveals and deletions on request."""

    def searches(self) -> QuerySet[SavedSearch]:
        """Saved searches of the room; a limited member sees their own."""
        found = SavedSearch.objects.filter(room=self.room).select_related("member")
        return found if self.membership.place_ids() is None else found.filter(member=self.member)

    def search(self, pk: int) -> SavedSearch:
        """Return one saved search, or 404."""
        return get_object_or_404(self.searches(), pk=pk)

    def comparisons(self) -> QuerySet[Comparison]:
        """Kept comparisons of the room; a limited member sees their own."""
        found = Comparison.objects.filter(room=self.room).select_related("room", "member")
        return found if self.membership.place_ids() is None else found.filter(member=self.member)

    def comparison(self, pk: int) -> Comparison:
        """Return one kept comparison, or 404."""
        return get_object_or_404(self.comparisons(), pk=pk)

    def reveals(self) -> QuerySet[Reveal]:
        """Reveals; a limited member sees those they asked for."""
        found = Reveal.objects.filter(room=self.room).select_related("asked_by", "decided_by")
        return found if self.membership.place_ids() is None else found.filter(asked_by=self.member)

    def reveal(self, pk: int) -> Reveal:
        """Return one reveal, or 404."""
        return get_object_or_404(self.reveals(), pk=pk)

    def erasures(self) -> QuerySet[Erasure]:
        """Deletions on request; none for a limited member."""
        return self._unlimited(Erasure.objects.filter(room=self.room).select_related("member"))
