"""Comments of readers: a process and a database of their own, with no way into the room. Nothing is shown unread."""

from __future__ import annotations

from dideban.comments.service import CommentDesk
from dideban.comments.store import CommentStore

__all__ = ["CommentDesk", "CommentStore"]
