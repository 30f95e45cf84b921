"""Where nothing was found the pages say why, what was tested, and what no analysis reads."""

from __future__ import annotations

from datetime import timedelta

import orjson
import pytest

from dideban.messages import Message, describe
from dideban.room.board.presenters.silence import outside_of
from dideban.room.findings.models import FollowedGroup
from dideban.room.members.models import Member
from dideban.room.rooms.folder import folder_of
from dideban.room.rooms.models import Place, Room
from room.cast import client_of


def say_of_run(room: Room, *, enough: bool) -> None:
    path = folder_of(room.slug).scan / "run.json"
    run = orjson.loads(path.read_bytes())
    reason = Message("note.nothing-to-test")
    run["selfcheck"] = {
        **(run.get("selfcheck") or {}),
        "enough_data": enough,
        "reason": describe(reason),
        "n_proposed": 7,
    }
    path.write_bytes(orjson.dumps(run))


def body(path: str, who: str = "alice") -> str:
    return client_of(Member.objects.get(username=who)).get(f"/r/watch/{path}").content.decode()


@pytest.mark.parametrize("path", ["", "findings/"])
def test_too_little_data_is_not_called_nothing_found(furnished: Room, path: str) -> None:
    FollowedGroup.objects.all().delete()
    say_of_run(furnished, enough=False)
    assert "Not enough data" in body(path)
    assert "groups picked out" in body(path)
    say_of_run(furnished, enough=True)
    assert "There was enough to test" in body(path)


def test_a_room_without_posts_is_not_told_what_its_posts_lack(furnished: Room) -> None:
    FollowedGroup.objects.all().delete()
    say_of_run(furnished, enough=False)
    assert "The horizon holds no posts" not in body("findings/")
    path = folder_of(furnished.slug).scan / "run.json"
    run = orjson.loads(path.read_bytes())
    run["counts"]["posts"] = 0
    path.write_bytes(orjson.dumps(run))
    said = body("findings/")
    assert "Not enough data" in said
    assert "The horizon holds no posts" in said
    assert "two accounts" not in said


@pytest.mark.parametrize("path", ["", "findings/"])
def test_a_member_limited_to_places_reads_why_without_counts_of_the_room(furnished: Room, path: str) -> None:
    FollowedGroup.objects.all().delete()
    say_of_run(furnished, enough=False)
    bob = Member.objects.get(username="bob").memberships.get(room=furnished)
    bob.places.add(Place.objects.filter(room=furnished).order_by("pk")[0])
    said = body(path, "bob")
    assert "البيانات غير كافية" in said
    assert "المجموعات المختارة" not in said
    assert "لا يُحسب هنا" in said


def test_posts_outside_the_horizon_are_said_at_once(furnished: Room) -> None:
    assert outside_of(furnished) is None
    Room.objects.filter(pk=furnished.pk).update(horizon_days=1)
    furnished.refresh_from_db()
    outside = outside_of(furnished)
    assert outside is not None
    assert outside.n > 0
    assert outside.first <= outside.last < outside.horizon_at
    assert outside.horizon_at - outside.first < timedelta(days=60)
    assert "Posts older than the horizon" in body("findings/")


def test_a_record_that_cannot_be_read_is_no_error(furnished: Room) -> None:
    (folder_of("watch").scan / "run.json").write_bytes(b"[1]")
    assert "<h1>" in body("findings/")
