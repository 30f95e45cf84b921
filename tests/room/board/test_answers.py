"""Whatever a form is sent, the answer is in the language of the page: every form, its errors, and what it says after."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

import dideban.room
from dideban.messages import is_code
from dideban.room.members.models import Member
from dideban.room.roles import Role
from dideban.room.rooms.models import Room
from dideban.room.sources.models import Source
from room.board.forms import Form, forms_of
from room.board.pages import pages
from room.board.test_pages import GIVEN, KNOWN, read
from room.cast import client_of

HOUSE = Path(dideban.room.__file__).parent
OURS = {"InputError", "ConfigError", "StoreError", "SourceError", "ExchangeError", "DidebanError"}
NAMES = KNOWN | {"DIDEBAN_ROOM_FOLDERS", "gzip", "news"}
LEFT_ALONE = ("/account/logout/", "/i18n/")
ODD = {"number": "-7", "email": "؟", "url": "؟", "date": "؟", "password": "۱۲۳"}


def english_in(text: str) -> set[str]:
    return set(re.findall(r"[A-Za-z_]{3,}", text)) - NAMES


def sentences_of(path: Path) -> Iterator[str]:
    """Yield the errors that a module raises with a sentence in place of a code."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Call) and _name(node.func) in OURS:
            for given in [*node.args[:1], *(key.value for key in node.keywords if key.arg == "hint")]:
                if not is_code(_text(given)):
                    yield ast.unparse(given)


def _text(node: ast.expr) -> str:
    """Return what is written out, "x" in place of every value; a code where it is worked out elsewhere."""
    if isinstance(node, ast.JoinedStr):
        return "".join(str(part.value) if isinstance(part, ast.Constant) else "x" for part in node.values)
    return str(node.value) if isinstance(node, ast.Constant) and node.value else "some.code"


def _name(node: ast.expr) -> str:
    return node.id if isinstance(node, ast.Name) else getattr(node, "attr", "")


def test_every_error_of_the_room_is_a_code() -> None:
    paths = list(HOUSE.rglob("*.py"))
    assert len(paths) > 100
    assert {path.name: found for path in paths if (found := list(sentences_of(path)))} == {}


NAMED = {
    "text", "messge", "message", "user", "txt", "account_id", "created_at", "csv", "xlsx", "zip", "xls", "bin",
    "parquet", "owner", "accounts", "and", "json", "when", "unknown",
}  # fmt: skip


COLUMNS = {"post_id", "gone_at"}
"""Columns that a refusal of a list names."""


def reader(name: str, language: str) -> Client:
    Member.objects.filter(username=name).update(language=language)
    return client_of(Member.objects.get(username=name))


def written(form: Form, *, odd: bool) -> dict[str, Any]:
    """Return what is sent: nothing where something can be written, or something that makes no sense there."""
    sent: dict[str, Any] = {}
    for name, value in form.kept:
        sent.setdefault(name, []).append(value)
    for name, kind in form.written.items():
        sent[name] = ODD.get(kind, "؟") if odd else ""
    return {**sent, **dict.fromkeys(form.choices, "؟")} if odd else sent


@pytest.mark.slow
@pytest.mark.parametrize("language", ["fa", "ar"])
def test_every_form_answers_in_the_language_of_the_page(furnished: Room, language: str) -> None:
    """Every form of every page is sent empty and odd, with each of its buttons; nothing breaks, nothing is English."""
    client, seen, left = reader("alice", language), set(), {}
    for where in [*pages(), "/account/2fa/totp/activate/", "/account/email/", "/r/watch/sources/new/folder/"]:
        for form in forms_of(client.get(where, follow=True).content.decode()):
            address = form.action or where
            for name, value in form.buttons or [("", "")]:
                sort = (re.sub(r"\d+", "0", address), name, value, *form.sort)
                if sort in seen or address.startswith(LEFT_ALONE):
                    continue
                seen.add(sort)
                for odd in (False, True):
                    sent = {**written(form, odd=odd), **({name: value} if name else {})}
                    send = client.post if form.method == "post" else client.get
                    answer = send(address, sent, follow=True, headers={"referer": f"http://testserver{where}"})
                    words = " ".join(read(answer.content.decode()).words) if "html" in answer["Content-Type"] else ""
                    words = re.sub("«[^»]*»", "", words)  # what people wrote
                    found = english_in(words.replace("posts.parquet", "")) - GIVEN - COLUMNS
                    if answer.status_code >= 500 or found:
                        left[(where, address, name, value, odd)] = (answer.status_code, sorted(found)[:12])
    assert len(seen) > 60
    assert not left, "\n".join(f"{key}: {value}" for key, value in left.items())


@pytest.mark.parametrize(("language", "who"), [("fa", "ben"), ("ar", "bob")])
def test_a_broken_upload_says_why_in_the_language_of_the_page(furnished: Room, language: str, who: str) -> None:
    from dideban.room.members.models import Membership

    Membership.objects.filter(member__username=who).update(role=Role.COORDINATOR)
    client = reader(who, language)
    sent = [
        ("p.csv", b"a,b\n1,2\n", ""), ("p.csv", b"user,when,message\n", "text = messge"), ("x.bin", b"\x00\x01\x02" * 99, ""),
        ("p.csv", b"account_id,created_at,text\nx,never,y\nz,,y\n", ""), ("p.csv", b"account_id,created_at\n", "txt = a"),
        ("e.zip", b"PK\x05\x06" + bytes(18), ""), ("p.json", b'{"a": 1}', ""), ("p.csv", b"", ""), ("p.csv", b"x", "nonsense"),
    ]  # fmt: skip
    for name, content, mapping in sent:
        given = {"file": SimpleUploadedFile(name, content), "mapping": mapping}
        answer = client.post("/r/watch/sources/files/upload/", given, follow=True)
        words = " ".join(read(answer.content.decode()).words)
        assert answer.status_code == 200
        assert english_in(words) - GIVEN - NAMED == set(), (name, mapping)
    assert Source.objects.get(slug="files").runs.filter(kind="look").count() >= 4
