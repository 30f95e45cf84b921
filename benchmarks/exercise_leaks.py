"""Does anything but the evidence give answers of exercises away? A guesser and two classifiers try, on several seeds.

    python benchmarks/exercise_leaks.py SCAN_DIR VERDICTS_CSV [SEEDS] [PER_CASE]

One classifier reads words (naive Bayes on words and pairs of words), one reads shapes (logistic regression on lengths,
counts, punctuation, digits, times of day, position, rank by length and by time). Each sees one item alone, learns on
half of the exercises and is tried on the other half. 0.5 is guessing.
"""

from __future__ import annotations

import random
import sys
import unicodedata
import zlib
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import numpy as np

from dideban.exercises import make_exercise, material_of, read_verdicts, score_of
from dideban.exercises.make import forms_for
from dideban.exercises.model import Exercise, ExerciseItem

N_GRAMS, STEPS, RATE, RIDGE = 8_192, 400, 0.5, 0.02
LANGUAGES = ("en", "fa", "ar")


def main(where: Path, verdicts: Path, n_seeds: int, per_case: int) -> None:
    known = read_verdicts(verdicts)
    found = [(path, known[path.name]) for path in sorted((where / "findings").iterdir()) if path.name in known]
    cases = [material_of(path, verdict=verdict) for path, verdict in found]
    print(f"{len(cases)} cases, {n_seeds} seeds, {per_case} exercises of each case, form and seed")
    print("form        lang  items   words   shapes  seeds: words | shapes")
    worst = 0.0
    for form in sorted({form for case in cases for form in forms_for(case)}):
        for lang in LANGUAGES:
            rows = [tried(cases, form=form, lang=lang, seed=seed, n=per_case) for seed in range(1, n_seeds + 1)]
            words, shapes = ([row[ix] for row in rows] for ix in (0, 1))
            each = f"{' '.join(f'{x:.3f}' for x in words)} | {' '.join(f'{x:.3f}' for x in shapes)}"
            mean = float(np.mean(words)), float(np.mean(shapes))
            worst = max(worst, *(abs(x - 0.5) for x in mean))
            print(
                f"{form:<12}{lang:<6}{sum(row[2] for row in rows):<8}{mean[0]:.3f}   {mean[1]:.3f}   {each}", flush=True
            )
    print(f"furthest from 0.5, mean of seeds: {worst:.3f}")
    guess(cases, n=per_case)


def tried(cases: list, *, form: str, lang: str, seed: int, n: int) -> tuple[float, float, int]:
    """Return the balanced accuracy of both classifiers, and how many items there were."""
    fit = [case for case in cases if form in forms_for(case)]
    made = [make_exercise(case, form=form, lang=lang, seed=seed, number=k) for case in fit for k in range(n)]
    random.Random(seed).shuffle(made)
    rows = [(ix, *row) for ix, exercise in enumerate(made) for row in rows_of(exercise)]
    half = np.array([ix % 2 == 0 for ix, *_ in rows])
    right = np.array([row[-1] for row in rows])
    grams = [row[1] for row in rows]
    shapes = np.array([row[2] for row in rows], dtype=float)
    scores = []
    for learn in (half, ~half):
        scores.append((bayes(grams, right, learn), logistic(shapes, right, learn)))
    return float(np.mean([s[0] for s in scores])), float(np.mean([s[1] for s in scores])), len(rows)


def rows_of(exercise: Exercise) -> Iterator[tuple[list[int], list[float], bool]]:
    """Yield words and shape of everything that can be answered, and whether it is right."""
    items = exercise.items
    long = np.argsort(np.argsort([sum(map(len, item.texts)) for item in items], kind="stable"), kind="stable")
    late = np.argsort(np.argsort([_second(item.at) for item in items], kind="stable"), kind="stable")
    for ix, item in enumerate(items):
        place = [ix, long[ix] / len(items), late[ix] / len(items)]
        if item.is_signal is None:
            size = np.argsort(np.argsort([len(choice.text) for choice in item.choices], kind="stable"), kind="stable")
            for k, choice in enumerate(item.choices):
                shape = [*_shape(choice.text), k, size[k], k == len(item.choices) - 1, ix]
                yield _grams(choice.text), shape, choice.id == item.key
        else:
            texts = item.texts or (" ".join(cell for row in item.table for cell in row),)
            grams = [gram for text in texts for gram in _grams(text)]
            shapes = [value for text in texts for value in _shape(text)]
            yield grams, [*shapes, *_clock(item), *place, *_sides(item)], bool(item.is_signal)


def _grams(text: str) -> list[int]:
    words = text.split()
    pairs = [f"{a} {b}" for a, b in pairwise(words)]
    return [zlib.crc32(one.encode()) % N_GRAMS for one in (*words, *pairs)]


def _shape(text: str) -> list[float]:
    words = text.split()
    kinds = [unicodedata.category(c)[0] for c in text]
    ends = [text.endswith(mark) for mark in (".", "!", "?", "؟", "…")]
    marks = [text.count(mark) for mark in ("،", ",", ":", "-", "«", "\u200c")]
    return [
        len(text), len(words), max(map(len, words), default=0), np.mean([len(w) for w in words] or [0]),
        kinds.count("P"), kinds.count("N"), sum(c.isupper() for c in text), len(set(words)) / max(1, len(words)),
        *ends, *marks,
    ]  # fmt: skip


def _second(at: str) -> int:
    parts = [int(part) for part in at.split(":")] if at else [0, 0, 0]
    return parts[0] * 3600 + parts[1] * 60 + parts[2]


def _clock(item: ExerciseItem) -> list[float]:
    """Return the clock of an item: hour, minute and second, apart and as a circle; of a table, of its cells."""
    if item.at:
        at = _second(item.at)
        turn = 2 * np.pi * at / 86_400
        return [at // 3600, at // 60 % 60, at % 60, np.sin(turn), np.cos(turn)]
    cells = [_second(cell.split(" · ")[-1]) for row in item.table[1:] for cell in row[1:] if ":" in cell]
    if not cells:
        return [0.0] * 5
    return [float(np.mean(cells)), float(np.std(cells)), min(cells), max(cells), len(cells)]


def _sides(item: ExerciseItem) -> list[float]:
    """Return how the two texts of an item differ in size alone: which words they share is the evidence."""
    if len(item.texts) != 2:
        return [0.0] * 5
    one, other = item.texts
    letters, words = abs(len(one) - len(other)), abs(len(one.split()) - len(other.split()))
    return [len(one) - len(other), letters, words, letters**2, words**2]


def bayes(grams: list[list[int]], right: np.ndarray, learn: np.ndarray) -> float:
    """Return the balanced accuracy of naive Bayes."""
    counts = np.ones((2, N_GRAMS))
    for ix in np.flatnonzero(learn):
        np.add.at(counts[int(right[ix])], grams[ix], 1)
    tells = np.log(counts[1] / counts[1].sum()) - np.log(counts[0] / counts[0].sum())
    score = np.array([tells[g].sum() for g in grams])
    middle = (score[learn & right].mean() + score[learn & ~right].mean()) / 2
    return _balanced(score[~learn] > middle, right[~learn])


def logistic(x: np.ndarray, right: np.ndarray, learn: np.ndarray) -> float:
    """Return the balanced accuracy of a logistic regression; both answers weigh the same."""
    mean, spread = x[learn].mean(0), x[learn].std(0) + 1e-9
    z = np.c_[(x - mean) / spread, np.ones(len(x))]
    a, y = z[learn], right[learn].astype(float)
    weight = np.where(y == 1, 0.5 / y.mean(), 0.5 / (1 - y.mean()))
    beta = np.zeros(z.shape[1])
    for _ in range(STEPS):
        p = 1 / (1 + np.exp(-np.clip(a @ beta, -30, 30)))
        beta -= RATE * (a.T @ (weight * (p - y)) / len(y) + RIDGE * beta)
    return _balanced(z[~learn] @ beta > 0, right[~learn])


def _balanced(said: np.ndarray, right: np.ndarray) -> float:
    return float((said[right].mean() + (~said[~right]).mean()) / 2)


def guess(cases: list, *, n: int) -> None:
    """Say what somebody scores who says yes to six of ten items, whatever they are."""
    chance, counts = random.Random(1), {True: [0, 0], False: [0, 0]}
    for form in ("together", "timeline", "same-text"):
        for case in cases:
            for k in range(n if form in forms_for(case) else 0):
                for item in make_exercise(case, form=form, lang="en", seed=1, number=k).items:
                    counts[bool(item.is_signal)][0] += 1
                    counts[bool(item.is_signal)][1] += chance.random() < 0.6
    (n_signal, n_hits), (n_noise, n_false) = counts[True], counts[False]
    score = score_of(n_signal=n_signal, n_hits=n_hits, n_noise=n_noise, n_false=n_false)
    right = (n_hits / n_signal + 1 - n_false / n_noise) / 2
    print(
        f"guesser: {n_signal + n_noise} items, accuracy {right:.3f}, d' {score.d_prime:.3f}, "
        f"criterion {score.criterion:.2f}"
    )


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), *(int(a) for a in (*sys.argv[3:], *("5", "60")[len(sys.argv) - 3 :])))
