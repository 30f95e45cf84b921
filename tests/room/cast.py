"""Django made ready for tests, and the people and posts they are about."""

from __future__ import annotations

import os
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

HOME = Path(tempfile.mkdtemp(prefix="dideban-room-tests-"))
os.environ.update(
    DJANGO_SETTINGS_MODULE="dideban.room.settings",
    DIDEBAN_ROOM_DATA=str(HOME / "data"),
    DIDEBAN_ROOM_SECRET_KEY="for tests only, and long enough to pass the check of length",
    DIDEBAN_ROOM_JOBS_IMMEDIATE="yes",
    DIDEBAN_ROOM_HOSTS="testserver,127.0.0.1,localhost",
    DIDEBAN_ROOM_LOG_LEVEL="CRITICAL",
    DIDEBAN_ROOM_SECOND_MEMBER_DAYS="0",
    DIDEBAN_ROOM_EMAIL_BACKEND="django.core.mail.backends.locmem.EmailBackend",
)
os.environ.pop("DATABASE_URL", None)
(HOME / "data").mkdir()

import django  # noqa: E402

django.setup()

from django.test import Client  # noqa: E402

from dideban.room.members.actions import add_membership, create_member  # noqa: E402
from dideban.room.members.models import Member, Membership  # noqa: E402
from dideban.room.roles import Role  # noqa: E402
from dideban.room.rooms.models import Place, Room  # noqa: E402

PASSWORD = "correct horse battery staple"
NOW = datetime.now(UTC).replace(microsecond=0)


def join(room: Room, name: str, role: Role, *places: Place) -> Membership:
    """Make a member and put them into the room."""
    member = create_member(username=name, password=PASSWORD, email=f"{name}@example.org", by=None)
    return add_membership(room, member, role=role, places=places, by=None)


def client_of(who: Membership | Member | None) -> Client:
    """A browser with somebody signed in."""
    client = Client()
    if who is not None:
        client.force_login(
            who.member if isinstance(who, Membership) else who, backend="django.contrib.auth.backends.ModelBackend"
        )
    return client


def post(n: int, **values: Any) -> dict[str, Any]:
    """One post as a plain record; ``n`` makes it different from others."""
    at = NOW - timedelta(hours=2) + timedelta(seconds=n)
    return {
        "post_id": f"p{n}", "account_id": f"acc{n % 7}", "platform": "x", "created_at": at.isoformat(),
        "text": f"A sentence about the harvest festival, number {n}", "urls": [], "hashtags": [], **values,
    }  # fmt: skip
