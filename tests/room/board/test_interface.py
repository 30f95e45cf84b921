"""The page of the interface for programs says every call, and its changes are told."""

from __future__ import annotations

import hashlib
import json

from django.test import RequestFactory

from dideban.room.board.presenters.interface import calls, described, surface
from dideban.room.members.models import Membership
from dideban.room.wording.interface import CALLS, CHANGES, OPERATIONS
from room.cast import client_of


def document() -> dict[str, object]:
    return described(RequestFactory().get("/api/v1/openapi.json"))


def test_every_call_has_words_and_an_example(viewer: Membership) -> None:
    found = calls(document(), room="watch", base="https://room.example.org")
    assert sorted(one["slug"] for one in found) == sorted(OPERATIONS)
    html = client_of(viewer).get("/r/watch/interface/").content.decode()
    for one in found:
        assert f'id="{one["name"]}"' in html
        assert "https://room.example.org/api/v1/" in one["curl"]
    assert {"n_accounts", "statement"} <= {
        name for one in found if one["slug"] == "list_groups" for name, _ in one["answer"]
    }


def test_only_reading_can_be_tried_on_the_page() -> None:
    found = calls(document(), room="watch", base="")
    assert all(one["can_try"] == (one["method"] == "GET") for one in found)


def test_who_changes_a_call_tells_of_it() -> None:
    now = hashlib.sha256(json.dumps(surface(document())).encode()).hexdigest()[:16]
    assert now == CALLS, "add a line to CHANGES in wording/interface.py, then write the new CALLS there"
    assert [one.at for one in CHANGES] == sorted((one.at for one in CHANGES), reverse=True)


def test_the_page_needs_nothing_from_elsewhere(viewer: Membership) -> None:
    html = client_of(viewer).get("/r/watch/interface/").content.decode()
    assert 'src="http' not in html
    assert "board/interface.js" in html
