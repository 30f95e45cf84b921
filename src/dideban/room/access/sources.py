"""Sources that a member may see."""

from __future__ import annotations

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404

from dideban.room.access.limits import LimitedAccess
from dideban.room.sources.models import Source, SourceRun


class SourceAccess(LimitedAccess):
    """Sources, their names, and the files that were brought to them."""

    def sources(self) -> QuerySet[Source]:
        """Sources the member may see."""
        found = Source.objects.filter(room=self.room).select_related("place", "owner")
        return self._in_places(found, "place")

    def source(self, slug: str) -> Source:
        """Return one source, or 404."""
        return get_object_or_404(self.sources(), slug=slug)

    def source_slugs(self) -> frozenset[str] | None:
        """Return the names of the sources the member may see; None = all. One query, the first time only."""
        if self.membership.place_ids() is None:
            return None
        if not hasattr(self.membership, "_source_slugs"):
            slugs = frozenset(self.sources().values_list("slug", flat=True))
            self.membership._source_slugs = slugs  # type: ignore[attr-defined]
        return self.membership._source_slugs  # type: ignore[attr-defined, no-any-return]

    def import_of(self, source: str, pk: int) -> SourceRun:
        """Return files that were brought to a source, waiting or taken in, or 404."""
        found = SourceRun.objects.select_related("source__room", "source__place", "member")
        return get_object_or_404(found, source=self.source(source), pk=pk, kind__in=("look", "upload"))
