"""A client of the room in one file: copy it, it needs nothing but Python 3.11.

>>> room = RoomClient("https://room.example.org", "watch", token="dbt_...")  # doctest: +SKIP
>>> for group in room.groups(verdict="none"):  # doctest: +SKIP
...     print(group["number"], group["statement"]["en"])
"""

from __future__ import annotations

import json
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterable, Iterator
from typing import Any

PAGE = 100


class RoomError(Exception):
    """What the room answered instead."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(f"HTTP {status}: {message}")
        self.status = status


class RoomClient:
    """One room, as a token sees it.

    Parameters
    ----------
    url : str
        Address of the installation.
    room : str
        Short name of the room.
    token : str
        A token with the scopes that are needed: read, posts, write.
    """

    def __init__(self, url: str, room: str, *, token: str, timeout_s: float = 60.0) -> None:
        self.base = f"{url.rstrip('/')}/api/v1"
        self.room, self.token, self.timeout_s = room, token, timeout_s

    def about(self) -> dict[str, Any]:
        """Return the room and what the token may do."""
        return self._get("")  # type: ignore[no-any-return]

    def ask(self, path: str, query: dict[str, Any]) -> Any:
        """Return what the interface answers to a question below the room: "/groups", {"limit": 10}."""
        return self._get(path, query)

    def groups(self, **filters: Any) -> Iterator[dict[str, Any]]:
        """Yield followed groups: verdict="none", lead=False, active=True, place="north"."""
        return self._pages("/groups", filters)

    def group(self, number: int) -> dict[str, Any]:
        """Return one followed group."""
        return self._get(f"/groups/{number}")  # type: ignore[no-any-return]

    def finding(self, finding_id: str) -> dict[str, Any]:
        """Return one finding, whole."""
        return self._get(f"/findings/{finding_id}")  # type: ignore[no-any-return]

    def posts(self, **query: Any) -> Iterator[dict[str, Any]]:
        """Yield posts, newest first: text=, since=, until=, place=, source=, object=, account=, finding= ..."""
        after = ""
        while True:
            page = self._get("/posts", {**query, "limit": PAGE, "after": after})
            yield from page["items"]
            if not (after := page["next"]):
                return

    def narratives(self, **filters: Any) -> Iterator[dict[str, Any]]:
        """Yield narratives: bursting=True, place="north"."""
        return self._pages("/narratives", filters)

    def narrative(self, number: int) -> dict[str, Any]:
        """Return one narrative, with its timeline and who told it first."""
        return self._get(f"/narratives/{number}")  # type: ignore[no-any-return]

    def responses(self, **filters: Any) -> Iterator[dict[str, Any]]:
        """Yield responses: kind="correction", case=3."""
        return self._pages("/responses", filters)

    def response(self, number: int) -> dict[str, Any]:
        """Return one response with what it did."""
        return self._get(f"/responses/{number}")  # type: ignore[no-any-return]

    def effects(self) -> dict[str, Any]:
        """Return what responses did together, and the lots."""
        return self._get("/effects")  # type: ignore[no-any-return]

    def past_runs(self) -> Iterator[dict[str, Any]]:
        """Yield runs over past periods, the latest first."""
        return self._pages("/past-runs", {})

    def past_run(self, number: int) -> dict[str, Any]:
        """Return one run over a past period."""
        return self._get(f"/past-runs/{number}")  # type: ignore[no-any-return]

    def past_groups(self, number: int) -> Iterator[dict[str, Any]]:
        """Yield groups that a run over a past period found."""
        return self._pages(f"/past-runs/{number}/groups", {})

    def joint_findings(self) -> Iterator[dict[str, Any]]:
        """Yield groups that rooms proved together, the latest first."""
        return self._pages("/joint", {})

    def joint_finding(self, number: int) -> dict[str, Any]:
        """Return one group that rooms proved together."""
        return self._get(f"/joint/{number}")  # type: ignore[no-any-return]

    def alerts(self, **filters: Any) -> Iterator[dict[str, Any]]:
        """Yield alerts: open=True, kind="new-finding"."""
        return self._pages("/alerts", filters)

    def cases(self, **filters: Any) -> Iterator[dict[str, Any]]:
        """Yield cases: status="open"."""
        return self._pages("/cases", filters)

    def sources(self) -> Iterator[dict[str, Any]]:
        """Yield sources and how they are."""
        return self._pages("/sources", {})

    def post(self, platform: str, post_id: str) -> dict[str, Any]:
        """Return one post by its name."""
        return self._get(f"/posts/{platform}/{urllib.parse.quote(post_id)}")  # type: ignore[no-any-return]

    def case(self, number: int) -> dict[str, Any]:
        """Return one case."""
        return self._get(f"/cases/{number}")  # type: ignore[no-any-return]

    def notes(self, number: int) -> list[dict[str, Any]]:
        """Return the notes and decisions of a case, oldest first."""
        return self._get(f"/cases/{number}/notes")  # type: ignore[no-any-return]

    def add_note(self, number: int, text: str, *, kind: str = "note") -> dict[str, Any]:
        """Add a note to a case, or a decision (kind="decision")."""
        body = {"text": text, "kind": kind}
        return self._send(f"{self._home()}/cases/{number}/notes", body)  # type: ignore[no-any-return]

    def verdicts(self, number: int) -> list[dict[str, Any]]:
        """Return the verdicts on a group, the latest first."""
        return self._get(f"/groups/{number}/verdicts")  # type: ignore[no-any-return]

    def give_verdict(self, number: int, *, finding_id: str, kind: str, reason: str) -> dict[str, Any]:
        """Give a verdict on a group."""
        body = {"finding_id": finding_id, "kind": kind, "reason": reason}
        return self._send(f"{self._home()}/groups/{number}/verdicts", body)  # type: ignore[no-any-return]

    def open_case(self, title: str, **values: Any) -> dict[str, Any]:
        """Open a case: summary=, severity=, groups=[1, 2], narratives=[3]."""
        return self._send(f"{self._home()}/cases", {"title": title, **values})  # type: ignore[no-any-return]

    def _home(self) -> str:
        return f"{self.base}/rooms/{self.room}"

    def _pages(self, path: str, filters: dict[str, Any]) -> Iterator[dict[str, Any]]:
        offset = 0
        while True:
            page = self._get(path, {**filters, "limit": PAGE, "offset": offset})
            yield from page["items"]
            offset += PAGE
            if offset >= page["count"]:
                return

    def _get(self, path: str, query: dict[str, Any] | None = None) -> Any:
        kept = {name: str(value) for name, value in (query or {}).items() if value not in (None, "")}
        return self._send(f"{self._home()}{path}{'?' + urllib.parse.urlencode(kept) if kept else ''}")

    def _send(self, url: str, body: Any = None) -> Any:
        headers = {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"}
        data = None if body is None else json.dumps(body).encode()
        return _ask(urllib.request.Request(url, data=data, headers=headers), self.timeout_s)  # noqa: S310


def send_posts(url: str, posts: Iterable[dict[str, Any]], *, token: str, batch: int = 500) -> dict[str, int]:
    """Send posts to an HTTP intake; waits and sends again where the room asks for it.

    Returns
    -------
    dict
        rows, accepted, repeats, rejected. Everything accepted is on the disk of the room.
    """
    total = {"rows": 0, "accepted": 0, "repeats": 0, "rejected": 0}
    lines: list[str] = []

    def flush() -> None:
        answer = _deliver(f"{url.rstrip('/')}/api/v1/intake", "\n".join(lines).encode(), token)
        for name in total:
            total[name] += answer[name]
        lines.clear()

    for post in posts:
        lines.append(json.dumps(post, ensure_ascii=False))
        if len(lines) >= batch:
            flush()
    if lines:
        flush()
    return total


def _deliver(url: str, body: bytes, token: str) -> Any:
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/x-ndjson"}
    while True:
        try:
            return _ask(urllib.request.Request(url, data=body, headers=headers), 120.0)  # noqa: S310
        except RoomError as error:
            if error.status not in (429, 503):
                raise
            time.sleep(5.0)


def _ask(request: urllib.request.Request, timeout_s: float) -> Any:
    if not request.full_url.startswith(("https://", "http://")):
        raise ValueError("the address begins with https://")
    try:
        with urllib.request.urlopen(request, timeout=timeout_s) as answer:  # noqa: S310 - checked above
            return json.loads(answer.read())
    except urllib.error.HTTPError as error:
        try:
            message = json.loads(error.read()).get("message", "")
        except ValueError:
            message = error.reason
        raise RoomError(error.code, message) from error
