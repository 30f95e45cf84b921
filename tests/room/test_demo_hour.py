"""The hour of a demo: each act comes when its table says, the room makes of it what it should, and it all fits in."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from django.utils import timezone

from dideban.config import load_config
from dideban.findings.narratives.incremental import members_path
from dideban.pipelines.analysis import analyse
from dideban.room.alerts.models import Alert, RuleKind
from dideban.room.alerts.room_state import watch_sources
from dideban.room.board.presenters.demo import AGAIN, EFFECT, hour_of
from dideban.room.cases.actions import open_case
from dideban.room.findings.models import FollowedGroup
from dideban.room.members.models import Membership
from dideban.room.narratives import follow
from dideban.room.posts.merge import merge
from dideban.room.responses.actions import plan_response
from dideban.room.responses.models import Response
from dideban.room.responses.targets import Target
from dideban.room.rooms.folder import folder_of
from dideban.room.rooms.models import Room
from dideban.room.sources.demo.acts import ROUND_MINUTES, STORY, acts, campaigns
from dideban.room.sources.demo.connector import FIRST_SEED, first_state, send_due
from dideban.room.sources.demo.stream import PARTS, dated, history, round_posts
from dideban.room.sources.health import health_of, note_merged
from dideban.room.sources.models import Health, Source
from dideban.room.ticks.run import run_tick
from dideban.room.upkeep.demo_room import SECOND, make_demo
from dideban.room.upkeep.demo_rounds import forget_rounds
from dideban.room.upkeep.setup import make_room
from dideban.room.wording.words import WORDS
from dideban.store.delta import PostTable

SEED = 7


def test_the_table_makes_sense() -> None:
    table = acts()
    assert table[0].minute <= 3, "there is something to see within three minutes"
    gaps = [b.minute - a.minute for a, b in pairwise(table)]
    assert max(gaps) <= 8
    assert ROUND_MINUTES - table[-1].ends <= 10
    assert all(act.group in {*campaigns(), STORY, ""} for act in table)
    assert {act.slug for act in table} | {EFFECT, AGAIN} <= set(WORDS["demo_act"])
    for group in {act.group for act in table if act.group}:
        parts = sorted(act.part for act in table if act.group == group)
        assert [parts[0][0], *(high for _, high in parts)] == [*(low for low, _ in parts), 100]


def test_posts_come_with_their_acts_and_the_second_source_is_silent() -> None:
    posts = round_posts(SEED + FIRST_SEED)
    minute = pl.col("after_s") / 60
    for act in acts():
        if act.group and act.part == (0, 100):
            theirs = posts.filter(pl.col("group") == act.group).select(low=minute.min(), high=minute.max()).row(0)
            assert act.minute <= theirs[0] <= theirs[1] <= act.ends
        if act.expects == "silence":
            second = posts.filter(pl.col("part") == PARTS[1])
            assert second.filter(minute.is_between(act.minute, act.ends, closed="left")).is_empty()
            assert second.filter(minute < act.minute).height > 100
            assert second.filter(minute == act.ends).height > 10, "it brings what it kept back"
    assert posts["after_s"].is_between(0, 60 * ROUND_MINUTES).all()
    assert posts["post_id"].is_unique().all()
    assert posts.equals(round_posts.__wrapped__(SEED + FIRST_SEED)), "the same seed, the same hour"
    began = timezone.now()
    assert dated(posts, began)["created_at"].max() <= began  # type: ignore[operator]


def test_two_rounds_share_no_post_and_no_account() -> None:
    one, other = round_posts(SEED + FIRST_SEED), round_posts(SEED + FIRST_SEED + 1)
    for name in ("post_id", "account_id"):
        assert set(one[name]) & set(other[name]) == set()


def test_visitors_are_told_what_comes_next(room: Room) -> None:
    now = timezone.now()
    assert hour_of(room, responses=Response.objects.all(), now=now) is None
    Room.objects.filter(pk=room.pk).update(is_demo=True)
    room.refresh_from_db()
    source = Source.objects.create(room=room, kind="demo", slug="s", name="s", settings={"pace": 2})
    assert hour_of(room, responses=Response.objects.all(), now=now) is None, "its stream has not begun"
    source.state = first_state(now - timedelta(minutes=5))
    source.save()
    told = hour_of(room, responses=Response.objects.all(), now=now)
    assert told is not None
    assert [one.slug for one in told.past] == ["campaign", "growth"]
    assert (told.following.slug, told.following.in_s) == ("second", 120.0)
    assert told.later[-1].slug == "again"


def test_visitors_are_told_when_an_effect_becomes_known(room: Room, lead: Membership) -> None:
    now = timezone.now()
    Room.objects.filter(pk=room.pk).update(is_demo=True, created_at=now - timedelta(days=9))
    room.refresh_from_db()
    state = first_state(now.replace(minute=50, second=0, microsecond=0) - timedelta(hours=1))
    Source.objects.create(room=room, kind="demo", slug="s", name="s", state=state)
    case = open_case(room, title="x", by=lead)
    for n, hours in enumerate((52, 51, 400)):  # known at the next whole hour, an hour later, and long ago
        target = Target.of_object("hashtag", f"t{n}")
        made = plan_response(case, kind="correction", title="x", target=target, horizon_h=48, by=lead)
        at = now.replace(minute=30) - timedelta(hours=hours)
        Response.objects.filter(pk=made.pk).update(planned_at=at, at=at)
    told = hour_of(room, responses=Response.objects.all(), now=now.replace(minute=51) - timedelta(hours=1))
    assert told is not None
    assert [(one.slug, one.minute) for one in [told.following, *told.later] if one.slug == "effect"] == [
        ("effect", 10.0)
    ]


class Hour:
    """A demo whose hour is played as fast as the room can follow."""

    def __init__(self, room: Room) -> None:
        make_demo(room, seed=SEED)
        self.room = Room.objects.get(pk=room.pk)
        self.began = timezone.now()
        self.states: dict[int, dict[str, Any]] = {}

    def play(self, minute: float) -> None:
        """Send what is due until a minute of the hour, and let the room look at it."""
        for source in Source.objects.filter(kind="demo").select_related("room", "place"):
            state = self.states.get(source.pk, first_state(self.began))
            self.states[source.pk] = send_due(source, state, now=self.began + timedelta(minutes=minute))
            Source.objects.filter(pk=source.pk).update(state=self.states[source.pk])
        while (merged := merge(self.room.slug)) is not None:
            note_merged(self.room, merged)
        self.room.refresh_from_db()  # the owners that were declared meanwhile
        tick = run_tick(self.room)
        assert tick is not None
        assert tick.status == "done", tick.error

    def groups(self) -> dict[str, list[FollowedGroup]]:
        """Return what was found: group of the script ("" = of the days before) to findings."""
        posts = round_posts(SEED + FIRST_SEED).select("post_id", "group")
        stored = PostTable(folder_of(self.room.slug).posts).scan(columns=["post_id", "account_id"]).collect()
        by_account = dict(stored.join(posts, on="post_id").select("account_id", "group").iter_rows())
        found: dict[str, list[FollowedGroup]] = {}
        for one in FollowedGroup.objects.filter(is_active=True, current__is_lead=False).select_related("current"):
            theirs = {by_account.get(account) or "" for account in one.members}
            assert len(theirs) == 1, "a finding mixes what the script keeps apart"
            found.setdefault(theirs.pop(), []).append(one)
        return found

    def of(self, group: str) -> list[FollowedGroup]:
        """Return the findings and leads of three or more accounts, all of them of one group of the script."""
        posts = round_posts(SEED + FIRST_SEED).filter(pl.col("group") == group).select("post_id")
        stored = PostTable(folder_of(self.room.slug).posts).scan(columns=["post_id", "account_id"]).collect()
        theirs = set(stored.join(posts, on="post_id")["account_id"])
        active = FollowedGroup.objects.filter(is_active=True).select_related("current")
        return [one for one in active if len(one.members) >= 3 and set(one.members) <= theirs]

    def told(self) -> int:
        """Return how many posts of the story are in the narrative that holds most of them."""
        path = members_path(folder_of(self.room.slug).narratives)
        assert path is not None
        story = round_posts(SEED + FIRST_SEED).filter(pl.col("group") == STORY).select("post_id")
        members = pl.read_parquet(path).drop_nulls("narrative").join(story, on="post_id")
        return int(members["narrative"].value_counts()["count"].max() or 0)  # type: ignore[arg-type]


@pytest.mark.slow
@pytest.mark.parametrize("clock", [1.0, 9.0, 17.4, 21.5])
def test_the_campaign_is_found_at_any_time_of_day_in_any_round(clock: float) -> None:
    began = datetime(2026, 3, 3, tzinfo=UTC) + timedelta(hours=clock)
    past = history(SEED, until=began - timedelta(minutes=1))
    for n in range(3):
        posts = round_posts(SEED + FIRST_SEED + n)
        theirs = set(posts.filter(pl.col("group") == "campaign")["account_id"])
        sent = dated(posts.filter(pl.col("after_s") <= 5 * 60), began)
        horizon = pl.concat([past, sent]).filter(pl.col("created_at") >= began - timedelta(days=7))
        found = analyse(horizon.lazy(), config=load_config(), selfcheck={}).findings
        assert any(not one.lead and set(one.accounts) <= theirs for one in found)


@pytest.fixture
def demo(data: Path) -> Room:
    """A room with the rules that every room begins with."""
    return make_room(slug="watch", name="Watch", is_demo=True)


@pytest.mark.slow
def test_the_whole_hour(demo: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(follow, "_pause_s", lambda _last: 0.0)  # the hour takes a minute: narratives rest for none
    hour = Hour(demo)
    hour.play(1)
    found = hour.groups()
    assert found.pop("", []), "the days before show something in the first minute"
    assert found == {}
    hour.play(5)
    first = {one.number for one in hour.groups()["campaign"]}
    assert first
    hour.play(12)
    grown = [one for one in hour.groups()["campaign"] if one.number in first]
    assert any(one.grew_at for one in grown)
    assert Alert.objects.filter(kind=RuleKind.GROWING_FINDING, group__in=grown).exists()
    hour.play(25)
    assert set(hour.groups()) == {"", "campaign", "second"}
    before = hour.told()
    assert before >= 5, "the story is a narrative"
    hour.play(36)
    found = hour.groups()
    assert {"", "campaign", "second", "choir"} <= set(found) <= {"", *campaigns()}
    (wire,) = hour.of("wire")
    checks = {one["check"]: one["outcome"] for one in wire.current.document["benign"]}  # type: ignore[union-attr]
    assert checks["same-owner"] == "explains"
    hour.play(42)
    assert hour.told() > 1.3 * before, "and it grows"
    hour.play(50)
    second = Source.objects.get(name=SECOND)
    later = timezone.now() + timedelta(seconds=second.silent_after_s + 1)
    assert health_of(second, now=later) == Health.SILENT
    watch_sources(hour.room, later)
    told = Alert.objects.filter(kind=RuleKind.SOURCE_SILENT)
    assert [alert.source for alert in told] == [second]
    hour.play(52)
    assert health_of(Source.objects.get(pk=second.pk)) == Health.OK
    assert not second.gaps.filter(until_at=None).exists()
    assert set(hour.groups()) <= {"", *campaigns()}, "nothing else is claimed"


@pytest.mark.slow
def test_past_rounds_are_forgotten_and_what_members_touched_stays(demo: Room) -> None:
    hour = Hour(demo)
    hour.play(5)
    kept, *_ = hour.groups()["campaign"]
    table = PostTable(folder_of(demo.slug).posts)
    assert forget_rounds(hour.room) == 0, "the first round goes on"
    n_history = table.scan(columns=["source"]).collect().height
    for n in (1, 2):
        hour.play(60 * n + 0.1)
        hour.play(60 * n + 1)
    n_before = table.scan(columns=["source"]).collect().height
    FollowedGroup.objects.update(is_active=False, last_found_at=hour.began - timedelta(days=1))
    FollowedGroup.objects.filter(pk=kept.pk).update(n_comments=1)
    gone = forget_rounds(hour.room)
    assert gone > 0
    assert table.scan(columns=["source"]).collect().height == n_before - gone
    assert n_before - gone < n_history
    assert datetime.fromisoformat(Source.objects.filter(kind="demo")[0].state["before"]) > hour.began
