"""A room of its own for every test: its data folder, its database, its keys."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson
import pytest
from django.utils import translation

from room.cast import HOME, join  # isort: skip - makes Django ready
from django.core import mail
from django.core.management import call_command
from django.db import connections
from django.test import override_settings
from django.test.utils import setup_test_environment, teardown_test_environment

from dideban.room.deferred_writes import deferred
from dideban.room.members.models import Member, Membership
from dideban.room.reader import posts
from dideban.room.reader.posts_child import answer
from dideban.room.roles import Role
from dideban.room.rooms.actions import create_room, save_place
from dideban.room.rooms.models import Place, Room
from room.once import made_once, unmeasured


@pytest.fixture(scope="session", autouse=True)
def _django() -> Iterator[None]:
    setup_test_environment()
    yield
    teardown_test_environment()
    for link in connections.all():
        link.close()
    shutil.rmtree(HOME, ignore_errors=True)


@pytest.fixture(autouse=True)
def _writes_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Write what may wait at once, also in a test that imports the server; no thread of one test writes in the next."""
    monkeypatch.setattr(deferred, "is_on", False)
    monkeypatch.setattr(deferred, "start", lambda _first: None)


@pytest.fixture(autouse=True)
def _language() -> Iterator[None]:
    """Each test begins in the language of the installation: a page that was read in another one leaves that behind."""
    translation.deactivate_all()
    translation.activate("en")
    yield
    translation.deactivate_all()


@pytest.fixture
def apart() -> None:
    """Files of posts are read in a process of its own, as in a room; to be asked for by tests of its bounds."""


@pytest.fixture(autouse=True)
def _reading_here(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Read files of posts inside the test, where nothing else is asked for: starting the process takes a second."""

    def asked(question: dict[str, Any]) -> Any:
        return orjson.loads(orjson.dumps(answer(orjson.loads(orjson.dumps(question))), default=str))

    if "apart" not in request.fixturenames:
        monkeypatch.setattr(posts, "_asked", asked)


@pytest.fixture(scope="session")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database with every table and nothing in it."""
    path = HOME / "data" / "room.sqlite3"

    def make(folder: Path) -> None:
        with unmeasured():
            call_command("migrate", verbosity=0)
            call_command("createcachetable")
        connections["default"].close()
        shutil.copy(path, folder / path.name)

    folder = made_once(tmp_path_factory, "migrated", make)
    if not path.exists():
        shutil.copy(folder / path.name, path)
    return path


@pytest.fixture
def data(migrated: Path, tmp_path: Path) -> Iterator[Path]:
    """A data folder with a database of its own, in which Django works for the length of the test."""
    folder = tmp_path / "data"
    folder.mkdir()
    shutil.copy(migrated, folder / "room.sqlite3")
    link = connections["default"]
    link.close()
    before = link.settings_dict["NAME"]
    link.settings_dict["NAME"] = str(folder / "room.sqlite3")
    mail.outbox = []
    with override_settings(DATA=folder, PASSWORD_HASHERS=["django.contrib.auth.hashers.MD5PasswordHasher"]):
        yield folder
    link.close()
    link.settings_dict["NAME"] = before


@pytest.fixture
def room(data: Path) -> Room:
    """A room called watch."""
    return create_room(slug="watch", name="Watch")


@pytest.fixture
def north(room: Room) -> Place:
    """A place of the room."""
    return save_place(room, name="North", by=None)


@pytest.fixture
def south(room: Room) -> Place:
    """Another place of the room."""
    return save_place(room, name="South", by=None)


@pytest.fixture
def lead(room: Room) -> Membership:
    """Alice, who leads the room."""
    return join(room, "alice", Role.COORDINATOR)


@pytest.fixture
def analyst(room: Room) -> Membership:
    """Ben, an analyst."""
    return join(room, "ben", Role.ANALYST)


@pytest.fixture
def viewer(room: Room) -> Membership:
    """Bob, who may look."""
    return join(room, "bob", Role.VIEWER)


@pytest.fixture
def outsider(room: Room) -> Member:
    """Charlie, who leads another room."""
    other = create_room(slug="elsewhere", name="Elsewhere")
    return join(other, "charlie", Role.COORDINATOR).member
