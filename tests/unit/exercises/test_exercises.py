"""Forms, keys, reasons, difficulty, scores: what an exercise holds and what it never holds."""

from __future__ import annotations

import itertools
import re
from dataclasses import replace
from statistics import NormalDist

import pytest

from dideban.errors import InputError
from dideban.exercises import FORMS, Exercise, forms_for, make_exercise, make_set, read_verdicts, score_of
from dideban.exercises.difficulty import counted_difficulty, prior_difficulty
from dideban.exercises.draw import chance_of
from dideban.exercises.forms.timeline import exchanged
from dideban.exercises.words import spoken, words_of
from unit.exercises.cases import make_case

LANGS = ("en", "ar", "fa")
CASE = make_case(1)


def test_every_language_of_the_program_has_exercises():
    assert set(spoken()) == {"en", "fa", "ar"}


@pytest.mark.parametrize("form", FORMS)
def test_an_exercise_is_the_same_every_time_and_has_one_key_in_all_languages(form):
    made = [make_exercise(CASE, form=form, lang=lang, seed=3) for lang in LANGS]
    assert make_exercise(CASE, form=form, lang="fa", seed=3) == made[2]
    assert len({one.id for one in made}) == 1
    assert len({tuple((i.key, i.is_signal) for i in one.items) for one in made}) == 1
    assert make_exercise(CASE, form=form, lang="en", seed=4).items != made[0].items


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("lang", LANGS)
def test_every_item_has_a_reason_and_a_key_among_its_choices(form, lang):
    for number in range(12):
        exercise = make_exercise(make_case(number), form=form, lang=lang, seed=1)
        for item in exercise.items:
            assert item.reason.strip()
            assert item.key in {choice.id for choice in item.choices}
            assert "{" not in item.reason + exercise.intro + exercise.story
        assert Exercise.from_dict(exercise.to_dict()) == exercise


@pytest.mark.parametrize("form", FORMS)
def test_nothing_of_the_case_is_in_it(form):
    """Accounts, ids, links and real moments stay where they are; a threshold of the method is never named."""
    for number in range(20):
        case = make_case(number)
        text = str(make_exercise(case, form=form, lang="en", seed=5).to_dict())
        assert case.name not in text
        assert not re.search(r"https?:|www\.|@\w", text)
        assert not re.search(r"window|threshold|p.value|e.value", text)


def test_times_are_moved_by_one_constant():
    case = make_case(2)
    rows = {tuple(at for _, at in thing.members) for thing in case.things}
    exercise = make_exercise(case, form="timeline", lang="en", seed=1)
    found = 0
    for item in exercise.items:
        if not item.is_signal:
            continue
        for row in item.table[1:]:
            at = sorted(_second(cell) for cell in row[1:] if cell != "—")
            gaps = {tuple(b - a for a, b in itertools.pairwise(times)) for times in map(sorted, rows)}
            found += any(set(_sums(g)) >= {b - a for a, b in itertools.pairwise(at)} for g in gaps)
    assert found >= 4 or not any(item.is_signal for item in exercise.items)


def _sums(gaps):
    return [sum(gaps[i:j]) for i in range(len(gaps)) for j in range(i + 1, len(gaps) + 1)] + [0]


def _second(cell):
    day, clock = cell.split(" · ")
    hour, minute, second = map(int, clock.split(":"))
    return int(day) * 86_400 + hour * 3600 + minute * 60 + second


def test_the_exchanged_copy_has_the_same_moments_in_each_column_and_none_that_meet():
    rows = [(10, 12, 15, None), (5_000, 5_003, None, 5_009), (90_000, 90_001, 90_020, 90_030), (7, None, 8, 9)]
    copy = exchanged(rows, chance_of("test"))
    for before, after in zip(zip(*rows, strict=True), zip(*copy, strict=True), strict=True):
        assert sorted(map(str, before)) == sorted(map(str, after))
    assert copy != rows
    spreads = [max(filter(None, row)) - min(filter(None, row)) for row in copy]
    assert min(spreads) > 60


def test_a_case_that_is_no_concert_is_never_shown_as_one():
    innocent = make_case(3, verdict="false-alarm")
    assert forms_for(innocent) == ["explain", "next"]
    with pytest.raises(InputError):
        make_exercise(innocent, form="together", lang="en", seed=1)
    story = make_exercise(innocent, form="explain", lang="en", seed=1).story
    assert "false alarm" in story
    assert "forwarded by a program" in story


def test_a_small_or_empty_case_makes_what_it_can():
    bare = replace(CASE, things=(), gaps_s=(), log_e_per_block=0.0)
    assert forms_for(bare) == ["explain", "next"]
    assert make_set([], lang="en", seed=1) == []
    assert {one.form for one in make_set([bare], lang="fa", seed=1, n=5)} == {"explain", "next"}


def test_a_set_has_every_form_and_no_exercise_twice():
    made = make_set([make_case(n) for n in range(3)], lang="ar", seed=1, n=20)
    assert {one.form for one in made} == set(FORMS)
    assert len({one.id for one in made}) == 20


def test_less_evidence_is_harder():
    base = {"log_e_per_block": 1.0, "gap_s": 20.0, "near_slots": 0.8, "overlap": 0.7}
    usual = prior_difficulty(**base)
    for change in ({"log_e_per_block": 0.1}, {"gap_s": 900.0}, {"near_slots": 0.2}, {"overlap": 0.1}):
        assert prior_difficulty(**(base | change)) > usual


def test_counts_take_over_from_the_evidence():
    assert counted_difficulty(-2.0, n=10_000, n_right=5_000) == pytest.approx(0, abs=0.01)
    assert counted_difficulty(-2.0, n=5, n_right=0) < counted_difficulty(-2.0, n=500, n_right=0)


@pytest.mark.parametrize(("d", "c"), [(0.0, 0.0), (1.0, 0.0), (1.0, -0.5), (2.5, 0.7), (0.5, 1.2)])
def test_d_prime_and_criterion_come_back_from_the_rates_they_make(d, c):
    n, normal = 1_000_000, NormalDist()
    hits, false = round(n * normal.cdf(d / 2 - c)), round(n * normal.cdf(-d / 2 - c))
    score = score_of(n_signal=n, n_hits=hits, n_noise=n, n_false=false)
    assert (score.d_prime, score.criterion) == pytest.approx((d, c), abs=0.01)


def test_a_perfect_sheet_has_a_finite_score_and_a_wide_interval():
    score = score_of(n_signal=4, n_hits=4, n_noise=4, n_false=0)
    assert 2 < score.d_prime < 3
    assert score.interval[0] < 1 < score.interval[1]
    with pytest.raises(ValueError):
        score_of(n_signal=4, n_hits=5, n_noise=4, n_false=0)


def test_suspecting_more_is_no_better_telling():
    before = score_of(n_signal=400, n_hits=200, n_noise=400, n_false=124)  # .50 and .31
    after = score_of(n_signal=400, n_hits=276, n_noise=400, n_false=200)  # .69 and .50
    assert after.d_prime == pytest.approx(before.d_prime, abs=0.02)
    assert after.criterion < before.criterion - 0.4


def test_the_interval_covers_what_it_says():
    import random

    chance, normal, held = random.Random(3), NormalDist(), 0
    for _ in range(400):
        hits = sum(chance.random() < normal.cdf(0.6) for _ in range(200))
        false = sum(chance.random() < normal.cdf(-0.4) for _ in range(200))
        low, high = score_of(n_signal=200, n_hits=hits, n_noise=200, n_false=false).interval
        held += low <= 1.0 <= high
    assert 0.92 <= held / 400 <= 0.98


@pytest.mark.parametrize("lang", ["fa", "ar"])
def test_every_language_says_the_same_things(lang):
    assert _shape(words_of(lang).texts) == _shape(words_of("en").texts)


def _shape(value):
    """Return keys, lengths and placeholders, without words."""
    if isinstance(value, dict):
        return {name: _shape(one) for name, one in value.items()}
    if isinstance(value, list):
        return [one if isinstance(one, str) and one in FORMS else _shape(one) for one in value]
    return sorted(set(re.findall(r"\{\w+\}", str(value))))


def test_verdicts_are_read_and_what_cannot_be_used_is_said(tmp_path):
    file = tmp_path / "verdicts.csv"
    file.write_text("\ufefffinding_id,verdict\nf1,confirmed\nf2,unsure\nf1,declared\n", "utf-8")
    assert read_verdicts(file) == {"f1": "declared"}
    for text in ("finding_id,verdict\nf1,guilty\n", "id,what\nf1,confirmed\n", "finding_id,verdict\nf1,\n"):
        file.write_text(text)
        with pytest.raises(InputError):
            read_verdicts(file)
    file.write_bytes(b"\xff\xfe\x00\x01")
    with pytest.raises(InputError):
        read_verdicts(file)
