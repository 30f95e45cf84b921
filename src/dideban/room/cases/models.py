"""Cases: what the room does about what it found."""

from __future__ import annotations

from enum import StrEnum

from django.db import models


class CaseStatus(StrEnum):
    OPEN = "open"
    WAITING = "waiting"
    CLOSED = "closed"


class Severity(StrEnum):
    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"


class NoteKind(StrEnum):
    NOTE = "note"
    DECISION = "decision"


class Case(models.Model):
    """A dossier with an owner, from opening to closing."""

    room = models.ForeignKey("rooms.Room", on_delete=models.CASCADE, related_name="cases")
    number = models.PositiveIntegerField()
    title = models.CharField(max_length=200)
    summary = models.TextField(blank=True)
    """Markdown."""
    status = models.CharField(max_length=10, default=CaseStatus.OPEN, choices=[(s.value, s.value) for s in CaseStatus])
    severity = models.CharField(max_length=8, default=Severity.MEDIUM, choices=[(s.value, s.value) for s in Severity])
    owner = models.ForeignKey("members.Member", null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    watchers = models.ManyToManyField("members.Member", blank=True, related_name="watched_cases")
    places = models.ManyToManyField("rooms.Place", blank=True, related_name="cases")
    groups = models.ManyToManyField("findings.FollowedGroup", blank=True, related_name="cases")
    narratives = models.ManyToManyField("narratives.Narrative", blank=True, related_name="cases")
    origin = models.JSONField(default=dict, blank=True)
    """What it was opened from: ``{"kind": "finding" | "narrative" | "search" | "hand", ...}``."""
    opened_by = models.ForeignKey("members.Member", null=True, on_delete=models.SET_NULL, related_name="+")
    opened_at = models.DateTimeField()
    changed_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True, blank=True)
    outcome = models.TextField(blank=True)
    """What came of it, asked for on closing."""

    class Meta:
        ordering = ["-changed_at"]
        constraints = [models.UniqueConstraint(fields=["room", "number"], name="one_case_per_number")]

    def __str__(self) -> str:
        return f"#{self.number} {self.title}"


class Task(models.Model):
    """Something to be done, by somebody, by a time."""

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="tasks")
    title = models.CharField(max_length=200)
    owner = models.ForeignKey("members.Member", null=True, blank=True, on_delete=models.SET_NULL, related_name="tasks")
    due_at = models.DateTimeField(null=True, blank=True)
    remind_at = models.DateTimeField(null=True, blank=True)
    reminded_at = models.DateTimeField(null=True, blank=True)
    done_at = models.DateTimeField(null=True, blank=True)
    done_by = models.ForeignKey("members.Member", null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["done_at", "due_at", "pk"]


class CaseReview(models.Model):
    """What is learned from a closed case: what the record says, and what people add. About the work, never a person."""

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="reviews")
    at = models.DateTimeField()
    by = models.ForeignKey("members.Member", null=True, on_delete=models.SET_NULL, related_name="+")
    record = models.JSONField(default=dict)
    """Instants and counts as they stood on closing (review.situation)."""
    went_well = models.TextField(blank=True)
    went_badly = models.TextField(blank=True)
    changes = models.TextField(blank=True)
    """What will be done otherwise. Markdown, all three."""
    tasks = models.ManyToManyField(Task, blank=True, related_name="reviews")
    reason_against = models.CharField(max_length=500, blank=True)
    """Why the case was closed without a review; empty = there is one."""

    class Meta:
        ordering = ["-at", "-pk"]


class Note(models.Model):
    """A note or a decision in Markdown."""

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="notes")
    kind = models.CharField(max_length=10, default=NoteKind.NOTE, choices=[(k.value, k.value) for k in NoteKind])
    text = models.TextField()
    member = models.ForeignKey("members.Member", null=True, on_delete=models.SET_NULL, related_name="+")
    at = models.DateTimeField()
    edited_at = models.DateTimeField(null=True, blank=True)
    deleted_at = models.DateTimeField(null=True, blank=True)
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    """When a decision was withdrawn: it stands, with why."""
    withdrawn_because = models.TextField(blank=True, default="")
    withdrawn_by = models.ForeignKey(
        "members.Member", null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )

    class Meta:
        ordering = ["at"]


class CaseFile(models.Model):
    """A file kept with a case, named by the hash of its content on disk."""

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="files")
    name = models.CharField(max_length=200)
    sha256 = models.CharField(max_length=64)
    n_bytes = models.PositiveBigIntegerField()
    member = models.ForeignKey("members.Member", null=True, on_delete=models.SET_NULL, related_name="+")
    at = models.DateTimeField()
    deleted_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["at"]


class CaseSearch(models.Model):
    """A search of posts kept with a case: what it asked, never what it found."""

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="searches")
    name = models.CharField(max_length=120)
    query = models.JSONField(default=dict)
    """As posts.search.Query.to_dict has it."""
    member = models.ForeignKey("members.Member", null=True, on_delete=models.SET_NULL, related_name="+")
    at = models.DateTimeField()

    class Meta:
        ordering = ["at", "pk"]


class CaseLink(models.Model):
    """Two cases that have to do with each other; ``a`` has the smaller number."""

    a = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="links_up")
    b = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="links_down")
    reason = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["a", "b"], name="one_link_per_pair")]


class Handover(models.Model):
    """What one shift tells the next."""

    room = models.ForeignKey("rooms.Room", on_delete=models.CASCADE, related_name="handovers")
    member = models.ForeignKey("members.Member", null=True, on_delete=models.SET_NULL, related_name="+")
    to = models.ForeignKey("members.Member", null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    text = models.TextField()
    at = models.DateTimeField()
    read_at = models.DateTimeField(null=True, blank=True)
    cases = models.ManyToManyField(Case, blank=True, related_name="handovers")

    class Meta:
        ordering = ["-at"]
