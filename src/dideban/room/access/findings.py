"""Findings that a member may see, and what was said of them."""

from __future__ import annotations

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404

from dideban.room.access.places import PlaceAccess
from dideban.room.findings.models import Comment, Finding, FollowedGroup, Verdict, VerdictKind


class FindingAccess(PlaceAccess):
    """Followed groups, findings, verdicts, comments and the triage queue."""

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

    def verdict(self, pk: int) -> Verdict:
        """Return one of the member's own verdicts on a finding they may see, or 404."""
        return get_object_or_404(self.verdicts().select_related("group__room"), pk=pk, member=self.member)

    def comment(self, group: FollowedGroup, pk: int) -> Comment:
        """Return a comment on a group, or 404."""
        found = Comment.objects.select_related("group__room")
        return get_object_or_404(found, group__in=self.groups(), group=group, pk=pk)

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
