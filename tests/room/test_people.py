"""Two members are two people; guessing locks nobody else out; no secret of an account is in any log."""

from __future__ import annotations

import logging
import os
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest

from room.cast import PASSWORD, client_of, join  # isort: skip - makes Django ready
from allauth.account.models import EmailAddress
from django.core import mail
from django.core.management import call_command
from django.test import Client, override_settings
from django.utils import timezone

from dideban.errors import InputError
from dideban.room.audit.models import AuditEvent
from dideban.room.members.actions import accept_invitation, create_member, invite, note_device, set_password
from dideban.room.members.devices import COOKIE, network_of, share_a_device
from dideban.room.members.models import KnownDevice, Member, Membership
from dideban.room.posts.actions import ask_reveal, decide_reveal
from dideban.room.posts.models import Reveal
from dideban.room.roles import Role
from dideban.room.rooms.models import Room

ACCOUNT = "a" * 17
WHY = "It threatens a person by name"
LOGIN = "/account/login/"


def aged(who: Membership, days: int) -> Membership:
    then = timezone.now() - timedelta(days=days)
    Membership.objects.filter(pk=who.pk).update(joined_at=then)
    Member.objects.filter(pk=who.member_id).update(date_joined=then)
    return Membership.objects.get(pk=who.pk)


@pytest.fixture
def asked(room: Room, lead: Membership) -> Reveal:
    return ask_reveal(room, account_id=ACCOUNT, reason=WHY, by=aged(lead, 90))


def agree(asked: Reveal, who: Membership) -> None:
    sent = client_of(who).post(f"/r/watch/reveals/{asked.pk}/decide/", {"do": "agree"})
    assert sent.status_code == 303
    asked.refresh_from_db()


def test_who_signs_in_on_a_page_in_another_language_is_greeted_in_their_own(room: Room, lead: Membership) -> None:
    Member.objects.filter(pk=lead.member_id).update(language="fa")
    sent = Client(headers={"accept-language": "en"}).post(LOGIN, {"login": "alice", "password": PASSWORD}, follow=True)
    page = sent.content.decode()
    assert "وارد شدید" in page
    assert "Successfully" not in page


def test_an_account_that_the_asker_made_is_no_second_member(room: Room, lead: Membership, asked: Reveal) -> None:
    _, token = invite(room, role=Role.COORDINATOR, by=lead)
    double = aged(accept_invitation(token, member=create_member(username="alice2", password=PASSWORD, by=None)), 60)
    with pytest.raises(InputError, match="invitation of the member who asked"):
        decide_reveal(asked, is_agreed=True, by=double)
    agree(asked, double)
    assert not asked.is_agreed
    event = AuditEvent.objects.get(action="reveal.not-second")
    assert (event.member_name, event.details) == ("alice2", {"reason": "made-by-asker"})
    agree(asked, aged(join(room, "eve", Role.EDITOR), 60))
    assert asked.is_agreed


def test_a_young_account_is_no_second_member(room: Room, lead: Membership, asked: Reveal) -> None:
    young = aged(join(room, "eve", Role.EDITOR), 2)
    Reveal.objects.filter(pk=asked.pk).update(asked_at=timezone.now())
    with override_settings(SECOND_MEMBER_DAYS=3):
        with pytest.raises(InputError, match="3 days old"):
            decide_reveal(asked, is_agreed=True, by=young)
        decide_reveal(asked, is_agreed=True, by=aged(young, 4))


def test_the_same_browser_is_no_second_member(room: Room, lead: Membership, asked: Reveal) -> None:
    other = aged(join(room, "eve", Role.EDITOR), 60)
    browser = Client()
    for who in (lead, other):  # one person, one browser, two accounts
        browser.force_login(who.member, backend="django.contrib.auth.backends.ModelBackend")
        browser.get("/r/watch/")
    assert share_a_device(lead.member, other.member)
    with pytest.raises(InputError, match="same browser"):
        decide_reveal(asked, is_agreed=True, by=other)
    third = aged(join(room, "ann", Role.EDITOR), 60)
    client_of(third).get("/r/watch/")
    decide_reveal(asked, is_agreed=True, by=third)


def guess(client: Client, name: str, password: str, address: str) -> int:
    return client.post(LOGIN, {"login": name, "password": password}, REMOTE_ADDR=address).status_code


def is_in(client: Client) -> bool:
    return "_auth_user_id" in client.session


def test_guessing_from_elsewhere_does_not_lock_the_owner_out(room: Room, lead: Membership) -> None:
    for n in range(8):
        guess(Client(), "alice", f"wrong {n}", "198.51.100.7")
    stranger = Client()
    guess(stranger, "alice", PASSWORD, "198.51.100.8")  # the same network
    assert not is_in(stranger)
    owner = Client()
    guess(owner, "alice", PASSWORD, "203.0.113.5")
    assert is_in(owner)
    event = AuditEvent.objects.get(action="member.guessed")
    assert event.details == {"network": "198.51.100.0/24"}
    assert event.subject == f"member:{lead.member_id}"


def test_a_device_that_was_signed_in_before_is_let_in_beside_a_guesser(room: Room, lead: Membership) -> None:
    home = client_of(lead)
    home.get("/r/watch/")
    mark = home.cookies[COOKIE].value
    for n in range(8):
        guess(Client(), "alice", f"wrong {n}", "203.0.113.9")
    again = Client()
    again.cookies[COOKIE] = mark
    guess(again, "alice", PASSWORD, "203.0.113.10")  # behind the same router as whoever guesses
    assert is_in(again)
    forged = Client()
    forged.cookies[COOKIE] = "x" + mark[1:]
    guess(forged, "alice", PASSWORD, "203.0.113.11")
    assert not is_in(forged)


def test_a_known_device_cannot_guess_without_end(room: Room, lead: Membership) -> None:
    home = client_of(lead)
    home.get("/r/watch/")
    thief = Client()
    thief.cookies[COOKIE] = home.cookies[COOKIE].value
    for n in range(8):
        guess(thief, "alice", f"wrong {n}", f"203.0.{n}.9")
    guess(thief, "alice", PASSWORD, "203.0.113.9")
    assert not is_in(thief)


def test_a_device_is_marked_once_and_kept_as_a_hash(room: Room, lead: Membership) -> None:
    home = client_of(lead)
    for _ in range(3):
        home.get("/r/watch/")
    known = KnownDevice.objects.get(member=lead.member)
    assert len(known.mark) == 64
    assert known.mark not in home.cookies[COOKIE].value
    assert home.cookies[COOKIE]["httponly"]
    note_device(lead.member, known.mark)
    assert KnownDevice.objects.count() == 1
    assert COOKIE not in Client().get(LOGIN).cookies


@pytest.mark.parametrize(
    ("address", "network"),
    [("203.0.113.77", "203.0.113.0/24"), ("::ffff:203.0.113.77", "203.0.113.0/24"), ("2001:db8:1:2::3", "2001:db8:1::/48"),
     ("fe80::1%eth0", "fe80::/48"), ("nonsense", ""), ("", "")],
)  # fmt: skip
def test_networks(address: str, network: str) -> None:
    assert network_of(address) == network


def test_the_operator_sets_a_password(room: Room, lead: Membership) -> None:
    home = Client()
    assert home.login(username="alice", password=PASSWORD)
    home.get("/r/watch/")
    call_command("room_password", member="ALICE", password="another sentence of words")
    assert home.get("/r/watch/").status_code == 302
    assert Client().login(username="alice", password="another sentence of words")
    assert not Client().login(username="alice", password=PASSWORD)
    assert AuditEvent.objects.filter(action="member.password", subject=f"member:{lead.member_id}").exists()
    with pytest.raises(InputError):
        set_password(lead.member, "short")
    with pytest.raises(InputError, match="nobody is called"):
        call_command("room_password", member="mallory", password="another sentence of words")


RESET = "/account/password/reset/"


def test_without_a_mail_server_no_secret_is_written_anywhere(
    room: Room, lead: Membership, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    EmailAddress.objects.create(user=lead.member, email="alice@example.org", primary=True, verified=True)
    console = "django.core.mail.backends.console.EmailBackend"
    for backend in (console, "django.core.mail.backends.dummy.EmailBackend"):
        with caplog.at_level(logging.DEBUG), override_settings(EMAIL_BACKEND=backend, HAS_MAIL=False):
            assert Client().post(RESET, {"email": "alice@example.org"}).status_code == 302
    said = caplog.text + "".join(capfd.readouterr())
    assert "reset/key" not in said
    assert "alice@example.org" not in said
    assert "no mail server" in said


def test_no_mail_goes_to_addresses_that_are_nobodys(room: Room, lead: Membership) -> None:
    with override_settings(HAS_MAIL=True):
        assert Client().post(RESET, {"email": "stranger@example.org"}).status_code == 302
    assert mail.outbox == []


def test_the_usual_settings_send_no_mail_to_the_console() -> None:
    from dideban.room import settings

    source = Path(settings.__file__).read_text("utf-8")
    assert "console" not in source.split("EMAIL_BACKEND = ")[1].split("\n")[0]


def test_signing_in_and_failing_to_are_logged(room: Room, lead: Membership, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO, logger="dideban.room.sign_in"):
        client = Client()
        guess(client, "alice", "a wrong password", "203.0.113.5")
        guess(client, "alice", PASSWORD, "203.0.113.5")
        client.post("/account/logout/")
    assert [line.getMessage() for line in caplog.records] == ["sign-in failed", "signed in", "signed out"]
    assert [getattr(line, "member", None) for line in caplog.records] == [None, lead.member_id, lead.member_id]
    assert "wrong password" not in caplog.text


def test_cookies_of_a_room_with_a_certificate_are_bound_to_it(tmp_path: Path) -> None:
    code = (
        "from django.conf import settings as s\n"
        "print([n for n in dir(s) if n.endswith('COOKIE_NAME') and not getattr(s, n).startswith('__Host-')])\n"
        "print(s.SESSION_COOKIE_SECURE, s.CSRF_COOKIE_SECURE, s.LANGUAGE_COOKIE_SECURE, s.SESSION_COOKIE_HTTPONLY)\n"
        "print(s.SESSION_COOKIE_SAMESITE, s.CSRF_COOKIE_SAMESITE, s.LANGUAGE_COOKIE_SAMESITE)\n"
        "print(s.SESSION_COOKIE_DOMAIN, s.CSRF_COOKIE_DOMAIN, s.SESSION_COOKIE_PATH, s.CSRF_COOKIE_PATH)"
    )
    environment = {**os.environ, "DIDEBAN_ROOM_URL": "https://room.example.org", "DIDEBAN_ROOM_DATA": str(tmp_path)}
    made = subprocess.run(
        [sys.executable, "-m", "django", "shell", "-v0", "-c", code], env=environment, capture_output=True, text=True,
        check=True,
    )  # fmt: skip
    assert made.stdout.splitlines() == [
        "['MESSAGE_COOKIE_NAME']" if "MESSAGE_COOKIE_NAME" in made.stdout else "[]",
        "True True True True", "Lax Lax Lax", "None None / /",
    ]  # fmt: skip


def test_trace_echoes_nothing(room: Room) -> None:
    answer = Client().trace("/account/login/", headers={"X-Secret": "echoed"})
    assert "echoed" not in answer.content.decode()
    assert answer.status_code in (200, 403, 404, 405)


def with_recovery_codes(who: Membership) -> list[str]:
    from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
    from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret

    TOTP.activate(who.member, generate_totp_secret())
    codes: list[str] = RecoveryCodes.activate(who.member).get_unused_codes()
    return codes


def test_a_recovery_code_lets_the_owner_in_beside_a_guesser(room: Room, lead: Membership) -> None:
    codes = with_recovery_codes(lead)
    for n in range(8):
        guess(Client(), "alice", f"wrong {n}", "198.51.100.7")
    owner, here = Client(), {"REMOTE_ADDR": "198.51.100.8"}  # the same network, no known device
    owner.post(LOGIN, {"login": "alice", "password": PASSWORD, "recovery": "12345678"}, **here)
    assert "account_login" not in owner.session
    owner.post(LOGIN, {"login": "alice", "password": PASSWORD, "recovery": codes[0]}, **here)
    assert not is_in(owner), "the code is asked for again, and used up there"
    owner.post("/account/2fa/authenticate/", {"code": codes[0]}, **here)
    assert is_in(owner)
    again = Client()
    again.post(LOGIN, {"login": "alice", "password": PASSWORD, "recovery": codes[0]}, **here)
    again.post("/account/2fa/authenticate/", {"code": codes[0]}, **here)
    assert not is_in(again), "a code works once"
    for n in range(2):  # a code without the password opens nothing
        thief = Client()
        thief.post(LOGIN, {"login": "alice", "password": f"no {n}", "recovery": codes[1]}, REMOTE_ADDR="192.0.2.1")
        assert not is_in(thief)


def test_recovery_codes_are_not_guessed_without_end(
    room: Room, lead: Membership, monkeypatch: pytest.MonkeyPatch
) -> None:
    from dideban.room.members import adapter

    codes = with_recovery_codes(lead)
    monkeypatch.setattr(adapter, "CODE_TRIES", 3)
    assert adapter.has_recovery_code(lead.member, f" {codes[0]} ")
    assert not adapter.has_recovery_code(lead.member, "x" * 30)
    assert not adapter.has_recovery_code(lead.member, "")
    for _ in range(2):
        assert not adapter.has_recovery_code(lead.member, "00000000")
    assert not adapter.has_recovery_code(lead.member, codes[0])


def test_the_owner_of_a_guessed_name_is_told(room: Room, lead: Membership, viewer: Membership) -> None:
    words = "tried several passwords with your name"
    home = client_of(lead)
    assert words not in home.get("/r/watch/").content.decode()
    for n in range(8):
        guess(Client(), "alice", f"wrong {n}", "198.51.100.7")
    text = home.get("/r/watch/").content.decode()
    assert words in text
    assert "198.51.100.0/24" in text
    assert words not in client_of(viewer).get("/r/watch/").content.decode()
    assert [(one.to, words in one.body) for one in mail.outbox] == [(["alice@example.org"], True)]
    for n in range(8):
        guess(Client(), "alice", f"wrong {n}", "198.51.100.9")
    assert len(mail.outbox) == 1, "once an hour for each network"


def test_a_new_room_says_why_nobody_can_agree_yet(room: Room, lead: Membership) -> None:
    client = client_of(aged(lead, 1))
    with override_settings(SECOND_MEMBER_DAYS=3):
        assert "a second person who may" in client.get("/r/watch/reveals/").content.decode()
        young = aged(join(room, "eve", Role.EDITOR), 1)
        assert "Possible from:" in client.get("/r/watch/reveals/").content.decode()
        aged(young, 4)
        text = client.get("/r/watch/reveals/").content.decode()
        assert "Nobody can agree" not in text
