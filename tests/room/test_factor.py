"""The second factor: set up, asked for at every sign-in, recovered from, wanted by a room."""

from __future__ import annotations

import time
from unittest import mock

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from django.core.cache import cache
from django.test import Client
from django.urls import reverse

from dideban.room.members.models import Membership
from dideban.room.rooms.actions import change_room
from dideban.room.rooms.models import Room
from room.cast import PASSWORD

LOGIN = "/account/login/"


@pytest.fixture(autouse=True)
def _no_counters(data: object) -> None:
    cache.clear()


def code_of(secret: str, *, later: int = 0) -> str:
    return format_hotp_value(hotp_value(secret, int(time.time()) // 30 + later))


def sign_in(client: Client) -> str:
    return client.post(LOGIN, {"login": "alice", "password": PASSWORD}).headers.get("Location", "")


def is_in(client: Client) -> bool:
    return client.get("/account/preferences/").status_code == 200


def set_up(client: Client) -> str:
    """Set up an app that makes codes; return its secret."""
    where = reverse("mfa_activate_totp")
    if (page := client.get(where)).status_code == 302:  # the password is asked for once more
        assert page.headers["Location"].startswith(reverse("account_reauthenticate"))
        client.post(reverse("account_reauthenticate"), {"password": PASSWORD, "next": where})
        page = client.get(where)
    secret: str = page.context["form"].secret
    answer = client.post(reverse("mfa_activate_totp"), {"code": code_of(secret)})
    assert answer.status_code == 302, answer.content.decode()[:2000]
    return secret


def test_a_code_is_asked_for_and_works_once(room: Room, lead: Membership) -> None:
    client = Client()
    sign_in(client)
    secret = set_up(client)
    client.post("/account/logout/")
    again = Client()
    assert "/2fa/authenticate" in sign_in(again)
    assert not is_in(again)
    assert again.get("/r/watch/").status_code == 302
    again.post(reverse("mfa_authenticate"), {"code": "000000"})
    assert not is_in(again)
    later = code_of(secret, later=1)
    with mock.patch("time.time", return_value=time.time() + 30):
        again.post(reverse("mfa_authenticate"), {"code": later})
        assert is_in(again)
        replayed = Client()
        sign_in(replayed)
        replayed.post(reverse("mfa_authenticate"), {"code": later})
        assert not is_in(replayed)


def test_a_recovery_code_works_once(room: Room, lead: Membership) -> None:
    client = Client()
    sign_in(client)
    set_up(client)
    codes = Authenticator.objects.get(user=lead.member, type="recovery_codes").wrap().get_unused_codes()
    assert len(codes) == 10
    for expected in (True, False):
        fresh = Client()
        sign_in(fresh)
        fresh.post(reverse("mfa_authenticate"), {"code": codes[0]})
        assert is_in(fresh) is expected


def test_guessing_codes_is_cut_short(room: Room, lead: Membership) -> None:
    client = Client()
    sign_in(client)
    secret = set_up(client)
    guesser = Client()
    sign_in(guesser)
    for n in range(12):
        guesser.post(reverse("mfa_authenticate"), {"code": f"{n:06d}"})
    with mock.patch("time.time", return_value=time.time() + 30):
        guesser.post(reverse("mfa_authenticate"), {"code": code_of(secret)})
    assert not is_in(guesser)


def test_a_room_that_wants_a_second_factor_lets_nobody_in_without(room: Room, lead: Membership) -> None:
    change_room(room, needs_second_factor=True, by=lead)
    client = Client()
    sign_in(client)
    for path in ("/r/watch/", "/r/watch/posts/", "/r/watch/tokens/"):
        assert client.get(path).headers["Location"] == reverse("mfa_index")
    assert client.post("/r/watch/cases/open/", {"title": "x"}).headers["Location"] == reverse("mfa_index")
    set_up(client)
    assert client.get("/r/watch/").status_code == 200
    assert client.get("/account/sessions/").status_code == 200
    assert client.get(reverse("mfa_add_webauthn")).status_code in (200, 302)
