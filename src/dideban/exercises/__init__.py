"""Exercises for the public, made from findings that have a verdict: tell concert from chance, and say how you know."""

from __future__ import annotations

from dideban.exercises.draw import seed_of
from dideban.exercises.make import FORMS, forms_for, make_exercise, make_set
from dideban.exercises.material import Material, material_of, read_verdicts
from dideban.exercises.model import Choice, Exercise, ExerciseItem
from dideban.exercises.outputs import write_exercises
from dideban.exercises.score import Score, score_of

__all__ = [
    "FORMS",
    "Choice",
    "Exercise",
    "ExerciseItem",
    "Material",
    "Score",
    "forms_for",
    "make_exercise",
    "make_set",
    "material_of",
    "read_verdicts",
    "score_of",
    "seed_of",
    "write_exercises",
]
