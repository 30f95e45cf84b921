"""Members limited to places: what they write stays within them, and nobody tells them of what lies elsewhere."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django.test import Client
from django.utils import timezone

from dideban.errors import InputError
from dideban.room.access import access_of
from dideban.room.alerts.actions import add_webhook, save_rule
from dideban.room.alerts.deliver import deliver_due
from dideban.room.alerts.models import Alert, Delivery, Rule, RuleKind
from dideban.room.alerts.watch import make_alert
from dideban.room.cases.actions import hand_over, open_case
from dideban.room.cases.models import Case
from dideban.room.findings.models import FollowedGroup, KeptFinding
from dideban.room.members.actions import add_membership, make_api_token, remove_membership
from dideban.room.members.models import Membership
from dideban.room.narratives.models import Narrative
from dideban.room.roles import Role
from dideban.room.rooms.actions import save_place
from dideban.room.rooms.models import Place, Room
from dideban.room.sources.actions import add_source, change_source
from dideban.room.sources.models import Source
from room.cast import client_of, join


@pytest.fixture
def nora(room: Room, north: Place) -> Membership:
    """An editor of the place North."""
    return join(room, "nora", Role.EDITOR, north)


def slugs(one: Any) -> list[str]:
    return sorted(one.places.values_list("slug", flat=True))


# What they write


def test_a_rule_of_a_limited_editor_is_never_of_the_whole_room(room: Room, nora: Membership) -> None:
    client_of(nora).post("/r/watch/rules/add/", {"kind": "new-finding", "name": "Everything"})
    made = Rule.objects.get(name="Everything")
    assert slugs(made) == ["north"]
    client_of(nora).post(f"/r/watch/rules/{made.pk}/act/", {"do": "change", "name": "Everything"})
    assert slugs(made) == ["north"]


def test_a_shared_rule_keeps_what_a_limited_editor_cannot_see(
    room: Room, nora: Membership, lead: Membership, north: Place, south: Place
) -> None:
    hook = add_webhook(room, name="Desk", url="https://desk.example/hook", by=lead)
    rule = save_rule(room, kind="new-finding", name="Both", places=[north, south], webhooks=[hook], by=lead)
    client_of(nora).post(f"/r/watch/rules/{rule.pk}/act/", {"do": "change", "name": "Mine"})
    rule.refresh_from_db()
    assert (rule.name, slugs(rule), list(rule.webhooks.all())) == ("Mine", ["south"], [hook])


def test_a_shared_case_keeps_what_a_limited_member_cannot_see(
    room: Room, nora: Membership, lead: Membership, north: Place, south: Place
) -> None:
    case = open_case(room, title="Both", places=[north, south], by=lead)
    client = client_of(nora)
    form = {"do": "change", "title": "Both", "severity": "high", "places": ["north"]}
    assert client.post(f"/r/watch/cases/{case.number}/act/", form).status_code == 303
    case.refresh_from_db()
    assert (case.severity, slugs(case)) == ("high", ["north", "south"])
    page = client.get(f"/r/watch/cases/{case.number}/").content.decode()
    assert "North" in page
    assert "South" not in page


def test_a_source_of_a_limited_editor_has_one_of_their_places(
    room: Room, nora: Membership, north: Place, south: Place
) -> None:
    for place in (None, south):
        with pytest.raises(InputError, match="choose one of your places"):
            add_source(room, kind="upload", name="Files", place=place, by=nora)
    made = add_source(room, kind="upload", name="Files", place=north, by=nora)
    with pytest.raises(InputError, match="choose one of your places"):
        change_source(made, place=None, by=nora)
    assert Source.objects.get(pk=made.pk).place == north


def test_who_is_limited_to_a_place_sees_what_lies_in_it(room: Room, north: Place, south: Place) -> None:
    town = save_place(room, name="Town", parent=north, by=None)
    street = save_place(room, name="Street", parent=town, by=None)
    north.parent = street  # a circle ends nowhere
    north.save()
    who = join(room, "sam", Role.VIEWER, town)
    assert set(access_of(who.member, "watch").scope().places or ()) == {"town", "street", "north"}
    north.parent = None
    north.save()
    assert access_of(who.member, "watch").scope().places == ("street", "town")


# What they are told


def told(room: Room, rule: Rule, *places: Place) -> list[str]:
    mail.outbox.clear()
    make_alert(room, rule, key=f"k{Alert.objects.count()}", now=timezone.now(), params={"n": 1}, places=places)
    deliver_due()
    return sorted(address for one in mail.outbox for address in one.to)


def test_nobody_is_told_of_places_they_may_not_see(
    room: Room, lead: Membership, nora: Membership, north: Place, south: Place
) -> None:
    rule = save_rule(
        room, kind=RuleKind.NEW_FINDING, name="All", emails=[lead.member, nora.member], by=lead
    )  # fmt: skip
    assert told(room, rule, north) == ["alice@example.org", "nora@example.org"]
    assert told(room, rule, south) == ["alice@example.org"]
    assert told(room, rule) == ["alice@example.org"]
    assert not Delivery.objects.filter(next_at__isnull=False).exists()


def test_who_left_the_room_is_told_nothing_any_more(room: Room, lead: Membership, analyst: Membership) -> None:
    rule = save_rule(room, kind=RuleKind.NEW_FINDING, name="All", emails=[analyst.member], by=lead)
    assert told(room, rule) == ["ben@example.org"]
    member = analyst.member
    member.is_active = False
    member.save()
    assert told(room, rule) == []
    member.is_active = True
    member.save()
    remove_membership(analyst, by=lead)
    assert told(room, rule) == []
    add_membership(room, member, role=Role.VIEWER, by=lead)
    assert told(room, rule) == ["ben@example.org"]


@pytest.fixture
def shared(room: Room, north: Place, south: Place) -> FollowedGroup:
    """A group and a narrative seen in both places, and a source in each."""
    now = timezone.now()
    for place in (north, south):
        add_source(room, kind="upload", name=f"Files of {place.slug}", place=place, by=None)
    group = FollowedGroup.objects.create(room=room, number=1, first_found_at=now, last_found_at=now)
    group.current = KeptFinding.objects.create(
        room=room, group=group, finding_id="f0123456789abcdef", found_at=now, method="synchrony", label="unexplained",
        n_accounts=3, n_posts=9, n_objects=3, first_at=now, last_at=now,
        sources=["files-of-north", "files-of-south"], document={"statement": {"en": "A group.", "fa": "", "ar": ""}},
    )  # fmt: skip
    group.save()
    story = Narrative.objects.create(
        room=room, number=1, key=0, terms=["bridge"], first_at=now, last_at=now, found_at=now, start_at=now, n_posts=9,
        place_counts={"north": 4, "south": 5}, source_counts={"files-of-north": 4, "files-of-south": 5},
        spread=[{"account": "a" * 17, "at": now.isoformat(), "source": "files-of-south", "place": "south",
                 "platform": "x", "post": "x/1"}], examples=[{"role": "first", "post": "x/1", "at": now.isoformat()}],
    )  # fmt: skip
    for one in (group, story):
        one.places.set([north, south])
    return group


def test_programs_of_a_limited_member_are_told_of_their_places_only(
    room: Room, shared: FollowedGroup, nora: Membership, lead: Membership, south: Place
) -> None:
    case = open_case(room, title="Both", places=list(Place.objects.filter(room=room)), groups=[shared], by=lead)
    secret = make_api_token(name="t", scopes=["read"], days=1, by=nora)[1]
    program = Client(headers={"Authorization": f"Bearer {secret}"})
    for path in ("groups", "groups/1", "narratives", "narratives/1", "cases", f"cases/{case.number}"):
        answer = program.get(f"/api/v1/rooms/watch/{path}")
        assert answer.status_code == 200
        assert "south" not in answer.content.decode(), path
        assert "north" in answer.content.decode(), path
    other = Client(headers={"Authorization": f"Bearer {make_api_token(name='t', scopes=['read'], days=1, by=lead)[1]}"})
    assert "south" in other.get("/api/v1/rooms/watch/narratives/1").content.decode()
    assert other.get("/api/v1/rooms/watch/narratives/1").json()["examples"] == ["x/1"]


def test_pages_of_a_limited_member_name_their_places_only(
    room: Room, shared: FollowedGroup, nora: Membership, lead: Membership, south: Place
) -> None:
    hidden = open_case(room, title="Of the south", places=[south], by=lead)
    hand_over(room, text="Look at it", to=nora.member, cases=[hidden], by=lead)
    assert Case.objects.count() == 1
    client = client_of(nora)
    for path in ("", "findings/", "findings/1/", "narratives/", "narratives/1/", "handovers/", "rules/", "review/"):
        html = client.get(f"/r/watch/{path}").content.decode()
        assert "South" not in html, path
        assert "Files of south" not in html, path
    assert f"/cases/{hidden.number}/" not in client.get("/r/watch/handovers/").content.decode()
    Membership.objects.filter(pk=nora.pk).update(last_seen_at=timezone.now() - timedelta(hours=1))
