"""A room of 5,000 findings and fifty places: every page is whole, asks little, and is told to each as far as they may see."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from dideban.errors import InputError
from dideban.room.alerts.models import Alert, Rule
from dideban.room.findings.models import FollowedGroup, KeptFinding, Verdict
from dideban.room.members.models import Membership
from dideban.room.review.figures import judged_of, moments_of
from dideban.room.roles import Role
from dideban.room.rooms.actions import remove_place, save_place
from dideban.room.rooms.models import Place, Room
from room.cast import client_of, join

pytestmark = pytest.mark.slow

N_FINDINGS, N_PLACES = 5_000, 50
MOST_QUERIES, MOST_BYTES = 60, 400_000
PAGES = (
    "", "findings/", "findings/?page=9", "findings/?verdict=none&sort=size", "findings/2500/", "alerts/", "alerts/?show=all",
    "narratives/", "posts/", "cases/", "cases/new/", "sources/", "rules/", "review/", "review/service/", "review/months/",
    "review/misses/", "review/learning/", "members/", "settings/", "search/?q=2500", "responses/", "handovers/", "past/",
)  # fmt: skip


def document(n: int) -> dict[str, object]:
    said = dict.fromkeys(("en", "fa", "ar"), f"Accounts of group {n} push the same link.")
    return {"id": f"f{n:016x}", "statement": said, "accounts": ["a" * 17], "posts": [], "objects": [], "traces": [],
            "leaders": [], "benign": [], "techniques": [], "burst": {}, "period": ["", ""]}  # fmt: skip


@pytest.fixture
def crowd(room: Room, lead: Membership) -> list[Place]:
    """Return the places of a room of many findings: three in ten judged, all alerted, spread over the places."""
    places = [save_place(room, name=f"Place {n}", names={"fa": f"جای {n}"}, by=None) for n in range(N_PLACES)]
    now = timezone.now()
    groups = FollowedGroup.objects.bulk_create(
        FollowedGroup(
            room=room, number=n, group_id=f"g{n:016x}", first_found_at=now - timedelta(minutes=n), last_found_at=now,
        )
        for n in range(1, N_FINDINGS + 1)
    )  # fmt: skip
    kept = KeptFinding.objects.bulk_create(
        KeptFinding(
            room=room, group=group, finding_id=f"f{group.number:016x}", found_at=group.first_found_at,
            method="synchrony", label="unexplained", n_accounts=3, n_posts=9, n_objects=3, e_value=1e3, error_rate=0.05,
            first_at=now - timedelta(days=8), last_at=now, decided_at=group.first_found_at, document=document(group.number),
        )
        for group in groups
    )  # fmt: skip
    for group, one in zip(groups, kept, strict=True):
        group.current = one
    FollowedGroup.objects.bulk_update(groups, ["current"], batch_size=500)
    where = FollowedGroup.places.through
    where.objects.bulk_create(
        where(followedgroup_id=group.pk, place_id=places[group.number % (N_PLACES - 1)].pk) for group in groups
    )
    rule = Rule.objects.filter(room=room).first() or Rule.objects.create(room=room, name="New", kind="new-finding")
    Alert.objects.bulk_create(
        Alert(room=room, rule=rule, kind="new-finding", key=f"n:{one.number}", group=one, at=one.first_found_at,
              decided_at=one.first_found_at,
              params={"group": one.number, "finding": f"f{one.number:016x}", "n_accounts": 3, "n_posts": 9, "n_objects": 3})
        for one in groups
    )  # fmt: skip
    Verdict.objects.bulk_create(
        Verdict(group=group, finding=one, member=lead.member, kind="confirmed", reason="Looked at.", at=now)
        for group, one in list(zip(groups, kept, strict=True))[::3]
    )
    return places


def looked_at(client: Client) -> list[tuple[str, int, int, int]]:
    """Return the pages that are not whole, ask too much or are too large: address, status, queries, bytes."""
    client.get("/r/watch/")
    odd = []
    for page in PAGES:
        with CaptureQueriesContext(connection) as queries:
            answer = client.get(f"/r/watch/{page}")
        seen = (page, answer.status_code, len(queries), len(answer.content))
        if answer.status_code != 200 or len(queries) > MOST_QUERIES or len(answer.content) > MOST_BYTES:
            odd.append(seen)
    return odd


def test_five_thousand_findings_in_fifty_places(room: Room, lead: Membership, crowd: list[Place]) -> None:
    assert looked_at(client_of(lead)) == []


def test_a_member_of_one_place_of_fifty(room: Room, crowd: list[Place]) -> None:
    client = client_of(join(room, "nora", Role.COORDINATOR, crowd[0]))
    left = [row for row in looked_at(client) if row[1] != 403]
    assert [row for row in left if row[0] != "findings/2500/"] == []
    html = client.get("/r/watch/findings/").content.decode()
    shown = {int(number) for number in re.findall(r"/findings/(\d+)/", html)}
    assert len(shown) >= 10
    assert {number % (N_PLACES - 1) for number in shown} == {0}
    assert client.get("/r/watch/findings/2500/").status_code == 404


def test_a_member_of_a_place_where_nothing_is(room: Room, crowd: list[Place]) -> None:
    client = client_of(join(room, "omid", Role.ANALYST, crowd[-1]))
    for page in PAGES:
        answer = client.get(f"/r/watch/{page}")
        assert answer.status_code in (200, 403) or page == "findings/2500/", page
        assert b"/findings/25" not in answer.content, page
        assert b"push the same link" not in answer.content, page


def test_a_member_whose_last_place_is_to_go_keeps_it(room: Room, lead: Membership, crowd: list[Place]) -> None:
    """No membership without a place comes to mean the whole room."""
    nora = join(room, "nora", Role.ANALYST, crowd[-1])
    with pytest.raises(InputError, match="limited to this place"):
        remove_place(crowd[-1], by=lead)
    assert list(nora.places.all()) == [crowd[-1]]


def test_the_review_counts_all_of_them_in_few_questions(room: Room, lead: Membership, crowd: list[Place]) -> None:
    groups = FollowedGroup.objects.filter(room=room)
    with CaptureQueriesContext(connection) as queries:
        moments = moments_of(groups, alerts=Alert.objects.all(), cases=room.cases.all(), responses=room.responses.all())
        judged = judged_of(groups)
    assert len(moments) == judged.n == N_FINDINGS
    assert all({"claimed", "decidable", "alerted"} <= set(one) for one in moments.values())
    assert judged.n_rushed == len(groups[::3])
    assert len(queries) <= 9
    assert max(len(query["sql"]) for query in queries) < 5_000, "findings are named by a question, not by their keys"
