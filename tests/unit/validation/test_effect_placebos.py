"""Responses that never happened: one fit serves all targets, kept histories are used again, claims stay rare."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from dideban.effect.estimate import effect_of
from dideban.effect.match import Known
from dideban.effect.model import VERSION, EffectConfig, TimedResponse
from dideban.effect.series import Series
from dideban.simulate.responses import Responses, make_bursts
from dideban.validate import main
from dideban.validation.effect_placebos import DELAYS_H, Placebos, every_placebo
from dideban.validation.effect_run import kept_part, kept_real, measure_part, measure_real, tally_of
from dideban.validation.effects import EffectTally, in_turn
from dideban.validation.intervals import clustered_interval, exact_interval

HORIZON_H = 24


@pytest.fixture(scope="module")
def series() -> Series:
    bursts = make_bursts(Responses(n=0, reduction=0.0), seed=5, n_units=60, days=60)
    return Series(bursts.counts, np.ones(bursts.counts.shape[1], np.bool_))


def test_one_fit_gives_each_target_the_p_of_its_own_estimate(series: Series) -> None:
    found = every_placebo(series, horizon_h=HORIZON_H)
    known = Known.of(series, [], config=EffectConfig())
    slow = []
    for age in range(*DELAYS_H):
        for unit in np.flatnonzero(known.noticed >= 0).tolist():
            hour = float(known.noticed[unit] + age)
            effect, matched = effect_of(known, TimedResponse(name="", unit=unit, hour=hour, horizon_h=HORIZON_H))
            if matched is not None:
                slow.append((unit, effect.p_fewer, effect.p_more))
    assert len(slow) > 300
    assert found.targets.tolist() == [unit for unit, _, _ in slow]
    np.testing.assert_allclose(found.p, [p for _, *p in slow])
    assert found.n_asked >= len(slow)


def test_each_target_counts_once_at_each_delay_and_little_is_claimed(series: Series) -> None:
    found = every_placebo(series, horizon_h=HORIZON_H)
    assert np.bincount(found.targets).max() <= DELAYS_H[1] - DELAYS_H[0]
    assert (found.p <= 0.05).mean(axis=0) == pytest.approx([0.05, 0.05], abs=0.015)
    assert 0 < found.large.sum() < len(found.large) / 3


def test_a_set_without_enough_targets_says_nothing(series: Series) -> None:
    few = every_placebo(Series(series.counts[:12], series.watched), horizon_h=HORIZON_H)
    assert len(few.p) == 0
    assert few.n_asked > 0


def test_trials_of_one_cluster_that_repeat_each_other_are_worth_one() -> None:
    hits, clusters = np.repeat([True] * 5 + [False] * 45, 20), np.repeat(np.arange(50), 20)
    wide, narrow = clustered_interval(hits, clusters), exact_interval(100, 1_000)
    assert wide == pytest.approx(exact_interval(5, 50), abs=0.02)
    assert wide[0] < narrow[0] < 0.1 < narrow[1] < wide[1]
    assert clustered_interval(hits, np.arange(1_000)) == pytest.approx(narrow, rel=1e-3)
    assert clustered_interval(np.zeros(400, np.bool_), np.repeat(np.arange(20), 20)) == exact_interval(0, 20)
    assert clustered_interval(np.zeros(0, np.bool_), np.zeros(0, np.int64)) == (0.0, 1.0)


def test_histories_that_are_kept_are_not_measured_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[int] = []

    def measure(seed: int) -> dict[str, dict[str, list[object] | int]]:
        made.append(seed)
        one = EffectTally(asked=3)
        one.add((0.01, 0.99), at_truth=(0.5, 0.5), history=seed)
        return {"any": dict(vars(one))}

    monkeypatch.setattr("dideban.validation.effect_run.MEASURES", {"chosen-any": measure})
    measure_part("chosen-any", seeds=[1, 2], work=tmp_path)
    with (tmp_path / f"{VERSION}-chosen-any.jsonl").open("a") as file:
        file.write('{"seed": 3, "ga')
    with pytest.raises(KeyError):
        measure_part("chosen-none", seeds=[1], work=tmp_path)
    found = tally_of(measure_part("chosen-any", seeds=[1, 2], work=tmp_path), "any")
    assert made == [1, 2]
    assert (found.n, found.asked, sum(found.fewer), sum(found.covered)) == (2, 6, 2, 2)
    for _ in range(2):  # what follows a line that is cut off is kept
        measure_part("chosen-any", seeds=[1, 2, 3], work=tmp_path)
    assert made == [1, 2, 3]
    assert len(kept_part("chosen-any", work=tmp_path)) == 3


def test_the_page_is_written_from_what_is_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    one = EffectTally(asked=4)
    for seed in range(1, 5):
        one.add((0.01 if seed == 1 else 0.5, 0.5), at_truth=(0.5, 0.5), history=seed)
    monkeypatch.setattr("dideban.validation.effect_run.MEASURES", {"chosen-any": lambda _: {"any": dict(vars(one))}})
    measure_part("chosen-any", seeds=[1], work=tmp_path / "effect")
    series = {"row": "hashtags, 6 h", "n_asked": 9, "targets": [1, 1, 2], "fewer": [0, 0, 1], "more": [0, 0, 0]}
    (tmp_path / "effect" / f"{VERSION}-real.jsonl").write_text(json.dumps(series | {"large": [1, 0, 1]}) + "\n")
    assert main(["--only-effect", "--no-measuring", "--out", str(tmp_path), "--work", str(tmp_path)]) == 0
    page = (tmp_path / "validation-effect.md").read_text("utf-8")
    assert f"Method {VERSION}." in page
    assert "| any | 4 | 25.0% (" in page
    assert "| hashtags, 6 h | 3/9 | 2 | 33.3% (" in page
    assert "50.0% / 0.0% |" in page
    assert "followed for a year" not in page  # nothing is kept of it


def test_real_sets_that_are_kept_are_not_looked_at_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    looked: list[int] = []

    def look(series: Series, *, horizon_h: int) -> Placebos:
        looked.append(horizon_h)
        p, none = np.array([[0.01, 0.9], [0.4, 0.6]]), np.zeros(2, np.bool_)
        return Placebos(n_asked=2, targets=np.array([3, 4]), p=p, large=none)

    sets = [("hashtags", Series(np.zeros((2, 9), np.int64), np.ones(9, np.bool_)))]
    monkeypatch.setattr("dideban.validation.effect_run.real_series", lambda _: iter(sets))
    monkeypatch.setattr("dideban.validation.effect_run.every_placebo", look)
    for _ in range(2):
        measure_real(tmp_path, work=tmp_path)
    assert looked == [6, 24, 48, 168]
    assert [(row["targets"], row["fewer"], row["more"]) for row in kept_real(work=tmp_path)] == [
        ([3, 4], [1, 0], [0, 0])
    ] * 4


def test_responses_are_taken_in_turn_and_none_twice() -> None:
    sets = list(range(11))
    assert list(in_turn(sets, size=5)) == [sets[:5], sets[5:10]]  # type: ignore[arg-type,comparison-overlap]
    assert list(in_turn(sets, size=12)) == []  # type: ignore[arg-type]
