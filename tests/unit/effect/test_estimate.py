"""Effects of responses on bursts with a known truth, and every reason to say nothing."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from dideban.effect.estimate import estimate_effects
from dideban.effect.match import Known, match
from dideban.effect.model import Effect, EffectConfig, PooledEffect, TimedResponse
from dideban.effect.series import MAX_HOURS, Series, noticed_hours
from dideban.effect.words import pooled_sentences, sentences, verdict
from dideban.errors import ConfigError
from dideban.messages import languages, say
from dideban.simulate.responses import Responses, make_bursts


def history(spec: Responses, *, seed: int = 1, n_units: int = 200) -> tuple[Series, list[TimedResponse]]:
    bursts = make_bursts(spec, seed=seed, n_units=n_units, days=60)
    rows = bursts.responses.iter_rows()
    chosen = [
        TimedResponse(name=str(n), unit=unit, hour=float(hour), horizon_h=48, drawn_with=tuple(lot or ()))
        for n, (unit, hour, lot) in enumerate(rows)
    ]
    return Series(bursts.counts, np.ones(bursts.counts.shape[1], np.bool_)), chosen


@pytest.fixture(scope="module")
def halved() -> tuple[Series, list[TimedResponse]]:
    return history(Responses(n=25, reduction=0.5, choice="drawn"))


def codes(
    series: Series, responses: list[TimedResponse], which: int = 0, config: EffectConfig | None = None
) -> set[str]:
    return {reason.code for reason in estimate_effects(series, responses, config=config)[0][which].reasons}


def usable(series: Series, responses: list[TimedResponse]) -> TimedResponse:
    return next(one.response for one in estimate_effects(series, responses)[0] if one.identifiable)


def test_a_halving_is_seen_and_its_size_is_right(halved: tuple[Series, list[TimedResponse]]) -> None:
    _, (pooled, *_) = estimate_effects(*halved)
    assert pooled.drawn
    assert verdict(pooled) == "fewer"
    assert pooled.low is not None
    assert pooled.high is not None
    assert pooled.low < 0.5 < pooled.high
    assert pooled.e_value > 1


def test_without_an_effect_little_is_claimed() -> None:
    p = []
    for seed in range(8):
        series, responses = history(Responses(n=12, reduction=0.0), seed=100 + seed)
        p += [one.p_fewer for one in estimate_effects(series, responses)[0] if one.identifiable]
    assert len(p) > 60
    assert np.mean(np.array(p) <= 0.05) <= 0.13
    assert np.mean(np.array(p) <= 0.5) == pytest.approx(0.5, abs=0.15)


def test_a_response_that_backfires_is_said_to(halved: tuple[Series, list[TimedResponse]]) -> None:
    _, (pooled, *_) = estimate_effects(*history(Responses(n=25, reduction=-2.0)))
    assert verdict(pooled) == "more"
    assert pooled.reduction is not None
    assert pooled.reduction < -0.5


def test_the_order_of_targets_and_responses_changes_nothing(halved: tuple[Series, list[TimedResponse]]) -> None:
    series, responses = halved
    turned = Series(series.counts[::-1], series.watched)
    last = series.n_units - 1
    moved = [
        replace(one, unit=last - one.unit, drawn_with=tuple(last - row for row in one.drawn_with)) for one in responses
    ]
    for one, other in zip(estimate_effects(series, responses)[0], estimate_effects(turned, moved)[0], strict=True):
        assert one.p_fewer == pytest.approx(other.p_fewer)
        assert one.n_controls == other.n_controls


def test_every_reason_to_say_nothing(halved: tuple[Series, list[TimedResponse]]) -> None:
    series, responses = halved
    one = usable(series, responses)
    noticed = noticed_hours(series, posts=20, within_h=24)
    never = int(np.flatnonzero(noticed < 0)[0]) if (noticed < 0).any() else None
    assert codes(series, [replace(one, unit=-1)]) == {"effect.unknown-target"}
    assert codes(series, [replace(one, hour=1.0)]) == {"effect.before-data"}
    assert codes(series, [replace(one, hour=float(series.n_hours + 500))]) == {"effect.too-early"}
    assert codes(series, [replace(one, hour=-5.0)]) == {"effect.before-data"}
    assert "effect.other-horizon" in codes(series, [replace(one, horizon_h=47)])
    assert "effect.planned-late" in codes(series, [replace(one, planned_hour=one.hour + 1)])
    assert "effect.told-late" in codes(series, [replace(one, told_hour=one.hour + 25)])
    assert "effect.told-late" in codes(series, [replace(one, horizon_h=6, told_hour=one.hour + 7)])
    assert "effect.told-late" not in codes(series, [replace(one, told_hour=one.hour + 24)])
    assert "effect.answered-again" in codes(series, [one, replace(one, name="again", hour=one.hour + 2)])
    assert "effect.few-controls" in codes(
        Series(series.counts[[one.unit]], series.watched), [replace(one, unit=0, drawn_with=())]
    )
    watched = series.watched.copy()
    watched[int(one.hour) + 3] = False
    assert "effect.not-watched" in codes(Series(series.counts, watched), [one])
    if never is not None:
        assert "effect.not-noticed" in codes(series, [replace(one, unit=never, drawn_with=())])


@pytest.mark.parametrize("wrong", ["unknown", "twice", "without-itself", "odds"])
def test_a_lot_that_is_not_known_whole_is_no_lot(halved: tuple[Series, list[TimedResponse]], wrong: str) -> None:
    series, responses = halved
    one = usable(series, responses)
    other = next(row for row in range(series.n_units) if row not in one.drawn_with)
    lots: dict[str, dict[str, tuple[float, ...]]] = {
        "unknown": {"drawn_with": (one.unit, -1)},
        "twice": {"drawn_with": (one.unit, other, other)},
        "without-itself": {"drawn_with": (other, other + 1)},
        "odds": {"drawn_with": (one.unit, other), "odds": (1.0,)},
    }
    assert "effect.lot-incomplete" in codes(series, [replace(one, **lots[wrong])])  # type: ignore[arg-type]


def test_a_target_that_moved_before_or_is_unlike_all_others_is_refused(
    halved: tuple[Series, list[TimedResponse]],
) -> None:
    series, responses = halved
    one = replace(usable(series, responses), drawn_with=())
    counts = series.counts.copy()
    hour = int(one.hour)
    counts[one.unit, hour - 23 : hour] = 0
    counts[one.unit, hour - 48 : hour - 24] += 3_000
    found = codes(Series(counts, series.watched), [one])
    assert found & {"effect.moved-before", "effect.unlike"}


def test_counts_of_nothing_and_of_millions_give_no_nonsense(halved: tuple[Series, list[TimedResponse]]) -> None:
    series, responses = halved
    one = usable(series, responses)
    for value in (0, 10_000_000):
        counts = series.counts.copy()
        counts[one.unit, int(one.hour) + 1 :] = value
        found = estimate_effects(Series(counts, series.watched), [one])[0][0]
        assert np.isfinite([found.p_fewer, found.p_more, found.expected, found.e_value]).all()
        assert found.reduction is not None
        assert (found.reduction > 0) == (value == 0)


def test_the_same_response_forty_times_is_no_evidence(halved: tuple[Series, list[TimedResponse]]) -> None:
    series, responses = halved
    one = usable(series, responses)
    effects, pooled = estimate_effects(series, [replace(one, name=str(n)) for n in range(40)])
    assert not any(effect.identifiable for effect in effects)
    assert pooled == []


def test_targets_that_were_answered_themselves_are_no_controls(halved: tuple[Series, list[TimedResponse]]) -> None:
    series, responses = halved
    one = usable(series, responses)
    noticed = noticed_hours(series, posts=20, within_h=24)
    known = Known.of(series, [one], config=EffectConfig())
    matched = match(known, one)[0]
    assert matched is not None
    lot = set(one.drawn_with)
    others = [row for row in matched.rows.tolist() if row not in lot][:5]
    age = int(one.hour) - int(noticed[one.unit])
    far = 72 + one.horizon_h + 24
    answers = [replace(one, name=str(row), unit=row, hour=float(noticed[row] + age + 5)) for row in others[:4]]
    answers.append(replace(one, name="long ago", unit=others[4], hour=float(noticed[others[4]] + age - far)))
    again = match(Known.of(series, [one, *answers], config=EffectConfig()), one)[0]
    assert again is not None
    assert set(others[:4]).isdisjoint(again.rows.tolist())
    assert len(again.rows) >= len(matched.rows) - 8


def test_other_posts_of_the_same_targets_can_be_counted(halved: tuple[Series, list[TimedResponse]]) -> None:
    series, responses = halved
    elsewhere = Series(np.flip(series.counts, axis=1).copy(), series.watched)
    effects, _ = estimate_effects(series, responses, outcomes=elsewhere)
    direct, _ = estimate_effects(series, responses)
    assert [one.posts for one in effects if one.identifiable] != [one.posts for one in direct if one.identifiable]


def test_every_sentence_is_said_in_every_language(halved: tuple[Series, list[TimedResponse]]) -> None:
    series, responses = halved
    effects, pooled = estimate_effects(series, responses)
    lines = [line for one in effects for line in sentences(one)] + [
        line for one in pooled for line in pooled_sentences(one)
    ]
    for lang in languages():
        assert all(say(line, lang).strip() and "{" not in say(line, lang) for line in lines)


@pytest.mark.parametrize("wrong", [{"horizons_h": ()}, {"least_controls": 0}, {"level": 0.7}, {"horizons_h": (0,)}])
def test_settings_out_of_range_are_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ConfigError):
        EffectConfig(**wrong)  # type: ignore[arg-type]


def test_the_longest_series_is_more_than_two_years() -> None:
    assert MAX_HOURS >= 2 * 365 * 24


def test_where_every_target_fell_silent_nothing_is_claimed() -> None:
    source = np.random.default_rng(3)
    counts = np.zeros((40, 400), np.int64)
    counts[:, 100:112] = source.poisson(6, (40, 12))
    series = Series(counts, np.ones(400, np.bool_))
    response = TimedResponse(name="1", unit=5, hour=120.0, horizon_h=48)
    (effect,), pooled = estimate_effects(series, [response])
    assert [reason.code for reason in effect.reasons] == ["effect.silent"]
    assert pooled == []
    for lang in languages():
        assert "{" not in say(effect.reasons[0], lang)


def test_nothing_missing_is_no_reduction_and_nothing_there_no_growth() -> None:
    one = TimedResponse(name="1", unit=0, hour=1.0, horizon_h=6)
    rare = Effect(response=one, posts=0, expected=0.2, reduction=1.0, low=0.9, high=1.0, p_fewer=0.001)
    assert verdict(rare) == "unclear"
    assert verdict(replace(rare, expected=3.0)) == "fewer"
    assert verdict(replace(rare, p_fewer=1.0, p_more=0.001)) == "unclear"
    assert verdict(replace(rare, p_fewer=1.0, p_more=0.001, posts=1)) == "more"
    silent = PooledEffect(
        n=9, drawn=False, horizon_h=6, reduction=1.0, low=-9.0, high=1.0, p_fewer=0.9, p_more=0.01, e_value=1.0,
        gamma=1.0, n_needed=None,
    )  # fmt: skip
    assert verdict(silent) == "unclear"
    assert verdict(replace(silent, reduction=-0.5)) == "more"
