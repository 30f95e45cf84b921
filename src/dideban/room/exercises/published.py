"""What the site shows of exercises: a page of its own in each language, which works without a network."""

from __future__ import annotations

from collections.abc import Iterator

from dideban.exercises import Exercise
from dideban.exercises.page import asset, policy, render_exercise
from dideban.room.exercises.models import KeptExercise
from dideban.room.exercises.standing import published
from dideban.room.rooms.models import Room
from dideban.site.records import PublishedItem


def page_of(exercise: KeptExercise, lang: str) -> str:
    """Return the page of an exercise in a language."""
    return render_exercise(Exercise.from_dict(exercise.documents[lang]))


def items_of(room: Room) -> Iterator[PublishedItem]:
    """Yield the exercises that are published and still stand."""
    for one in published(room):
        for lang in sorted(one.documents):
            text = one.documents[lang]
            assert one.published_at is not None
            yield PublishedItem(
                kind="exercise", slug=f"exercise-{one.number}", lang=lang, title=text["title"],
                summary=text["intro"][:600], published_at=one.published_at, document=page_of(one, lang).encode(),
                policy=policy(asset("exercise.css"), asset("exercise.js")),
            )  # fmt: skip
