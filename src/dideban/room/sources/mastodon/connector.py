"""Public and hashtag timelines of a Mastodon server, page by page, in the shape the engine knows."""

from __future__ import annotations

import json
import re
from datetime import datetime
from typing import Any
from urllib.parse import quote, urlencode

import orjson

from dideban.errors import SourceError
from dideban.room.sources.contract import Ask, Collected
from dideban.room.sources.pictures import Pictures

PAGE = 40
MAX_BYTES = 32 * 1024 * 1024
"""Of all pages of one try: what is left comes with the next."""
MAX_PAGES = 25


def collect(settings: dict[str, Any], ask: Ask) -> Collected:
    """Return statuses newer than the last one seen; on a backfill, older ones back to ``ask.since``.

    Raises
    ------
    SourceError
        The server does not answer, or answers something else.
    """
    base = settings["server"].rstrip("/")
    path = f"/api/v1/timelines/{_timeline(settings)}"
    headers = {"Authorization": f"Bearer {settings['token']}"} if settings.get("token") else {}
    fixed: dict[str, Any] = {"limit": PAGE, **({"local": "true"} if settings.get("local_only") else {})}
    found: dict[str, dict[str, Any]] = {}
    last = "" if ask.is_test or ask.since else str(ask.state.get("last_id", ""))
    mark: dict[str, str] = {"min_id": last} if last else {}
    size = 0
    for _ in range(1 if ask.is_test else MAX_PAGES):
        answer = ask.fetcher.get(f"{base}{path}?{urlencode({**fixed, **mark})}", headers=headers)
        page, size = _statuses(answer.body), size + len(answer.body)
        fresh = [status for status in page if status["id"] not in found]
        found |= {status["id"]: status for status in fresh}
        if not fresh or size > MAX_BYTES or (not last and ask.since is None):
            break
        if last:
            mark = {"min_id": max((s["id"] for s in fresh), key=_order)}
        else:
            oldest = min(fresh, key=lambda s: _order(s["id"]))
            mark = {"max_id": oldest["id"]}
            if ask.since and _time(oldest) < ask.since:
                break
    wanted = [s for s in found.values() if ask.since is None or _time(s) >= ask.since]
    newest = max([*found, str(ask.state.get("last_id", ""))], key=_order, default="")
    if ask.pictures:
        for status in wanted:
            _look(status, ask.pictures)
    lines = "\n".join(json.dumps(status, ensure_ascii=False) for status in wanted)
    parts = [("mastodon.ndjson", lines.encode("utf-8", "replace"))] if wanted else []
    return Collected(parts=parts, state={"last_id": newest}, n_items=len(wanted))


def _timeline(settings: dict[str, Any]) -> str:
    """Return which timeline is meant: a list before a hashtag before everything."""
    if name := re.sub(r"[^A-Za-z0-9_-]", "", str(settings.get("list") or "")):
        return f"list/{name}"
    return f"tag/{quote(settings['hashtag'].lstrip('#'))}" if settings.get("hashtag") else "public"


def _look(status: dict[str, Any], pictures: Pictures) -> None:
    """Name the pictures of a status by what they look like, from the small ones that the server offers."""
    attached = status.get("media_attachments")
    for one in attached if isinstance(attached, list) else []:
        if isinstance(one, dict) and one.get("type") == "image":
            one["id"] = pictures.look(one.get("preview_url") or one.get("url")) or one.get("id")


def _statuses(body: bytes) -> list[dict[str, Any]]:
    try:
        page = orjson.loads(body)  # refuses what is nested too deep
    except ValueError as error:
        raise SourceError("room.not-json", hint="room.is-it-mastodon") from error
    statuses = [one for one in page if isinstance(one, dict) and one.get("id")] if isinstance(page, list) else []
    if page != [] and not statuses:
        raise SourceError("room.no-statuses", hint="room.is-it-mastodon")
    return [{**status, "id": str(status["id"])[:40]} for status in statuses]


def _order(status_id: str) -> tuple[int, str]:
    """Ids are numbers that grow, told as text."""
    return len(status_id), status_id


def _time(status: dict[str, Any]) -> datetime:
    from datetime import UTC

    try:
        at = datetime.fromisoformat(str(status.get("created_at")))
    except ValueError:
        return datetime.max.replace(tzinfo=UTC)
    return at if at.tzinfo else at.replace(tzinfo=UTC)
