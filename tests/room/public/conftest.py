"""Who publishes: Ben writes, Eve agrees."""

from __future__ import annotations

import pytest

from dideban.room.members.models import Membership
from dideban.room.roles import Role
from dideban.room.rooms.models import Room
from room.cast import join


@pytest.fixture
def ben(room: Room) -> Membership:
    return join(room, "ben", Role.ANALYST)


@pytest.fixture
def eve(room: Room) -> Membership:
    return join(room, "eve", Role.EDITOR)
