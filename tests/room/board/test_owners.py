"""Declared owners: what members write is checked, kept as the engine reads it, and used by the next analysis."""

from __future__ import annotations

import tomllib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dideban.errors import InputError
from dideban.findings import Affiliations
from dideban.room.findings.models import FollowedGroup
from dideban.room.members.models import Member
from dideban.room.rooms.models import Room
from dideban.room.rooms.owners import owners_of, read_owners, write_owners
from dideban.room.rooms.sealed_ids import pseudonym_of
from dideban.room.ticks.run import affiliations_of
from room.board.test_acts import do
from room.cast import client_of

PRESS = {"name": "مطبوعات", "kind": "wire", "accounts": ["press", "press_ar"], "domains": ["example.org"]}


@given(
    st.lists(
        st.fixed_dictionaries({
            "name": st.text(min_size=1, max_size=20).map(lambda text: f"n{text}"), "kind": st.just("brand"),
            "accounts": st.lists(st.text(min_size=1, max_size=12), max_size=3), "domains": st.just(["example.org"]),
        }), max_size=4, unique_by=lambda owner: owner["name"],
    )
)  # fmt: skip
def test_whatever_is_written_is_read_again(owners: list[dict[str, Any]]) -> None:
    text = write_owners(owners)
    assert tomllib.loads(text).get("owner", []) == owners
    assert len(Affiliations.from_dict(tomllib.loads(text)).owners) == len(owners)


@pytest.mark.parametrize(
    ("text", "message"),
    [("x", "not valid TOML"), ("[[owner]]\nname=''\n", "no name"), ("[[owner]]\nname='a'\nkind='king'\n", "kind"),
     ("[[owner]]\nname='a'\n", "accounts or domains"), ("[[owner]]\nname='a'\ndomains=['no domain']\n", "not a domain"),
     ("[[owner]]\nname='a'\naccounts=['x']\n[[owner]]\nname='b'\naccounts=['x']\n", "already belongs"),
     ("[[owner]]\nname='a'\naccounts=['x']\n[[owner]]\nname='A'\naccounts=['y']\n", "same name")],
)  # fmt: skip
def test_what_breaks_the_rules_is_named(text: str, message: str) -> None:
    with pytest.raises(InputError, match=message):
        read_owners(text)


@pytest.mark.parametrize("given", ["https://www.Example.org/a?b", "example.org", " WWW.EXAMPLE.ORG. "])
def test_an_address_is_a_domain_with_something_around_it(given: str) -> None:
    assert read_owners(write_owners([{**PRESS, "domains": [given]}]))[0]["domains"] == ["example.org"]


def test_the_editor(furnished: Room) -> None:
    alice, ben = (client_of(Member.objects.get(username=name)) for name in ("alice", "ben"))
    form = {"name": "Press", "kind": "wire", "accounts": "press\n\n press \nother", "domains": "https://example.org/x"}
    html = do(alice, "settings/owners/", do="save", **form)
    assert "news agency" in html
    furnished.refresh_from_db()
    kept = {"name": "Press", "kind": "wire", "accounts": ["press", "other"], "domains": ["example.org"]}
    assert owners_of(furnished) == [kept]
    assert "is not a domain" in do(alice, "settings/owners/", do="save", **{**form, "name": "B", "domains": "x y"})
    do(alice, "settings/owners/", do="save", **{**form, "number": 1, "name": "Wire"})
    furnished.refresh_from_db()
    assert [owner["name"] for owner in owners_of(furnished)] == ["Wire"]
    assert ben.post("/r/watch/settings/owners/", {"do": "remove", "number": 1}).status_code == 403
    do(alice, "settings/owners/", do="replace", text=write_owners([PRESS]))
    assert "مطبوعات" in alice.get("/r/watch/settings/").content.decode()
    do(alice, "settings/owners/", do="remove", number=1)
    furnished.refresh_from_db()
    assert furnished.affiliations == ""


def test_a_list_that_cannot_be_read_does_not_take_the_page_away(furnished: Room) -> None:
    Room.objects.filter(pk=furnished.pk).update(affiliations="[[owner]]\nname=")
    html = client_of(Member.objects.get(username="alice")).get("/r/watch/settings/").content.decode()
    assert "not valid TOML" in html


def test_accounts_and_pseudonyms_meet_the_posts(furnished: Room) -> None:
    group = FollowedGroup.objects.select_related("current").get(number=1)
    assert group.current is not None
    member = group.current.document["accounts"][0]
    furnished.affiliations = write_owners([{**PRESS, "accounts": ["press", member]}])
    found = affiliations_of(furnished)
    assert found is not None
    assert found.owners[0].accounts == {pseudonym_of("watch", "press"), member}
