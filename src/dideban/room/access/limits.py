"""Who asks, in which room, and the two limits that every part applies."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, TypeVar

from django.db.models import Model, QuerySet

from dideban.room.members.models import Member, Membership
from dideban.room.roles import Permission
from dideban.room.rooms.models import Room

M = TypeVar("M", bound=Model)


@dataclass(frozen=True)
class LimitedAccess:
    """A member inside a room, and how what is read is limited to their places."""

    room: Room
    membership: Membership

    @property
    def member(self) -> Member:
        """Who."""
        return self.membership.member

    @property
    def is_limited(self) -> bool:
        """Whether the membership is limited to places. One query, the first time only."""
        return self.membership.place_ids() is not None

    def may(self, permission: Permission) -> bool:
        """Return whether the role holds ``permission``. Costs no query."""
        return self.membership.may(permission)

    def require(self, permission: Permission) -> None:
        """Raise PermissionDenied (403) where it does not."""
        self.membership.require(permission)

    def _in_places(self, found: QuerySet[M], field: str) -> QuerySet[M]:
        """Keep what touches a place of the membership. What has no place is for the whole room alone."""
        if (ids := self.membership.place_ids()) is None:
            return found
        filters: dict[str, Any] = {f"{field}__in": ids}
        # a question within the question: rows made distinct would be read whole, with their documents, to be compared
        return found.filter(pk__in=found.model._base_manager.filter(**filters).values("pk"))

    def _unlimited(self, found: QuerySet[M]) -> QuerySet[M]:
        return found if self.membership.place_ids() is None else found.none()
