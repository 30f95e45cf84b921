"""Effects of responses in a room: counted from its posts, worked out once, pooled, and refused in words."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from room.cast import NOW, client_of  # isort: skip - makes Django ready
from django.utils import timezone
from django.utils.translation import override

from dideban.effect.model import EffectConfig
from dideban.room.board.presenters.responses import range_of
from dideban.room.cases.actions import open_case
from dideban.room.cases.models import Case
from dideban.room.members.models import Membership
from dideban.room.narratives.models import Narrative
from dideban.room.responses import counting
from dideban.room.responses.actions import cancel_response, draw_lot, plan_response, tell_response
from dideban.room.responses.counting import HOUR, count
from dideban.room.responses.models import EffectPool, EffectRun, Response
from dideban.room.responses.targets import Target
from dideban.room.rooms.folder import folder_of
from dideban.room.rooms.models import Place, Room
from dideban.room.sources.models import Source, SourceGap
from dideban.room.ticks.models import WatchGap
from dideban.room.upkeep.effects import span_of, work_out_effects
from dideban.store.delta import STORED, PostTable

N_TAGS, STEP_H = 40, 5
START = NOW.replace(minute=0, second=0) - timedelta(days=12)
AT = START + 100 * HOUR
"""When responses happen: every hashtag is seen long before."""


def posts_of(counts: np.ndarray, *, start: datetime = START) -> pl.DataFrame:
    """One post per count: hashtag ``t7`` is row 7; account ``a7-3`` wrote the fourth post of each hour of row 7."""
    rows = [
        {"post_id": f"{unit}-{hour}-{n}", "account_id": f"a{unit}-{n}", "platform": "x", "source": "wire",
         "created_at": start + hour * HOUR + timedelta(seconds=n), "hashtags": [f"T{unit}"],
         "urls": [f"https://example.org/{unit}?utm_source={n}"], "mentions": [], "media": [],
         "arrived_at": start + hour * HOUR}
        for unit, line in enumerate(counts.tolist()) for hour, k in enumerate(line) for n in range(k)
    ]  # fmt: skip
    frame = pl.DataFrame(rows)
    missing = [name for name in STORED.names if name not in frame.columns]
    frame = frame.with_columns(pl.lit(None).alias(name) for name in missing)
    return frame.select(pl.col(name).cast(dtype) for name, dtype in STORED.dtypes.items())


def plenty(*, stop: int | None = None) -> np.ndarray:
    """Hashtags that go up and down alike; row ``stop`` falls silent once it was answered."""
    source = np.random.default_rng(5)
    level = 2 + source.random(N_TAGS) * 2
    counts = source.poisson(level[:, None], (N_TAGS, 190))
    if stop is not None:
        counts[stop, 101:] = 0
    return counts


@pytest.fixture
def case(room: Room, analyst: Membership) -> Case:
    Room.objects.filter(pk=room.pk).update(created_at=timezone.now() - timedelta(days=30))
    room.refresh_from_db()
    return open_case(room, title="Bridge", by=analyst)


def fill(room: Room, counts: np.ndarray) -> None:
    PostTable(folder_of(room.slug).posts).append(posts_of(counts), batch=1)


def respond(case: Case, by: Membership, tag: int, *, at: datetime = AT, **values: Any) -> Response:
    given = {"kind": "correction", "title": "x", "horizon_h": 24, "target": Target.of_object("hashtag", f"t{tag}")}
    made = plan_response(case, by=by, **{**given, **values})
    return told(made, at=at, by=by)


def told(made: Response, *, at: datetime, by: Membership, late: bool = False) -> Response:
    if not late:
        Response.objects.filter(pk=made.pk).update(planned_at=at - HOUR)
    tell_response(made, at=at, by=by)
    if not late:
        Response.objects.filter(pk=made.pk).update(told_at=at)
    made.refresh_from_db()
    return made


def codes(run: EffectRun) -> list[str]:
    return [reason["code"] for reason in run.reasons]


def test_what_stops_is_seen_and_what_goes_on_is_not(case: Case, analyst: Membership) -> None:
    fill(case.room, plenty(stop=3))
    respond(case, analyst, 3)
    respond(case, analyst, 8, kind="bulletin", at=AT + 3 * HOUR)
    assert work_out_effects(case.room, now=NOW) == 2
    stopped, went_on = EffectRun.objects.order_by("response__number")
    assert (stopped.reasons, stopped.posts, stopped.reduction) == ([], 0, 1.0)
    assert stopped.p_fewer is not None
    assert went_on.p_fewer is not None
    assert stopped.p_fewer < 0.05 < went_on.p_fewer
    assert stopped.n_controls >= 19
    assert stopped.low is not None
    assert 0.2 < stopped.low < 0.99  # some of it may be chance
    with override("en"):
        assert range_of(stopped)[0] == "−100%"
    assert went_on.low is not None
    assert went_on.high is not None
    assert went_on.low < 0 < went_on.high
    assert stopped.curve["hour"][0] == -72
    assert stopped.curve["treated"][-1] == 0
    pools = {pool.kind: pool for pool in EffectPool.objects.filter(split="")}
    assert {kind: pool.n for kind, pool in pools.items()} == {"": 2, "correction": 1, "bulletin": 1}
    assert not any(pool.drawn for pool in pools.values())


def test_an_effect_is_worked_out_once_when_late_posts_have_come(case: Case, analyst: Membership) -> None:
    fill(case.room, plenty(stop=3))
    made = respond(case, analyst, 3)
    assert made.ends_at == AT + 25 * HOUR
    for early in (made.ends_at, made.ends_at + 2.9 * HOUR):
        assert work_out_effects(case.room, now=early) == 0
    assert work_out_effects(case.room, now=made.ends_at + 3 * HOUR) == 1
    run = EffectRun.objects.get()
    assert run.reasons == []
    assert len(run.fitted["columns"]) % len(run.fitted["outcome"]) == 0
    pooled = EffectPool.objects.get(kind="", split="")  # of what was kept, as good as of the posts
    assert (pooled.low, pooled.high) == pytest.approx((run.low, run.high), abs=0.02)
    PostTable(folder_of("watch").posts).delete("post_id LIKE '3-%'")
    assert work_out_effects(case.room, now=NOW) == 0
    again = EffectRun.objects.get()
    assert (again.digest, again.at, again.p_fewer) == (run.digest, run.at, run.p_fewer)


def test_where_nothing_can_be_known_the_reason_is_kept(case: Case, analyst: Membership) -> None:
    fill(case.room, plenty()[:6])
    respond(case, analyst, 1)
    respond(case, analyst, 77)
    late = plan_response(
        case, kind="report", title="x", horizon_h=24, target=Target.of_object("hashtag", "t2"), by=analyst
    )
    told(late, at=AT, by=analyst, late=True)
    work_out_effects(case.room, now=NOW)
    few, unknown, planned_late = EffectRun.objects.order_by("response__number")
    assert codes(few) == ["effect.few-controls"]
    assert codes(unknown) == ["effect.unknown-target"]
    assert codes(planned_late) == ["effect.planned-late", "effect.told-late"]
    assert few.reduction is None
    assert few.curve == {}
    assert not EffectPool.objects.exists()


def test_who_tells_after_seeing_what_followed_has_no_effect_to_show(case: Case, analyst: Membership) -> None:
    """Two plans for one target, of which only the one that looks better is told: each is told too late to count."""
    fill(case.room, plenty(stop=3))
    made = respond(case, analyst, 3)
    Response.objects.filter(pk=made.pk).update(told_at=AT + 23 * HOUR)
    other = respond(case, analyst, 8, kind="bulletin")
    Response.objects.filter(pk=other.pk).update(told_at=AT + 25 * HOUR)
    work_out_effects(case.room, now=NOW)
    in_time, late = EffectRun.objects.order_by("response__number")
    assert codes(in_time) == []
    assert codes(late) == ["effect.told-late"]
    assert EffectPool.objects.get(kind="", split="").n == 1


def test_one_that_was_called_off_after_it_happened_is_counted_as_such(case: Case, analyst: Membership) -> None:
    made = respond(case, analyst, 3, at=timezone.now() - 2 * HOUR)
    page = client_of(analyst).get("/r/watch/responses/").content.decode()
    assert "Called off after they had happened" not in page
    cancel_response(made, reason="it looks bad", by=analyst)
    page = client_of(analyst).get("/r/watch/responses/").content.decode()
    assert "Called off after they had happened, and not counted: 1." in page


def test_hours_that_nobody_watched_say_nothing(case: Case, analyst: Membership) -> None:
    fill(case.room, plenty(stop=3))
    respond(case, analyst, 3)
    WatchGap.objects.create(from_at=AT + 4.5 * HOUR, until_at=AT + 6.2 * HOUR)
    work_out_effects(case.room, now=NOW)
    assert codes(EffectRun.objects.get()) == ["effect.not-watched"]
    assert EffectRun.objects.get().reasons[0]["values"]["n"] == 3


def test_a_large_source_that_failed_counts_a_small_or_silent_one_does_not(room: Room) -> None:
    fill(room, plenty()[:3])
    span = span_of(room, now=NOW)
    assert span.watched.all()
    sources = {slug: Source.objects.create(room=room, slug=slug, kind="upload", name=slug) for slug in ("wire", "blog")}
    for slug, reason in (("blog", "failing"), ("wire", "silent")):
        SourceGap.objects.create(source=sources[slug], from_at=AT, until_at=AT + HOUR, reason=reason)
    assert span_of(room, now=NOW).watched.all()
    SourceGap.objects.create(source=sources["wire"], from_at=AT, until_at=AT + HOUR, reason="failing")
    unwatched = np.flatnonzero(~span_of(room, now=NOW).watched)
    assert unwatched.tolist() == [int((AT - span.since) / HOUR)]


def test_one_that_was_called_off_is_neither_worked_out_nor_an_answer(case: Case, analyst: Membership) -> None:
    fill(case.room, plenty(stop=3))
    respond(case, analyst, 3)
    made = plan_response(
        case, kind="report", title="x", horizon_h=24, target=Target.of_object("hashtag", "t3"), by=analyst
    )
    cancel_response(made, reason="overtaken", by=analyst)
    assert work_out_effects(case.room, now=NOW) == 1
    assert EffectRun.objects.get().reasons == []


def test_two_answers_close_together_are_not_told_apart_but_doing_nothing_is_none(
    case: Case, analyst: Membership
) -> None:
    fill(case.room, plenty(stop=3))
    respond(case, analyst, 3)
    respond(case, analyst, 3, kind="nothing", at=AT + 2 * HOUR)
    work_out_effects(case.room, now=NOW)
    assert [run.reasons for run in EffectRun.objects.all()] == [[], []]
    assert {(pool.kind, pool.n) for pool in EffectPool.objects.filter(split="")} == {
        ("", 1),
        ("correction", 1),
        ("nothing", 1),
    }
    respond(case, analyst, 8)
    respond(case, analyst, 8, kind="report", at=AT + 2 * HOUR)
    work_out_effects(case.room, now=NOW)
    again = EffectRun.objects.filter(response__object_id="t8")
    assert [codes(run) for run in again] == [["effect.answered-again"]] * 2


def narratives(case: Case, tmp_path: Path, counts: np.ndarray, monkeypatch: pytest.MonkeyPatch) -> list[Narrative]:
    """Give a room narratives whose posts are those of the counts."""
    frame = posts_of(counts).select(
        "platform", "post_id", "account_id", "created_at", text_id="post_id",
        narrative=pl.col("post_id").str.split("-").list.first().cast(pl.Int64),
    )  # fmt: skip
    frame.write_parquet(tmp_path / "members.parquet")
    monkeypatch.setattr(counting, "members_path", lambda _: tmp_path / "members.parquet")
    now = timezone.now()
    return [
        Narrative.objects.create(
            room=case.room, number=key + 1, key=key, first_at=now, last_at=now, found_at=now, start_at=now
        )
        for key in range(len(counts))
    ]


def test_a_drawn_response_is_compared_with_its_lot(
    case: Case, analyst: Membership, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stories = narratives(case, tmp_path, plenty(), monkeypatch)
    lot = draw_lot(
        case, narratives=stories[4:8], kind="bulletin", title="x", horizon_h=24, by=analyst
    )  # fmt: skip
    told(Response.objects.get(lot=lot), at=AT, by=analyst)
    work_out_effects(case.room, now=NOW)
    run = EffectRun.objects.get()
    assert run.drawn
    odds = run.fitted["odds"]
    assert odds[:4] == [0.25] * 4
    assert set(odds[4:]) == {0.0}
    assert run.p_fewer in (0.25, 0.5, 0.75, 1.0)
    assert [(pool.drawn, pool.n) for pool in EffectPool.objects.filter(kind="", split="")] == [(True, 1)]


def test_posts_are_counted_by_narrative_group_link_and_hashtag(
    case: Case, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    counts = plenty()[:5]
    fill(case.room, counts)
    narratives(case, tmp_path, counts, monkeypatch)
    span = span_of(case.room, now=NOW)
    begin = int((START - span.since) / HOUR)
    for family, names in (
        ("narrative", [str(n) for n in range(5)]), ("hashtag", [f"t{n}" for n in range(5)]),
        ("link", [f"https://example.org/{n}" for n in range(5)]),
    ):  # fmt: skip
        found = count(span, family, least=20, keep=set())
        assert found.names == names
        assert (found.series.counts[:, begin : begin + 190] == counts).all()
        assert found.series.counts.sum() == counts.sum()


def test_elsewhere_is_what_early_accounts_post_in_other_narratives(
    case: Case, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    narratives(case, tmp_path, plenty()[:3], monkeypatch)
    frame = pl.read_parquet(tmp_path / "members.parquet")
    extra = frame.filter(pl.col("narrative") == 1).head(7).with_columns(account_id=pl.lit("a0-0"))
    pl.concat([frame, extra.with_columns(post_id=pl.col("post_id") + "e")]).write_parquet(tmp_path / "members.parquet")
    found = count(span_of(case.room, now=NOW), "narrative", least=20, keep=set())
    other = found.elsewhere(EffectConfig()).counts.sum(axis=1)
    assert other[0] == 7
    assert other[1] == (frame.filter(pl.col("account_id") == "a0-0").height)
    assert other[2] == 0


def test_effects_are_pooled_by_delay_place_and_language_too(
    case: Case, analyst: Membership, north: Place, south: Place
) -> None:
    fill(case.room, plenty(stop=3))
    for tag, language, places in ((3, "fa-IR", [north, south]), (8, "fa", [north]), (12, "", [])):
        made = respond(case, analyst, tag)
        Response.objects.filter(pk=made.pk).update(language=language)
        made.places.set(places)
    work_out_effects(case.room, now=NOW)
    parts = {(pool.split, pool.value): pool.n for pool in EffectPool.objects.exclude(split="")}
    assert parts[("language", "fa")] == 2
    assert {key: n for key, n in parts.items() if key[0] == "place"} == {("place", "north"): 2, ("place", "south"): 1}
    assert sum(n for (split, _), n in parts.items() if split == "delay") == 3
    delays = EffectRun.objects.values_list("delay_h", flat=True)
    assert all(hours is not None and hours > 0 for hours in delays)
