"""Newsletters against a made-up mailbox."""

from __future__ import annotations

import imaplib
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from email.utils import format_datetime
from typing import Any, ClassVar

import pytest

from dideban.room.rooms.models import Room
from dideban.room.sources.actions import add_source
from dideban.room.sources.models import Source
from dideban.room.sources.newsletter import connector
from dideban.room.sources.poll import poll
from dideban.room.wording.problems import said
from room.sources.helpers import again, stored


def mail(n: int, *, body: str = "The wheat is in: https://x.example/a", kind: str = "plain", sender: str = "") -> bytes:
    made = EmailMessage()
    made["From"] = sender or f"The Harvest <news{n}@harvest.example>"
    made["Subject"], made["Message-ID"] = f"Letter {n}", f"<letter-{n}@harvest.example>"
    made["Date"] = format_datetime(datetime.now(UTC) - timedelta(hours=5) + timedelta(minutes=n))
    made.set_content(body, subtype=kind)
    return made.as_bytes()


class Box:
    """What the connector asks of a mailbox."""

    mails: ClassVar[dict[int, bytes]] = {}
    valid = b"7"
    password = "right"
    asked: ClassVar[list[tuple[str, ...]]] = []

    def __init__(self, host: str, port: int, **_: Any) -> None:
        if host == "away.example":
            raise OSError("no route")

    def login(self, user: str, password: str) -> None:
        if password != self.password:
            raise imaplib.IMAP4.error("no")

    def select(self, name: str, readonly: bool) -> tuple[str, list[bytes]]:
        assert readonly
        return ("OK" if name == '"INBOX"' else "NO"), [b""]

    def response(self, name: str) -> tuple[str, list[bytes]]:
        return name, [self.valid]

    def uid(self, verb: str, *arguments: str) -> tuple[str, list[Any]]:
        Box.asked.append((verb, *arguments))
        if verb == "SEARCH":
            return "OK", [b" ".join(str(n).encode() for n in sorted(self.mails))]
        return "OK", [(b"x", self.mails[int(arguments[0])]), b")"]

    def shutdown(self) -> None:
        pass


@pytest.fixture
def letters(room: Room, monkeypatch: pytest.MonkeyPatch) -> Source:
    monkeypatch.setattr(connector, "Mailbox", Box)
    Box.mails, Box.valid, Box.asked = {n: mail(n) for n in (1, 2)}, b"7", []
    settings = {"mail_server": "mail.example", "user": "u", "token": "right"}
    return again(add_source(room, kind="newsletter", name="Letters", settings=settings, by=None))


def test_mails_become_posts_of_their_senders_once(letters: Source) -> None:
    poll(letters)
    posts = stored()
    assert posts["text"].to_list() == [f"Letter {n}\nThe wheat is in: https://x.example/a" for n in (1, 2)]
    assert posts["urls"][0].to_list() == ["https://x.example/a"]
    assert "harvest.example" not in str(posts["account_id"].to_list())
    Box.mails[3] = mail(3, body="<p>New <b>wheat</b><script>x</script></p>", kind="html")
    poll(again(letters))
    assert stored()["text"].to_list()[2] == "Letter 3\nNew wheat"
    assert all("PEEK" in one[-1] for one in Box.asked if one[0] == "FETCH")


def test_a_mailbox_that_was_made_anew_is_read_anew(letters: Source) -> None:
    poll(letters)
    Box.mails, Box.valid = {1: mail(9)}, b"8"
    poll(again(letters))
    assert stored().height == 3


def test_odd_mails_cost_themselves_alone(letters: Source) -> None:
    Box.mails |= {4: b"", 5: b"\x00\xff" * 1000, 6: mail(6, sender="nobody"), 7: mail(7)}
    run = poll(letters)
    assert stored().height == 3
    assert run.reasons == {"record-unreadable": 3}


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"token": "wrong"}, "password"),
        ({"mail_server": "away.example"}, "cannot be reached"),
        ({"mailbox": "X"}, "no such mailbox"),
    ],
)
def test_what_is_wrong_is_said(letters: Source, change: dict[str, str], words: str) -> None:
    letters.settings = {**letters.settings, **change}
    assert words in said(poll(letters).error)


def test_a_private_address_is_not_asked(room: Room) -> None:
    settings = {"mail_server": "127.0.0.1", "user": "u", "token": "right"}
    source = again(add_source(room, kind="newsletter", name="Letters", settings=settings, by=None))
    assert "private network" in said(poll(source).error)


def test_no_id_of_a_mail_tells_who_sent_it(letters: Source) -> None:
    by_name = mail(3, sender="Secret Person <secret.person@letters.example>").replace(
        b"<letter-3@harvest.example>", b"<secret.person.3@letters.example>"
    )
    without = EmailMessage()
    without["From"], without["Subject"] = "Secret Person <secret.person@letters.example>", "No id"
    without["Date"] = format_datetime(datetime.now(UTC) - timedelta(hours=2))
    without.set_content("The barley is in")
    Box.mails = {3: by_name, 4: without.as_bytes()}
    poll(letters)
    ids = stored()["post_id"].to_list()
    assert len(set(ids)) == 2
    assert not any("secret" in one or "@" in one for one in ids)


BOMBS = {
    "parts": b"Content-Type: multipart/mixed; boundary=b\r\n\r\n" + b"--b\r\n\r\nx\r\n" * 120_000,
    "parts in parts": b"".join(b"Content-Type: multipart/mixed; boundary=%d\r\n\r\n--%d\r\n" % (k, k) for k in range(9_000)),
    "fields": b"X: y\r\n" * 100_000 + b"\r\nhello",
    "one field": b"To: " + b"a," * 30_000 + b"a@b.example\r\n\r\nhello",
    "tags": b"Content-Type: text/html\r\n\r\n" + b"<div>" * 300_000,
}  # fmt: skip


@pytest.mark.parametrize("bomb", list(BOMBS))
def test_a_mail_that_would_take_minutes_is_one_reject(letters: Source, bomb: str) -> None:
    head = b"From: a@b.example\r\nDate: Mon, 23 Nov 2026 10:00:00 +0000\r\nSubject: x\r\nMIME-Version: 1.0\r\n"
    Box.mails = {3: head + BOMBS[bomb], 4: mail(4)}
    poll(letters)
    assert stored()["text"].str.contains("Letter 4").to_list() == [True]
    assert again(letters).state["last"] == 4
