"""What members and programs may send by mistake or on purpose: words for it, and never a crash."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.test import Client
from django.urls import reverse

from dideban.errors import InputError
from dideban.room.cases.actions import add_file, open_case
from dideban.room.cases.models import Task
from dideban.room.cases.storage import file_name
from dideban.room.logs import hide_secrets
from dideban.room.members.actions import create_member, invite, make_api_token, revoke_invitation
from dideban.room.members.models import ApiToken, Membership
from dideban.room.members.tokens import make_token
from dideban.room.posts.intake import Origin, take_bytes
from dideban.room.posts.merge import merge_all
from dideban.room.roles import Role
from dideban.room.rooms.actions import remove_place
from dideban.room.rooms.models import Place, Room
from dideban.room.sources.actions import add_source
from dideban.room.sources.models import Source
from dideban.room.sources.uploads import harmless
from room.cast import PASSWORD, client_of, post

EDGES = ["0001-01-01", "9999-12-31T23:59", "0001-01-01T00:00+10:00", "9999-12-31T23:59-23:59", "99999-01-01", "soon"]


@pytest.mark.parametrize("zone", ["UTC", "Asia/Tehran", "America/New_York"])
@pytest.mark.parametrize("due", EDGES)
def test_the_edges_of_time_break_no_page(room: Room, lead: Membership, due: str, zone: str) -> None:
    lead.member.time_zone = zone
    lead.member.save()
    open_case(room, title="A case", by=lead)
    client = client_of(lead)
    form = {"do": "task", "title": "One day", "due": due, "remind": due}
    assert client.post("/r/watch/cases/1/act/", form).status_code == 303
    assert not Task.objects.exists()
    assert client.get("/r/watch/cases/1/").status_code == 200
    assert client.get("/r/watch/").status_code == 200


def test_no_search_breaks_at_the_edges_of_time(room: Room, lead: Membership) -> None:
    take_bytes(json.dumps(post(1)).encode(), name="p.ndjson", origin=Origin(room="watch", source="wire"))
    merge_all("watch")
    client = client_of(lead)
    for edge in EDGES:
        for side in ("since", "until"):
            answer = client.get("/r/watch/posts/", {side: edge})
            assert answer.status_code == 200, (side, edge)
            answer = client.get("/r/watch/posts/export/csv/", {side: edge})
            assert answer.status_code in (200, 400), (side, edge)


@pytest.mark.parametrize("days", ["0", "3651", "2147483647", "99999999999"])
def test_a_token_holds_for_ten_years_at_most(room: Room, lead: Membership, days: str) -> None:
    form = {"do": "make", "name": "n", "scopes": ["read"], "days": days}
    assert client_of(lead).post("/r/watch/tokens/act/", form).status_code == 303
    assert not ApiToken.objects.exists()


def test_numbers_out_of_range_are_refused_in_words(room: Room, lead: Membership) -> None:
    client = client_of(lead)
    client.post("/r/watch/settings/act/", {"name": "Watch", "reveal_hours": "2147483647"})
    room.refresh_from_db()
    assert room.reveal_hours == 24
    source = add_source(room, kind="upload", name="Files", by=lead)
    client.post(f"/r/watch/sources/{source.slug}/act/", {"do": "change", "name": "F", "retention_days": "2147483647"})
    assert Source.objects.get(pk=source.pk).retention_days is None
    secret = make_api_token(name="t", scopes=["read"], days=1, by=lead)[1]
    program = Client(headers={"Authorization": f"Bearer {secret}"})
    for path in ("groups", "narratives", "alerts", "cases", "sources"):
        answer = program.get(f"/api/v1/rooms/watch/{path}?offset=99999999999999999999")
        assert answer.status_code == 422, path


def test_nul_is_refused_before_a_database_sees_it(room: Room, lead: Membership) -> None:
    client = client_of(lead)
    assert client.get("/r/watch/cases/?text=a%00b").status_code == 400
    assert client.post("/r/watch/cases/open/", {"title": "x", "summary": "a\0b"}).status_code == 400
    secret = make_api_token(name="t", scopes=["read", "write"], days=1, by=lead)[1]
    program = Client(headers={"Authorization": f"Bearer {secret}"})
    assert program.get("/api/v1/rooms/watch/groups?place=%00").json()["message"] == "the request cannot be read"
    body = {"title": "a\0b", "summary": "c\0d"}
    made = program.post("/api/v1/rooms/watch/cases", json.dumps(body), content_type="application/json")
    assert (made.status_code, made.json()["title"]) == (201, "ab")
    assert room.cases.get().summary == "cd"


@pytest.mark.parametrize("path", ["/account/login/", "/r/watch/cases/open/", "/join/dbi_x/"])
def test_strangers_send_a_megabyte_at_most(room: Room, path: str) -> None:
    large = {"title": "x" * 2_000_000}
    assert Client().post(path, large).status_code == 413
    assert Client().post(path, {"title": "x"}).status_code != 413


@pytest.mark.parametrize("name", ["a\u202eb", "a\nb", "x" * 151, "a\u2066b", "\u200b"])
def test_a_name_that_looks_like_another_is_refused(room: Room, name: str) -> None:
    with pytest.raises(InputError):
        create_member(username=name, password=PASSWORD, by=None)


def test_names_of_every_script_are_taken(room: Room) -> None:
    for name in ("علی\u200cرضا", "Zoë", "民"):
        assert create_member(username=name, password=PASSWORD, by=None).username == name
    with pytest.raises(InputError, match="taken"):
        create_member(username="Ｚｏë", password=PASSWORD, by=None)  # wide letters of the same name
    with pytest.raises(ValidationError):
        create_member(username="zed", password=PASSWORD, email="no\naddress", by=None)


def test_an_invitation_that_holds_no_more_does_not_hold_a_place(room: Room, lead: Membership, north: Place) -> None:
    with pytest.raises(InputError, match="not an e-mail address"):
        invite(room, role=Role.VIEWER, email="nonsense", by=lead)
    made, _ = invite(room, role=Role.VIEWER, places=[north], by=lead)
    with pytest.raises(InputError, match="limited to this place"):
        remove_place(north, by=lead)
    revoke_invitation(made, by=lead)
    remove_place(north, by=lead)


@pytest.mark.parametrize("kind", ["t", "s", "i"])
def test_no_token_reaches_the_log_whatever_it_begins_with(kind: str) -> None:
    for _ in range(200):
        token = make_token(kind)
        for text in (f"GET /join/{token}/", f"{token}", f'{{"path": "/feeds/{token}/alerts.atom"}}', f"x={token}&y"):
            assert token not in hide_secrets(text)
    reset = "/account/password/reset/key/3-c8pz2k-0123456789abcdef/"
    assert "c8pz2k" not in hide_secrets(f"GET {reset}")
    assert "hunt" not in hide_secrets("postgres://user:hunt/er@2@host/name is bad")


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("../../etc/passwd", "passwd"), ("C:\\x\\..\\y.csv", "y.csv"), ("a\0b.csv", "a_b.csv"), ("..", "file"),
        ("\u202egpj.exe", "_gpj.exe"), (".hidden", "hidden"), ("", "file"), ("گزارش.csv", "گزارش.csv"),
    ],
)  # fmt: skip
def test_names_of_uploads_are_made_harmless(given: str, kept: str) -> None:
    assert harmless(given) == kept
    assert len(harmless("民" * 500 + ".csv").encode()) <= 200
    assert harmless("民" * 500 + ".csv").endswith(".csv")


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("../../etc/passwd", "passwd"), ("photo\u202egnp.exe", "photognp.exe"), ("CON", "_CON"), ("nul.txt", "_nul.txt"),
        ("a\r\nSet-Cookie: x", "aSet-Cookie: x"), (". .", "file"), ("علی\u200cرضا.pdf", "علی\u200cرضا.pdf"),
    ],
)  # fmt: skip
def test_a_file_of_a_case_is_called_what_it_is(room: Room, lead: Membership, given: str, kept: str) -> None:
    assert file_name(given) == kept
    case = open_case(room, title="A case", by=lead)
    made = add_file(case, name=given, chunks=[b"content"], by=lead)
    answer = client_of(lead).get(f"/r/watch/cases/{case.number}/files/{made.pk}/")
    assert answer.headers["Content-Type"] == "application/octet-stream"
    assert "\u202e" not in answer.headers["Content-Disposition"]
    assert "%E2%80%AE" not in answer.headers["Content-Disposition"]


OUTSIDE = [
    "https://evil.example/", "//evil.example/", "/\\evil.example", "https:evil.example", "javascript:alert(1)",
    "http:///evil.example", "https://testserver@evil.example/", "\thttps://evil.example", "//evil.example\\@testserver/",
]  # fmt: skip


@pytest.mark.parametrize("target", OUTSIDE)
def test_no_way_leads_outside(room: Room, lead: Membership, target: str) -> None:
    """Every ``next`` and every way back, before and after signing in."""
    ways = [
        Client().post(f"{reverse('account_login')}", {"login": "alice", "password": PASSWORD, "next": target}),
        client_of(lead).get(reverse("account_login"), {"next": target}),
        client_of(lead).post(reverse("account_logout"), {"next": target}),
        client_of(lead).post(reverse("set_language"), {"language": "fa", "next": target}),
        client_of(lead).post(reverse("set_language"), {"language": "fa"}, headers={"Referer": target}),
        client_of(lead).post("/r/watch/cases/open/", {"title": ""}, headers={"Referer": target}),
        client_of(lead).post("/r/watch/cases/open/", {"title": "x", "next": target}),
        client_of(lead).get(reverse("account_reauthenticate"), {"next": target}),
        client_of(lead).post(reverse("account_reauthenticate"), {"password": PASSWORD, "next": target}),
        Client().get("//evil.example/r/watch/"),
    ]
    for answer in ways:
        to = answer.headers.get("Location", "")
        assert "evil" not in re.sub(r"[?&]next=.*", "", to), to
        assert not to.startswith("//")


def test_what_a_member_saw_is_in_no_cache(room: Room, lead: Membership) -> None:
    client = client_of(lead)
    for path in ("/r/watch/", "/r/watch/posts/", "/r/watch/tokens/", "/account/preferences/"):
        assert "no-store" in client.get(path).headers["Cache-Control"], path


def test_secrets_of_other_servers_are_not_shown_again(room: Room, lead: Membership, viewer: Membership) -> None:
    client, where = client_of(lead), "/r/watch/sources/all/"
    form = {"name": "All", "s_server": "https://social.example", "s_token": "very-secret"}
    client.post("/r/watch/sources/add/mastodon/", form)
    assert Source.objects.get(slug="all").settings["token"] == "very-secret"
    assert "very-secret" not in client.get(where).content.decode()
    client.post(f"{where}act/", {"do": "change", **form, "s_token": ""})
    assert Source.objects.get(slug="all").settings["token"] == "very-secret"
    client.post(f"{where}act/", {"do": "change", **form, "s_token": "newer"})
    assert Source.objects.get(slug="all").settings["token"] == "newer"
    client.post("/r/watch/rules/webhooks/", {"do": "add", "name": "Desk", "url": "https://desk.example/T0/S3CRET"})
    assert "S3CRET" in client.get("/r/watch/rules/").content.decode()
    page = client_of(viewer).get("/r/watch/rules/").content.decode()
    assert "Desk" in page
    assert "S3CRET" not in page


def all_links(html: str) -> set[str]:
    return {link for link in re.findall(r'href="(/[^"#?]*)', html) if not link.startswith("/static/")}


def test_no_link_leads_nowhere(room: Room, lead: Membership, north: Place) -> None:
    """Every link of the pages of a room is followed once."""
    open_case(room, title="A case", by=lead)
    add_source(room, kind="upload", name="Files", by=lead)
    client, seen, todo = client_of(lead), set[str](), {"/r/watch/"}
    broken: dict[str, Any] = {}
    while todo:
        path = todo.pop()
        seen.add(path)
        answer = client.get(path, follow=True)
        if answer.status_code != 200:
            broken[path] = answer.status_code
        elif answer.headers["Content-Type"].startswith("text/html"):
            todo |= all_links(answer.content.decode()) - seen
    assert broken == {}
    assert len(seen) > 25
