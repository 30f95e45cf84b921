"""What a search, a feed, a list or an account of Bluesky has that is new, in the shape the engine knows."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

from dideban.errors import InputError
from dideban.room.sources.answers import collected, items_of, read_object
from dideban.room.sources.contract import Ask, Collected
from dideban.room.sources.politeness import pause

OPEN, SIGNED = "https://public.api.bsky.app", "https://bsky.social"
AT = re.compile(
    r"at://(did:[a-z0-9:.%-]{5,200}|[\w.-]{3,250})/app\.bsky\.(feed\.generator|graph\.list)/([\w.:~-]{1,100})"
)
WEB = re.compile(r"bsky\.app/profile/([\w.:-]{3,250})(?:/(feed|lists)/([\w.:~-]{1,100}))?")
KINDS = {"feed": "feed.generator", "lists": "graph.list"}
MAX_PAGES = 10


def collect(settings: dict[str, Any], ask: Ask) -> Collected:
    """Return posts that were not seen before.

    Raises
    ------
    SourceError
        The server refuses: most searches want a handle and an app password.
    """
    method, query, place = _question(settings)
    base, headers = _session(settings, ask)
    seen = set(ask.state.get("seen", []))
    records: list[tuple[str, dict[str, Any]]] = []
    cursor = ""
    for _ in range(MAX_PAGES if (seen or ask.since) and not ask.is_test else 1):
        pause(base)
        asked = urlencode({**query, "limit": 100, **({"cursor": cursor} if cursor else {})})
        answer = read_object(ask.fetcher.get(f"{base}/xrpc/{method}?{asked}", headers=headers))
        page = [(_name(one), one) for one in items_of(answer, place)]
        records += [(name, one) for name, one in page if ask.since is None or _time(one) >= ask.since]
        cursor = str(answer.get("cursor") or "")[:2_000]
        is_known = not ask.since and any(name in seen for name, _ in page)
        if not page or not cursor or is_known or (ask.since and len(records) < len(page)):
            break
    return collected("bluesky.ndjson", records, state=ask.state, is_all=ask.is_test or ask.since is not None)


def check(settings: dict[str, Any], room: str) -> None:
    """Refuse what asks for nothing, or names no feed."""
    _question(settings)


def _question(settings: dict[str, Any]) -> tuple[str, dict[str, str], str]:
    feed, query = str(settings.get("feed") or "").strip(), str(settings.get("query") or "").strip()
    if feed:
        return _feed(feed)
    if not query:
        raise InputError("room.field-missing", field="query")
    return "app.bsky.feed.searchPosts", {"q": query[:1_000], "sort": "latest"}, "posts"


def _feed(text: str) -> tuple[str, dict[str, str], str]:
    """Return how a feed, a list or an account is asked for: its own address or that of its page."""
    if found := AT.search(text):
        owner, kind, name = found.groups()
    elif found := WEB.search(text):
        owner, kind, name = found[1], KINDS.get(found[2] or "", ""), found[3]
    else:
        raise InputError("room.no-channel-name", value=text[:60])
    if not kind:
        return "app.bsky.feed.getAuthorFeed", {"actor": owner, "filter": "posts_no_replies"}, "feed"
    address = f"at://{owner}/app.bsky.{kind}/{name}"
    if kind == "graph.list":
        return "app.bsky.feed.getListFeed", {"list": address}, "feed"
    return "app.bsky.feed.getFeed", {"feed": address}, "feed"


def _session(settings: dict[str, Any], ask: Ask) -> tuple[str, dict[str, str]]:
    """Sign in with an app password, where there is one; the open server answers what needs none."""
    if not (settings.get("handle") and settings.get("token")):
        return OPEN, {}
    body = json.dumps({"identifier": settings["handle"].lstrip("@"), "password": settings["token"]}).encode()
    pause(SIGNED)
    address = f"{SIGNED}/xrpc/com.atproto.server.createSession"
    answer = read_object(ask.fetcher.send("POST", address, headers={"Content-Type": "application/json"}, body=body))
    return SIGNED, {"Authorization": f"Bearer {str(answer.get('accessJwt'))[:5_000]}"}


def _view(item: dict[str, Any]) -> dict[str, Any]:
    post = item.get("post")
    return post if isinstance(post, dict) else item


def _name(item: dict[str, Any]) -> str:
    reason = item.get("reason")
    by = (reason.get("by") or {}).get("did", "") if isinstance(reason, dict) else ""
    uri = _view(item).get("uri")
    return f"{uri}{by}"[:400] if uri else ""


def _time(item: dict[str, Any]) -> datetime:
    try:
        return datetime.fromisoformat(str(_view(item).get("indexedAt")))
    except ValueError:
        return datetime.max.replace(tzinfo=UTC)
