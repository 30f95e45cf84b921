"""Nothing but the evidence gives an answer away: a guesser and a bag-of-features classifier stay at chance.

What an item shows by itself (words, lengths, marks, digits, position, clock) must not tell. What only two items side by
side show (the same words, moments close together) is the evidence, and is left out here.
"""

from __future__ import annotations

import random
import zlib

import numpy as np
import pytest

from dideban.exercises import FORMS, make_exercise, score_of
from unit.exercises.cases import make_case

pytestmark = [pytest.mark.no_cover, pytest.mark.slow]  # others measure how exercises are made; these make thousands
N_WORDS = 192
AT_CHANCE = 0.05
SIZES = {"together": 260, "timeline": 900, "same-text": 320, "explain": 420, "next": 420}
LANGUAGE = {"together": "fa", "timeline": "en", "same-text": "ar", "explain": "en", "next": "fa"}


def made(form: str):
    for number in range(SIZES[form]):
        yield make_exercise(make_case(number), form=form, lang=LANGUAGE[form], seed=7, number=number)


def features(text: str, *, at: str, position: int, of: int) -> np.ndarray:
    bag = np.zeros(N_WORDS)
    for word in text.split():
        bag[zlib.crc32(word.encode()) % N_WORDS] += 1
    plain = [
        len(text), len(text.split()), sum(not c.isalnum() and not c.isspace() for c in text),
        sum(c.isdigit() for c in text), max(map(len, text.split()), default=0),
    ]  # fmt: skip
    clock = [int(part) for part in at.split(":")] if at else [0, 0, 0]
    places = np.eye(8)[position] if of <= 8 else np.zeros(8)
    hours = np.eye(24)[clock[0]]
    return np.concatenate([bag, plain, clock, hours, places])


def timeline_features(item, *, position: int) -> np.ndarray:
    """Return what the columns of a timeline hold, whatever the row: times of day, days, how many."""
    cells = [
        [cell for cell in column if cell != "—"] for column in zip(*(row[1:] for row in item.table[1:]), strict=True)
    ]
    hours, stats = np.zeros(24), []
    for column in cells:
        seconds = sorted(_second(cell) for cell in column)
        stats += [len(column), seconds[0], seconds[-1], float(np.mean(seconds)), sum(len(cell) for cell in column)]
        for at in seconds:
            hours[at // 3600 % 24] += 1
    stats += [0.0] * (20 - len(stats))
    return np.concatenate([stats, hours, np.eye(2)[position]])


def _second(cell: str) -> int:
    day, clock = cell.split(" · ")
    hour, minute, second = map(int, clock.split(":"))
    return int(day) * 86_400 + hour * 3600 + minute * 60 + second


def lengths_apart(texts: tuple[str, ...]) -> np.ndarray:
    """Return how far the two texts of a pair differ in length: who only counts reads nothing."""
    if len(texts) != 2:
        return np.zeros(4)
    letters, words = (abs(size(texts[0]) - size(texts[1])) for size in (len, lambda text: len(text.split())))
    return np.array([letters, words, letters**2, words**2], dtype=float)


def rows_of(form: str, exercise):
    """Yield (features, is it right) of everything that can be answered."""
    for ix, item in enumerate(exercise.items):
        if form == "timeline":
            yield timeline_features(item, position=ix), item.is_signal
        elif item.is_signal is None:
            for place, choice in enumerate(item.choices):
                yield features(choice.text, at="", position=place, of=4), choice.id == item.key
        else:
            at = item.at.translate(str.maketrans("۰۱۲۳۴۵۶۷۸۹٠١٢٣٤٥٦٧٨٩", "01234567890123456789"))
            sides = [features(text, at=at, position=ix, of=8) for text in item.texts]
            yield np.concatenate([*sides, lengths_apart(item.texts)]), item.is_signal


def balanced_accuracy(x: np.ndarray, y: np.ndarray, groups: np.ndarray) -> float:
    """Return the balanced accuracy of a ridge classifier, learnt on half of the exercises and tried on the other."""
    found = []
    for fold in (0, 1):
        learn, try_ = groups % 2 == fold, groups % 2 != fold
        mean, spread = x[learn].mean(0), x[learn].std(0) + 1e-9
        a = np.c_[(x[learn] - mean) / spread, np.ones(learn.sum())]
        b = np.c_[(x[try_] - mean) / spread, np.ones(try_.sum())]
        weight = np.where(y[learn], 0.5 / y[learn].mean(), 0.5 / (1 - y[learn].mean()))
        target = np.where(y[learn], 1.0, -1.0) * weight
        solved = np.linalg.solve((a * weight[:, None]).T @ a + 5.0 * np.eye(a.shape[1]), a.T @ target)
        said = b @ solved > 0
        found.append((said[y[try_]].mean() + (~said[~y[try_]]).mean()) / 2)
    return float(np.mean(found))


@pytest.mark.parametrize("form", FORMS)
def test_a_classifier_that_sees_each_item_by_itself_is_at_chance(form):
    rows = [(row, right, n) for n, exercise in enumerate(made(form)) for row, right in rows_of(form, exercise)]
    x, y, groups = np.array([r[0] for r in rows]), np.array([r[1] for r in rows]), np.array([r[2] for r in rows])
    assert balanced_accuracy(x, y, groups) == pytest.approx(0.5, abs=AT_CHANCE)


def test_the_classifier_would_find_a_leak():
    rows = [(row, right, n) for n, ex in enumerate(made("together")) for row, right in rows_of("together", ex)]
    x, y, groups = np.array([r[0] for r in rows]), np.array([r[1] for r in rows]), np.array([r[2] for r in rows])
    x[:, N_WORDS] += 12 * y  # copies a dozen letters longer
    assert balanced_accuracy(x, y, groups) > 0.55


@pytest.mark.parametrize("form", ["together", "timeline", "same-text"])
def test_half_of_all_items_are_innocent_and_a_guesser_has_no_d_prime(form):
    chance, counts = random.Random(1), {True: [0, 0], False: [0, 0]}
    for exercise in made(form):
        for item in exercise.items:
            counts[item.is_signal][0] += 1
            counts[item.is_signal][1] += chance.random() < 0.6
    (n_signal, n_hits), (n_noise, n_false) = counts[True], counts[False]
    assert abs(n_signal / (n_signal + n_noise) - 0.5) < 0.02
    score = score_of(n_signal=n_signal, n_hits=n_hits, n_noise=n_noise, n_false=n_false)
    assert score.d_prime == pytest.approx(0, abs=0.1)
    assert score.criterion < 0  # it said yes too readily, and only that shows


def test_the_place_in_the_order_of_time_says_nothing():
    ranks = np.zeros(8)
    for exercise in made("together"):
        order = sorted(exercise.items, key=lambda item: item.at)
        ranks[: len(order)] += [item.is_signal for item in order]
    assert np.abs(ranks / SIZES["together"] - 0.5).max() < 0.12  # one standard error is 0.03


def test_pooling_both_sides_solves_it_so_that_it_is_no_riddle():
    """What is said at once, two items side by side, does tell: moments that are close together are by the group."""
    right = n = 0
    for exercise in made("together"):
        at = [
            sum(x * y for x, y in zip(map(int, _latin(i.at).split(":")), (3600, 60, 1), strict=True))
            for i in exercise.items
        ]
        for item, mine in zip(exercise.items, at, strict=True):
            near = sorted(abs(mine - other) for other in at)[1]
            right += (near < 45) == item.is_signal
            n += 1
    assert right / n > 0.95


def _latin(text: str) -> str:
    return text.translate(str.maketrans("۰۱۲۳۴۵۶۷۸۹", "0123456789"))
