"""Members, their memberships, invitations and tokens."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from django.contrib.auth.models import AbstractUser
from django.core.exceptions import PermissionDenied
from django.core.validators import MaxValueValidator
from django.db import models

from dideban.messages import Message
from dideban.room.roles import WHOLE_ROOM, Permission, Role, may

if TYPE_CHECKING:
    from dideban.room.rooms.models import Place

ROLE_CHOICES = [(role.value, role.value) for role in Role]


class Member(AbstractUser):
    """A person who signs in, with the way they like to read."""

    display_name = models.CharField(max_length=100, blank=True)
    language = models.CharField(max_length=8, default="en")
    time_zone = models.CharField(max_length=64, default="UTC")
    calendar = models.CharField(
        max_length=10, default="gregorian", choices=[("gregorian", ""), ("jalali", ""), ("hijri", "")]
    )  # fmt: skip
    theme = models.CharField(max_length=8, default="auto", choices=[("auto", ""), ("light", ""), ("dark", "")])
    uses_local_digits = models.BooleanField(default=True)
    uses_shortcuts = models.BooleanField(default=True)
    mail_pace = models.CharField(
        max_length=8, default="now", choices=[("now", ""), ("daily", ""), ("weekly", "")]
    )  # fmt: skip
    """How alerts come by mail: each at once, or together once a day or on Mondays."""
    digest_hour = models.PositiveSmallIntegerField(default=8, validators=[MaxValueValidator(23)])
    quiet_from = models.PositiveSmallIntegerField(null=True, blank=True, validators=[MaxValueValidator(23)])
    """Hour of the member's day from which no mail of alerts comes; None = there is no such time."""
    quiet_until = models.PositiveSmallIntegerField(null=True, blank=True, validators=[MaxValueValidator(23)])

    def __str__(self) -> str:
        return self.display_name or self.username


class Membership(models.Model):
    """A member in a room. Without places it reaches the whole room; with places, only what touches one of them."""

    room = models.ForeignKey("rooms.Room", on_delete=models.CASCADE, related_name="memberships")
    member = models.ForeignKey(Member, on_delete=models.CASCADE, related_name="memberships")
    role = models.CharField(max_length=16, choices=ROLE_CHOICES, default=Role.VIEWER)
    places = models.ManyToManyField("rooms.Place", blank=True, related_name="memberships")
    joined_at = models.DateTimeField(auto_now_add=True)
    vouched_by = models.ForeignKey(Member, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    """Whose invitation it came by: an account that somebody made may not be the second of two with them."""
    visit_began_at = models.DateTimeField(null=True, blank=True)
    """When the visit under way began."""
    last_seen_at = models.DateTimeField(null=True, blank=True)
    new_since_at = models.DateTimeField(null=True, blank=True)
    """End of the visit before this one: what came later is new to the member."""

    class Meta:
        constraints = [models.UniqueConstraint(fields=["room", "member"], name="one_membership_per_room")]

    def __str__(self) -> str:
        return f"{self.member} ({self.role})"

    def may(self, permission: Permission) -> bool:
        """Return whether the membership holds ``permission``; one limited to places never holds what reaches beyond.

        Costs no query, but one for what reaches beyond places, the first time only.
        """
        return may(self.role, permission) and (permission not in WHOLE_ROOM or self.place_ids() is None)

    def require(self, permission: Permission) -> None:
        """Raise PermissionDenied where the role does not hold ``permission``."""
        if not self.may(permission):
            raise PermissionDenied(Message("room.role-may-not", role=self.role, permission=permission.value))

    def place_ids(self) -> frozenset[int] | None:
        """Return the places of the membership and what lies in them; None = the whole room.

        One query, for a limited membership two, the first time only.
        """
        if not hasattr(self, "_place_ids"):
            chosen = frozenset(self.places.values_list("pk", flat=True))
            self._place_ids: frozenset[int] | None = self._with_parts(chosen) if chosen else None
        return self._place_ids

    def _with_parts(self, chosen: frozenset[int]) -> frozenset[int]:
        """Add the places that lie in those chosen, however deep."""
        pairs = list(self.room.places.values_list("pk", "parent_id"))
        found, before = set(chosen), 0
        while len(found) > before:
            before = len(found)
            found |= {place for place, parent in pairs if parent in found}
        return frozenset(found)

    def within(self, given: Iterable[Place], *, before: Iterable[Place] = ()) -> list[Place]:
        """Return which places something may be given by this membership.

        A limited one chooses among its own, all of them where it chooses none, and leaves what it cannot see as it is.

        Parameters
        ----------
        before : places
            Those it has now.
        """
        if (ids := self.place_ids()) is None:
            return list(given)
        own = [place for place in given if place.pk in ids]
        kept = [place for place in before if place.pk not in ids]
        return own + kept or list(self.room.places.filter(pk__in=ids))


class KnownDevice(models.Model):
    """A browser that a member was signed in from: a random mark in a cookie, kept as its hash."""

    member = models.ForeignKey(Member, on_delete=models.CASCADE, related_name="devices")
    mark = models.CharField(max_length=64)
    first_at = models.DateTimeField(auto_now_add=True)
    last_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["member", "mark"], name="one_mark_per_member")]
        indexes = [models.Index(fields=["mark"])]


class Invitation(models.Model):
    """An offer to join, by a link that works once and for a while. Only the hash of its token is kept."""

    room = models.ForeignKey("rooms.Room", on_delete=models.CASCADE, related_name="invitations")
    email = models.EmailField(blank=True)
    role = models.CharField(max_length=16, choices=ROLE_CHOICES)
    places = models.ManyToManyField("rooms.Place", blank=True, related_name="invitations")
    token_hash = models.CharField(max_length=64, unique=True)
    invited_by = models.ForeignKey(Member, null=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField()
    accepted_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)


class ApiToken(models.Model):
    """A key for programs. Shown once; only its hash is kept."""

    membership = models.ForeignKey(Membership, on_delete=models.CASCADE, related_name="tokens")
    name = models.CharField(max_length=100)
    prefix = models.CharField(max_length=12)
    """First characters, so that a member can tell tokens apart."""
    token_hash = models.CharField(max_length=64, unique=True)
    scopes = models.JSONField(default=list)
    """Some of members.tokens.SCOPES."""
    created_at = models.DateTimeField(auto_now_add=True)
    last_used_at = models.DateTimeField(null=True, blank=True)
    expires_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)
