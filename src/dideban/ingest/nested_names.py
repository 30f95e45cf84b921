"""What a nested field is of, by the names of the objects around it: of whoever posted, of what is shared or shown."""

from __future__ import annotations

import re

from dideban.ingest.columns import plain
from dideban.ingest.likely_columns import spelled

_ACCOUNTS = frozenset(
    {"peer", "chat", "sender", "from", "user", "author", "owner", "channel", "account", "actor", "profile"}
)
"""Nested objects that are no posts, whatever their ids are called."""
_SHARED = ("share", "attach", "card", "preview", "external", "embed")
"""How nested objects are called that hold what a post shares."""
_SHOWN = re.compile(r"video|cover|image|photo|thumb|avatar|music|audio|sound|icon|play_addr|picture")
"""How nested objects are called that hold what a post shows or plays."""


def is_of_others(name: str) -> bool:
    """Whether a nested field is of the post that was repeated: it says nothing of the post."""
    return any(step.startswith(("quoted", "retweet", "reblog", "shared")) for step in plain(name).split(".")[:-1])


def is_of_shared(name: str) -> bool:
    """Whether a nested field is of what a post shares: its address is never that of the post."""
    return any(step.startswith(_SHARED) for step in plain(name).split(".")[:-1])


def is_of_account(name: str) -> bool:
    """Whether a nested field is of whoever posted, or of where."""
    return bool(_ACCOUNTS & set(plain(name).split(".")[:-1]))


def is_of_shown(name: str) -> bool:
    """Whether a nested field is of the picture, film or music of a post: its addresses are not shared links.

    Examples
    --------
    >>> is_of_shown("video.cover.url_list"), is_of_shown("video_url"), is_of_shown("entities.urls")
    (True, False, False)
    """
    return any(_SHOWN.search(step) for step in spelled(name).split(".")[:-1])
