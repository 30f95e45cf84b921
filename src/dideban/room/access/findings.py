"""Findings that a member may see, and what was said of them."""

from __future__ import annotations

from django.db.models import F, Q, QuerySet
from django.shortcuts import get_object_or_404

from dideban.room.access.places import PlaceAccess
from dideban.room.findings.models import Comment, FollowedGroup, GroupMatch, KeptFinding, Verdict, VerdictKind
from dideban.room.past.models import PastRun, RunStatus

DONE = Q(past_run=None) | Q(past_run__status=RunStatus.DONE)
"""Of the watch, or of a past run that is done: what a run finds shows once it is whole."""


class FindingAccess(PlaceAccess):
    """Followed groups, findings, verdicts, comments and the triage queue."""

    def groups(self) -> QuerySet[FollowedGroup]:
        """Followed groups of the watch that the member may see; each has a current finding."""
        return self.every_group().filter(past_run=None)

    def every_group(self) -> QuerySet[FollowedGroup]:
        """Groups of the watch, and of past runs that are done: what one may open, judge and put into cases."""
        found = FollowedGroup.objects.filter(DONE, room=self.room, current__isnull=False)
        return self._in_places(found.select_related("current", "past_run"), "places")

    def group(self, number: int) -> FollowedGroup:
        """Return one group, of the watch or of a past run, or 404."""
        return get_object_or_404(self.every_group(), number=number)

    def findings(self) -> QuerySet[KeptFinding]:
        """Findings (every version) the member may see, of past runs that are done too."""
        found = KeptFinding.objects.filter(DONE, room=self.room).select_related("group__past_run")
        return self._in_places(found, "group__places")

    def finding(self, finding_id: str, *, group: FollowedGroup | None = None) -> KeptFinding:
        """Return one finding by its id, or 404: of ``group`` where given, else of the watch before past runs."""
        found = self.findings().filter(finding_id=finding_id)
        found = found.filter(group=group) if group else found.order_by(F("past_run").asc(nulls_first=True))
        return get_object_or_404(found[:1])

    def past_runs(self) -> QuerySet[PastRun]:
        """Runs over past periods; a limited member sees their own, and those that found something in their places."""
        found = PastRun.objects.filter(room=self.room).select_related("room", "asked_by")
        if (ids := self.membership.place_ids()) is None:
            return found
        touching = Q(status=RunStatus.DONE, groups__places__in=ids)
        return found.filter(touching | Q(asked_by=self.membership.member)).distinct()

    def past_run(self, number: int) -> PastRun:
        """Return one run by its number, or 404."""
        return get_object_or_404(self.past_runs(), number=number)

    def groups_of(self, run: PastRun) -> QuerySet[FollowedGroup]:
        """Groups that a past run found and the member may see."""
        return self.every_group().filter(past_run=run)

    def matches_of(self, run: PastRun) -> QuerySet[GroupMatch]:
        """What groups of a run have in common with others, where the member may see both."""
        seen = self.every_group().values("pk")
        found = GroupMatch.objects.filter(group__in=self.groups_of(run).values("pk"), other__in=seen)
        return found.select_related("other__past_run")

    def verdicts(self) -> QuerySet[Verdict]:
        """Verdicts on groups the member may see."""
        return Verdict.objects.filter(group__in=self.every_group().values("pk"))

    def verdict(self, pk: int) -> Verdict:
        """Return one of the member's own verdicts on a finding they may see, or 404."""
        return get_object_or_404(self.verdicts().select_related("group__room"), pk=pk, member=self.member)

    def comment(self, group: FollowedGroup, pk: int) -> Comment:
        """Return a comment on a group, or 404."""
        found = Comment.objects.select_related("group__room")
        return get_object_or_404(found, group__in=self.every_group(), group=group, pk=pk)

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
