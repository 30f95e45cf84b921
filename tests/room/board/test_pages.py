"""Every page, as whoever may see it: whole, small, and with few questions to the database."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import URLPattern, reverse
from django.utils import timezone

from dideban.room.alerts.models import Alert
from dideban.room.alerts.narratives import watch_narratives
from dideban.room.board.presenters.exports import FORMATS, POST_FORMATS
from dideban.room.findings.models import KeptFinding
from dideban.room.members.models import Member, Membership
from dideban.room.narratives.models import Narrative
from dideban.room.roles import Role
from dideban.room.rooms.models import Room
from dideban.room.ticks.run import run_tick
from room.board.pages import NO_PAGES, looked_at, pages, routes
from room.cast import client_of

MOST_QUERIES, MOST_BYTES = 30, 500 * 1024
VOID = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "path", "circle", "rect", "line"}
KNOWN = {
    "CSV", "XLSX", "GEXF", "GraphML", "JSON", "HTML", "ZIP", "NDJSON", "Parquet", "RSS", "Atom", "HTTP", "TOML", "QUT",
    "TLP", "AMBER", "CLEAR", "GREEN", "RED", "STRICT", "STIX", "TAXII", "CooRTweet", "DISARM", "MiB", "KiB", "GiB", "Authorization", "SHA", "Dideban", "UTC", "Enter", "OpenAPI", "WebAuthn", "https", "example", "org", "mastodon",
}  # fmt: skip
"""Names that are the same in every language."""
WRITTEN = re.compile(r"SHA-256|STIX 2\.1|TAXII 2\.1|2026-11-23(T14:30)?|a-z.{1,4}0-9")
"""Names with digits, and how a day is written into a field."""
GIVEN = {"Watch", "alice", "ben", "bob", "Ask", "Echo", "Wire", "Files", "North", "bridge", "never"}
"""What the people of the furnished room called things: where an option or a title holds it, no mark can stand."""


class Text(HTMLParser):
    """The words of a page in the language of the page: what is marked as foreign is left out."""

    def __init__(self) -> None:
        super().__init__()
        self.stack: list[tuple[str, bool]] = []
        self.words: list[str] = []
        self.inline: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if "style" in given or any(name.startswith("on") for name in given):
            self.inline.append(tag)
        if tag == "script" and "src" not in given and given.get("type") != "application/json":
            self.inline.append(tag)
        foreign = (
            tag in {"bdi", "script", "style", "textarea", "kbd", "datalist"}
            or "lang" in given
            or given.get("dir") in {"ltr", "auto"}
        )
        names_of_nodes = tag == "title" and any(above == "svg" for above, _ in self.stack)
        foreign = names_of_nodes or (foreign and tag != "html")
        for name in ("aria-label", "placeholder", "alt"):
            if given.get("dir") != "ltr" and (value := given.get(name)):
                self.words.append(value)
        if tag not in VOID:
            self.stack.append((tag, foreign or (bool(self.stack) and self.stack[-1][1])))

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.stack.pop()

    def handle_endtag(self, tag: str) -> None:
        while self.stack and tag not in VOID:
            if self.stack.pop()[0] == tag:
                return

    def handle_data(self, data: str) -> None:
        if self.stack and not self.stack[-1][1] and data.strip():
            self.words.append(data)


def read(html: str) -> Text:
    text = Text()
    text.feed(html)
    return text


def browser(name: str) -> Client:
    return client_of(Member.objects.get(username=name))


@pytest.mark.parametrize("who", ["alice", "ben", "bob"])
def test_pages_are_whole_small_and_ask_little(furnished: Room, who: str) -> None:
    client, odd = browser(who), []
    client.get("/r/watch/")  # the first page of a browser notes the device: in the web no page waits for that
    for address in pages():
        with CaptureQueriesContext(connection) as queries:
            response = client.get(address)
        if response.status_code == 403 and who != "alice":
            continue
        text = read(response.content.decode())
        if (
            response.status_code != 200
            or len(queries) > MOST_QUERIES
            or len(response.content) > MOST_BYTES
            or text.inline
        ):
            odd.append((address, response.status_code, len(queries), len(response.content), text.inline))
    assert odd == []


def test_no_page_is_forgotten(furnished: Room) -> None:
    """The walk is held against the routes: a new page is walked through, or it is said why not."""
    client, seen = browser("alice"), looked_at()
    asks = {name for name, route in routes().items() if name not in seen and name not in NO_PAGES}
    answers = {name: client.get(reverse(f"board:{name}", kwargs=any_of(routes()[name]))).status_code for name in asks}
    assert {name: code for name, code in answers.items() if code != 405} == {}
    assert set(NO_PAGES) <= set(routes()) - seen


def any_of(route: URLPattern) -> dict[str, Any]:
    """Return values for the places of a route."""
    made = {"slug": "watch", "kind": "feed", "source": "wire", "finding_id": "f" * 17, "token": "x", "path": "x"}
    return {name: made.get(name, 1) for name in route.pattern.converters}


@pytest.mark.parametrize(("who", "language"), [("ben", "fa"), ("bob", "ar")])
def test_no_english_is_left(furnished: Room, who: str, language: str) -> None:
    Membership.objects.filter(member__username=who).update(role=Role.COORDINATOR)  # who leads sees every page
    assert burst_of(furnished) > 0
    client, left = browser(who), {}
    for address in pages():
        response = client.get(address)
        assert response.status_code == 200, address
        html = response.content.decode()
        assert f'<html lang="{language}" dir="rtl"' in html
        found = (
            {
                word
                for part in read(html).words
                for word in re.findall(r"[A-Za-z]{3,}", part.replace("posts.parquet", ""))
            }
            - KNOWN
            - GIVEN
        )
        latin = {part.strip() for part in read(html).words if re.search(r"[0-9]", WRITTEN.sub("", part))}
        if found or latin:
            left[address] = (sorted(found), sorted(latin))
    assert left == {}


def burst_of(room: Room) -> int:
    """Let a narrative with English terms burst, whatever the hour: return how many alerts it makes."""
    story = next(one for one in Narrative.objects.filter(room=room) if one.terms and one.terms[0].isascii())
    Alert.objects.filter(narrative=story).delete()
    story.burst_at, story.burst_posts = timezone.now(), 25
    story.save()
    return len(watch_narratives(room, [story], timezone.now()))


def test_the_names_of_places_are_in_the_language(furnished: Room) -> None:
    assert "شمال" in browser("ben").get("/r/watch/").content.decode()


def test_a_room_without_anything_has_pages(room: Room) -> None:
    from room.cast import join

    client = client_of(join(room, "alice", Role.COORDINATOR))
    for part in ("", "findings/", "narratives/", "posts/", "cases/", "handovers/", "sources/", "alerts/", "rules/", "members/", "tokens/",
                 "reveals/", "erasures/", "audit/", "review/", "settings/"):  # fmt: skip
        assert client.get(f"/r/watch/{part}").status_code == 200, part
    assert run_tick(room) is not None
    now = client.get("/r/watch/").content.decode()
    assert "The room follows nothing yet." in now
    assert "under way" not in now
    assert "No cases yet" in client.get("/r/watch/cases/").content.decode()


def test_findings_as_files(furnished: Room) -> None:
    one = KeptFinding.objects.order_by("pk").first()
    assert one is not None
    client = browser("bob")
    beginnings = {
        "workbook": b"PK",
        "package": b"PK",
        "json": b"{",
        "gexf": b"<?xml",
        "graphml": b"<?xml",
        "report": b"<!doctype",
    }
    for kind in FORMATS:
        response = client.get(f"/r/watch/f/{one.finding_id}/{kind}/")
        assert response.status_code == 200
        assert response.headers["Content-Disposition"].startswith("attachment;")
        assert response.content.startswith(beginnings.get(kind, b"\xef\xbb\xbf"))
    assert client.get(f"/r/watch/f/{one.finding_id}/exe/").status_code == 404


def test_posts_as_files(furnished: Room) -> None:
    client = browser("bob")
    for kind in POST_FORMATS:
        response = client.get(f"/r/watch/posts/export/{kind}/?text=bridge")
        assert response.status_code == 200
        assert len(response.content) > 100


def test_the_list_of_findings_follows_its_address(furnished: Room) -> None:
    client = browser("alice")
    assert 'href="/r/watch/findings/1/"' in client.get("/r/watch/findings/?verdict=confirmed").content.decode()
    assert 'href="/r/watch/findings/1/"' not in client.get("/r/watch/findings/?verdict=false-alarm").content.decode()


def test_a_finding_is_told_in_three_languages(furnished: Room) -> None:
    html = browser("alice").get("/r/watch/findings/1/").content.decode()
    said = KeptFinding.objects.get(group__number=1).document["statement"]
    from django.utils.html import escape

    assert all(escape(said[language]) in html for language in ("en", "fa", "ar"))


def test_a_search_that_cannot_be_read_says_so(furnished: Room) -> None:
    html = browser("ben").get("/r/watch/posts/?since=never").content.decode()
    assert "روز یا زمان نیست" in html


def test_the_review_counts_verdicts(furnished: Room) -> None:
    table = browser("alice").get("/r/watch/review/export/").content.decode("utf-8-sig").splitlines()
    row = dict(zip(table[0].split(","), table[1].split(","), strict=True))
    assert row["confirmed"] == "1"
    assert row["false_alarm_share"] == "0.0"
    assert float(row["median_wait_s"]) >= 0
