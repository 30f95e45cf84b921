"""The site as the room serves it, the form for readers, and the pages of members."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from django.core.cache import cache
from django.test import Client, override_settings

from dideban.room.members.models import Membership
from dideban.room.processes.public_site import build
from dideban.room.public import actions
from dideban.room.public.models import Letter, Page
from dideban.room.roles import Role
from dideban.room.rooms.models import Room
from room.cast import client_of, join


@pytest.fixture
def page(room: Room, ben: Membership, eve: Membership) -> Page:
    """A published page on a site that is built."""
    cache.clear()
    actions.change_site(room, is_on=True, by=None)
    made = actions.write_page(room, kind="bulletin", slug="water", lang="fa", title="آب", body="متن", by=ben)
    actions.ask_publication(made, by=ben)
    actions.decide_publication(made, is_agreed=True, by=eve)
    build(room, always=True)
    return made


def test_anybody_reads_the_site_without_a_cookie(page: Page) -> None:
    client = Client()
    for path, kind in (
        ("", "text/html"), ("fa/", "text/html"), ("fa/bulletins/water/", "text/html"), ("assets/site.css", "text/css"),
        ("fa/feed.xml", "application/atom+xml"), ("fa/feed.json", "application/feed+json"), ("sitemap.xml", "application/xml"),
        ("fa/transparency/", "text/html"), ("manifest.json", "application/json"),
    ):  # fmt: skip
        answer = client.get(f"/site/watch/{path}")
        assert answer.status_code == 200, path
        assert answer.headers["Content-Type"].startswith(kind)
        assert answer.headers["Content-Security-Policy"].startswith("default-src 'none'")
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Cache-Control"].startswith("public")
        assert not answer.cookies
    assert "script-src 'self'" in client.get("/site/watch/fa/check/").headers["Content-Security-Policy"]
    assert "script-src" not in client.get("/site/watch/fa/").headers["Content-Security-Policy"]


def test_a_room_without_a_site_serves_nothing(room: Room, page: Page) -> None:
    actions.change_site(room, is_on=False, by=None)
    assert Client().get("/site/watch/").status_code == 404
    assert Client().get("/tell/watch/").status_code == 404
    assert Client().get("/site/other/").status_code == 404


@pytest.mark.parametrize(
    "path", ["../keys/site.key", "..%2fkeys%2fsite.key", "%2e%2e/keys/site.key", "fa/../../keys/site.key", "//etc/passwd",
             "fa\\..\\x", "fa/%00", "fa/bulletins/none/", "FA/", ".lock"], ids=range(10),
)  # fmt: skip
def test_nothing_but_the_site_is_served(page: Page, path: str) -> None:
    answer = Client().get(f"/site/watch/{path}")
    assert answer.status_code in (400, 404)


def test_only_reading(page: Page) -> None:
    assert Client().post("/site/watch/fa/").status_code == 405


def test_a_reader_complains_and_a_member_answers(room: Room, page: Page, ben: Membership) -> None:
    client = Client()
    form = client.get("/tell/watch/?page=/fa/bulletins/water/index.html")
    assert 'lang="fa"' in form.content.decode()
    sent = client.post(
        "/tell/watch/", {"page": "/fa/bulletins/water/", "text": "نادرست است", "contact": "me@example.org"}
    )
    assert sent.status_code == 200
    letter = Letter.objects.get()
    assert letter.page == page
    shown = client_of(ben).get("/r/watch/publish/letters/").content.decode()
    assert "me@example.org" in shown
    client_of(ben).post("/r/watch/publish/letters/1/", {"answer": "Thank you"})
    assert Letter.objects.get().answered_by == ben.member


def test_letters_are_few_from_one_network_and_machines_write_none(page: Page) -> None:
    client = Client()
    assert client.post("/tell/watch/", {"text": "x", "website": "spam"}).status_code == 200
    assert Letter.objects.count() == 0
    answers = [client.post("/tell/watch/", {"text": f"letter {n}"}).status_code for n in range(7)]
    assert answers == [200] * 5 + [400] * 2
    assert client.post("/tell/watch/", {"text": ""}, REMOTE_ADDR="192.0.2.7").status_code == 400
    assert client.post("/tell/watch/", {"text": "x" * 2_000_000}, REMOTE_ADDR="192.0.2.8").status_code == 413


def test_a_form_from_another_page_is_refused(page: Page) -> None:
    assert Client(enforce_csrf_checks=True).post("/tell/watch/", {"text": "x"}).status_code == 403


@pytest.mark.parametrize("language", ["en", "fa", "ar"])
def test_members_write_and_agree_on_pages(room: Room, ben: Membership, eve: Membership, language: str) -> None:
    for who in (ben, eve):
        who.member.language = language
        who.member.save()
    writer, editor = client_of(ben), client_of(eve)
    form = {
        "kind": "story",
        "lang": "fa",
        "address": "zahra",
        "title": "زهرا",
        "body": "<script>alert(1)</script> **متن**",
    }
    assert writer.post("/r/watch/publish/write/", form).status_code == 303
    for path in ("publish/", "publish/new/", "publish/new/?of=1", "publish/1/"):
        answer = writer.get(f"/r/watch/{path}")
        assert answer.status_code == 200, path
    assert "<script>alert" not in answer.content.decode()
    consent = {
        "do": "consent", "person": "Z", "text_shown": "t", "consent_lang": "fa", "scopes": ["web"], "method": "witnessed",
        "given_at": "2026-01-01", "expires_at": "2036-01-01",
    }  # fmt: skip
    writer.post("/r/watch/publish/1/people/", consent)
    writer.post("/r/watch/publish/1/act/", {"do": "ask"})
    assert editor.get("/r/watch/publish/1/").status_code == 200
    editor.post("/r/watch/publish/1/act/", {"do": "agree"})
    assert Page.objects.get().published is not None


def test_a_limited_member_sees_pages_of_their_place(room: Room, ben: Membership, north: object, south: object) -> None:
    actions.write_page(room, kind="lesson", slug="a", lang="en", title="North", body="x", places=[north], by=ben)  # type: ignore[list-item]
    dora = client_of(join(room, "dora", Role.ANALYST, south))  # type: ignore[arg-type]
    assert dora.get("/r/watch/publish/1/").status_code == 404
    assert b"North" not in dora.get("/r/watch/publish/").content


@override_settings(SITE_URL="https://room.example.org")
def test_addresses_are_where_the_room_serves_the_site(room: Room, page: Page) -> None:
    build(room, always=True)
    html = Client().get("/site/watch/fa/bulletins/water/").content.decode()
    assert 'rel="canonical" href="https://room.example.org/site/watch/fa/bulletins/water/"' in html
    assert "https://room.example.org/tell/watch/?page=/fa/bulletins/water/index.html" in html


def test_comments_that_moderators_showed_stand_under_their_page(room: Room, page: Page, tmp_path: Path) -> None:
    row = {"name": "Mina", "body": "It was so.", "at": "2026-11-29T10:00Z"}
    shown = {"schema": "dideban.comments/1", "pages": {"/fa/bulletins/water/": {"comments": [row]}}}
    (tmp_path / "shown.json").write_text(json.dumps(shown))
    with override_settings(COMMENTS=str(tmp_path), COMMENTS_URL="https://comments.example.org"):
        build(room, always=True)
        html = Client().get("/site/watch/fa/bulletins/water/").content.decode()
        assert "https://comments.example.org/?page=/fa/bulletins/water/" in html
        assert "It was so." in html
        (tmp_path / "shown.json").write_text("damaged")
        build(room, always=True)
        assert "It was so." not in Client().get("/site/watch/fa/bulletins/water/").content.decode()
