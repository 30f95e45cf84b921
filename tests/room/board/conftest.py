"""A room with one of everything in it, made once and copied for every test."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import polars as pl
import pytest
from django.db import connections
from django.test import override_settings
from django.utils import timezone

from dideban.errors import SourceError
from dideban.messages import Message
from dideban.room.cases import actions as cases
from dideban.room.cases.models import Case
from dideban.room.findings.actions import add_comment, give_verdict
from dideban.room.findings.models import FollowedGroup
from dideban.room.members.models import Member, Membership
from dideban.room.narratives.models import Narrative
from dideban.room.past.models import PastRun
from dideban.room.posts.actions import ask_reveal, save_search
from dideban.room.posts.intake import keep_frame, origin_of
from dideban.room.posts.merge import merge_all
from dideban.room.posts.search import Query
from dideban.room.responses.actions import draw_lot, plan_response, tell_response
from dideban.room.responses.models import EffectPool, EffectRun, Response
from dideban.room.responses.targets import Target
from dideban.room.roles import Role
from dideban.room.rooms.actions import save_place
from dideban.room.rooms.models import Room
from dideban.room.sources.actions import add_source
from dideban.room.sources.models import Source
from dideban.room.ticks.run import run_tick
from dideban.room.upkeep.setup import make_room
from dideban.room.wording.problems import to_text
from dideban.simulate import make_sample
from room.cast import join
from room.once import made_once

HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture(scope="session")
def furnished_home(migrated: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The data folder of a room with posts, findings, cases and people."""

    def make(folder: Path) -> None:
        shutil.copy(migrated, folder / "room.sqlite3")
        for _ in _working_in(folder):
            _furnish()

    return made_once(tmp_path_factory, "furnished", make)


@pytest.fixture
def furnished(furnished_home: Path, tmp_path: Path) -> Iterator[Room]:
    """The furnished room, a copy for one test."""
    folder = tmp_path / "furnished"
    shutil.copytree(furnished_home, folder)
    for _ in _working_in(folder):
        yield Room.objects.get(slug="watch")


def _working_in(folder: Path) -> Iterator[Path]:
    link = connections["default"]
    link.close()
    before = link.settings_dict["NAME"]
    link.settings_dict["NAME"] = str(folder / "room.sqlite3")
    with override_settings(DATA=folder, PASSWORD_HASHERS=HASHERS):
        yield folder
    link.close()
    link.settings_dict["NAME"] = before


def _furnish() -> None:
    room = make_room(slug="watch", name="Watch")
    lead, ben = join(room, "alice", Role.COORDINATOR), join(room, "ben", Role.ANALYST)
    join(room, "bob", Role.VIEWER)
    for name, language in (("ben", "fa"), ("bob", "ar")):
        Member.objects.filter(username=name).update(language=language)
    north = save_place(room, name="North", names={"fa": "شمال", "ar": "الشمال"}, by=lead)
    upload = add_source(room, kind="upload", name="Files", place=north, by=lead)
    feed = add_source(room, kind="feed", name="Wire", settings={"url": "https://news.example/feed"}, by=lead)
    Source.objects.filter(pk=feed.pk).update(
        last_error=to_text(SourceError("room.http-failed", status=503)), n_failures=4
    )
    posts = make_sample(seed=9, n_posts=5_000, days=5).posts
    shift = timezone.now() - posts["created_at"].max()  # type: ignore[operator] # a time
    keep_frame(posts.with_columns(pl.col("created_at") + shift), origin=origin_of(upload))
    merge_all("watch")
    tick = run_tick(room)
    assert tick is not None
    assert tick.status == "done"
    group = FollowedGroup.objects.get(number=1)
    assert group.current is not None
    give_verdict(group, finding=group.current, kind="confirmed", reason="Seen thrice.", by=lead)
    add_comment(group, text="این را پیش‌تر دیده بودیم. <b>x</b>", by=ben)
    case = cases.open_case(room, title="موج شبانه", summary="**bold**", places=[north], groups=[group], by=lead)
    cases.add_task(case, title="Ask", owner=lead.member, due_at=timezone.now() - timedelta(hours=1), by=lead)
    cases.add_note(case, text="a [link](https://example.org)", by=lead)
    cases.add_note(case, text="We wait.", kind="decision", by=lead)
    cases.add_file(case, name="table.csv", chunks=[b"a,b\n"], by=lead)
    _respond(room, case, lead)
    other = cases.open_case(room, title="Echo", by=lead)
    cases.link_cases(case, other=other, reason="same", by=lead)
    cases.hand_over(room, text="Calm night.", to=lead.member, cases=[case], by=ben)
    save_search(room, name="bridge", query=Query(text="bridge"), by=lead)
    for number, status in ((1, "done"), (2, "waiting")):
        now = timezone.now()
        PastRun.objects.create(room=room, number=number, since=now, until=now, asked_at=now, status=status)
    ask_reveal(room, account_id=group.current.document["accounts"][0], reason="To ask them for a comment.", by=ben)


def _respond(room: Room, case: Case, by: Membership) -> None:
    """One response whose effect is known, one that cannot be known, one that was drawn and has not happened."""
    at = timezone.now() - timedelta(days=3)
    Room.objects.filter(pk=room.pk).update(created_at=at - timedelta(days=9))
    room.refresh_from_db()
    case.room = room
    stories = list(Narrative.objects.filter(room=room).order_by("number")[:2])
    for tag in ("bridge", "harbour"):
        target = Target.of_object("hashtag", tag)
        made = plan_response(case, kind="correction", title="Wire", target=target, horizon_h=24, by=by)
        Response.objects.filter(pk=made.pk).update(planned_at=at - timedelta(hours=1))
        tell_response(made, at=at, url="https://example.org/a", language="fa", by=by)
    known, unknown = Response.objects.order_by("number")
    hours = list(range(-72, 25))
    curve = {"hour": hours, "treated": [9.0 if h < 0 else 2.0 for h in hours]}
    curve |= {name: [k + 9.0 for _ in hours] for name, k in (("low", -4), ("middle", 0), ("high", 7))}
    figures = {"posts": 48, "expected": 216.0, "reduction": 0.78, "low": -0.2, "high": 0.94, "p_fewer": 0.04,
               "p_more": 0.97, "e_value": 4.2, "gamma": 1.3, "placebo_p": 0.6, "life_share": 0.4}  # fmt: skip
    EffectRun.objects.create(
        response=known, version="effect-1", at=at, n_controls=41, curve=curve, digest="0" * 64, without_low=0.03,
        without_high=0.05, **figures,
    )  # fmt: skip
    reasons = [Message("effect.few-controls", n=4, least=19), Message("effect.not-watched", n=2)]
    EffectRun.objects.create(
        response=unknown, version="effect-1", at=at, n_controls=4, reasons=[one.to_dict() for one in reasons],
        digest="1" * 64,
    )  # fmt: skip
    for drawn in (True, False):
        EffectPool.objects.create(
            room=room, kind="correction", horizon_h=24, drawn=drawn, version="effect-1", at=at, n=1, n_needed=17,
            **{name: figures[name] for name in ("reduction", "low", "high", "p_fewer", "p_more", "e_value", "gamma")},
        )  # fmt: skip
    assert len(stories) == 2
    for story in stories:
        cases.link_narrative(case, narrative=story, by=by)
    draw_lot(case, narratives=stories, kind="bulletin", title="Ask", horizon_h=48, by=by)
