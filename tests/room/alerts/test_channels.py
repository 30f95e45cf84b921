"""Where alerts go: chats in their own ways, mails together and never in quiet hours, and a log of what happened."""

from __future__ import annotations

import dataclasses
import json
import re
import unicodedata
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.core import mail
from django.test import Client, override_settings
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from dideban.errors import InputError
from dideban.room.alerts.actions import add_webhook, ask_webhook_test, send_again
from dideban.room.alerts.deliver import deliver_due, send_email
from dideban.room.alerts.habits import held_until
from dideban.room.alerts.models import Alert, Delivery, WebhookTry
from dideban.room.alerts.presets import PRESETS, Said
from dideban.room.members.actions import make_api_token
from dideban.room.members.models import Member, Membership
from dideban.room.rooms.models import Room
from room.cast import client_of
from room.hostile import Server, fixed

SAID = Said("New finding @all <!channel> [x](http://evil) *b*", "https://r.example/f/1/", "Watch", "watch-7")
NEEDS = {"slack": {}, "mattermost": {}, "matrix": {"target": "!a:m.example", "token": "tok-en"},
         "telegram": {"target": "-100", "token": "12:AbC"}, "ntfy": {"target": "desk"}}  # fmt: skip


def alerts(room: Room, n: int, member: Member | None = None, **values: Any) -> list[Delivery]:
    now, made = timezone.now(), []
    for k in range(n):
        params = {"name": f"search {k}", "n": k}
        one = Alert.objects.create(
            room=room, kind="saved-search", key=f"k{k}-{values.get('webhook')}", at=now, params=params
        )
        made.append(Delivery.objects.create(alert=one, channel="email" if member else "webhook", member=member,
                                            next_at=now, **values))  # fmt: skip
    return made


@pytest.mark.parametrize("preset", sorted(NEEDS))
def test_each_chat_is_written_to_in_its_own_way(room: Room, lead: Membership, preset: str) -> None:
    with Server().running() as server, override_settings(ALLOW_PRIVATE_ADDRESSES=True):
        hook = add_webhook(room, name="desk", url=server.url, preset=preset, language="fa", by=lead, **NEEDS[preset])
        for path in (
            "",
            "/",
            "/bot12:AbC/sendMessage",
            "/_matrix/client/v3/rooms/%21a%3Am.example/send/m.room.message/watch-1",
        ):
            server.answers[path] = fixed(b"{}")
        alerts(room, 1, webhook=hook)
        assert deliver_due() == 1
        body = json.loads(server.bodies[-1])
        text = str(body.get("text") or body.get("body") or body.get("message"))
        assert "جست‌وجو" in text or "فرسته" in text
        if preset == "matrix":
            assert dict(server.asked[-1][1])["Authorization"] == "Bearer tok-en"


def test_what_strangers_wrote_is_no_mention_and_no_link_in_a_chat() -> None:
    slack = json.loads(PRESETS["slack"].build("https://h", "", "", SAID).body)["text"]  # type: ignore[misc]
    assert "<!channel>" not in slack
    matter = json.loads(PRESETS["mattermost"].build("https://h", "", "", SAID).body)["text"]  # type: ignore[misc]
    assert "@all" not in matter
    assert "](" not in matter.replace("\\]\\(", "")


@pytest.mark.parametrize("preset", ["slack", "mattermost", "matrix", "telegram", "ntfy"])
def test_no_address_name_tag_or_command_of_strangers_works_in_any_chat(preset: str) -> None:
    text = "Pushed: https://evil.example/x www.evil.example evil.example @room @channel #general:evil.example /start"
    build = PRESETS[preset].build
    assert build is not None
    body = json.loads(build("https://h", "!r:h", "12:ab", dataclasses.replace(SAID, text=text)).body)
    said = str(body.get("text") or body.get("body") or body.get("message"))
    own, plain = said.count(SAID.link), said.replace(SAID.link, "").replace("\\", "")
    assert own == (preset != "ntfy")
    for word in ("://", "evil.example", "www.", "@room", "@channel", "#general", "/start"):
        assert word not in plain.replace("www.\u2060", "")
    assert plain.replace("\u2060", "").startswith(text)  # it reads as it was
    if preset == "matrix":
        assert body["m.mentions"] == {}


def test_a_token_in_an_address_is_never_told(room: Room, lead: Membership) -> None:
    with override_settings(ALLOW_PRIVATE_ADDRESSES=True):
        hook = add_webhook(room, name="bot", url="http://127.0.0.1:9", preset="telegram", by=lead, **NEEDS["telegram"])
        alerts(room, 1, webhook=hook)
        assert deliver_due() == 0
    page = client_of(lead).get(f"/r/watch/rules/webhooks/{hook.pk}/").content.decode()
    assert "12:AbC" not in page + Delivery.objects.get().last_error + WebhookTry.objects.get().error


@pytest.mark.parametrize(("preset", "more"), [("carrier-pigeon", {}), ("matrix", {"target": "!a:b"}), ("ntfy", {})])
def test_what_is_not_complete_is_refused(room: Room, lead: Membership, preset: str, more: dict[str, str]) -> None:
    with pytest.raises(InputError):
        add_webhook(room, name="x", url="https://chat.example", preset=preset, by=lead, **more)


def test_a_test_and_what_was_lost_are_in_the_log(room: Room, lead: Membership) -> None:
    with Server().running() as server, override_settings(ALLOW_PRIVATE_ADDRESSES=True):
        hook = add_webhook(room, name="desk", url=f"{server.url}/hook", by=lead)
        ask_webhook_test(hook, by=lead)
        assert "404" in WebhookTry.objects.get().error
        server.answers["/hook"] = fixed(b"ok")
        ask_webhook_test(hook, by=lead)
        assert json.loads(server.bodies[-1])["kind"] == "test"
        assert WebhookTry.objects.latest("pk").error == ""
        alerts(room, 2, webhook=hook)
        Delivery.objects.update(next_at=None, n_tries=12)
        assert deliver_due() == 0
        assert send_again(hook, by=lead) == 2
        assert deliver_due() == 2


def test_alerts_of_a_day_come_in_one_mail_in_the_language_of_the_member(room: Room, lead: Membership) -> None:
    Member.objects.filter(pk=lead.member_id).update(mail_pace="daily", language="ar")
    alerts(room, 3, Member.objects.get(pk=lead.member_id))
    assert deliver_due() == 0
    assert mail.outbox == []
    held = Delivery.objects.first()
    assert held is not None
    assert held.held_until is not None
    assert timezone.now() < held.held_until <= timezone.now() + timedelta(days=1)
    assert deliver_due() == 0
    Delivery.objects.update(next_at=timezone.now(), held_until=timezone.now() - timedelta(seconds=1))
    deliver_due()
    assert len(mail.outbox) == 1
    assert "تنبيهات معًا" in mail.outbox[0].subject
    assert mail.outbox[0].body.count("/r/watch/") >= 3
    assert not Delivery.objects.filter(delivered_at=None).exists()


def test_a_weekly_digest_is_not_taken_for_a_clock_that_was_set_back(room: Room, lead: Membership) -> None:
    Member.objects.filter(pk=lead.member_id).update(mail_pace="weekly")
    alerts(room, 1, Member.objects.get(pk=lead.member_id))
    deliver_due()
    Delivery.objects.update(next_at=timezone.now() + timedelta(days=6))
    deliver_due()
    assert mail.outbox == []


def habits(**values: Any) -> Any:
    usual = {"mail_pace": "now", "digest_hour": 8, "quiet_from": None, "quiet_until": None, "time_zone": "Asia/Tehran"}
    return SimpleNamespace(**{**usual, **values})


@pytest.mark.parametrize(
    ("hour", "first", "last", "waits_h"),
    [(23, 22, 7, 8), (3, 22, 7, 4), (12, 22, 7, None), (7, 22, 7, None), (13, 12, 14, 1), (13, 5, 5, None)],
)
def test_quiet_hours_are_those_of_the_member(hour: int, first: int, last: int, waits_h: int | None) -> None:
    now = datetime(2026, 11, 20, hour, 0, tzinfo=ZoneInfo("Asia/Tehran")).astimezone(UTC)
    until = held_until(habits(quiet_from=first, quiet_until=last), kind="new-finding", now=now)
    assert (until - now if until else None) == (None if waits_h is None else timedelta(hours=waits_h))


@given(
    st.datetimes(min_value=datetime(2024, 1, 1), max_value=datetime(2030, 1, 1)), st.integers(0, 23),
    st.sampled_from(["daily", "weekly"]), st.sampled_from(["UTC", "Asia/Tehran", "America/New_York"]),
)  # fmt: skip
def test_a_digest_is_always_ahead_and_near(at: datetime, hour: int, pace: str, zone: str) -> None:
    now = at.replace(tzinfo=UTC)
    until = held_until(habits(mail_pace=pace, digest_hour=hour, time_zone=zone), kind="x", now=now)
    assert until is not None
    assert now < until <= now + timedelta(days=1 if pace == "daily" else 7, hours=2)


def test_trouble_with_the_trail_waits_for_nothing() -> None:
    from dideban.room.alerts.trail import KIND

    every_hour = habits(mail_pace="weekly", quiet_from=0, quiet_until=23)
    assert held_until(every_hour, kind=KIND, now=timezone.now()) is None


OPENS, CLOSES = "\u2068", "\u2069"
LONG = "The pumping station around Candle Yard held up well in the heat and " * 4


@pytest.mark.parametrize("name", ["Watch", "W" * 90])
def test_a_persian_subject_runs_as_persian_and_leaves_nothing_open(room: Room, lead: Membership, name: str) -> None:
    """The name of the room and words of others are apart; so the sentence says in which direction the line runs."""
    Room.objects.filter(pk=room.pk).update(name=name, names={})
    member = lead.member
    Member.objects.filter(pk=member.pk).update(language="fa", email="a@a.example")
    member.refresh_from_db()
    alert = Alert.objects.create(
        room=Room.objects.get(pk=room.pk), kind="saved-search", key="s", at=timezone.now(), params={"name": LONG, "n": 3}
    )  # fmt: skip
    send_email(member, [alert])
    subject = str(mail.outbox[-1].subject)
    assert subject.startswith(f"[{OPENS}{name}{CLOSES}] ")
    assert len(subject) <= 151
    assert subject.count(OPENS) == subject.count(CLOSES) == 2
    outside = re.sub(f"{OPENS}[^{OPENS}{CLOSES}]*{CLOSES}", "", subject)
    assert outside.count(OPENS) == 0
    assert unicodedata.bidirectional(next(letter for letter in outside if letter.isalpha())) == "AL"


def test_a_room_is_called_as_the_reader_calls_it(room: Room, lead: Membership) -> None:
    Room.objects.filter(pk=room.pk).update(names={"fa": "میز خبر"})
    Member.objects.filter(pk=lead.member_id).update(language="fa", email="a@a.example")
    alert = Alert.objects.create(
        room=Room.objects.get(pk=room.pk), kind="saved-search", key="s", at=timezone.now(), params={"name": "x", "n": 3}
    )  # fmt: skip
    send_email(Member.objects.get(pk=lead.member_id), [alert])
    assert str(mail.outbox[-1].subject).startswith(f"[{OPENS}میز خبر{CLOSES}] ")
    _, secret = make_api_token(name="feed", scopes=["feed"], days=None, by=lead)
    feed = Client().get(f"/feeds/{secret}/alerts.atom").content.decode()
    assert f"<title>هشدارها · {OPENS}میز خبر{CLOSES} · Dideban</title>" in feed
