"""Who asks: a token in ``Authorization: Bearer``. Sessions of browsers are not accepted, so no CSRF is possible."""

from __future__ import annotations

from functools import partial

from django.core.exceptions import PermissionDenied
from django.db.models import Q
from django.http import Http404, HttpRequest
from django.utils import timezone
from ninja.security import HttpBearer

from dideban.messages import Message
from dideban.room.access import Access
from dideban.room.deferred_writes import deferred
from dideban.room.members.actions import note_use
from dideban.room.members.models import ApiToken
from dideban.room.members.tokens import hash_token
from dideban.room.roles import Permission
from dideban.room.sources.models import Source
from dideban.room.sources.registry import slugs

SCOPE_OF = {Permission.VIEW: "read", Permission.WORK: "write"}


class TokenAuth(HttpBearer):
    """A token of a member, for one room."""

    def authenticate(self, request: HttpRequest, token: str) -> ApiToken | None:
        """Return the token where it holds. One query; a second at most once a minute."""
        now = timezone.now()
        found = (
            ApiToken.objects.select_related("membership__room", "membership__member")
            .filter(
                Q(expires_at__isnull=True) | Q(expires_at__gt=now), token_hash=hash_token(token),
                revoked_at__isnull=True, membership__member__is_active=True,
            )
            .first()
        )  # fmt: skip
        if found is not None:
            deferred.put(("use", found.pk), partial(note_use, found, now))
        return found


class IntakeAuth(HttpBearer):
    """The token of one HTTP intake."""

    def authenticate(self, request: HttpRequest, token: str) -> Source | None:
        """Return the source where the token holds and it is not paused. One query."""
        return (
            Source.objects.select_related("room", "place")
            .filter(token_hash=hash_token(token), kind__in=slugs("takes_requests"))
            .first()
        )


def enter_by_token(request: HttpRequest, room: str, *, scope: str, needs: Permission = Permission.VIEW) -> Access:
    """Return the access of a token to a room: another room is 404, a missing scope or too low a role is 403."""
    token: ApiToken = request.auth  # type: ignore[attr-defined]
    if token.membership.room.slug != room:
        raise Http404("no such room")
    if scope not in token.scopes:
        raise PermissionDenied(Message("room.token-scope", scope=scope))
    access = Access(room=token.membership.room, membership=token.membership)
    access.require(needs)
    return access
