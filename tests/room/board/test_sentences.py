"""Alerts are kept as numbers and said to each reader in their language, digits and time zone."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from typing import Any

import pytest
from django.test import Client
from django.utils import translation

from dideban.errors import SourceError
from dideban.ingest.reasons import REASONS
from dideban.room.alerts.deliver import payload_of
from dideban.room.alerts.models import Alert, RuleKind
from dideban.room.alerts.words import sentence
from dideban.room.members.models import Member
from dideban.room.rooms.models import Room
from dideban.room.wording.problems import said, to_text
from dideban.room.wording.reading import reading_as
from dideban.room.wording.rejects import REJECTS
from room.cast import client_of

ABOUT: dict[str, dict[str, Any]] = {
    "new-finding": {"group": 12, "n_accounts": 14, "n_objects": 1035},
    "growing-finding": {"group": 12, "was_accounts": 4, "n_accounts": 14, "was_posts": 30, "n_posts": 1035},
    "saved-search": {"name": "پل", "n": 3},
    "source-silent": {
        "name": "Wire",
        "health": "failing",
        "error": to_text(SourceError("room.http-failed", status=503)),
    },
    "room-late": {"since": "2026-11-23T10:30:00+00:00", "seconds": 5400},
    "task-due": {"title": "Ask", "case": 7},
    "narrative-burst": {"label": "نان", "n_posts": 200},
}
ISOLATES = dict.fromkeys(map(ord, "\u2066\u2068\u2069"), "")


def alert(kind: str, **params: Any) -> Alert:
    return Alert(kind=kind, params=params, at=datetime(2026, 11, 23, tzinfo=UTC))


@pytest.mark.parametrize("language", ["fa", "ar"])
@pytest.mark.parametrize("kind", list(RuleKind))
def test_no_latin_digit_and_no_english_is_left(kind: str, language: str) -> None:
    with translation.override(language):
        said = sentence(alert(kind, **ABOUT[kind]))
    known = {"HTTP", "Wire", "Ask"}
    assert not re.search("[0-9]", said)
    assert set(re.findall("[A-Za-z]+", said)) <= known


@pytest.mark.parametrize("kind", list(RuleKind))
def test_a_sentence_without_its_numbers_is_still_one(kind: str) -> None:
    assert sentence(alert(kind)).endswith(".")


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({}, "از ۴ به ۱۴ حساب و از ۳۰ به ۱٬۰۳۵ فرسته رسید"),
        ({"was_accounts": 14}, "اکنون با ۱۴ حساب، از ۳۰ به ۱٬۰۳۵ فرسته رسید"),
        ({"was_accounts": 15}, "اکنون با ۱۴ حساب، از ۳۰ به ۱٬۰۳۵ فرسته رسید"),
        ({"was_posts": 1035}, "از ۴ به ۱۴ حساب رسید، اکنون با ۱٬۰۳۵ فرسته"),
    ],
)
def test_only_what_grew_is_called_growth(change: dict[str, int], words: str) -> None:
    with translation.override("fa"):
        said = sentence(alert("growing-finding", **{**ABOUT["growing-finding"], **change}))
    assert words in said.translate(ISOLATES)


def test_times_are_those_of_the_reader() -> None:
    reader = Member(language="fa", time_zone="Asia/Tehran")
    with reading_as(reader):
        said = sentence(alert("room-late", **ABOUT["room-late"])).translate(ISOLATES)
    assert "۲۰۲۶-۱۱-۲۳ ۱۴:۰۰ (۱۴۰۵/۰۹/۰۲)" in said
    assert "۱٫۵ ساعت" in said


def test_text_of_others_cannot_reorder_a_sentence() -> None:
    said = sentence(alert("saved-search", name="a\u202eb{n}", n=1))
    assert "\u2068a⟦202E⟧b{n}\u2069" in said


def test_a_webhook_speaks_the_language_of_the_room(furnished: Room) -> None:
    Room.objects.filter(pk=furnished.pk).update(language="fa")
    first = Alert.objects.select_related("room", "group").filter(kind="new-finding").first()
    assert first is not None
    body = json.loads(payload_of(first))
    assert body["text"].startswith("\u2068«")  # what was pushed comes first
    assert body["text"].endswith("یافتهٔ تازهٔ ۱.")
    assert body["params"] == first.params


def test_the_list_of_alerts_is_in_the_digits_of_the_reader(furnished: Room) -> None:
    ben: Client = client_of(Member.objects.get(username="ben"))
    html = ben.get("/r/watch/alerts/").content.decode()
    said = re.findall(r'<p class="said" dir="(?:rtl|ltr)">(.*?)</p>', html, re.DOTALL)
    assert said
    assert not any(re.search("[0-9]", re.sub("<[^>]+>", "", one)) for one in said)


def test_what_went_wrong_is_said_in_the_language_of_the_page() -> None:
    with translation.override("fa"):
        assert (
            said(to_text(SourceError("room.http-failed", status=503))).translate(ISOLATES)
            == "کارساز خطا داد (HTTP ۵۰۳)"
        )
        two = said(to_text(SourceError("room.not-a-feed", hint="room.look-for-rss")))
        assert re.findall("[A-Za-z]+", two) == ["RSS", "Atom", "RSS"]


def test_a_problem_of_an_older_version_is_shown_as_it_was_kept() -> None:
    with translation.override("fa"):
        assert said("never heard of. at all") == "never heard of. at all"
        assert said('{"message": 5}') == '{"message": 5}'


def test_every_reason_has_words() -> None:
    assert set(REASONS) <= set(REJECTS)
