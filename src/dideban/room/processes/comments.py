"""The comments of a demo, beside web and worker; elsewhere ``dideban comments run`` serves them, as another user."""

from __future__ import annotations

import sys

from django.conf import settings

from dideban.comments import server
from dideban.room.processes.supervisor import Child
from dideban.room.rooms.folder import folder_of
from dideban.room.upkeep.demo_comments import ROOM

SETTINGS = ("DIDEBAN_ROOM_", "DATABASE_URL", "DJANGO_")


def comments_child(host: str, port: int) -> Child:
    """Return the comment process of the demo: it sees no setting and no secret of the room."""
    return Child(
        "comments", [sys.executable, "-P", "-m", "dideban.comments", host, str(port)],
        environment={server.FOLDER: settings.COMMENTS, server.SITE: str(folder_of(ROOM).site)}, hidden=SETTINGS,
    )  # fmt: skip
