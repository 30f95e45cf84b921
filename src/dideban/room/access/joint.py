"""What a member may see of proof with other rooms."""

from __future__ import annotations

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404

from dideban.room.access.limits import LimitedAccess
from dideban.room.joint.models import JointEpoch, JointFinding


class JointAccess(LimitedAccess):
    """Epochs and joint findings."""

    def epochs(self) -> QuerySet[JointEpoch]:
        """Epochs of the room; none for a limited member: their record is about the whole room."""
        found = JointEpoch.objects.filter(room=self.room).select_related("room", "asked_by", "decided_by", "left_by")
        return self._unlimited(found.defer("charter"))

    def epoch(self, number: int) -> JointEpoch:
        """Return one epoch by its number, or 404."""
        return get_object_or_404(self.epochs(), number=number)

    def joint_findings(self) -> QuerySet[JointFinding]:
        """Joint findings whose own members posted in a place the member may see."""
        found = JointFinding.objects.filter(room=self.room).select_related("epoch")
        return self._in_places(found, "places")

    def joint_finding(self, number: int) -> JointFinding:
        """Return one joint finding by its number, or 404."""
        return get_object_or_404(self.joint_findings(), number=number)
