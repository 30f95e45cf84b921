"""People of a room that a member may see."""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404

from dideban.room.access.limits import LimitedAccess
from dideban.room.audit.models import AuditEvent
from dideban.room.members.models import ApiToken, Invitation, Member, Membership
from dideban.room.roles import Permission


class PeopleAccess(LimitedAccess):
    """Memberships, invitations, tokens and the trail of what people did."""

    def memberships(self) -> QuerySet[Membership]:
        """Who is in the room."""
        return Membership.objects.filter(room=self.room).select_related("member").order_by("member__username")

    def membership_of(self, pk: int) -> Membership:
        """Return the membership of somebody in the room, or 404."""
        return get_object_or_404(self.memberships(), pk=pk)

    def members_named(self, pks: Iterable[int]) -> list[Member]:
        """Return those of the members named that are in the room."""
        return [one.member for one in self.memberships().filter(member_id__in=list(pks))]

    def invitations(self) -> QuerySet[Invitation]:
        """Invitations to the room, for anyone who manages members."""
        found = Invitation.objects.filter(room=self.room).select_related("invited_by")
        return found if self.may(Permission.MEMBERS) else found.none()

    def invitation(self, pk: int) -> Invitation:
        """Return one invitation, or 404."""
        return get_object_or_404(self.invitations(), pk=pk)

    def tokens(self) -> QuerySet[ApiToken]:
        """Tokens that hold: one's own, all of the room for anyone who manages members."""
        found = ApiToken.objects.filter(membership__room=self.room, revoked_at=None)
        found = found.select_related("membership__member", "membership__room")
        return found if self.may(Permission.MEMBERS) else found.filter(membership=self.membership)

    def token(self, pk: int) -> ApiToken:
        """Return one token, or 404."""
        return get_object_or_404(self.tokens(), pk=pk)

    def audit_events(self) -> QuerySet[AuditEvent]:
        """Events of the room: all for anyone who may read the trail, else none."""
        found = AuditEvent.objects.filter(room_slug=self.room.slug)
        return found if self.may(Permission.AUDIT) else found.none()
