"""Responses that a member may see, and what they changed."""

from __future__ import annotations

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404

from dideban.room.access.cases import CaseAccess
from dideban.room.responses.models import EffectPool, EffectRun, Lot, Response


class ResponseAccess(CaseAccess):
    """Responses, their estimated effects, and lots."""

    def responses(self) -> QuerySet[Response]:
        """Responses of the cases that the member may see."""
        found = Response.objects.filter(room=self.room, case__in=self.cases().values("pk"))
        return found.select_related("room", "case", "narrative", "group", "lot", "planned_by", "told_by")

    def response(self, number: int) -> Response:
        """Return one response by its number, or 404."""
        return get_object_or_404(self.responses(), number=number)

    def effect_of(self, response: Response) -> EffectRun | None:
        """Return what was estimated for a response that the member may see; None = nothing yet."""
        found = EffectRun.objects.filter(response__in=self.responses().values("pk"), response=response)
        return found.order_by("-at").first()

    def effect_runs(self) -> QuerySet[EffectRun]:
        """Return what was estimated for the responses that the member may see, without what only charts need."""
        found = EffectRun.objects.filter(response__in=self.responses().values("pk"))
        return found.defer("curve", "fitted")

    def effect_pools(self) -> QuerySet[EffectPool]:
        """Pooled effects of the room; none for a limited member."""
        return self._unlimited(EffectPool.objects.filter(room=self.room))

    def lots(self) -> QuerySet[Lot]:
        """Lots of the cases that the member may see."""
        found = Lot.objects.filter(room=self.room, case__in=self.cases().values("pk"))
        return found.select_related("room", "case", "drawn", "by", "refused_by")

    def lot(self, number: int) -> Lot:
        """Return one lot by its number, or 404."""
        return get_object_or_404(self.lots(), number=number)
