"""What a member may see of the newsletter: how many readers it has, and never who. A part of ``room.access.Access``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import Count

from dideban.room.newsletter.models import Subscriber, SubscriberState

if TYPE_CHECKING:
    from dideban.room.rooms.models import Room


class NewsletterAccess:
    """Figures of the newsletter."""

    if TYPE_CHECKING:
        room: Room

    def newsletter_readers(self) -> dict[str, int]:
        """Return how many readers agreed, by language. One query."""
        found = Subscriber.objects.filter(room=self.room, state=SubscriberState.CONFIRMED).order_by("lang")
        return {row["lang"]: row["n"] for row in found.values("lang").annotate(n=Count("pk"))}
