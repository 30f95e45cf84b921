"""Exercises of a room and what sheets said, as counts. Nothing about a person who solved one is kept."""

from __future__ import annotations

from enum import StrEnum

from django.db import models


class ExerciseState(StrEnum):
    DRAFT = "draft"
    REVIEWED = "reviewed"
    """A second member went through it."""
    PUBLISHED = "published"
    WITHDRAWN = "withdrawn"


class KeptExercise(models.Model):
    """One exercise in every language, made from one finding of a closed case.

    The seed is not kept: without it, the moved times cannot be moved back.
    """

    room = models.ForeignKey("rooms.Room", on_delete=models.CASCADE, related_name="exercises")
    number = models.PositiveIntegerField()
    case = models.ForeignKey("cases.Case", on_delete=models.CASCADE, related_name="exercises")
    group = models.ForeignKey("findings.FollowedGroup", on_delete=models.CASCADE, related_name="exercises")
    form = models.CharField(max_length=12)
    documents = models.JSONField()
    """Language to what ``dideban.exercises.Exercise.to_dict`` returns: items and key."""
    difficulty = models.FloatField()
    """Logits, from the evidence."""
    basis = models.JSONField()
    """What it rests on: ``closed_at`` of the case, ``verdict`` of the group, ``redacted_at`` of its finding."""
    state = models.CharField(
        max_length=10, default=ExerciseState.DRAFT, choices=[(one.value, one.value) for one in ExerciseState]
    )
    made_by = models.ForeignKey("members.Member", null=True, on_delete=models.SET_NULL, related_name="+")
    made_at = models.DateTimeField()
    reviewer = models.ForeignKey("members.Member", null=True, on_delete=models.SET_NULL, related_name="+")
    reviewed_at = models.DateTimeField(null=True, blank=True)
    published_at = models.DateTimeField(null=True, blank=True)
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    withdrawn_why = models.CharField(max_length=20, blank=True)
    """``case-reopened``, ``verdict-changed``, ``person-erased`` or ``by-member``."""

    class Meta:
        ordering = ["-number"]
        constraints = [models.UniqueConstraint(fields=["room", "number"], name="one_exercise_per_number")]

    def __str__(self) -> str:
        return f"#{self.number} {self.form}"


class ItemCount(models.Model):
    """Answers to one item in one week, over all sheets that were typed in."""

    exercise = models.ForeignKey(KeptExercise, on_delete=models.CASCADE, related_name="counts")
    item = models.PositiveSmallIntegerField()
    week = models.DateField()
    """Its Monday: no day of a class is kept."""
    n = models.PositiveIntegerField(default=0)
    n_right = models.PositiveIntegerField(default=0)
    n_yes = models.PositiveIntegerField(default=0)
    """Answers "in concert", "belongs", "copy"; 0 where the item has no such answer."""

    class Meta:
        ordering = ["exercise", "item", "week"]
        constraints = [models.UniqueConstraint(fields=["exercise", "item", "week"], name="one_count_per_item_and_week")]
