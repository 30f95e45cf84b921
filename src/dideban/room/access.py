"""Who may see what: one line at the top of every view.

``access = enter(request, slug, needs=Permission.WORK)`` gives the room and the membership. An outsider gets 404, as
if the room did not exist; a member whose role is too low gets 403. Everything read through ``access`` is limited to
the places of the membership: what lies elsewhere is 404 too.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.db.models import Model, Prefetch, Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponseRedirect
from django.shortcuts import get_object_or_404

from dideban.room.alerts.models import Alert, Rule, Webhook
from dideban.room.audit.models import AuditEvent
from dideban.room.cases.models import Case, CaseFile, CaseLink, CaseSearch, Handover, Note, Task
from dideban.room.exercises.models import KeptExercise
from dideban.room.findings.models import Comment, Finding, FollowedGroup, Verdict, VerdictKind
from dideban.room.members.models import ApiToken, Invitation, Member, Membership
from dideban.room.narratives.models import Narrative
from dideban.room.newsletter.access import NewsletterAccess
from dideban.room.posts.models import Erasure, Reveal, SavedSearch
from dideban.room.public.access import PublicAccess
from dideban.room.responses.models import EffectPool, EffectRun, Lot, Response
from dideban.room.review.models import Decoy, Miss, Rehearsal, ReviewItem, SettingProposal
from dideban.room.roles import Permission, Role
from dideban.room.rooms.models import Place, Room
from dideban.room.sharing.models import Arrived, Collection, Export, Peer
from dideban.room.sources.models import Source, SourceRun

if TYPE_CHECKING:
    from dideban.room.posts.search import Scope

M = TypeVar("M", bound=Model)


@dataclass(frozen=True)
class Access(PublicAccess, NewsletterAccess):
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
        """Return whether the role holds ``permission``. Costs no query."""
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

    def verdicts(self) -> QuerySet[Verdict]:
        """Verdicts on groups the member may see."""
        return Verdict.objects.filter(group__in=self.groups().values("pk"))

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

    def tasks(self) -> QuerySet[Task]:
        """Tasks of the cases that the member may see."""
        return Task.objects.filter(case__in=self.cases().values("pk"))

    def task(self, case: Case, pk: int) -> Task:
        """Return a task of a case, or 404."""
        return get_object_or_404(Task.objects.select_related("case__room"), case__in=self.cases(), case=case, pk=pk)

    def note(self, case: Case, pk: int) -> Note:
        """Return a note of a case, or 404."""
        return get_object_or_404(Note.objects.select_related("case__room"), case__in=self.cases(), case=case, pk=pk)

    def case_file(self, case: Case, pk: int) -> CaseFile:
        """Return a file of a case that was not deleted, or 404."""
        kept = CaseFile.objects.select_related("case__room").filter(deleted_at=None)
        return get_object_or_404(kept, case__in=self.cases(), case=case, pk=pk)

    def case_search(self, case: Case, pk: int) -> CaseSearch:
        """Return a search kept with a case, or 404."""
        kept = CaseSearch.objects.select_related("case__room")
        return get_object_or_404(kept, case__in=self.cases(), case=case, pk=pk)

    def case_links(self, case: Case) -> QuerySet[CaseLink]:
        """Links of a case to others that the member may see too."""
        seen = self.cases().values("pk")
        found = CaseLink.objects.filter(Q(a=case) | Q(b=case), a__in=seen, b__in=seen)
        return found.select_related("a__room", "b__room")

    def case_link(self, case: Case, pk: int) -> CaseLink:
        """Return a link of a case, or 404."""
        return get_object_or_404(self.case_links(case), pk=pk)

    def responses(self) -> QuerySet[Response]:
        """Responses of the cases that the member may see."""
        found = Response.objects.filter(room=self.room, case__in=self.cases().values("pk"))
        return found.select_related("room", "case", "narrative", "group", "lot", "planned_by", "told_by")

    def response(self, number: int) -> Response:
        """Return one response by its number, or 404."""
        return get_object_or_404(self.responses(), number=number)

    def effect_of(self, response: Response) -> EffectRun | None:
        """Return what was estimated for a response that the member may see; None = nothing yet."""
        found = EffectRun.objects.filter(response__in=self.responses().values("pk"), response=response)
        return found.order_by("-at").first()

    def effect_runs(self) -> QuerySet[EffectRun]:
        """Return what was estimated for the responses that the member may see, without what only charts need."""
        found = EffectRun.objects.filter(response__in=self.responses().values("pk"))
        return found.defer("curve", "fitted")

    def effect_pools(self) -> QuerySet[EffectPool]:
        """Pooled effects of the room; none for a limited member."""
        return self._unlimited(EffectPool.objects.filter(room=self.room))

    def lots(self) -> QuerySet[Lot]:
        """Lots of the cases that the member may see."""
        found = Lot.objects.filter(room=self.room, case__in=self.cases().values("pk"))
        return found.select_related("room", "case", "drawn", "by", "refused_by")

    def lot(self, number: int) -> Lot:
        """Return one lot by its number, or 404."""
        return get_object_or_404(self.lots(), number=number)

    def exports(self) -> QuerySet[Export]:
        """What was sent or waits to be: of the places the member may see."""
        found = Export.objects.filter(room=self.room).select_related("room", "collection", "asked_by", "decided_by")
        return self._in_places(found, "places")

    def export(self, number: int) -> Export:
        """Return one export by its number, or 404."""
        return get_object_or_404(self.exports(), number=number)

    def peers(self) -> QuerySet[Peer]:
        """Peers of the room; none for a limited member."""
        return self._unlimited(Peer.objects.filter(room=self.room).select_related("room"))

    def peer(self, pk: int) -> Peer:
        """Return one peer, or 404."""
        return get_object_or_404(self.peers(), pk=pk)

    def collections(self) -> QuerySet[Collection]:
        """Collections that peers read; none for a limited member."""
        found = Collection.objects.filter(room=self.room, removed_at=None).select_related("room")
        return self._unlimited(found)

    def collection(self, pk: int) -> Collection:
        """Return one collection, or 404."""
        return get_object_or_404(self.collections(), pk=pk)

    def arrived(self) -> QuerySet[Arrived]:
        """What arrived from outside; none for a limited member."""
        return self._unlimited(Arrived.objects.filter(room=self.room).select_related("room", "peer", "arrival__member"))

    def arrived_one(self, pk: int) -> Arrived:
        """Return one object that arrived, or 404."""
        return get_object_or_404(self.arrived(), pk=pk)

    def unjudged(self) -> QuerySet[FollowedGroup]:
        """Findings that wait for a verdict of the member: those nobody judged first, then the latest."""
        mine = Verdict.objects.filter(member=self.member).values("group")
        found = self.groups().filter(is_active=True, current__is_lead=False).exclude(pk__in=mine)
        return found.order_by("verdict", "-last_found_at", "-number")

    def triage(self, show: str) -> QuerySet[FollowedGroup]:
        """Findings to look at, the most urgent first.

        Parameters
        ----------
        show : str
            ``waiting``: no one judged them; ``mine``: the member is asked for a verdict; ``second``: confirmed by
            somebody else alone; anything else: all.
        """
        found = self.groups().filter(current__is_lead=False)
        if show == "waiting":
            found = found.filter(verdict="", is_active=True)
        elif show == "mine":
            found = found.filter(assigned_to=self.member)
        elif show == "second":
            mine = Verdict.objects.filter(member=self.member, kind=VerdictKind.CONFIRMED).values("group")
            found = found.filter(verdict=VerdictKind.CONFIRMED, second_at=None).exclude(pk__in=mine)
        return found.order_by("verdict", "-last_found_at", "-number")

    def verdict(self, pk: int) -> Verdict:
        """Return one of the member's own verdicts on a finding they may see, or 404."""
        return get_object_or_404(self.verdicts().select_related("group__room"), pk=pk, member=self.member)

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

    def exercises(self) -> QuerySet[KeptExercise]:
        """Exercises made from cases that the member may see."""
        found = KeptExercise.objects.filter(room=self.room, case__in=self.cases().values("pk"))
        return found.select_related("room", "case", "group__current", "made_by", "reviewer")

    def exercise(self, number: int) -> KeptExercise:
        """Return one exercise by its number, or 404."""
        return get_object_or_404(self.exercises(), number=number)

    def comment(self, group: FollowedGroup, pk: int) -> Comment:
        """Return a comment on a group, or 404."""
        found = Comment.objects.select_related("group__room")
        return get_object_or_404(found, group__in=self.groups(), group=group, pk=pk)

    def sources(self) -> QuerySet[Source]:
        """Sources the member may see."""
        found = Source.objects.filter(room=self.room).select_related("place", "owner")
        return self._in_places(found, "place")

    def source(self, slug: str) -> Source:
        """Return one source, or 404."""
        return get_object_or_404(self.sources(), slug=slug)

    def import_of(self, source: str, pk: int) -> SourceRun:
        """Return files that were brought to a source, waiting or taken in, or 404."""
        found = SourceRun.objects.select_related("source__room", "source__place", "member")
        return get_object_or_404(found, source=self.source(source), pk=pk, kind__in=("look", "upload"))

    def alerts(self) -> QuerySet[Alert]:
        """Alerts the member may see."""
        found = Alert.objects.filter(room=self.room).select_related(
            "group", "group__current", "source", "search", "rule", "narrative"
        )
        return self._in_places(found, "places")

    def rules(self) -> QuerySet[Rule]:
        """Alert rules of the room; a limited member sees those of their places."""
        return self._in_places(Rule.objects.filter(room=self.room), "places")

    def rule(self, pk: int) -> Rule:
        """Return one rule, or 404."""
        return get_object_or_404(self.rules().select_related("search"), pk=pk)

    def webhooks(self) -> QuerySet[Webhook]:
        """Webhooks of the room; none for a limited member."""
        return self._unlimited(Webhook.objects.filter(room=self.room))

    def webhook(self, pk: int) -> Webhook:
        """Return one webhook, or 404."""
        return get_object_or_404(self.webhooks(), pk=pk)

    def searches(self) -> QuerySet[SavedSearch]:
        """Saved searches of the room; a limited member sees their own."""
        found = SavedSearch.objects.filter(room=self.room).select_related("member")
        return found if self.membership.place_ids() is None else found.filter(member=self.member)

    def search(self, pk: int) -> SavedSearch:
        """Return one saved search, or 404."""
        return get_object_or_404(self.searches(), pk=pk)

    def reveals(self) -> QuerySet[Reveal]:
        """Reveals; a limited member sees those they asked for."""
        found = Reveal.objects.filter(room=self.room).select_related("asked_by", "decided_by")
        return found if self.membership.place_ids() is None else found.filter(asked_by=self.member)

    def reveal(self, pk: int) -> Reveal:
        """Return one reveal, or 404."""
        return get_object_or_404(self.reveals(), pk=pk)

    def erasures(self) -> QuerySet[Erasure]:
        """Deletions on request; none for a limited member."""
        return self._unlimited(Erasure.objects.filter(room=self.room).select_related("member"))

    def audit_events(self) -> QuerySet[AuditEvent]:
        """Events of the room: all for anyone who may read the trail, else none."""
        found = AuditEvent.objects.filter(room_slug=self.room.slug)
        return found if self.may(Permission.AUDIT) else found.none()

    def history_of(self, case: Case) -> QuerySet[AuditEvent]:
        """Events of a case that the member may see, newest first."""
        subject = f"case:{self.case(case.number).number}"
        return AuditEvent.objects.filter(room_slug=self.room.slug, subject=subject).order_by("-seq")

    def places(self) -> QuerySet[Place]:
        """Places the member may see."""
        found = Place.objects.filter(room=self.room)
        return found if (ids := self.membership.place_ids()) is None else found.filter(pk__in=ids)

    def seen_places(self) -> Prefetch[Any]:
        """Return how lists read the places of their rows: those the member may see."""
        return Prefetch("places", queryset=self.places())

    def sees_place(self, pk: int) -> bool:
        """Return whether a place is one the member may see. One query, the first time only."""
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

    def handover(self, pk: int) -> Handover:
        """Return one hand-over note, or 404."""
        return get_object_or_404(self.handovers(), pk=pk)

    def place(self, slug: str) -> Place:
        """Return one place, or 404."""
        return get_object_or_404(self.places(), slug=slug)

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
