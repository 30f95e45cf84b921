"""Findings, narratives and searches are put into cases: new ones, and those that are open already."""

from __future__ import annotations

from importlib import import_module

import pytest
from django.apps import apps
from django.test import Client

from dideban.errors import InputError
from dideban.room.audit.models import AuditEvent
from dideban.room.cases.actions import keep_search, link_narrative, open_case
from dideban.room.cases.models import Case, CaseSearch
from dideban.room.members.actions import make_api_token
from dideban.room.members.models import Member, Membership
from dideban.room.narratives.models import Narrative
from dideban.room.roles import Role
from dideban.room.rooms.actions import create_room, save_place
from dideban.room.rooms.models import Room
from room.cast import client_of, join

R = "/r/watch/"


@pytest.fixture
def lead(furnished: Room) -> Membership:
    return Membership.objects.select_related("member", "room").get(room=furnished, member__username="alice")


@pytest.fixture
def alice(lead: Membership) -> Client:
    return client_of(lead)


def done(case: int) -> list[str]:
    return list(AuditEvent.objects.filter(subject=f"case:{case}").order_by("seq").values_list("action", flat=True))


def shown(client: Client, path: str) -> str:
    response = client.get(f"{R}{path}")
    assert response.status_code == 200
    return response.content.decode()


def test_a_narrative_goes_into_a_case_that_is_open(alice: Client) -> None:
    case, one = Case.objects.get(number=2), Narrative.objects.get(number=1)
    assert '<option value="2">' in shown(alice, "narratives/1/")
    answer = alice.post(f"{R}narratives/1/act/", {"do": "case", "case": "2", "title": "not used"})
    assert (answer.status_code, answer.headers["Location"]) == (303, f"{R}cases/2/")
    assert [*case.narratives.all()] == [one]
    assert Case.objects.count() == 2
    html = shown(alice, "cases/2/")
    assert f'href="{R}narratives/1/"' in html
    assert "added a narrative" in html
    assert f'href="{R}cases/2/"' in shown(alice, "narratives/1/")
    alice.post(f"{R}cases/2/act/", {"do": "narrative-drop", "narrative": "1"})
    assert not case.narratives.exists()
    assert done(2)[-2:] == ["case.link-narrative", "case.unlink-narrative"]


def test_the_groups_of_a_narrative_come_along_where_asked_for(alice: Client) -> None:
    one = Narrative.objects.exclude(proved={}).order_by("number").first()
    assert one is not None
    numbers = {int(number) for number in one.proved}
    alice.post(f"{R}narratives/{one.number}/act/", {"do": "case", "case": "2", "groups": "1"})
    assert {group.number for group in Case.objects.get(number=2).groups.all()} == numbers
    alice.post(f"{R}narratives/{one.number}/act/", {"do": "case", "title": "Alone"})
    made = Case.objects.latest("number")
    assert (made.groups.count(), [story.number for story in made.narratives.all()]) == (0, [one.number])
    assert made.origin == {"kind": "narrative", "narrative": one.number}


def test_a_closed_case_is_not_offered(alice: Client) -> None:
    Case.objects.filter(number=2).update(status="closed")
    assert '<option value="2">' not in shown(alice, "narratives/1/")
    assert '<option value="2">' not in shown(alice, "posts/?text=bridge")


def test_who_sees_part_of_the_room_puts_only_that_into_a_case(furnished: Room) -> None:
    south = save_place(furnished, name="South", by=None)
    dora = join(furnished, "dora", Role.ANALYST, south)
    own = open_case(furnished, title="Own", places=[south], by=dora)
    client = client_of(dora)
    assert client.post(f"{R}cases/{own.number}/act/", {"do": "narrative", "narrative": "1"}).status_code == 404
    Narrative.objects.get(number=1).places.add(south)
    assert client.post(f"{R}narratives/1/act/", {"do": "case", "case": "1"}).status_code == 404
    assert client.post(f"{R}posts/searches/", {"do": "case", "case": "1", "text": "bridge"}).status_code == 404
    assert client.post(f"{R}narratives/1/act/", {"do": "case", "case": str(own.number)}).status_code == 303
    assert own.narratives.count() == 1
    Narrative.objects.get(number=1).places.remove(south)
    assert f"{R}narratives/1/" not in shown(client, f"cases/{own.number}/")
    viewer = client_of(Member.objects.get(username="bob"))
    assert viewer.post(f"{R}narratives/1/act/", {"do": "case", "case": "2"}).status_code == 403
    assert viewer.post(f"{R}posts/searches/", {"do": "case", "case": "2", "text": "x"}).status_code == 403


def test_a_search_goes_into_a_case_that_is_open_and_is_kept_once(alice: Client) -> None:
    form = {"do": "case", "case": "2", "name": "پل", "text": "پل", "languages": ["fa"]}
    for _ in range(2):
        assert alice.post(f"{R}posts/searches/", form).headers["Location"] == f"{R}cases/2/"
    kept = CaseSearch.objects.get(case__number=2)
    assert (kept.name, kept.query) == ("پل", {"text": "پل", "languages": ["fa"]})
    html = shown(alice, "cases/2/")
    assert f'href="{R}posts/?text=%D9%BE%D9%84&amp;languages=fa"' in html
    assert "kept a search with the case" in html
    alice.post(f"{R}cases/2/act/", {"do": "search-drop", "search": kept.pk})
    assert not CaseSearch.objects.exists()
    assert done(2)[-2:] == ["case.keep-search", "case.drop-search"]
    assert alice.post(f"{R}cases/1/act/", {"do": "search-drop", "search": kept.pk}).status_code == 404


def test_a_case_from_a_search_holds_the_search(alice: Client) -> None:
    alice.post(f"{R}posts/searches/", {"do": "case", "text": "bridge"})
    made = Case.objects.latest("number")
    assert (made.title, made.origin["kind"], made.searches.get().query) == ("bridge", "search", {"text": "bridge"})
    before = Case.objects.count()
    alice.post(f"{R}posts/searches/", {"do": "case"})
    assert Case.objects.count() == before


def test_what_is_of_another_room_stays_there(lead: Membership) -> None:
    case, one = Case.objects.get(number=1), Narrative.objects.get(number=1)
    one.pk, one.room = None, create_room(slug="elsewhere", name="Elsewhere")
    one.save()
    with pytest.raises(InputError, match="another room"):
        link_narrative(case, narrative=one, by=lead)
    with pytest.raises(InputError, match="search is empty"):
        keep_search(case, query={}, by=lead)


def test_programs_open_cases_with_narratives(lead: Membership) -> None:
    secret = make_api_token(name="t", scopes=["read", "write"], days=1, by=lead)[1]
    program = Client(headers={"Authorization": f"Bearer {secret}"})
    body = {"title": "By a program", "narratives": [1]}
    made = program.post("/api/v1/rooms/watch/cases", body, content_type="application/json").json()
    assert made["narratives"] == [1]
    listed = program.get("/api/v1/rooms/watch/cases").json()["items"]
    assert [row["narratives"] for row in listed if row["number"] == made["number"]] == [[1]]
    body["narratives"] = [99_999]
    assert program.post("/api/v1/rooms/watch/cases", body, content_type="application/json").status_code == 404


def test_cases_of_before_hold_what_they_were_opened_from(lead: Membership) -> None:
    """A room that was made before: its cases knew their narrative or search by their origin alone."""
    told = open_case(lead.room, title="Told", origin={"kind": "narrative", "narrative": 1}, by=lead)
    asked = open_case(lead.room, title="Asked", origin={"kind": "search", "query": {"text": "پل"}}, by=lead)
    lost = open_case(lead.room, title="Lost", origin={"kind": "narrative", "narrative": 99_999}, by=lead)
    import_module("dideban.room.cases.migrations.0004_narratives_and_searches").from_origins(apps, None)
    assert [one.number for one in told.narratives.all()] == [1]
    assert [(one.name, one.query) for one in asked.searches.all()] == [("Asked", {"text": "پل"})]
    assert lost.narratives.count() == 0
