"""What the counts of an exercise say: d' and criterion, how hard it is; nothing where sheets are few."""

from __future__ import annotations

from dataclasses import dataclass, field

from django.db.models import Sum

from dideban.exercises import Score, score_of
from dideban.exercises.difficulty import counted_difficulty
from dideban.exercises.score import FEWEST_SHEETS, FEWEST_TO_COMPARE
from dideban.room.exercises.models import KeptExercise


@dataclass(frozen=True, kw_only=True)
class ExerciseFigures:
    """Counts of one exercise, as far as they may be shown."""

    n_sheets: int
    """0 where there are too few to say."""
    rights: dict[int, float] = field(default_factory=dict)
    """Item to the share of right answers."""
    score: Score | None = None
    difficulty: float
    fewest: int = FEWEST_SHEETS
    fewest_to_compare: int = FEWEST_TO_COMPARE

    @property
    def is_few(self) -> bool:
        """Whether there are too few sheets to compare with others."""
        return self.n_sheets < FEWEST_TO_COMPARE


def figures_of(exercise: KeptExercise) -> ExerciseFigures:
    """Return the figures of an exercise: empty below 20 sheets. One query."""
    rows = (
        exercise.counts.values("item").annotate(total=Sum("n"), right=Sum("n_right"), yes=Sum("n_yes")).order_by("item")
    )
    counts = {row["item"]: row for row in rows}
    n_sheets = min((row["total"] for row in counts.values()), default=0)
    if n_sheets < FEWEST_SHEETS or not exercise.documents:
        return ExerciseFigures(n_sheets=0, difficulty=exercise.difficulty)
    items = next(iter(exercise.documents.values()))["items"]
    sides = {True: [0, 0], False: [0, 0]}
    for position, item in enumerate(items, 1):
        if item["is_signal"] is not None:
            sides[item["is_signal"]][0] += counts[position]["total"]
            sides[item["is_signal"]][1] += counts[position]["yes"]
    (n_signal, n_hits), (n_noise, n_false) = sides[True], sides[False]
    score = (
        score_of(n_signal=n_signal, n_hits=n_hits, n_noise=n_noise, n_false=n_false) if n_signal and n_noise else None
    )
    n, n_right = sum(row["total"] for row in counts.values()), sum(row["right"] for row in counts.values())
    return ExerciseFigures(
        n_sheets=n_sheets, score=score, rights={item: row["right"] / row["total"] for item, row in counts.items()},
        difficulty=counted_difficulty(exercise.difficulty, n=n, n_right=n_right),
    )  # fmt: skip
