"""The feed of a channel or a playlist: the latest fifteen videos, titles and descriptions."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import quote, urlsplit

from dideban.errors import InputError, SourceError
from dideban.room.reader.isolated import read_apart
from dideban.room.sources.answers import collected
from dideban.room.sources.contract import Ask, Collected
from dideban.room.sources.politeness import fetch_page, pause

HOME = "https://www.youtube.com"
CHANNEL, PLAYLIST = re.compile(r"UC[\w-]{22}"), re.compile(r"(?:PL|UU|OL|FL)[\w-]{10,60}")
HANDLE = re.compile(r"@[\w.\-·]{3,60}")


def collect(settings: dict[str, Any], ask: Ask) -> Collected:
    """Return the videos of the feed that were not seen before.

    Raises
    ------
    SourceError
        There is no such channel, or a page that asks for consent came instead.
    """
    kind, name = named(settings["channel"])
    state = dict(ask.state)
    if kind == "handle":
        name = state.get("channel") or _channel_of(name, ask)
        state["channel"], kind = name, "channel"
    pause(HOME)
    answer = ask.fetcher.get(f"{HOME}/feeds/videos.xml?{kind}_id={quote(name)}")
    feed = read_apart("feed", answer.body, content_type=answer.headers.get("content-type", "")[:200], url=answer.url,
                      now=ask.now.isoformat())  # fmt: skip
    records = [(one["post_id"], _video(one, name)) for one in feed["records"]]
    found = collected("youtube.ndjson", records, state=state, is_all=ask.is_test)
    return Collected(parts=found.parts, state=found.state, n_items=found.n_items,
                     trouble=SourceError("room.feed-cut") if feed.get("is_cut") else None)  # fmt: skip


def check(settings: dict[str, Any], room: str) -> None:
    """Refuse what names no channel and no playlist."""
    named(settings.get("channel", ""))


def named(text: str) -> tuple[str, str]:
    """Return (``channel``, ``playlist`` or ``handle``, name) from an id, a handle or an address.

    Examples
    --------
    >>> named("https://www.youtube.com/@example/videos")
    ('handle', '@example')
    """
    for kind, pattern in (("playlist", PLAYLIST), ("channel", CHANNEL), ("handle", HANDLE)):
        if found := pattern.search(text.strip()):
            return kind, found[0]
    raise InputError("room.no-channel-name", value=text.strip()[:60])


def _channel_of(handle: str, ask: Ask) -> str:
    answer = fetch_page(ask.fetcher, f"{HOME}/{quote(handle, safe='@')}")
    if "consent" in (urlsplit(answer.url).hostname or ""):
        raise SourceError("room.page-instead", hint="room.use-channel-id")
    found = re.search(rb'"(?:channelId|externalId)":"(UC[\w-]{22})"|/channel/(UC[\w-]{22})', answer.body)
    if not found:
        raise SourceError("room.markup-changed", hint="room.use-channel-id")
    return (found[1] or found[2]).decode("ascii")


def _video(record: dict[str, Any], channel: str) -> dict[str, Any]:
    name = str(record["post_id"]).removeprefix("yt:video:")
    record.pop("pictures", None)
    return {**record, "post_id": name, "account_id": channel, "platform": "youtube"}
