"""What a member may see of what the room publishes."""

from __future__ import annotations

from django.db.models import Count, QuerySet
from django.shortcuts import get_object_or_404

from dideban.room.access.limits import LimitedAccess
from dideban.room.newsletter.models import Subscriber, SubscriberState
from dideban.room.public.models import Consent, Letter, Page, Photo, PublicSite


class PublicAccess(LimitedAccess):
    """Pages, who agreed to them, letters of readers and the site."""

    def pages(self) -> QuerySet[Page]:
        """Pages that the room writes for the public, as far as they touch a place the member may see."""
        found = Page.objects.filter(room=self.room).select_related("latest", "published", "waiting", "asked_by", "case")
        return self._in_places(found, "places")

    def written_page(self, number: int) -> Page:
        """Return one page by its number, or 404."""
        return get_object_or_404(self.pages().select_related("room"), number=number)

    def consent(self, page: Page, pk: int) -> Consent:
        """Return a consent of a page, or 404."""
        return get_object_or_404(Consent.objects.select_related("page__room"), page__in=self.pages(), page=page, pk=pk)

    def photo(self, page: Page, pk: int) -> Photo:
        """Return a photo of a page, or 404."""
        return get_object_or_404(Photo.objects.select_related("page__room"), page__in=self.pages(), page=page, pk=pk)

    def letters(self) -> QuerySet[Letter]:
        """Letters of readers: those about pages the member may see; all for who sees the whole room."""
        found = Letter.objects.filter(room=self.room).select_related("page", "answered_by", "task__case")
        return found if self.membership.place_ids() is None else found.filter(page__in=self.pages().values("pk"))

    def letter(self, number: int) -> Letter:
        """Return one letter by its number, or 404."""
        return get_object_or_404(self.letters().select_related("room"), number=number)

    def public_site(self) -> PublicSite:
        """Return the settings of the public site; those of a room that has none say that it is off."""
        return PublicSite.objects.filter(room=self.room).first() or PublicSite(room=self.room)

    def newsletter_readers(self) -> dict[str, int]:
        """Return how many readers agreed to the newsletter, by language, and never who. One query."""
        found = Subscriber.objects.filter(room=self.room, state=SubscriberState.CONFIRMED).order_by("lang")
        return {row["lang"]: row["n"] for row in found.values("lang").annotate(n=Count("pk"))}
