"""The newsletter: asked twice, left by one click, addresses never in clear, and what strangers try with it."""

from __future__ import annotations

import logging
import re
import smtplib
from datetime import timedelta
from email import message_from_bytes
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.core import mail
from django.core.cache import cache
from django.test import Client, override_settings
from django.utils import timezone

from dideban.errors import InputError, StoreError
from dideban.room.members.models import Membership
from dideban.room.newsletter import actions, sending
from dideban.room.newsletter.bounces import take_bounce
from dideban.room.newsletter.models import Subscriber, SubscriberState
from dideban.room.newsletter.sealing import open_address
from dideban.room.public.actions import ask_publication, change_page, change_site, decide_publication, write_page
from dideban.room.public.models import Correction, Page, PublicSite
from dideban.room.roles import Role
from dideban.room.rooms.folder import folder_of
from dideban.room.rooms.models import Place, Room
from dideban.room.upkeep.backup import back_up
from room.cast import client_of, join

FORM = {"address": "Mina.K@Example.ORG", "lang": "fa"}
LATER = sending.COOL_OFF + timedelta(minutes=1)


@pytest.fixture
def site(room: Room) -> PublicSite:
    cache.clear()
    return change_site(room, is_on=True, has_newsletter=True, names={"fa": "دیده‌بان"}, by=None)


@pytest.fixture
def reader(site: PublicSite) -> Subscriber:
    """Somebody who asked, and said yes."""
    Client().post("/subscribe/watch/", FORM)
    Client().post(links()[0], {"do": "confirm"})
    mail.outbox.clear()
    return Subscriber.objects.get()


def links() -> list[str]:
    """Return where the links of the last mail lead on this site."""
    found = [urlsplit(one) for one in re.findall(r"http\S+", str(mail.outbox[-1].body))]
    return [f"{one.path}?{one.query}" for one in found]


def publish(room: Room, ben: Membership, eve: Membership, **values: Any) -> Page:
    given = {"kind": "bulletin", "slug": "water", "lang": "fa", "title": "آب شهر", "body": "متن", "by": ben, **values}
    made = write_page(room, **given)
    ask_publication(made, by=ben)
    decide_publication(made, is_agreed=True, by=eve)
    return made


def test_nothing_is_sent_before_the_owner_of_the_address_said_yes(
    room: Room, site: PublicSite, ben: Membership, eve: Membership
) -> None:
    assert Client().post("/subscribe/watch/", FORM).status_code == 200
    (question,) = mail.outbox
    assert question.to == ["Mina.K@example.org"]
    assert "دیده‌بان" in question.subject
    publish(room, ben, eve)
    assert sending.send_due(site, now=timezone.now() + LATER) == 0
    where = links()[0]
    for _ in range(2):  # servers of mail look at links
        assert Client().get(where).status_code == 200
    assert Subscriber.objects.get().state == SubscriberState.ASKED
    answer = Client().post(where, {"do": "confirm"})
    assert 'lang="fa"' in answer.content.decode()
    found = Subscriber.objects.get()
    assert (found.state, found.lang, found.confirmed_at is not None) == (SubscriberState.CONFIRMED, "fa", True)
    assert Client().post(where, {"do": "confirm"}).status_code == 200  # again: no harm
    assert sending.send_due(site, now=timezone.now() + LATER) == 0  # what was published before is not sent


def test_the_address_stands_nowhere_in_clear(
    room: Room, reader: Subscriber, ben: Membership, eve: Membership, data: Path, tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
) -> None:  # fmt: skip
    caplog.set_level(logging.DEBUG)
    publish(room, ben, eve)
    sending.send_newsletters()
    assert open_address("watch", reader.sealed, name=reader.name) == "Mina.K@example.org"
    back_up(tmp_path / "backup.tgz")
    import gzip

    files = [path.read_bytes() for path in data.rglob("*") if path.is_file()]
    files += [gzip.decompress((tmp_path / "backup.tgz").read_bytes()), caplog.text.encode()]
    pages = [client_of(eve).get(f"/r/watch/{path}").content for path in ("audit/", "publish/site/", "publish/")]
    for content in [*files, *pages]:
        assert b"mina.k" not in content.lower()


def test_a_sealed_address_opens_for_its_own_row_and_key_alone(room: Room, reader: Subscriber) -> None:
    with pytest.raises(StoreError):
        open_address("watch", reader.sealed, name="0" * 32)
    folder_of("watch").newsletter_key.write_bytes(bytes(32))
    with pytest.raises(StoreError):
        open_address("watch", reader.sealed, name=reader.name)


def test_the_key_may_lie_elsewhere(room: Room, site: PublicSite, data: Path, tmp_path: Path) -> None:
    keys = tmp_path / "keys"
    keys.mkdir()
    with override_settings(NEWSLETTER_KEY_PATH=str(keys)):
        Client().post("/subscribe/watch/", FORM)
        assert [path.name for path in keys.iterdir()] == ["watch.newsletter"]
    assert not list(data.rglob("newsletter.key"))


def test_what_is_new_is_sent_once_in_the_language_and_leaves_by_one_click(
    room: Room, site: PublicSite, reader: Subscriber, ben: Membership, eve: Membership
) -> None:
    publish(room, ben, eve, title="آب\r\nBcc: all@example.org", summary="خلاصه <b>&")
    publish(room, ben, eve, lang="en", title="Water")
    publish(room, ben, eve, kind="lesson", slug="chance", title="تصادف یا هماهنگی؟")
    now = timezone.now() + LATER
    assert [sending.send_due(site, now=now), sending.send_due(site, now=now)] == [1, 0]
    (sent,) = mail.outbox
    headers = message_from_bytes(sent.message().as_bytes())
    assert headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert headers["Bcc"] is None
    assert "Water" not in sent.body
    assert "تصادف یا هماهنگی؟" in sent.body
    page = str(sent.alternatives[0][0])  # type: ignore[attr-defined]
    assert 'dir="rtl"' in page
    assert "&lt;b&gt;&amp;" in page
    assert not re.search(r"<img|<script|src=", page)
    where = urlsplit(re.sub(r"\s", "", headers["List-Unsubscribe"]).strip("<>"))
    program = Client(enforce_csrf_checks=True)  # a mail program: no cookie, no token of a form
    answer = program.post(f"{where.path}?{where.query}", {"List-Unsubscribe": "One-Click"})
    assert answer.status_code == 200
    assert not Subscriber.objects.exists()
    again = program.post(f"{where.path}?{where.query}", {"List-Unsubscribe": "One-Click"})
    assert (again.status_code, again.content) == (200, answer.content)


def test_looking_at_the_link_that_leaves_changes_nothing(
    room: Room, site: PublicSite, reader: Subscriber, ben: Membership, eve: Membership
) -> None:
    publish(room, ben, eve)
    sending.send_due(site, now=timezone.now() + LATER)
    leave = next(one for one in links() if "/leave/" in one)
    assert b"<form" in Client().get(leave).content
    assert Subscriber.objects.exists()


def test_guessed_keys_open_nothing_and_are_answered_alike(room: Room, reader: Subscriber) -> None:
    client = Client()
    for key in ("", "0" * 32, "é" * 32, "a" * 500):
        for who in (reader.name, "f" * 32, "é"):
            query = {"who": who, "key": key}
            assert client.post(f"/subscribe/watch/answer/?who={who}&key={key}", {"do": "block"}).status_code == 404
            answers = client.post("/subscribe/watch/leave/", query_params=query)
            assert answers.status_code == 200
    assert Subscriber.objects.get().state == SubscriberState.CONFIRMED
    other = Client().post(f"/subscribe/watch/leave/?who={reader.name}&key={'1' * 32}").content
    assert other == Client().post(f"/subscribe/watch/leave/?who={'2' * 32}&key={'1' * 32}").content


def test_a_key_of_one_purpose_serves_no_other(site: PublicSite) -> None:
    Client().post("/subscribe/watch/", FORM)
    Client().post(links()[0].replace("/answer/", "/leave/"))
    assert Subscriber.objects.get().state == SubscriberState.ASKED


def test_strangers_are_not_bombed(site: PublicSite) -> None:
    for n in range(40):  # from everywhere, in every spelling
        address = "mina.k@example.org" if n % 2 else " MINA.K@EXAMPLE.ORG "
        Client().post("/subscribe/watch/", {**FORM, "address": address}, REMOTE_ADDR=f"10.{n}.0.1")
    assert len(mail.outbox) == 1
    for _ in range(10):
        Subscriber.objects.update(asked_at=timezone.now() - timedelta(days=2))
        actions.ask(site.room, address=FORM["address"], lang="ar")
    assert len(mail.outbox) == actions.MOST_ASKED


def test_one_network_and_one_day_send_few_questions(site: PublicSite) -> None:
    answers = [
        Client().post("/subscribe/watch/", {**FORM, "address": f"a{n}@example.org"}).status_code for n in range(7)
    ]
    assert answers == [200] * 5 + [400] * 2
    cache.set(f"newsletter:{site.room.pk}:{timezone.now().date().isoformat()}", 200)
    assert Client().post("/subscribe/watch/", FORM, REMOTE_ADDR="192.0.2.9").status_code == 400
    assert Client().post("/subscribe/watch/", {**FORM, "website": "x"}, REMOTE_ADDR="192.0.2.10").status_code == 200
    assert len(mail.outbox) == 5


@pytest.mark.parametrize(
    "address",
    ["", "nobody", "a@b", "a@example.org\nBcc: c@example.org", "a@example.org,b@example.org", '"a b"@example.org',
     "a@example.org\u202e", "دیده@example.org", "a@exámple.org", f"{'a' * 300}@example.org", "<a@example.org>", "x" * 1_000_000,
     "a%b@example.org", "a@[127.0.0.1]", "a\x00@example.org"], ids=range(15),
)  # fmt: skip
def test_what_is_no_address_is_refused(site: PublicSite, address: str) -> None:
    with pytest.raises(InputError):
        actions.ask(site.room, address=address, lang="fa")
    assert not Subscriber.objects.exists()
    assert not mail.outbox


def test_whoever_does_not_want_mail_is_never_asked_again(site: PublicSite) -> None:
    Client().post("/subscribe/watch/", FORM)
    Client().post(links()[0], {"do": "block"})
    found = Subscriber.objects.get()
    assert (found.state, bytes(found.sealed), found.wanted) == (SubscriberState.BLOCKED, b"", {})
    Subscriber.objects.update(asked_at=timezone.now() - timedelta(days=300), n_asked=0)
    answer = Client().post("/subscribe/watch/", FORM, REMOTE_ADDR="192.0.2.7")
    assert answer.status_code == 200
    assert len(mail.outbox) == 1
    actions.forget(now=timezone.now())
    assert Subscriber.objects.get().state == SubscriberState.BLOCKED


def test_who_does_not_answer_is_forgotten(site: PublicSite) -> None:
    Client().post("/subscribe/watch/", FORM)
    where, now = links()[0], timezone.now()
    actions.forget(now=now + timedelta(hours=47))
    assert bytes(Subscriber.objects.get().sealed)
    Subscriber.objects.update(asked_at=now - timedelta(hours=49))
    assert Client().post(where, {"do": "confirm"}).status_code == 404
    actions.forget(now=now)
    assert bytes(Subscriber.objects.get().sealed) == b""
    actions.forget(now=now + timedelta(days=31))
    assert not Subscriber.objects.exists()


def test_a_stranger_cannot_change_what_a_reader_gets(site: PublicSite, reader: Subscriber) -> None:
    Subscriber.objects.update(asked_at=timezone.now() - timedelta(days=2))
    Client().post("/subscribe/watch/", {**FORM, "lang": "ar"}, REMOTE_ADDR="192.0.2.7")
    assert Subscriber.objects.get().lang == "fa"
    Client().post(links()[0], {"do": "confirm"})  # the owner may
    assert Subscriber.objects.get().lang == "ar"


def test_a_reader_of_one_place_gets_that_place(
    room: Room, site: PublicSite, reader: Subscriber, ben: Membership, eve: Membership, north: Place, south: Place
) -> None:
    Subscriber.objects.update(places=[north.slug])
    publish(room, ben, eve, places=[south])
    publish(room, ben, eve, slug="north", title="شمال", places=[north, south])
    assert sending.send_due(site, now=timezone.now() + LATER) == 1
    assert mail.outbox[0].subject == "شمال"
    assert "آب شهر" not in mail.outbox[0].body


def test_stories_and_what_was_withdrawn_are_not_sent(
    room: Room, site: PublicSite, reader: Subscriber, ben: Membership, eve: Membership
) -> None:
    page = publish(room, ben, eve)
    Page.objects.filter(pk=page.pk).update(withdrawn_at=timezone.now())
    assert sending.send_due(site, now=timezone.now() + LATER) == 0
    assert "story" not in sending.KINDS


def test_a_correction_follows_those_who_read_what_was_wrong(
    room: Room, site: PublicSite, reader: Subscriber, ben: Membership, eve: Membership
) -> None:
    page = publish(room, ben, eve)
    now = timezone.now() + LATER
    sending.send_due(site, now=now)
    change_page(page, title="آب شهر", body="متن درست", by=ben)
    ask_publication(page, why="عدد نادرست بود", by=ben)
    decide_publication(page, is_agreed=True, by=eve)
    Correction.objects.update(at=now + timedelta(hours=1))
    assert sending.send_due(site, now=now + timedelta(hours=2)) == 0  # one mail a day
    assert sending.send_due(site, now=now + timedelta(days=1)) == 1
    assert "عدد نادرست بود" in mail.outbox[-1].body


class Refusing:
    """A mail server that refuses everybody."""

    def __init__(self, error: Exception) -> None:
        self.error = error

    def __enter__(self) -> Refusing:
        return self

    def __exit__(self, *_: object) -> None:
        return None

    def send_messages(self, _: object) -> int:
        raise self.error


def test_an_address_that_is_refused_for_good_is_deleted_and_one_that_waits_is_not(
    room: Room, site: PublicSite, reader: Subscriber, ben: Membership, eve: Membership, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish(room, ben, eve)
    now = timezone.now() + LATER
    for code in (450, 421):
        error = smtplib.SMTPRecipientsRefused({"x": (code, b"later")})
        monkeypatch.setattr(sending, "get_connection", lambda error=error: Refusing(error))
        sending.send_due(site, now=now)
    monkeypatch.setattr(sending, "get_connection", lambda: Refusing(ConnectionRefusedError()))
    sending.send_due(site, now=now)
    assert Subscriber.objects.get().n_failed == 0
    gone = smtplib.SMTPRecipientsRefused({"x": (550, b"no such user")})
    monkeypatch.setattr(sending, "get_connection", lambda: Refusing(gone))
    for day in range(3):
        publish(room, ben, eve, slug=f"day-{day}")
        Page.objects.filter(slug=f"day-{day}").update(published_at=now + timedelta(days=day, hours=-1))
        assert Subscriber.objects.get().n_failed == day
        sending.send_due(site, now=now + timedelta(days=day))
    assert not Subscriber.objects.exists()


def report(headers: str, status: str = "5.1.1") -> bytes:
    return (
        f"Content-Type: multipart/report; report-type=delivery-status; boundary=b\n\n--b\nContent-Type: "
        f"message/delivery-status\n\nReporting-MTA: dns; mx\n\nAction: failed\nStatus: {status}\n\n--b\n"
        f"Content-Type: text/rfc822-headers\n\n{headers}\n--b--\n"
    ).encode()


def test_a_report_counts_where_it_returns_our_own_mail(
    room: Room, site: PublicSite, reader: Subscriber, ben: Membership, eve: Membership
) -> None:
    publish(room, ben, eve)
    sending.send_due(site, now=timezone.now() + LATER)
    own = f"List-Unsubscribe: {mail.outbox[0].extra_headers['List-Unsubscribe']}"
    assert not take_bounce(room, report(own, status="4.2.2"))
    forged = re.sub("key=.", "key=x", own)
    for data in (
        b"",
        b"\xff" * 300_000,
        report("To: mina.k@example.org"),
        report(forged),
        b"Content-Type: text/plain\n\n5.1.1",
    ):
        assert not take_bounce(room, data)
    assert [take_bounce(room, report(own)) for _ in range(4)] == [True, True, True, False]
    assert not Subscriber.objects.exists()


def test_without_a_mail_server_there_is_no_newsletter(room: Room, site: PublicSite) -> None:
    with override_settings(HAS_MAIL=False):
        assert Client().get("/subscribe/watch/").status_code == 404
        assert Client().post("/subscribe/watch/", FORM).status_code == 404
    change_site(room, has_newsletter=False, by=None)
    assert Client().get("/subscribe/watch/").status_code == 404


def test_members_see_how_many_and_never_who(room: Room, reader: Subscriber) -> None:
    lea = join(room, "lea", Role.COORDINATOR)
    page = client_of(lea).get("/r/watch/publish/site/").content.decode()
    assert "فارسی" in page
    assert "example.org" not in page.replace("lea@example.org", "").lower()
