"""What a member may see of the exchange with peers."""

from __future__ import annotations

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404

from dideban.room.access.limits import LimitedAccess
from dideban.room.sharing.models import Arrived, Collection, Export, Peer


class SharingAccess(LimitedAccess):
    """Exports, peers, collections and what arrived."""

    def exports(self) -> QuerySet[Export]:
        """What was sent or waits to be: of the places the member may see."""
        found = Export.objects.filter(room=self.room).select_related("room", "collection", "asked_by", "decided_by")
        return self._in_places(found, "places")

    def export(self, number: int) -> Export:
        """Return one export by its number, or 404."""
        return get_object_or_404(self.exports(), number=number)

    def peers(self) -> QuerySet[Peer]:
        """Peers of the room; none for a limited member."""
        return self._unlimited(Peer.objects.filter(room=self.room).select_related("room"))

    def peer(self, pk: int) -> Peer:
        """Return one peer, or 404."""
        return get_object_or_404(self.peers(), pk=pk)

    def collections(self) -> QuerySet[Collection]:
        """Collections that peers read; none for a limited member."""
        found = Collection.objects.filter(room=self.room, removed_at=None).select_related("room")
        return self._unlimited(found)

    def collection(self, pk: int) -> Collection:
        """Return one collection, or 404."""
        return get_object_or_404(self.collections(), pk=pk)

    def arrived(self) -> QuerySet[Arrived]:
        """What arrived from outside; none for a limited member."""
        return self._unlimited(Arrived.objects.filter(room=self.room).select_related("room", "peer", "arrival__member"))

    def arrived_one(self, pk: int) -> Arrived:
        """Return one object that arrived, or 404."""
        return get_object_or_404(self.arrived(), pk=pk)
