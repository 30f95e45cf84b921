"""What members do through forms, and what they are told when it does not work."""

from __future__ import annotations

import json
import re
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from dideban.room.alerts.models import Rule, Webhook
from dideban.room.cases.models import Case, Handover
from dideban.room.findings.models import FollowedGroup
from dideban.room.members.models import ApiToken, Member, Membership
from dideban.room.posts.models import Reveal, SavedSearch
from dideban.room.rooms.folder import folder_of
from dideban.room.rooms.models import Place, Room
from dideban.room.sources.models import Source, SourceRun
from room.cast import PASSWORD, client_of

R = "/r/watch/"


@pytest.fixture
def alice(furnished: Room) -> Client:
    return client_of(Member.objects.get(username="alice"))


@pytest.fixture
def ben(furnished: Room) -> Client:
    return client_of(Member.objects.get(username="ben"))


def do(client: Client, path: str, **form: Any) -> str:
    """Send a form and return the page it leads to."""
    response = client.post(R + path, form, headers={"referer": f"http://testserver{R}"})
    assert response.status_code == 303, response.status_code
    where = response.headers["Location"]
    shown = client.get(where)
    assert shown.status_code == 200
    return shown.content.decode()


def test_a_verdict_needs_a_reason_and_says_so_in_the_language_of_the_page(ben: Client) -> None:
    group = FollowedGroup.objects.select_related("current").get(number=1)
    assert group.current is not None
    form = {"do": "verdict", "finding": group.current.finding_id, "kind": "declared"}
    assert "داوری باید دلیل داشته باشد" in do(ben, "findings/1/act/", **form, reason=" ")
    do(ben, "findings/1/act/", **form, reason="اعلام شده بود")
    group.refresh_from_db()
    assert group.verdict == "declared"


def test_discussion(alice: Client, ben: Client) -> None:
    html = do(alice, "findings/1/act/", do="comment", text="<script>alert(1)</script>")
    assert "&lt;script&gt;alert(1)" in html
    comment = FollowedGroup.objects.get(number=1).comments.latest("pk")
    answer = ben.post(f"{R}findings/1/act/", {"do": "uncomment", "comment": comment.pk})
    assert answer.status_code == 403
    do(alice, "findings/1/act/", do="uncomment", comment=comment.pk)
    comment.refresh_from_db()
    assert comment.deleted_at is not None


def test_a_case_from_a_finding_and_everything_in_it(alice: Client) -> None:
    do(alice, "findings/1/act/", do="case", title="Night wave")
    case = Case.objects.latest("number")
    act = f"cases/{case.number}/act/"
    do(alice, act, do="task", title="Ask", due="2026-12-01T10:00")
    task = case.tasks.get()
    do(alice, act, do="task-done", task=task.pk, done="1")
    do(alice, act, do="task-change", task=task.pk, title="Ask again", due="2026-12-02T10:00")
    do(alice, act, do="note", text="a note", kind="note")
    do(alice, act, do="note-edit", note=case.notes.get().pk, text="another")
    do(alice, act, do="change", title="Wave", summary="", severity="high", places=["north"])
    do(alice, act, do="link", other="1", reason="same")
    do(alice, act, do="group-drop", group="1")
    do(alice, act, do="status", status="closed", outcome="")
    case.refresh_from_db()
    assert case.status == "open"
    do(alice, act, do="status", status="closed", outcome="nothing")
    case.refresh_from_db()
    assert case.status == "open"
    do(alice, act, do="status", status="closed", outcome="nothing", reason_against="too small")
    case.refresh_from_db()
    assert (case.status, case.severity, case.title, case.groups.count()) == ("closed", "high", "Wave", 0)
    task.refresh_from_db()
    assert task.title == "Ask again"
    assert case.notes.get().text == "another"


def test_a_case_without_a_title_is_named_in_the_digits_of_its_page(ben: Client) -> None:
    do(ben, "findings/1/act/", do="case")
    assert Case.objects.latest("number").title == "یافتهٔ ۱"


def test_files_of_cases_are_kept_never_opened(alice: Client) -> None:
    given = SimpleUploadedFile("../../x.html", b"<script>alert(1)</script>")
    do(alice, "cases/1/files/", file=given)
    file = Case.objects.get(number=1).files.latest("pk")
    response = alice.get(f"{R}cases/1/files/{file.pk}/")
    assert response.content == b"<script>alert(1)</script>"
    assert response.headers["Content-Disposition"].startswith("attachment")
    assert response.headers["Content-Type"] == "application/octet-stream"
    assert "sandbox" in response.headers["Content-Security-Policy"]
    do(alice, "cases/1/act/", do="file-delete", file=file.pk)
    assert alice.get(f"{R}cases/1/files/{file.pk}/").status_code == 404


def test_hand_over(alice: Client, ben: Client) -> None:
    to = Member.objects.get(username="ben").pk
    do(alice, "handovers/write/", text="**calm**", to=to, cases=["1"])
    note = Handover.objects.latest("pk")
    assert "<strong>calm</strong>" in ben.get(f"{R}handovers/").content.decode()
    do(ben, f"handovers/{note.pk}/read/")
    note.refresh_from_db()
    assert note.read_at is not None


def test_sources(alice: Client) -> None:
    html = do(alice, "sources/add/feed/", name="New", s_url="javascript:alert(1)")
    assert "is not an address" in html
    do(
        alice,
        "sources/add/feed/",
        name="New",
        s_url="https://news.example/x",
        s_full_text="on",
        interval_s="600",
        place="north",
    )
    source = Source.objects.get(slug="new-2")
    assert (source.settings["full_text"], source.interval_s, source.place and source.place.slug) == (True, 600, "north")
    do(
        alice,
        "sources/new-2/act/",
        do="change",
        name="Newer",
        s_url="https://news.example/y",
        interval_s="۱۵",
        interval_s_unit="60",
        silent_h="12",
    )
    do(alice, "sources/new-2/act/", do="pause")
    source.refresh_from_db()
    assert (source.name, source.silent_after_s, source.is_paused) == ("Newer", 43_200, True)
    assert source.interval_s == 900
    shown = alice.get(f"{R}sources/new-2/").content.decode()
    assert 'name="interval_s" value="15"' in shown
    assert '<option value="60" selected>minutes</option>' in shown
    do(alice, "sources/add/intake/", name="Partner", s_mapping="text = message\nurl = link")
    html = do(alice, "sources/partner/act/", do="token")
    assert "dbs_" in html
    assert "dbs_" not in alice.get(f"{R}sources/partner/").content.decode().split("The token begins with")[0]
    assert Source.objects.get(slug="partner").settings["mapping"] == {"text": "message", "url": "link"}
    do(alice, "sources/new-2/act/", do="remove")
    assert not Source.objects.filter(slug="new-2").exists()


def test_a_watched_folder_is_looked_at_before_it_is_followed(alice: Client) -> None:
    inbox = folder_of("watch").root / "inbox"
    assert str(inbox.resolve()) in alice.get(f"{R}sources/new/folder/").content.decode()
    assert inbox.is_dir()
    assert "may not read this folder" in do(alice, "sources/add/folder/", name="Drop", s_path="/etc")
    assert "there is no such folder" in do(alice, "sources/add/folder/", name="Drop", s_path="deep")
    assert not Source.objects.filter(name="Drop").exists()
    (inbox / "deep").mkdir()
    html = do(alice, "sources/add/folder/", name="Drop", s_path="deep", s_mapping="text = message")
    assert 'value="test"' in html
    assert "may not read this folder" in do(alice, "sources/drop/act/", do="change", name="Drop", s_path="../..")
    assert Source.objects.get(name="Drop").settings == {"path": "deep", "mapping": {"text": "message"}}


def test_rows_that_were_set_aside_are_shown_without_what_may_name_somebody(alice: Client) -> None:
    rows = b"account_id,created_at,text\nsomebody,never,x\n,2026-11-01T10:00:00Z,y\nz,2026-11-01T10:00:00Z,kept\n"
    html = do(alice, "sources/files/upload/", file=SimpleUploadedFile("p.csv", rows))
    assert "Rows that would be set aside" in html
    assert "somebody" not in html
    run = SourceRun.objects.get(kind="look")
    do(alice, f"sources/files/imports/{run.pk}/act/", do="take")
    html = alice.get(f"{R}sources/files/").content.decode()
    assert "Rows that were set aside" in html
    assert '<bdi dir="auto">never</bdi>' in html
    assert "somebody" not in html
    assert Source.objects.get(slug="files").lag_s is None


def test_what_was_written_is_not_lost_where_a_form_fails(alice: Client) -> None:
    html = do(alice, "sources/add/feed/", name="موج", s_url="javascript:1", s_full_text="on")
    kept = json.loads(re.search(r'<script id="unsent" type="application/json">(.*?)</script>', html)[1])  # type: ignore[index]
    assert kept == {
        "path": f"{R}sources/add/feed/",
        "fields": {"name": ["موج"], "s_url": ["javascript:1"], "s_full_text": ["on"]},
    }
    assert "unsent" not in alice.get(f"{R}sources/new/feed/").content.decode()
    html = do(alice, "erasures/ask/", account="@somebody", reason="")
    assert "@somebody" not in html


def test_searches_rules_and_webhooks(alice: Client) -> None:
    do(alice, "posts/searches/", do="save", name="پل", text="پل", languages=["fa"])
    search = SavedSearch.objects.get(name="پل")
    assert search.query == {"text": "پل", "languages": ["fa"]}
    do(alice, "rules/add/", kind="saved-search", name="Bridge", search=search.pk)
    rule = Rule.objects.get(name="Bridge")
    me = Member.objects.get(username="alice").pk
    do(
        alice,
        f"rules/{rule.pk}/act/",
        do="change",
        name="Bridges",
        search=search.pk,
        p_min_posts="5",
        places=["north"],
        emails=[me],
    )
    rule.refresh_from_db()
    assert (rule.name, rule.params, rule.emails.count(), rule.places.count()) == (
        "Bridges",
        {"min_posts": 5.0, "quiet_min": 60.0},
        1,
        1,
    )
    html = do(alice, "rules/webhooks/", do="add", name="Desk", url="https://desk.example/hook")
    hook = Webhook.objects.get()
    assert hook.secret in html
    assert hook.secret not in alice.get(f"{R}rules/").content.decode()
    html = do(alice, "rules/webhooks/", do="add", name="Chat", url="https://chat.example/hook", preset="slack")
    assert "signs what is sent" not in html, "what chats get is not signed"
    do(alice, "posts/searches/", do="remove", search=search.pk)
    assert not Rule.objects.filter(pk=rule.pk).exists()


def test_alerts_are_handled(alice: Client) -> None:
    do(alice, "alerts/handle/", do="all")
    assert "New finding 1" not in alice.get(f"{R}alerts/").content.decode()
    assert "New finding 1" in alice.get(f"{R}alerts/?show=all").content.decode()


def test_reveals_take_two(alice: Client, ben: Client) -> None:
    reveal = Reveal.objects.get()
    do(alice, f"reveals/{reveal.pk}/decide/", do="agree")
    reveal.refresh_from_db()
    assert reveal.is_agreed
    response = ben.post(f"{R}reveals/{reveal.pk}/open/")
    assert response.status_code in (200, 400)  # a sample has no sealed originals to show
    assert client_of(Member.objects.get(username="bob")).post(f"{R}reveals/{reveal.pk}/open/").status_code == 403


def test_inviting_and_joining(alice: Client, furnished: Room) -> None:
    html = do(alice, "members/act/", do="invite", role="analyst", places=["north"])
    link = html.split("/join/")[1].split("/")[0]
    new = Client()
    assert new.get(f"/join/{link}/").status_code == 200
    weak = new.post(f"/join/{link}/", {"username": "dora", "password": "123", "language": "fa"})
    assert weak.status_code == 400
    asked = {"username": "dora", "password": PASSWORD, "language": "fa", "calendar": "jalali"}
    assert new.post(f"/join/{link}/", asked | {"time_zone": "Asia/Nowhere"}).status_code == 400
    assert new.post(f"/join/{link}/", asked | {"time_zone": "Asia/Tehran"}).status_code == 303
    found = Membership.objects.get(room=furnished, member__username="dora")
    assert (found.member.time_zone, found.member.calendar) == ("Asia/Tehran", "jalali")
    assert (found.role, [place.slug for place in found.places.all()], found.member.language) == (
        "analyst",
        ["north"],
        "fa",
    )
    assert new.get(f"/join/{link}/").status_code == 404
    do(alice, "members/act/", do="change", membership=found.pk, role="viewer")
    found.refresh_from_db()
    assert found.role == "viewer"


def test_the_last_lead_stays(alice: Client) -> None:
    me = Membership.objects.get(member__username="alice")
    assert "a room needs at least one coordinator" in do(
        alice, "members/act/", do="change", membership=me.pk, role="viewer"
    )


def test_tokens(alice: Client) -> None:
    html = do(alice, "tokens/act/", do="make", name="notebook", scopes=["read"], days="30")
    assert "dbt_" in html
    token = ApiToken.objects.get()
    assert token.expires_at is not None
    assert token.expires_at < timezone.now() + timedelta(days=31)
    do(alice, "tokens/act/", do="revoke", token=token.pk)
    assert "notebook" not in alice.get(f"{R}tokens/").content.decode()


def test_settings_and_places(alice: Client, furnished: Room) -> None:
    do(alice, "settings/act/", name="Harbour", horizon_days="7", needs_second_factor="")
    furnished.refresh_from_db()
    assert (furnished.name, furnished.horizon_days) == ("Harbour", 7)
    names = {"fa": "بندر", "ar": "الميناء"}
    form = {f"name_{language}": name for language, name in names.items()}
    do(alice, "settings/act/", name="Harbour", tick_s="2", tick_s_unit="60", **form)
    furnished.refresh_from_db()
    assert (furnished.names, furnished.tick_s) == (names, 120)
    do(alice, "settings/act/", name="Harbour")
    furnished.refresh_from_db()
    assert furnished.names == names, "a form without names leaves them"
    do(alice, "settings/places/", do="save", name="West", name_fa="غرب", parent="north")
    place = Place.objects.get(slug="west")
    assert place.parent is not None
    do(alice, "settings/places/", do="remove", slug="west")
    assert not Place.objects.filter(slug="west").exists()


def test_preferences_are_kept(ben: Client) -> None:
    form = {"language": "ar", "time_zone": "Asia/Tehran", "calendar": "jalali", "theme": "dark", "uses_shortcuts": "on"}
    ben.post("/account/preferences/", form)
    html = ben.get("/account/preferences/").content.decode()
    assert '<html lang="ar" dir="rtl"' in html
    assert 'data-theme="dark"' in html
    ben.post("/account/preferences/", {**form, "time_zone": "Mars/Olympus"})
    assert Member.objects.get(username="ben").time_zone == "Asia/Tehran"


def test_leading_back_never_leads_outside(alice: Client) -> None:
    answer = alice.post(f"{R}findings/1/act/", {"do": "nothing"}, headers={"referer": "https://evil.example/"})
    assert answer.headers["Location"] == "/"
