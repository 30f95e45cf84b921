"""No sentence is left in English for who reads Persian or Arabic: every code, every route of the interface, every mail."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import allauth
import pytest
from django.core import mail
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.test import Client, override_settings
from django.utils import timezone, translation

import dideban.room
from dideban.messages import Message, has_text, is_code
from dideban.messages.catalogues import catalogue
from dideban.messages.checks import placeholders
from dideban.room.alerts.deliver import send_email
from dideban.room.alerts.models import Alert, RuleKind
from dideban.room.api.views import api
from dideban.room.members.actions import make_api_token, tell_of_guessing
from dideban.room.members.models import Member, Membership
from dideban.room.rooms.models import Room
from dideban.room.wording.problems import problem
from room.board.test_sentences import ABOUT

HOUSE = Path(dideban.room.__file__).parent

LANGUAGES = ("fa", "ar")
TYPED = re.compile(
    r"""\b(?:dideban|pip)(?:[ ]--?[a-z-]+|[ ][a-z]+|[ ][A-Z]+)+ | «[^»]*»   # commands of the terminal, what is quoted
      | https?://\S+ | \S+@\S+ | \S*[/\\]\S* | '[^']*' | `[^`]*`     # addresses, paths, what is quoted
      | [\w-]+\.[a-z]{2,5}\b | --?[a-z][a-z-]* | \w*_\w* | \w+=\S* | [A-Z][A-Z0-9_-]+""",  # files, options, settings
    re.VERBOSE,
)
LETTERS = re.compile("[\u0600-\u06ff]")


def english_in(text: str) -> list[str]:
    """Return runs of two words or more that are written in Latin letters: a name of one word may be one."""
    plain = TYPED.sub(" ، ", re.sub("[\u2066-\u2069\u200e\u200f]", " ", text))
    return [run for run in re.findall(r"[A-Za-z][A-Za-z']*(?:[ ,]+[A-Za-z][A-Za-z']*)+", plain) if run not in NAMES]


NAMES = {
    "YouTube Data Tools", "Meta Content Library", "Content Library", "Facebook URL Shares", "Truth Social", "Telegram Desktop", "Media Cloud",
    "Spark Connect",
}  # fmt: skip
"""Names of tools, which have no other name."""


def test_english_would_be_found() -> None:
    assert english_in("خطا: no such room") == ["no such room"]
    assert english_in("خطا: فایل a.csv با 'no such' و --out x و DIDEBAN_ROOM_URL https://a.example/b c") == []


def values_of(code: str, language: str) -> dict[str, Any]:
    """Return something for every placeholder, in the language itself."""
    word = {"fa": "چیز", "ar": "شيء"}[language]
    numbers = {"duration", "span", "percent", "measure", "size", "noun", "n"}
    return {
        name: 3 if name == "n" or set(forms) & numbers else word
        for name, forms in _forms(catalogue(language).texts[code]).items()
    }


def _forms(text: Any) -> dict[str, set[str]]:
    return {name: {str(form).split()[0]} if form else set() for name, form in placeholders(text).items()}


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_code_is_said_in_the_language(language: str) -> None:
    english, left = catalogue("en").texts, {}
    with translation.override(language):
        for code in english:
            if code.startswith(("locale.", "nouns.", "sentence.", "help.metavar")):
                continue
            told = problem(Message(code, **values_of(code, language)))["message"]
            if found := english_in(told):
                left[code] = (found, told)
    assert left == {}


FILLS = {"room": "watch", "slug": "x", "number": "7", "finding_id": "f0", "source": "x", "key": "x", "version": "1"}


def operations() -> list[tuple[str, str]]:
    """Every operation of the interface, its path filled with things that do not exist."""
    found = []
    for path, methods in api.get_openapi_schema()["paths"].items():
        where = re.sub(r"\{(\w+)\}", lambda one: FILLS.get(one[1], "1"), path)
        found += [(method.upper(), where) for method in methods]
    return sorted(found)


def check(answer: Any, where: object) -> None:
    told = answer.json()
    assert is_code(told["code"]), (where, told)
    assert has_text(told["code"]), (where, told)
    for part in filter(None, (told["message"], told["hint"])):
        assert LETTERS.search(part), (where, told)
        assert not english_in(part), (where, told)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.no_cover
def test_every_route_of_the_interface_refuses_in_the_language(lead: Membership, language: str) -> None:
    reads = make_api_token(name="r", scopes=["read"], days=1, by=lead)[1]
    all_of_it = make_api_token(name="a", scopes=["read", "posts", "write"], days=1, by=lead)[1]
    speaks = {"Accept-Language": language}
    asked: list[tuple[Client, str]] = [
        (Client(headers=speaks), "nobody"),
        (Client(headers=speaks | {"Authorization": "Bearer nonsense"}), "a made-up token"),
        (Client(headers=speaks | {"Authorization": f"Bearer {reads}"}), "a token that only reads"),
        (Client(headers=speaks | {"Authorization": f"Bearer {all_of_it}"}), "everything"),
    ]
    refused: dict[int, int] = {}
    for method, where in operations():
        for client, who in asked:
            for address in (
                where,
                where.replace("/watch", "/elsewhere"),
                f"{where}?limit=x&since=x&offset=-1&cursor=x",
            ):
                for body in ("{", '{"title": " ", "text": "", "kind": "x", "reason": ""}'):
                    answer = client.generic(method, address, body, content_type="application/json")
                    assert answer.status_code < 500, (method, address, who)
                    if answer.status_code >= 400:
                        check(answer, (method, address, who))
                        refused[answer.status_code] = refused.get(answer.status_code, 0) + 1
                    if method == "GET":
                        break
    assert refused.keys() >= {400, 401, 403, 404, 422}


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_no_view_answers_is_said_in_the_language(data: Path, language: str) -> None:
    client = Client(headers={"Accept-Language": language})
    for where in ("/api/v1/nothing", "/api/v1/rooms/%00", "/api/v1/rooms/watch?x=%00", "/api/nothing"):
        answer = client.get(where)
        assert answer.status_code >= 400
        if "json" in answer["Content-Type"]:
            check(answer, where)
        else:
            assert LETTERS.search(answer.content.decode())


@pytest.mark.parametrize("language", LANGUAGES)
@override_settings(HAS_MAIL=True, EMAIL_BACKEND="django.core.mail.backends.locmem.EmailBackend")
def test_every_mail_of_the_room_is_in_the_language(room: Room, lead: Membership, language: str) -> None:
    member: Member = lead.member
    Member.objects.filter(pk=member.pk).update(language=language, email="a@a.example")
    member.refresh_from_db()
    for kind in RuleKind:
        alert = Alert.objects.create(
            room=room, kind=kind, key=kind, params=ABOUT[kind], at=timezone.now() - timedelta(hours=1)
        )
        send_email(member, [alert])
    assert tell_of_guessing(member)
    assert len(mail.outbox) == len(RuleKind) + 1
    for sent in mail.outbox:
        subject = re.sub(r"^\[[^\]]*\]", "", str(sent.subject))  # the name that people gave to the room
        assert LETTERS.search(subject)
        assert english_in(f"{subject}\n{sent.body}") == []


def test_no_other_part_sends_mail() -> None:
    senders = {
        path.relative_to(HOUSE).as_posix()
        for path in HOUSE.rglob("*.py")
        if re.search(r"\b(?:EmailMessage|send_mail|EmailMultiAlternatives)\(", path.read_text("utf-8"))
    }
    # anchors go out as ``trail.mail``, one of the codes; the adapter sends mails about accounts, see below
    assert senders == {
        "alerts/deliver.py",
        "audit/anchoring.py",
        "members/actions.py",
        "members/adapter.py",
        "newsletter/mails.py",
    }


TEMPLATES = sorted(
    path.relative_to(root).as_posix()
    for root in [Path(allauth.__file__).parent / "templates"]
    for app in ("account", "mfa", "usersessions")
    for path in (root / app / "email").glob("*.txt")
)
"""Mails about accounts, of the library that signs members in."""


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("template", TEMPLATES)
def test_every_mail_about_an_account_is_in_the_language(data: Path, template: str, language: str) -> None:
    given = {
        "current_site": {"name": "Dideban", "domain": "room.example"}, "user": Member(username="sara"), "code": "123-456",
        "email": "a@a.example", "from_email": "a@a.example", "to_email": "b@a.example", "key": "k", "username": "sara",
        "password_reset_url": "https://room.example/x", "activate_url": "https://room.example/y", "ip": "192.0.2.1",
        "timestamp": timezone.now(), "user_agent": "Firefox", "signup_url": "https://room.example/z", "deleted_email": "a@a.example",
    }  # fmt: skip
    with translation.override(language):
        text = render_to_string(template, given, request=HttpRequest())
    assert english_in(text.replace("Dideban", "")) == []
    if text.strip():
        assert LETTERS.search(text)
