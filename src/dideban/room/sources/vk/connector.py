"""Posts of a public wall, asked of VK's interface with a service token: walls that are closed stay closed."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

from dideban.errors import InputError, SourceError
from dideban.room.sources.answers import collected, items_of, read_object
from dideban.room.sources.contract import Ask, Collected
from dideban.room.sources.politeness import pause

HOME, VERSION = "https://api.vk.com", "5.199"
NAME = re.compile(r"(?:^|vk\.(?:com|ru)/)@?([A-Za-z][\w.]{1,60}|-?\d{1,15})/?$")
PAGE, MAX_PAGES = 100, 20
CLOSED, TOKEN, BUSY = {15, 18, 30, 203, 212}, {4, 5, 27, 28, 1051, 1114, 1116}, {1, 6, 9, 10, 29}


def collect(settings: dict[str, Any], ask: Ask) -> Collected:
    """Return posts that were not seen before; on a backfill, older ones back to ``ask.since``.

    Raises
    ------
    SourceError
        The wall is closed, the token does not hold, or VK asks to wait.
    """
    name = wall_of(settings["wall"])
    who = {"owner_id": name} if re.fullmatch(r"-?\d+", name) else {"domain": name}
    records: list[tuple[str, dict[str, Any]]] = []
    for number in range(MAX_PAGES if ask.since and not ask.is_test else 1):
        pause(HOME)
        query = {**who, "count": PAGE, "offset": number * PAGE, "v": VERSION}
        body = urlencode({**query, "access_token": settings["token"]}).encode()
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        answer = read_object(ask.fetcher.send("POST", f"{HOME}/method/wall.get", headers=headers, body=body))
        _refuse_errors(answer)
        page = items_of(answer, "response", "items")
        records += [(_name(one), one) for one in page if _is_wanted(one, ask)]
        if len(page) < PAGE or (ask.since and not all(_is_wanted(one, ask) for one in page)):
            break
    return collected("vk.ndjson", records, state=ask.state, is_all=ask.is_test or ask.since is not None)


def check(settings: dict[str, Any], room: str) -> None:
    """Refuse what names no wall."""
    wall_of(settings.get("wall", ""))


def wall_of(text: str) -> str:
    """Return the name or the number of a wall from a name or an address.

    Examples
    --------
    >>> wall_of("https://vk.com/example_news"), wall_of("-123")
    ('example_news', '-123')
    """
    if not (found := NAME.search(text.strip())):
        raise InputError("room.no-channel-name", value=text.strip()[:60])
    return found[1]


def _refuse_errors(answer: dict[str, Any]) -> None:
    error = answer.get("error")
    if not isinstance(error, dict):
        return
    number = error.get("error_code")
    if number in CLOSED:
        raise SourceError("room.wall-closed", permanent=True)
    if number in TOKEN:
        raise SourceError("room.http-password", permanent=True, status=401)
    if number in BUSY:
        raise SourceError("room.http-fewer", retry_after_s=60, status=429)
    raise SourceError("room.answer-odd")


def _name(one: dict[str, Any]) -> str:
    owner, number = one.get("owner_id"), one.get("id")
    return f"{owner}_{number}"[:300] if owner and number else ""


def _is_wanted(one: dict[str, Any], ask: Ask) -> bool:
    at = one.get("date")
    if ask.since is None or not isinstance(at, int) or not 0 <= at < 2**33:
        return True
    return datetime.fromtimestamp(at, UTC) >= ask.since or bool(one.get("is_pinned"))
