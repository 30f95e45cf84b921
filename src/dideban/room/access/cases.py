"""Cases that a member may see, and what is kept with them."""

from __future__ import annotations

from django.db.models import Q, QuerySet
from django.shortcuts import get_object_or_404

from dideban.room.access.limits import LimitedAccess
from dideban.room.audit.models import AuditEvent
from dideban.room.cases.models import Case, CaseFile, CaseLink, CaseSearch, Handover, Note, Task
from dideban.room.exercises.models import KeptExercise


class CaseAccess(LimitedAccess):
    """Cases with their tasks, notes, files, searches and links; hand-over notes; exercises."""

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

    def history_of(self, case: Case) -> QuerySet[AuditEvent]:
        """Events of a case that the member may see, newest first."""
        subject = f"case:{self.case(case.number).number}"
        return AuditEvent.objects.filter(room_slug=self.room.slug, subject=subject).order_by("-seq")

    def handovers(self) -> QuerySet[Handover]:
        """Hand-over notes: all for the whole room; those written by or to a limited member."""
        found = Handover.objects.filter(room=self.room).select_related("member", "to")
        if self.membership.place_ids() is None:
            return found
        return found.filter(Q(member=self.member) | Q(to=self.member))

    def handover(self, pk: int) -> Handover:
        """Return one hand-over note, or 404."""
        return get_object_or_404(self.handovers(), pk=pk)

    def exercises(self) -> QuerySet[KeptExercise]:
        """Exercises made from cases that the member may see."""
        found = KeptExercise.objects.filter(room=self.room, case__in=self.cases().values("pk"))
        return found.select_related("room", "case", "group__current", "made_by", "reviewer")

    def exercise(self, number: int) -> KeptExercise:
        """Return one exercise by its number, or 404."""
        return get_object_or_404(self.exercises(), number=number)
