"""Mastodon timelines against a server that pages as Mastodon does."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from dideban.room.members.models import Membership
from dideban.room.rooms.models import Room
from dideban.room.sources.actions import add_source, ask_backfill
from dideban.room.sources.models import SourceRun
from dideban.room.sources.poll import poll
from room.hostile import Server, fixed, reply
from room.sources.helpers import again, stored


def status(n: int, *, hours: float = 1.0, **values: Any) -> dict[str, Any]:
    """A status as a Mastodon server tells it."""
    at = (datetime.now(UTC) - timedelta(hours=hours, seconds=-n)).isoformat().replace("+00:00", "Z")
    account = {
        "id": f"{n % 3}",
        "username": f"user{n % 3}",
        "acct": f"user{n % 3}",
        "url": f"https://m.example/@u{n % 3}",
    }
    return {
        "id": str(1000 + n), "created_at": at, "content": f"<p>The wheat of field {n} is in, says the station</p>",
        "language": "en", "uri": f"https://m.example/s/{n}", "url": f"https://m.example/@u/{n}", "account": account,
        "reblog": None, "mentions": [], "tags": [{"name": "harvest", "url": ""}], "media_attachments": [],
        "in_reply_to_id": None, "reblogs_count": 0, "favourites_count": 0, "card": None, **values,
    }  # fmt: skip


def timeline(statuses: list[dict[str, Any]]) -> Any:
    """Answer pages as a Mastodon server does."""

    def answer(handler: Any) -> None:
        from urllib.parse import parse_qs, urlsplit

        query = {name: values[0] for name, values in parse_qs(urlsplit(handler.path).query).items()}
        limit = min(int(query.get("limit", 20)), 40)
        found = sorted(statuses, key=lambda s: int(s["id"]), reverse=True)
        if "min_id" in query:
            newer = [s for s in found if int(s["id"]) > int(query["min_id"])]
            page = newer[-limit:]
        else:
            page = [s for s in found if "max_id" not in query or int(s["id"]) < int(query["max_id"])][:limit]
        reply(handler, json.dumps(page).encode(), Content_Type="application/json")

    return answer


def test_a_hashtag_timeline_is_followed_without_gaps(room: Room, web: Server) -> None:
    statuses = [status(n) for n in range(10)]
    web.answers["/api/v1/timelines/tag/harvest"] = timeline(statuses)
    settings = {"server": web.url, "hashtag": "#harvest"}
    source = add_source(room, kind="mastodon", name="Tag", settings=settings, by=None)
    assert poll(again(source)).n_posts == 10
    statuses += [status(n) for n in range(10, 130)]  # three pages come at once
    assert poll(again(source)).n_posts == 120
    rows = stored()
    assert rows.height == 130
    assert rows["hashtags"][0].to_list() == ["harvest"]
    assert "wheat of field" in rows["text"][0]
    assert poll(again(source)).n_posts == 0


def test_a_backfill_looks_back_as_far_as_asked(room: Room, web: Server, lead: Membership) -> None:
    web.answers["/api/v1/timelines/public"] = timeline([status(n, hours=24 * (10 - n / 10)) for n in range(100)])
    source = add_source(room, kind="mastodon", name="All", settings={"server": web.url}, by=None)
    run = SourceRun.objects.get(pk=ask_backfill(again(source), days=5, by=lead).pk)
    assert run.error == ""
    assert 40 <= run.n_posts <= 55


@pytest.mark.parametrize("body", [b"<html>", b"{}", b'{"error": "no"}', b"[1, 2]", b'[{"no": "id"}]'])
def test_a_server_that_is_no_mastodon_is_an_error_or_nothing(room: Room, web: Server, body: bytes) -> None:
    web.answers["/api/v1/timelines/public"] = fixed(body)
    source = add_source(room, kind="mastodon", name="All", settings={"server": web.url}, by=None)
    run = poll(again(source))
    assert run.n_posts == 0
    assert run.error or body.startswith(b"[")
