"""A room that the first version with rooms made is upgraded whole: database, posts, spool, keys, files, trail.

``tests/testdata/first-room.tar.gz`` is frozen: ``room.sql`` is the dump of its database, the rest its data folder.
"""

from __future__ import annotations

import shutil
import sqlite3
import tarfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest

from room.cast import client_of  # isort: skip # makes Django ready
from django.core.management import call_command
from django.db import connections
from django.test import override_settings
from django.utils import timezone

from dideban.room.audit.models import AuditEvent
from dideban.room.audit.verify import anchor, verify
from dideban.room.cases.models import Case, CaseFile, Handover, Note, Task
from dideban.room.findings.models import Comment, KeptFinding, Verdict
from dideban.room.members.models import Member, Membership
from dideban.room.posts.actions import ask_erasure, open_reveal
from dideban.room.posts.merge import merge_all
from dideban.room.posts.models import Erasure, Reveal
from dideban.room.posts.search import Query, Scope, search_posts
from dideban.room.roles import Role
from dideban.room.rooms.folder import folder_of
from dideban.room.upkeep.health import check_all, schema_trouble
from dideban.store.delta import PostTable
from room.once import unmeasured

FROZEN = Path(__file__).parents[1] / "testdata" / "first-room.tar.gz"
N_POSTS, N_EVENTS = 60, 27


pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def upgraded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The data folder of that room, upgraded."""
    home = tmp_path_factory.mktemp("first")
    with tarfile.open(FROZEN) as archive:
        archive.extractall(home, filter="data")
    with sqlite3.connect(home / "room.sqlite3") as link:
        link.executescript((home / "room.sql").read_text("utf-8"))
    link.close()
    with working_in(home):
        assert "older" in schema_trouble()
        with unmeasured():
            call_command("migrate", verbosity=0)
            call_command("createcachetable", verbosity=0)
    return home


@pytest.fixture
def first(upgraded: Path, tmp_path: Path) -> Iterator[Path]:
    """A copy for one test, with Django at work in it."""
    home = tmp_path / "data"
    shutil.copytree(upgraded, home)
    with working_in(home):
        yield home


@contextmanager
def working_in(home: Path) -> Iterator[None]:
    django = connections["default"]
    django.close()
    before = django.settings_dict["NAME"]
    django.settings_dict["NAME"] = str(home / "room.sqlite3")
    with override_settings(DATA=home):
        yield
    django.close()
    django.settings_dict["NAME"] = before


def test_a_room_of_the_first_version_is_upgraded_with_everything_in_it(first: Path) -> None:
    assert not schema_trouble()
    found = verify()  # nobody anchored that room, and its events are old
    assert {message.code for message in found.found} <= {"trail.anchors-missing"}
    assert anchor()
    found = verify()
    assert (found.problems, found.n_events) == ([], N_EVENTS)
    roles = dict(Membership.objects.values_list("member__username", "role"))
    assert roles == {"alice": Role.COORDINATOR, "ben": Role.ANALYST, "carl": Role.EDITOR}
    assert Member.objects.get(username="ben").check_password("correct horse battery staple")
    for model in (Case, Task, Note, CaseFile, Handover, KeptFinding, Verdict, Comment, Reveal):
        assert model.objects.count() == 1, model
    merge_all("watch")
    stored = PostTable(folder_of("watch").posts).scan(columns=["post_id"]).collect()["post_id"].to_list()
    assert len(stored) == len(set(stored)) == N_POSTS
    assert [one for one in check_all()["problems"] if "E00" not in one] == []


def test_members_work_on_in_an_upgraded_room(first: Path) -> None:
    merge_all("watch")
    assert anchor()
    alice = Membership.objects.select_related("room", "member").get(member__username="alice")
    browser = client_of(alice)
    pages = ("", "findings/", "findings/1/", "posts/", "cases/", "cases/1/", "sources/", "rules/", "reveals/", "audit/")
    for page in (*pages, "members/", "settings/", "review/", "responses/", "narratives/", "handovers/", "erasures/"):
        assert browser.get(f"/r/watch/{page}").status_code == 200, page
    assert b"content of a file" in browser.get(f"/r/watch/cases/1/files/{CaseFile.objects.get().pk}/").getvalue()
    assert len(search_posts("watch", Query(text="festival"), scope=Scope(), limit=100).posts) == N_POSTS
    ben = Membership.objects.select_related("room", "member").get(member__username="ben")
    Reveal.objects.update(expires_at=timezone.now() + timedelta(hours=1))
    original = open_reveal(Reveal.objects.get(), by=ben)
    assert original.startswith("acc")
    ask_erasure(alice.room, account="acc3", platform="x", reason="They asked for it", by=alice)
    assert Erasure.objects.get().done_at is not None
    left = PostTable(folder_of("watch").posts).scan(columns=["post_id"]).collect().height
    assert left == N_POSTS - len([n for n in range(N_POSTS) if n % 7 == 3])
    assert verify().is_whole
    assert AuditEvent.objects.filter(action="person.erased").exists()
