"""Signing in by force, with a planted session, or to learn who is here; files that calculate; calls played again."""

from __future__ import annotations

import io
import json
import re
import time
import zipfile
from datetime import timedelta
from pathlib import Path
from typing import Any
from unittest import mock

import polars as pl
import pytest
from allauth.usersessions.models import UserSession
from django.contrib.auth.hashers import MD5PasswordHasher
from django.core import mail
from django.core.cache import cache
from django.db import connection
from django.test import Client, override_settings
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from dideban.room.alerts.actions import add_webhook, save_rule
from dideban.room.alerts.deliver import deliver_due
from dideban.room.alerts.models import RuleKind
from dideban.room.alerts.room_state import watch_rooms
from dideban.room.board.presenters.exports import export_posts
from dideban.room.members.models import Member, Membership
from dideban.room.posts.intake import Origin, take_bytes
from dideban.room.posts.merge import merge_all
from dideban.room.posts.search import Query, Scope, scan_matching, search_posts
from dideban.room.rooms.models import Room
from dideban.room.sources.actions import add_source
from dideban.room.sources.models import Source
from room.cast import PASSWORD, post
from room.hostile import Server, fixed

LOGIN = "/account/login/"


@pytest.fixture(autouse=True)
def _no_counters(data: object) -> None:
    cache.clear()


def sign_in(client: Client, name: str, password: str) -> int:
    return client.post(LOGIN, {"login": name, "password": password}).status_code


def is_in(client: Client) -> bool:
    return client.get("/account/preferences/").status_code == 200


# Signing in


def test_guessing_locks_the_guessed_and_nobody_else(lead: Membership, analyst: Membership) -> None:
    guesser = Client(REMOTE_ADDR="198.51.100.7")
    for n in range(5):
        sign_in(guesser, "alice", f"guess number {n}")
    sign_in(guesser, "alice", PASSWORD)
    assert not is_in(guesser)
    other = Client(REMOTE_ADDR="192.0.2.1")
    assert sign_in(other, "ben", PASSWORD) == 302
    assert is_in(other)


def test_one_address_tries_no_list_of_names(lead: Membership) -> None:
    guesser = Client(REMOTE_ADDR="198.51.100.8")
    for n in range(14):
        sign_in(guesser, f"name{n}", "a password of the list")
    sign_in(guesser, "alice", PASSWORD)
    assert not is_in(guesser)


def test_a_planted_session_is_not_the_one_signed_in(lead: Membership) -> None:
    attacker = Client()
    attacker.get(LOGIN)
    session = attacker.session
    session["planted"] = "yes"
    session.save()
    planted = session.session_key
    victim = Client()
    victim.cookies["sessionid"] = planted
    assert sign_in(victim, "alice", PASSWORD) == 302
    assert is_in(victim)
    assert victim.cookies["sessionid"].value != planted
    attacker.cookies["sessionid"] = planted
    assert not is_in(attacker)


def told(answer: bytes, *names: str) -> str:
    """Return a page without what differs from one request to the next."""
    text = re.sub(r'name="csrfmiddlewaretoken" value="[^"]*"', "", answer.decode())
    for name in names:
        text = text.replace(name, "NAME")
    return text


def test_nobody_learns_who_is_here_by_signing_in_or_by_asking_for_a_password(lead: Membership) -> None:
    wrong = [Client().post(LOGIN, {"login": name, "password": "wrong and wrong"}) for name in ("alice", "nobody")]
    assert wrong[0].status_code == wrong[1].status_code
    assert told(wrong[0].content, "alice") == told(wrong[1].content, "nobody")
    mails = ("alice@example.org", "nobody@example.org")
    asked = [Client().post("/account/password/reset/", {"email": one}) for one in mails]
    assert [one.status_code for one in asked] == [302, 302]
    assert asked[0]["Location"] == asked[1]["Location"]
    assert not any("nobody" in one.body and "alice" in one.body for one in mail.outbox)


def test_signing_in_takes_as_long_for_whoever_is_not_here(lead: Membership, monkeypatch: pytest.MonkeyPatch) -> None:
    hashed: list[str] = []
    real = MD5PasswordHasher.encode

    def counted(self: Any, password: str, salt: str) -> str:
        hashed.append(password)
        return real(self, password, salt)

    monkeypatch.setattr(MD5PasswordHasher, "encode", counted)
    counts = {}
    for name in ("alice", "nobody", "alice@example.org", "nobody@example.org"):
        hashed.clear()
        sign_in(Client(), name, "wrong and wrong")
        counts[name] = len(hashed)
    assert len(set(counts.values())) == 1, counts


def test_nobody_makes_an_account_of_their_own(room: Room) -> None:
    answer = Client().post(
        "/account/signup/",
        {"username": "eve", "email": "eve@example.org", "password1": PASSWORD, "password2": PASSWORD},
    )
    assert answer.status_code in (200, 403, 404)
    assert not Member.objects.filter(username="eve").exists()


def test_signing_out_ends_the_session_everywhere(lead: Membership) -> None:
    client = Client()
    sign_in(client, "alice", PASSWORD)
    key = client.cookies["sessionid"].value
    client.post("/account/logout/")
    stolen = Client()
    stolen.cookies["sessionid"] = key
    assert not is_in(stolen)


def test_looking_at_pages_writes_once_a_minute(lead: Membership) -> None:
    client = Client()
    sign_in(client, "alice", PASSWORD)
    client.get("/r/watch/")
    with CaptureQueriesContext(connection) as log:
        assert client.get("/r/watch/").status_code == 200
        assert client.get("/r/watch/cases/").status_code == 200
    assert not [one["sql"] for one in log if one["sql"].startswith(("INSERT", "UPDATE", "DELETE", "BEGIN"))]
    assert UserSession.objects.filter(user=lead.member, session_key=client.session.session_key).exists()


# What others wrote

HOSTILE = {
    "formula": "=cmd|' /C calc'!A0", "plus": "+1+1", "at": "@SUM(A1:A9)", "minus": "-2+3", "tab": "\t=1+1",
    "script": "<script>alert(1)</script><img src=x onerror=alert(1)>", "bidi": "abc\u202egnp.exe\u2066",
    "zalgo": "Z" + "\u0334\u0335\u0336\u0337" * 500 + "algo", "long": "w" * 1_000_000,
}  # fmt: skip


@pytest.fixture
def hostile_posts(room: Room) -> pl.DataFrame:
    lines = [json.dumps(post(n, text=text)) for n, text in enumerate(HOSTILE.values())]
    taken = take_bytes("\n".join(lines).encode(), name="p.ndjson", origin=Origin(room="watch", source="wire"))
    assert taken.n_posts == len(HOSTILE)
    merge_all("watch")
    return scan_matching("watch", Query(), scope=Scope()).collect()


def test_no_cell_of_an_export_calculates(hostile_posts: pl.DataFrame) -> None:
    table, _ = export_posts(hostile_posts, "csv")
    read = pl.read_csv(table, infer_schema=False)
    for column in read.columns:
        cells = read[column].drop_nulls()
        assert not cells.str.contains(r"^\s*[=+@\-]").any(), column
    book, _ = export_posts(hostile_posts, "xlsx")
    with zipfile.ZipFile(io.BytesIO(book)) as parts:
        sheets = [parts.read(name) for name in parts.namelist() if name.startswith("xl/worksheets/sheet")]
    assert sheets
    assert not any(b"<f>" in sheet or b"<f " in sheet for sheet in sheets)


def test_hostile_posts_are_shown_as_what_they_are(hostile_posts: pl.DataFrame, lead: Membership) -> None:
    client = Client()
    client.force_login(lead.member, backend="django.contrib.auth.backends.ModelBackend")
    page = client.get("/r/watch/posts/")
    text = page.content.decode()
    assert page.status_code == 200
    assert len(page.content) < 500 * 1024
    assert "<script>alert" not in text
    assert "onerror=alert(1)>" not in text
    assert "\u202e" not in text
    assert search_posts("watch", Query(text="algo"), scope=Scope()).n_total >= 0


# Calls played again


def documented() -> Any:
    """Return the function that the documentation gives to receivers."""
    page = (Path(__file__).parents[2] / "docs" / "running-a-room.md").read_text("utf-8")
    names: dict[str, Any] = {}
    exec(re.search(r"```py\n(.*?def is_ours.*?)```", page, re.DOTALL)[1], names)  # type: ignore[index]
    return names["is_ours"]


def test_a_recorded_webhook_cannot_be_played_again(room: Room, lead: Membership) -> None:
    with Server().running() as server, override_settings(ALLOW_PRIVATE_ADDRESSES=True):
        server.answers["/hook"] = fixed(b"ok")
        hook = add_webhook(room, name="Desk", url=f"{server.url}/hook", by=lead)
        rule = save_rule(room, kind=RuleKind.SOURCE_SILENT, name="Silent", webhooks=[hook], by=lead)
        source = add_source(room, kind="intake", name="Wire", by=None)
        Source.objects.filter(pk=source.pk).update(last_post_at=timezone.now() - timedelta(days=2))
        watch_rooms()
        assert deliver_due() == 1
    headers, body = {name.title(): value for name, value in server.asked[-1][1].items()}, server.bodies[-1]
    secret, now, seen, is_ours = hook.secret, time.time(), set[str](), documented()
    assert rule.pk
    assert is_ours(secret, headers, body, seen)
    assert not is_ours(secret, headers, body, seen)
    assert not is_ours(secret, {**headers, "Dideban-Timestamp": str(int(now) + 10)}, body, set())
    assert not is_ours(secret, headers, body.replace(b"watch", b"other"), set())
    assert not is_ours("another secret", headers, body, set())
    with mock.patch("time.time", return_value=now + 400):
        assert not is_ours(secret, headers, body, set())
