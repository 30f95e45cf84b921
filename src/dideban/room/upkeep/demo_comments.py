"""Comments of a demo, all made up: some are shown, others wait in the queue, one group of them is a campaign."""

from __future__ import annotations

import hashlib
import secrets
import time
import tomllib
from importlib.resources import files
from pathlib import Path

from django.conf import settings

from dideban.comments import CommentDesk, CommentStore
from dideban.comments.shown import write_shown
from dideban.room.rooms.folder import folder_of

ROOM = "watch"
MODERATOR = "demo"


def make_comments() -> str:
    """Fill the comments of a demo where there are none; return a fresh key for the queue."""
    store = CommentStore(Path(settings.COMMENTS))
    texts = tomllib.loads((files("dideban.room.upkeep") / "demo_comments.toml").read_text("utf-8"))["comments"]
    now = int(time.time())
    with store.connect() as link:
        if not link.execute("SELECT count(*) FROM comments").fetchone()[0]:
            link.executemany(
                "INSERT INTO comments (page, lang, name, body, state, secret_hash, at, changed_at)"
                " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                [
                    (
                        one["page"], one["page"][1:3], one.get("name", ""), one["body"], one["state"], _nobodys_key(),
                        now - 60 * one["minutes"], now - 60 * one["minutes"],
                    )
                    for one in texts
                ],
            )  # fmt: skip
    write_shown(store)
    return CommentDesk(store=store, site=folder_of(ROOM).site).add_moderator(MODERATOR)


def _nobodys_key() -> bytes:
    return hashlib.sha256(secrets.token_bytes(16)).digest()
