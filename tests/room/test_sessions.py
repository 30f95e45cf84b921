"""Sessions that nobody uses end, and no session lasts for ever; passwords are not made of the words of the room."""

from __future__ import annotations

from datetime import timedelta

import pytest

from room.cast import client_of  # isort: skip # makes Django ready
from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib.auth.password_validation import validate_password
from django.contrib.sessions.models import Session
from django.core.exceptions import ValidationError
from django.test import Client, override_settings
from django.utils import timezone

from dideban.room.members.models import Membership
from dideban.room.members.passwords import words_of_the_room
from dideban.room.rooms.models import Room


def seen(who: Membership, **ago: timedelta) -> Client:
    """A browser with a session that began and was used some time ago."""
    browser = client_of(who)
    now, key = timezone.now(), browser.session.session_key
    made, _ = UserSession.objects.get_or_create(
        session_key=key, defaults={"user": who.member, "ip": "127.0.0.1", "user_agent": "x"}
    )
    UserSession.objects.filter(pk=made.pk).update(**{name: now - gone for name, gone in ago.items()})
    return browser


@pytest.mark.parametrize("method", ["get", "post"])
def test_a_session_that_nobody_used_is_over(lead: Membership, method: str) -> None:
    browser = seen(lead, last_seen_at=timedelta(hours=settings.SESSION_IDLE_HOURS + 1))
    answer = getattr(browser, method)("/r/watch/" if method == "get" else "/r/watch/cases/open/")
    assert answer.status_code == 302
    assert "/account/login/" in answer["Location"]
    assert not Session.objects.exists()


def test_a_session_ends_two_weeks_after_it_began_however_busy(lead: Membership) -> None:
    young = seen(lead, created_at=timedelta(days=13), last_seen_at=timedelta(0))
    assert young.get("/r/watch/").status_code == 200
    old = seen(lead, created_at=timedelta(days=15), last_seen_at=timedelta(0))
    assert old.get("/r/watch/").status_code == 302


@pytest.mark.parametrize(
    "password", ["DidebanDideban", "dideban-watchtower-1", "tehran-watchtower", "room.example.org1", "Password1234!"]
)
def test_words_of_the_room_make_no_password(room: Room, password: str) -> None:
    Room.objects.update(name="The Watchtower")
    with override_settings(PASSWORD_WORDS=["Tehran"], SITE_URL="https://room.example.org"):
        with pytest.raises(ValidationError):
            validate_password(password)
        validate_password("correct horse battery staple")
        validate_password("dideban and nine kites over rivers")
        assert {"dideban", "watchtower", "tehran", "example"} <= words_of_the_room()
