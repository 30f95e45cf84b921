"""The public web view of a Telegram channel, page by page: no account, and nothing that is not public."""

from __future__ import annotations

import json
import re
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from dideban.errors import InputError, SourceError
from dideban.room.reader.isolated import read_apart
from dideban.room.sources.contract import Ask, Collected
from dideban.room.sources.pictures import Pictures
from dideban.room.sources.politeness import fetch_page

HOME = "https://t.me"
NAME = re.compile(r"^[A-Za-z][A-Za-z0-9_]{3,31}$")
MAX_PAGES = 20
FEWEST = 3
"""So many messages without a word and a picture are no coincidence where there were words before."""


def collect(settings: dict[str, Any], ask: Ask) -> Collected:
    """Return messages newer than the last one seen; on a backfill, older ones back to ``ask.since``.

    Raises
    ------
    SourceError
        There is no such channel or no public view of it, or the page is not written as it was.
    """
    name = channel_of(settings["channel"])
    last = 0 if ask.is_test or ask.since else int(ask.state.get("last", 0))
    found: dict[int, dict[str, Any]] = {}
    before, n_odd, n_worded = 0, 0, 0
    for _ in range(1 if ask.is_test else MAX_PAGES):
        page = _page(name, before, ask)
        n_worded += sum(_has_content(one) for one in page["records"])
        n_odd += page["n_odd"]
        fresh = {int(one["number"]): one for one in page["records"] if int(one["number"]) not in found}
        found |= fresh
        oldest = min(fresh, default=0)
        if not fresh or oldest <= max(last, 1) or (not last and ask.since is None):
            break
        if ask.since and min(_time(one) for one in fresh.values()) < ask.since:
            break
        before = oldest
    if _is_changed(ask.state, n=len(found), n_worded=n_worded):
        raise SourceError("room.markup-changed")
    wanted = [one for n, one in sorted(found.items()) if n > last and (ask.since is None or _time(one) >= ask.since)]
    lines = "\n".join(json.dumps(_post(name, one, ask.pictures), ensure_ascii=False) for one in wanted)
    newest = max([*found, int(ask.state.get("last", 0))])
    state = {"last": newest, "worded": bool(n_worded or ask.state.get("worded"))}
    parts = [("telegram.ndjson", lines.encode("utf-8", "replace"))] if wanted else []
    answer = Collected(parts=parts, state=state, n_items=len(wanted))
    if n_odd:
        answer.faults["record-unreadable"] += n_odd
    return answer


def check(settings: dict[str, Any], room: str) -> None:
    """Refuse what is no name of a channel."""
    channel_of(settings.get("channel", ""))


def channel_of(text: str) -> str:
    """Return the name of a channel from a name, a handle or an address.

    Examples
    --------
    >>> channel_of("https://t.me/s/example_news?before=4"), channel_of("@example_news")
    ('example_news', 'example_news')
    """
    text = text.strip()
    if "/" in text:
        parts = [part for part in urlsplit(text if "//" in text else f"https://{text}").path.split("/") if part]
        text = parts[1] if parts[:1] == ["s"] and len(parts) > 1 else next(iter(parts), "")
    name = text.lstrip("@")
    if not NAME.match(name):
        raise InputError("room.no-channel-name", value=text[:60])
    return name


def _page(name: str, before: int, ask: Ask) -> dict[str, Any]:
    address = f"{HOME}/s/{name}" + (f"?before={before}" if before else "")
    answer = fetch_page(ask.fetcher, address)
    if not urlsplit(answer.url).path.startswith("/s/"):
        raise SourceError("room.no-public-view", permanent=True)
    page = read_apart("telegram", answer.body)
    if not page["is_view"]:
        raise SourceError("room.markup-changed")
    if page["n_odd"] and not page["records"]:
        raise SourceError("room.markup-changed")
    return page


def _has_content(one: dict[str, Any]) -> bool:
    return bool(one["text"] or one["pictures"])


def _is_changed(state: dict[str, Any], *, n: int, n_worded: int) -> bool:
    """Say whether a channel that had messages shows none now, or whose messages had words shows several without."""
    return bool(state.get("last") and not n) or bool(state.get("worded") and n >= FEWEST and not n_worded)


def _post(name: str, one: dict[str, Any], pictures: Pictures | None) -> dict[str, Any]:
    shown = [look for address in one["pictures"] if (look := pictures.look(address))] if pictures else []
    return {
        "post_id": f"{name}/{one['number']}", "account_id": name, "platform": "telegram",
        "created_at": one["created_at"], "text": one["text"], "urls": one["urls"], "hashtags": one["hashtags"],
        "repost_of": one["repost_of"] or None, "reply_to": one["reply_to"] or None, "reach": one["reach"],
        "media": shown,
    }  # fmt: skip


def _time(one: dict[str, Any]) -> datetime:
    return datetime.fromisoformat(one["created_at"])
