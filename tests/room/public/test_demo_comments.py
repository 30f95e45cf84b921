"""A demo has comments: some are shown, some wait, and what a moderator shows stands on the site soon."""

from __future__ import annotations

import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.test import override_settings

from dideban.comments import CommentDesk, CommentStore
from dideban.comments.site_pages import published_at
from dideban.room.members.models import Membership
from dideban.room.processes.comments import comments_child
from dideban.room.processes.public_site import CommentWatch, build
from dideban.room.processes.supervisor import Child
from dideban.room.roles import Role
from dideban.room.rooms.folder import folder_of
from dideban.room.rooms.models import Room
from dideban.room.upkeep.demo_comments import make_comments
from dideban.room.upkeep.demo_pages import make_pages
from room.cast import client_of, join
from room.running import free_port

PAGE = "/en/bulletins/water-rumour/"


@pytest.fixture
def comments(tmp_path: Path) -> Iterator[Path]:
    with override_settings(COMMENTS=str(tmp_path / "comments"), COMMENTS_URL="http://127.0.0.1:8767"):
        yield tmp_path / "comments"


@pytest.fixture
def desk(room: Room, comments: Path) -> CommentDesk:
    """The comments of a demo whose site is built."""
    lead: Membership = join(room, "demo", Role.COORDINATOR)
    make_pages(room, lead)
    make_comments()
    build(room, always=True)
    return CommentDesk(store=CommentStore(comments), site=folder_of(room.slug).site)


def test_comments_of_the_demo_are_about_its_pages_and_made_once(desk: CommentDesk) -> None:
    groups, total = desk.queue()
    assert total >= 10
    assert max(group.n for group in groups) >= 5  # a campaign in our own comments
    assert {hint.kind for group in groups for hint in group.hints} >= {"name", "phone", "mail", "address"}
    assert all(published_at(desk.site, page) for group in groups for page in group.pages)
    key = make_comments()
    assert desk.moderator(key) == "demo"
    assert desk.moderator(make_comments()) == "demo"
    assert desk.moderator(key) == ""  # an earlier key ends
    assert desk.queue()[1] == total


def test_what_a_moderator_shows_stands_on_the_site_with_the_next_look(room: Room, desk: CommentDesk) -> None:
    watch, path = CommentWatch(), folder_of(room.slug).site / PAGE.strip("/") / "index.html"
    words = "how many of the posts were reposts"
    assert words not in path.read_text("utf-8")
    assert f"http://127.0.0.1:8767/?page={PAGE}" in path.read_text("utf-8")
    built = path.stat().st_mtime_ns
    watch.look()
    assert path.stat().st_mtime_ns == built  # nothing had changed
    group = next(one for one in desk.queue()[0] if words in one.first["body"])
    desk.decide([(group.cluster, group.last_id)], do="show", by="demo")
    watch.look()
    assert words in path.read_text("utf-8")
    desk.take_back(group.first["id"], by="demo")
    watch.look()
    assert words in path.read_text("utf-8")  # the machine rests after a build
    watch.not_before = 0.0
    watch.look()
    assert words not in path.read_text("utf-8")


def test_members_find_the_queue_from_the_room(room: Room, comments: Path) -> None:
    ben = join(room, "ben", Role.ANALYST)
    address = "http://127.0.0.1:8767/queue/"
    assert address in client_of(ben).get("/r/watch/publish/").content.decode()
    with override_settings(COMMENTS_URL=""):
        assert address not in client_of(ben).get("/r/watch/publish/").content.decode()


def test_the_process_sees_nothing_of_the_room_and_the_site_stands_without_it(
    room: Room, desk: CommentDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("DIDEBAN_ROOM_SECRET_KEY", "DIDEBAN_ROOM_EMAIL_PASSWORD", "DATABASE_URL"):
        monkeypatch.setenv(name, "secret")
    port = free_port()
    child = comments_child("127.0.0.1", port)
    assert "secret" not in child._environment().values()
    child.keep(time.monotonic())
    assert child.process is not None
    try:
        assert "water" in _asked(port, f"/?page={PAGE}")
    finally:
        child.process.kill()
        child.process.wait()
    build(room, always=True)
    assert "The water works" in (desk.site / PAGE.strip("/") / "index.html").read_text("utf-8")


def test_other_processes_of_a_room_have_all_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DIDEBAN_ROOM_DATA", "/somewhere")
    assert Child("web", [])._environment()["DIDEBAN_ROOM_DATA"] == "/somewhere"


def _asked(port: int, path: str) -> str:
    for _ in range(150):
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=5) as answer:
                return str(answer.read().decode())
        except (urllib.error.URLError, ConnectionError):
            time.sleep(0.1)
    raise AssertionError("no answer in 15 s")
