"""Who may see what: one line at the top of every view.

``access = enter(request, slug, needs=Permission.WORK)`` gives the room and the membership. An outsider gets 404, as
if the room did not exist; a member whose role is too low gets 403. Everything read through ``access`` is limited to
the places of the membership: what lies elsewhere is 404 too.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.db.models import Model, Prefetch, Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponseRedirect
from django.shortcuts import get_object_or_404

from dideban.room.alerts.models import Alert, Rule, Webhook
from dideban.room.cases.models import Case, Handover
from dideban.room.findings.models import Finding, FollowedGroup
from dideban.room.members.models import Member, Membership
from dideban.room.narratives.models import Narrative
from dideban.room.posts.models import Reveal, SavedSearch
from dideban.room.roles import Permission
from dideban.room.rooms.models import Place, Room
from dideban.room.sources.models import Source

if TYPE_CHECKING:
    from dideban.room.posts.search import Scope

M = TypeVar("M", bound=Model)


@dataclass(frozen=True)
class Access:
    """A member inside a room, or a token of theirs."""

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
        """Say whether the role holds ``permission``. Costs no query."""
        return self.membership.may(permission)

    def require(self, permission: Permission) -> None:
        """Raise PermissionDenied (403) where it does not."""
        self.membership.require(permission)

    def groups(self) -> QuerySet[FollowedGroup]:
        """Followed groups the member may see; each has a current finding."""
        found = FollowedGroup.objects.filter(room=self.room, current__isnull=False).select_related("current")
        return self._in_places(found, "places")

    def group(self, number: int) -> FollowedGroup:
        """Return one group, or 404."""
        return get_object_or_404(self.groups(), number=number)

    def findings(self) -> QuerySet[Finding]:
        """Findings (every version) the member may see."""
        return self._in_places(Finding.objects.filter(room=self.room).select_related("group"), "group__places")

    def finding(self, finding_id: str) -> Finding:
        """Return one finding by its id, or 404."""
        return get_object_or_404(self.findings(), finding_id=finding_id)

    def narratives(self) -> QuerySet[Narrative]:
        """Narratives of which a post lies in a place the member may see."""
        return self._in_places(Narrative.objects.filter(room=self.room), "places")

    def narrative(self, number: int) -> Narrative:
        """Return one narrative by its number, or 404."""
        return get_object_or_404(self.narratives(), number=number)

    def cases(self) -> QuerySet[Case]:
        """Cases the member may see: those that touch a place of theirs, and those they own or watch."""
        found = Case.objects.filter(room=self.room).select_related("owner")
        if (ids := self.membership.place_ids()) is None:
            return found
        mine = Q(places__in=ids) | Q(owner=self.member) | Q(watchers=self.member)
        return found.filter(mine).distinct()

    def case(self, number: int) -> Case:
        """Return one case by its number, or 404."""
        return get_object_or_404(self.cases(), number=number)

    def sources(self) -> QuerySet[Source]:
        """Sources the member may see."""
        found = Source.objects.filter(room=self.room).select_related("place", "owner")
        return self._in_places(found, "place")

    def source(self, slug: str) -> Source:
        """Return one source, or 404."""
        return get_object_or_404(self.sources(), slug=slug)

    def alerts(self) -> QuerySet[Alert]:
        """Alerts the member may see."""
        found = Alert.objects.filter(room=self.room).select_related(
            "group", "group__current", "source", "search", "rule", "narrative"
        )
        return self._in_places(found, "places")

    def rules(self) -> QuerySet[Rule]:
        """Alert rules of the room; a limited member sees those of their places."""
        return self._in_places(Rule.objects.filter(room=self.room), "places")

    def webhooks(self) -> QuerySet[Webhook]:
        """Webhooks of the room; none for a limited member."""
        return self._unlimited(Webhook.objects.filter(room=self.room))

    def searches(self) -> QuerySet[SavedSearch]:
        """Saved searches of the room; a limited member sees their own."""
        found = SavedSearch.objects.filter(room=self.room).select_related("member")
        return found if self.membership.place_ids() is None else found.filter(member=self.member)

    def reveals(self) -> QuerySet[Reveal]:
        """Reveals; a limited member sees those they asked for."""
        found = Reveal.objects.filter(room=self.room).select_related("asked_by", "decided_by")
        return found if self.membership.place_ids() is None else found.filter(asked_by=self.member)

    def places(self) -> QuerySet[Place]:
        """Places the member may see."""
        found = Place.objects.filter(room=self.room)
        return found if (ids := self.membership.place_ids()) is None else found.filter(pk__in=ids)

    def seen_places(self) -> Prefetch[Any]:
        """Return how lists read the places of their rows: those the member may see."""
        return Prefetch("places", queryset=self.places())

    def sees_place(self, pk: int) -> bool:
        """Say whether a place is one the member may see. One query, the first time only."""
        return (ids := self.membership.place_ids()) is None or pk in ids

    def source_slugs(self) -> frozenset[str] | None:
        """Return the names of the sources the member may see; None = all. One query, the first time only."""
        if self.membership.place_ids() is None:
            return None
        if not hasattr(self.membership, "_source_slugs"):
            slugs = frozenset(self.sources().values_list("slug", flat=True))
            self.membership._source_slugs = slugs  # type: ignore[attr-defined]
        return self.membership._source_slugs  # type: ignore[attr-defined, no-any-return]

    def handovers(self) -> QuerySet[Handover]:
        """Hand-over notes: all for the whole room; those written by or to a limited member."""
        found = Handover.objects.filter(room=self.room).select_related("member", "to")
        if self.membership.place_ids() is None:
            return found
        return found.filter(Q(member=self.member) | Q(to=self.member))

    def memberships(self) -> QuerySet[Membership]:
        """Who is in the room."""
        return Membership.objects.filter(room=self.room).select_related("member").order_by("member__username")

    def scope(self) -> Scope:
        """Return what posts the member may search: see posts.search."""
        from dideban.room.posts.search import Scope

        if (ids := self.membership.place_ids()) is None:
            return Scope(places=None)
        return Scope(places=tuple(sorted(Place.objects.filter(pk__in=ids).values_list("slug", flat=True))))

    def _in_places(self, found: QuerySet[M], field: str) -> QuerySet[M]:
        """Keep what touches a place of the membership. What has no place is for the whole room alone."""
        if (ids := self.membership.place_ids()) is None:
            return found
        filters: dict[str, Any] = {f"{field}__in": ids}
        return found.filter(**filters).distinct()

    def _unlimited(self, found: QuerySet[M]) -> QuerySet[M]:
        return found if self.membership.place_ids() is None else found.none()


class SignInRequiredError(Exception):
    """Nobody is signed in; the middleware leads to the sign-in page."""


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
        Nobody is signed in: led to the sign-in page.
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


def lead_to_sign_in(request: HttpRequest) -> HttpResponseRedirect:
    """Return the way to the sign-in page and back."""
    return redirect_to_login(request.get_full_path(), "/account/login/")
