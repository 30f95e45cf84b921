"""What large rooms read in a cheap way is what the plain way reads."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from dideban.room.access import Access
from dideban.room.alerts.models import Alert
from dideban.room.board.views.now import _places
from dideban.room.cases.actions import open_case
from dideban.room.findings.models import FollowedGroup, KeptFinding
from dideban.room.members.models import Membership
from dideban.room.review.instants import instant_of, rows_with_instants
from dideban.room.roles import Role
from dideban.room.rooms.models import Place, Room
from room.cast import NOW, client_of, join

HOUR = timedelta(hours=1)


def found(room: Room, number: int, *places: Place, at: datetime = NOW, grew: datetime | None = None) -> FollowedGroup:
    group = FollowedGroup.objects.create(
        room=room, number=number, first_found_at=at, last_found_at=NOW, grew_at=grew
    )  # fmt: skip
    steps = [{"code": "step.ask", "values": {"n": 3}, "text": dict.fromkeys(("en", "fa", "ar"), "Ask them.")}]
    document = {"statement": dict.fromkeys(("en", "fa", "ar"), "A group."), "accounts": ["a"], "next_steps": steps}
    group.current = KeptFinding.objects.create(
        room=room, group=group, finding_id=f"f{number:016x}", found_at=at, method="synchrony", label="unexplained",
        n_accounts=3, n_posts=9, n_objects=3, first_at=at, last_at=at, document=document,
    )  # fmt: skip
    group.save()
    group.places.set(places)
    return group


def test_instants_are_those_that_django_reads(room: Room) -> None:
    for number, at in enumerate((
        NOW.replace(microsecond=0), NOW.replace(microsecond=999_999), NOW.replace(microsecond=1),
        datetime(1969, 12, 31, 23, 59, 59, 500_000, tzinfo=UTC), datetime(2100, 2, 28, tzinfo=UTC),
    )):  # fmt: skip
        found(room, number + 1, at=at, grew=at if number % 2 else None)
    groups = FollowedGroup.objects.order_by("pk")
    columns = ("first_found_at", "grew_at", "current__first_at")
    plain = list(groups.values_list("pk", "current__label", *columns))
    assert list(rows_with_instants(groups, "pk", "current__label", instants=columns)) == plain
    assert len(plain) == 5
    assert None in {row[3] for row in plain}
    assert all(at is None or at.tzinfo is not None for row in plain for at in row[2:])


def test_an_instant_of_a_driver_stays() -> None:
    assert instant_of(NOW) is NOW
    assert instant_of(None) is None


def test_a_finding_of_two_places_is_one_row_and_no_row_is_compared_whole(
    room: Room, lead: Membership, north: Place, south: Place
) -> None:
    both, one, _ = found(room, 1, north, south), found(room, 2, south), found(room, 3)
    mine = Access(room, join(room, "nora", Role.ANALYST, north, south))
    with CaptureQueriesContext(connection) as queries:
        assert [group.number for group in mine.groups().order_by("number")] == [both.number, one.number]
        assert mine.groups().count() == 2
    assert not [query for query in queries if "DISTINCT" in query["sql"]]
    assert Access(room, lead).groups().count() == 3


@pytest.mark.parametrize("who", ["all", "north"])
def test_places_are_counted_as_one_by_one(room: Room, lead: Membership, north: Place, south: Place, who: str) -> None:
    since = NOW - 2 * HOUR
    found(room, 1, north, south)
    found(room, 2, north, at=NOW - 9 * HOUR, grew=NOW - HOUR)
    found(room, 3, south, at=NOW - 9 * HOUR, grew=NOW - 5 * HOUR)
    found(room, 4, grew=NOW)
    access = Access(room, lead if who == "all" else join(room, "nora", Role.ANALYST, north))
    lines = {line["place"] and line["place"].slug: line for line in _places(access, since, NOW)}
    assert set(lines) == ({"north", "south", None} if who == "all" else {"north"})
    for slug, line in lines.items():
        here = [one for one in access.groups() if slug in [place.slug for place in one.places.all()] or (
            slug is None and not one.places.exists()
        )]  # fmt: skip
        new = [one for one in here if one.first_found_at > since]
        grown = [one for one in here if one not in new and one.grew_at and one.grew_at > since]
        assert (line["active"], line["new"], line["grown"]) == (len(here), len(new), len(grown)), slug
    assert lines["north"]["new"] == lines["north"]["grown"] == 1


def test_every_open_alert_offers_the_cases(room: Room, lead: Membership) -> None:
    open_case(room, title="The <b>bridge</b>", by=lead)
    for number in (1, 2):
        group = found(room, number)
        Alert.objects.create(
            room=room, kind="new-finding", key=str(number), at=NOW, group=group, params={"group": number}
        )
    html = client_of(lead).get("/r/watch/alerts/").content.decode()
    assert html.count('<option value="1">1 The &lt;b&gt;bridge&lt;/b&gt;</option><option value="">') == 2
