"""The doors of a room: who is let in, and as whom."""

from __future__ import annotations

from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponseRedirect

from dideban.room.access.member import Access
from dideban.room.members.models import Member, Membership
from dideban.room.public.models import PublicSite
from dideban.room.roles import Permission, Role
from dideban.room.rooms.models import Room


class SignInRequiredError(Exception):
    """No one is signed in; the middleware leads to the sign-in page."""


def enter(request: HttpRequest, slug: str, *, needs: Permission = Permission.VIEW) -> Access:
    """Let a signed-in member into a room.

    Parameters
    ----------
    slug : str
        The room.
    needs : Permission
        What the view is about to do.

    Raises
    ------
    SignInRequiredError
        No one is signed in: led to the sign-in page.
    Http404
        No such room, or not a member of it. One query.
    PermissionDenied
        The role does not hold ``needs``.
    """
    if not isinstance(request.user, Member):
        raise SignInRequiredError
    access = access_of(request.user, slug)
    if not access.may(needs):
        raise PermissionDenied
    return access


def access_of(member: Member, slug: str) -> Access:
    """Return the access of a member to a room, or raise Http404. One query."""
    found = (
        Membership.objects.select_related("room", "member")
        .filter(room__slug=slug, member=member, member__is_active=True)
        .first()
    )
    if found is None:
        raise Http404("no such room")
    return Access(room=found.room, membership=found)


def whole_room(room: Room) -> Access:
    """Return the access of the room itself, which sees all of it: for figures that it publishes, with no names."""
    membership = Membership(room=room, role=Role.VIEWER)
    membership._place_ids = None
    return Access(room=room, membership=membership)


def lead_to_sign_in(request: HttpRequest) -> HttpResponseRedirect:
    """Return the way to the sign-in page and back."""
    return redirect_to_login(request.get_full_path(), "/account/login/")


def open_site(slug: str) -> PublicSite:
    """Return the public site of a room, which anybody may read, or raise Http404. One query."""
    found = PublicSite.objects.filter(room__slug=slug, is_on=True).select_related("room").first()
    if found is None:
        raise Http404("no such site")
    return found
