"""Three rooms with posts, made once for a module; each test works in a copy of them."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from django.db import connections
from django.test import override_settings

from dideban.room.members.models import Membership
from dideban.room.rooms.models import Room
from room.joint.cast import SLUGS, Together, make_bosses, make_rooms, make_together


@contextmanager
def working_in(folder: Path) -> Iterator[None]:
    """Let Django work in a data folder."""
    link = connections["default"]
    link.close()
    before = link.settings_dict["NAME"]
    link.settings_dict["NAME"] = str(folder / "room.sqlite3")
    with override_settings(DATA=folder, PASSWORD_HASHERS=["django.contrib.auth.hashers.MD5PasswordHasher"]):
        yield
    link.close()
    link.settings_dict["NAME"] = before


@pytest.fixture(scope="module")
def furnished(migrated: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder with three rooms, their posts and two members each."""
    folder = tmp_path_factory.mktemp("three") / "data"
    folder.mkdir()
    shutil.copy(migrated, folder / "room.sqlite3")
    with working_in(folder):
        make_bosses(make_rooms())
    return folder


@pytest.fixture
def together(furnished: Path, tmp_path: Path) -> Iterator[Together]:
    """Three rooms that have joined an epoch."""
    folder = tmp_path / "data"
    shutil.copytree(furnished, folder)
    with working_in(folder):
        rooms = [Room.objects.get(slug=slug) for slug in SLUGS]
        members = [
            list(Membership.objects.filter(room=one).select_related("room", "member").order_by("pk")) for one in rooms
        ]
        yield make_together(rooms, [(two[0], two[1]) for two in members], tmp_path)
