"""What a member may see of the review that a room makes of itself."""

from __future__ import annotations

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404

from dideban.room.access.places import PlaceAccess
from dideban.room.review.models import Decoy, Miss, Rehearsal, ReviewItem, SettingProposal


class ReviewAccess(PlaceAccess):
    """The review queue, decoys, rehearsals, misses and proposals."""

    def decoys(self) -> list[Decoy]:
        """Decoys whose posts all lie in places that the member may see. One query."""
        found = Decoy.objects.filter(room=self.room)
        if (scope := self.scope().places) is None:
            return list(found)
        return [one for one in found if one.places and set(one.places) <= set(scope)]

    def review_items(self) -> QuerySet[ReviewItem]:
        """Items of the review queue that the member was shown."""
        found = ReviewItem.objects.filter(room=self.room, member=self.member)
        return found.select_related("room", "finding__group", "decoy")

    def review_item(self, token: str) -> ReviewItem:
        """Return one of them by its token, or 404."""
        return get_object_or_404(self.review_items(), token=token)

    def blind_verdicts(self) -> QuerySet[ReviewItem]:
        """What members said of decoys; none for a limited member."""
        found = ReviewItem.objects.filter(room=self.room, is_decoy=True).exclude(judged_at=None)
        return self._unlimited(found)

    def rehearsals(self) -> QuerySet[Rehearsal]:
        """Nightly runs with planted groups; none for a limited member."""
        return self._unlimited(Rehearsal.objects.filter(room=self.room))

    def misses(self) -> QuerySet[Miss]:
        """What others found first; a limited member sees what they noted."""
        found = Miss.objects.filter(room=self.room).select_related("room", "group", "by")
        return found if self.membership.place_ids() is None else found.filter(by=self.member)

    def miss(self, number: int) -> Miss:
        """Return one of them by its number, or 404."""
        return get_object_or_404(self.misses(), number=number)

    def proposals(self) -> QuerySet[SettingProposal]:
        """Changes of settings that the review speaks for; none for a limited member."""
        return self._unlimited(SettingProposal.objects.filter(room=self.room).select_related("room", "decided_by"))

    def proposal(self, number: int) -> SettingProposal:
        """Return one proposal by its number, or 404."""
        return get_object_or_404(self.proposals(), number=number)
