"""New posts of communities or of a search: the JSON that Reddit offers, and its feed where it refuses that."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import quote, urlencode

from dideban.errors import InputError, SourceError
from dideban.room.reader.isolated import read_apart
from dideban.room.sources.answers import collected, items_of, read_object
from dideban.room.sources.contract import Ask, Collected
from dideban.room.sources.politeness import pause

HOME = "https://www.reddit.com"
NAMES = re.compile(r"[A-Za-z0-9][A-Za-z0-9_]{1,30}(?:\+[A-Za-z0-9][A-Za-z0-9_]{1,30}){0,40}")
REFUSED = {"room.http-refused", "room.http-fewer", "room.page-instead"}


def collect(settings: dict[str, Any], ask: Ask) -> Collected:
    """Return posts that were not seen before.

    Raises
    ------
    SourceError
        Reddit refuses both its JSON and its feed.
    """
    path, query = _where(settings)
    pause(HOME, least_s=2.0)
    try:
        answer = read_object(ask.fetcher.get(f"{HOME}{path}.json?{urlencode({**query, 'limit': 100, 'raw_json': 1})}"))
        items = items_of(answer, "data", "children")
        records = [(_name(one), one) for one in items]
    except SourceError as error:
        if error.message.code not in REFUSED:
            raise
        records = _feed(path, query, ask)
    return collected("reddit.ndjson", records, state=ask.state, is_all=ask.is_test)


def check(settings: dict[str, Any], room: str) -> None:
    """Refuse what names no community and asks for nothing."""
    _where(settings)


def _where(settings: dict[str, Any]) -> tuple[str, dict[str, str]]:
    names = str(settings.get("community") or "").strip().strip("/").removeprefix("r/").replace(" ", "")
    query = str(settings.get("query") or "").strip()
    if names and not NAMES.fullmatch(names):
        raise InputError("room.no-channel-name", value=names[:60])
    if not names and not query:
        raise InputError("room.field-missing", field="community")
    home = f"/r/{quote(names, safe='+')}" if names else ""
    if not query:
        return f"{home}/new", {}
    return f"{home}/search", {"q": query[:500], "sort": "new", **({"restrict_sr": "1"} if names else {})}


def _feed(path: str, query: dict[str, str], ask: Ask) -> list[tuple[str, dict[str, Any]]]:
    pause(HOME, least_s=2.0)
    answer = ask.fetcher.get(f"{HOME}{path}/.rss?{urlencode({**query, 'limit': 100})}")
    feed = read_apart("feed", answer.body, content_type=answer.headers.get("content-type", "")[:200], url=answer.url,
                      now=ask.now.isoformat(), authors=True)  # fmt: skip
    found = [(one["post_id"], _plain(one)) for one in feed["records"] if one.get("author")]
    if feed["records"] and not found:
        raise SourceError("room.answer-odd")
    return found


def _name(one: dict[str, Any]) -> str:
    data = one.get("data")
    return str(data.get("name") or "")[:300] if isinstance(data, dict) else ""


def _plain(record: dict[str, Any]) -> dict[str, Any]:
    author = str(record.pop("author", "")).removeprefix("/u/")
    record.pop("pictures", None)
    return {**record, "account_id": author, "platform": "reddit", "post_id": record["post_id"]}
