"""The self-review: what is counted, from whom, and what is said where little is known."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest

from room.cast import NOW, client_of, join  # isort: skip - makes Django ready

from dideban.room.access import Access
from dideban.room.alerts.models import Alert
from dideban.room.board.presenters.self_review import LAST_S, WEEKS, Period, SelfReview, bar_of, position
from dideban.room.cases.actions import open_case
from dideban.room.findings.actions import give_verdict, note_seen
from dideban.room.findings.models import FollowedGroup, KeptFinding, Verdict
from dideban.room.members.models import Membership
from dideban.room.responses.actions import plan_response, tell_response
from dideban.room.responses.targets import Target
from dideban.room.review.figures import (
    FEWEST_JUDGED,
    ShareOfCount,
    band_of,
    delay_of,
    delays_of,
    known_of,
    moments_of,
    votes_of,
    waits_of,
    weekly,
    weekly_of,
)
from dideban.room.roles import Role
from dideban.room.rooms.models import Place, Room

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


def found(
    room: Room, number: int, *, at: object = NOW - 5 * DAY, e_value: float = 1e5, lead: bool = False
) -> FollowedGroup:
    group = FollowedGroup.objects.create(room=room, number=number, first_found_at=at, last_found_at=at)
    document = {"statement": dict.fromkeys(("en", "fa", "ar"), "A group."), "accounts": [f"acc{n}" for n in range(3)]}
    group.current = KeptFinding.objects.create(
        room=room, group=group, finding_id=f"f{number:016x}", found_at=at, decided_at=at - MINUTE, method="synchrony",
        label="unexplained", is_lead=lead, error_rate=0.05, e_value=e_value, n_accounts=3, n_posts=9, n_objects=3,
        first_at=at - HOUR, last_at=at, document=document, languages=["fa"],
    )  # fmt: skip
    group.save()
    return group


def review_of(who: Membership) -> SelfReview:
    return SelfReview(
        Access(who.room, Membership.objects.get(pk=who.pk)), Period(since=NOW - 90 * DAY, until=NOW + DAY)
    )


def test_each_step_counts_from_the_latest_one_that_happened(room: Room, lead: Membership) -> None:
    told, quiet = found(room, 1), found(room, 2)
    at = told.first_found_at
    Alert.objects.create(room=room, kind="new-finding", key="a", at=at + 2 * MINUTE, group=told)
    FollowedGroup.objects.filter(pk=told.pk).update(first_seen_at=at + HOUR)
    FollowedGroup.objects.filter(pk=quiet.pk).update(first_seen_at=at + 3 * HOUR)
    delays = {one.step: one for one in review_of(lead).delays}
    assert (delays["decidable"].n, delays["decidable"].least_s) == (2, 59 * 60)
    assert (delays["claimed"].least_s, delays["claimed"].most_s) == (60, 60)
    assert (delays["alerted"].n, delays["alerted"].most_s) == (1, 120)
    assert (delays["seen"].least_s, delays["seen"].most_s) == (58 * 60, 3 * 3600)
    assert delays["answered"].n == 0
    assert delays["seen"].median_s is None
    assert delays["seen"].p90_s is None


def test_a_case_a_response_and_its_end_are_steps(room: Room, lead: Membership) -> None:
    group = found(room, 1)
    Room.objects.filter(pk=room.pk).update(created_at=NOW - 30 * DAY)
    room.refresh_from_db()
    case = open_case(room, title="x", groups=[group], by=lead)
    made = plan_response(case, kind="report", title="x", horizon_h=24, target=Target(group=group), by=lead)
    tell_response(made, at=NOW - HOUR, by=lead)
    case.closed_at, case.status = NOW, "closed"
    case.save()
    access = Access(room, lead)
    (one,) = moments_of(
        access.groups(), alerts=access.alerts(), cases=access.cases(), responses=access.responses()
    ).values()  # fmt: skip
    assert one["answered"] == NOW - HOUR
    assert one["closed"] == NOW
    assert one["seen"] == case.opened_at


def test_few_have_a_range_and_no_middle() -> None:
    steps = [{"began": NOW, "decidable": NOW + k * MINUTE} for k in range(1, 11)]
    for n, has_median, has_p90 in ((1, False, False), (2, False, False), (3, True, False), (10, True, True)):
        first = delays_of(steps[:n])[0]
        assert (first.median_s is not None, first.p90_s is not None) == (has_median, has_p90)
        assert first.most_s == 60 * n
    assert delay_of("seen", []).n == 0


def test_how_long_a_group_waited_is_what_its_moments_say(room: Room, lead: Membership) -> None:
    groups = [found(room, n, at=NOW - n * DAY, lead=n == 9) for n in range(1, 11)]
    note_seen(groups[0])
    give_verdict(groups[1], finding=groups[1].current, kind="unsure", reason="Looked.", by=lead)
    give_verdict(groups[1], finding=groups[1].current, kind="confirmed", reason="Looked again.", by=lead)
    open_case(room, title="One", groups=[groups[2], groups[1]], by=lead)
    open_case(room, title="Another", groups=[groups[2]], by=lead)
    for n, group in enumerate(groups[3:6]):
        about = {"room": room, "kind": "new-finding", "group": group, "decided_at": group.first_found_at}
        handled = None if n == 2 else NOW - n * HOUR
        Alert.objects.create(**about, key=f"k{n}", at=group.first_found_at, handled_at=handled)
    FollowedGroup.objects.filter(pk=groups[6].pk).update(first_seen_at=NOW - 30 * DAY)  # before it could be known
    KeptFinding.objects.filter(group=groups[7]).update(decided_at=None)
    note_seen(groups[7])
    note_seen(groups[8])
    later = KeptFinding.objects.get(group=groups[0])
    later.pk, later.finding_id, later.found_at, later.decided_at = None, "later", NOW, NOW
    later.save()
    certain = FollowedGroup.objects.filter(current__is_lead=False)
    rest = {"alerts": Alert.objects.all(), "cases": room.cases.all()}
    moments = moments_of(certain, responses=room.responses.all(), **rest)
    said = {
        pk: max(0.0, (one["seen"] - one["decidable"]).total_seconds())
        for pk, one in moments.items() if {"seen", "decidable"} <= set(one)
    }  # fmt: skip
    first = {one.group_id: one.at for one in Verdict.objects.order_by("-at")}
    assert waits_of(known_of(certain), judged=first, **rest) == said
    assert len(said) == 6


def test_weeks_are_counted_alike_by_the_database_and_from_a_list(room: Room) -> None:
    week = timedelta(weeks=1)
    ages = [0 * week, MINUTE, week - MINUTE, week, week + MINUTE, 3 * week, 4 * week, 4 * week + MINUTE, 2.5 * week]
    for n, age in enumerate(ages):
        found(room, n + 1, at=NOW - age)
    groups = FollowedGroup.objects.all()
    counted = weekly(groups, "first_found_at", now=NOW, n_weeks=4)
    assert counted == weekly_of(groups.values_list("first_found_at", flat=True), now=NOW, n_weeks=4)
    assert counted == [1, 2, 1, 3]


def test_a_step_back_in_time_takes_no_time() -> None:
    (first, *_) = delays_of([{"began": NOW, "decidable": NOW - HOUR}])
    assert first.least_s == 0


def test_forty_verdicts_of_one_member_are_one_vote() -> None:
    stuffed = [(1, 7, "confirmed")] * 40
    assert votes_of([*stuffed, (1, 8, "false-alarm"), (1, 9, "false-alarm")]) == {1: "false-alarm"}
    assert votes_of([*stuffed, (1, 8, "false-alarm")]) == {1: "disputed"}
    assert votes_of([(1, 7, "confirmed"), (1, 7, "unsure")]) == {1: "unsure"}
    assert votes_of([(1, 7, "confirmed"), (1, 8, "declared"), (1, 9, "declared")]) == {1: "declared"}


def test_who_closes_without_a_verdict_does_not_look_better(room: Room, lead: Membership) -> None:
    for number in range(1, 5):
        found(room, number)
    first = FollowedGroup.objects.get(number=1)
    assert first.current is not None
    for _ in range(40):
        give_verdict(first, finding=first.current, kind="confirmed", reason="x", by=lead)
    judged = review_of(lead).judged
    assert (judged.wrong.n_hits, judged.wrong.n) == (0, 1)
    assert (judged.unjudged.n_hits, judged.unjudged.n) == (3, 4)
    assert judged.busiest == 1.0
    assert Verdict.objects.count() == 40


def test_below_59_nothing_is_known(room: Room, lead: Membership) -> None:
    assert FEWEST_JUDGED == 59
    assert not ShareOfCount(n_hits=0, n=58).is_known
    assert ShareOfCount(n_hits=0, n=58).bound > 0.05 > ShareOfCount(n_hits=0, n=59).bound
    assert ShareOfCount(n_hits=0, n=0).share is None
    found(room, 1)
    html = client_of(lead).get("/r/watch/review/").content.decode()
    assert "Not yet known." in html


@pytest.mark.parametrize(
    ("n_wrong", "said"),
    [(0, "No more false alarms than stated."), (4, "do not prove it"), (20, "More false alarms than stated.")],
)
def test_from_59_on_the_rate_is_compared_with_the_stated_one(
    room: Room, lead: Membership, n_wrong: int, said: str
) -> None:
    for number in range(1, 70):
        group = found(room, number)
        kind = "false-alarm" if number <= n_wrong else "confirmed"
        Verdict.objects.create(
            group=group, finding=group.current, member=lead.member, kind=kind, reason="x", at=NOW - number * MINUTE
        )
    assert said in client_of(lead).get("/r/watch/review/").content.decode()


def test_evidence_has_bands() -> None:
    assert [band_of(False, e) for e in (0.0, 99.9, 100, 1e4, 1e8, float("inf"))] == [
        "under-100", "under-100", "under-10000", "under-1e8", "from-1e8", "from-1e8",
    ]  # fmt: skip
    assert band_of(True, 1e9) == "lead"
    assert band_of(False, None) == "rule"


def test_positions_and_bars_stay_on_the_drawing() -> None:
    assert (position(0), position(LAST_S), position(1e12), position(None)) == (0, 100, 100, None)
    parts = bar_of({"confirmed": 1, "none": 2})
    assert parts == [("confirmed", 0, 33.33), ("none", 33.33, 66.67)]
    assert bar_of({}) == []


def test_a_limited_member_counts_what_they_may_see(room: Room, lead: Membership, north: Place, south: Place) -> None:
    found(room, 1).places.add(north)
    found(room, 2).places.add(south)
    mine = join(room, "nora", Role.ANALYST, north)
    assert review_of(lead).judged.n == 2
    assert review_of(mine).judged.n == 1
    assert [row["key"] for row in review_of(mine).coverage()] == ["north"]
    assert client_of(mine).get(f"/r/watch/review/year/{NOW.year}/").status_code == 404
    table = client_of(mine).get("/r/watch/review/export/coverage/").content.decode("utf-8-sig")
    assert "south" not in table


def test_looking_at_a_finding_is_noted_once(room: Room, lead: Membership) -> None:
    group = found(room, 1)
    note_seen(group)
    first = FollowedGroup.objects.get(pk=group.pk).first_seen_at
    assert first is not None
    note_seen(FollowedGroup.objects.get(pk=group.pk))
    assert FollowedGroup.objects.get(pk=group.pk).first_seen_at == first


def test_the_public_year_has_three_languages_and_no_names(room: Room, lead: Membership, north: Place) -> None:
    for number in range(1, 4):
        found(room, number).places.add(north)
    case = open_case(room, title="Secret title", by=lead)
    response = client_of(lead).get(f"/r/watch/review/year/{NOW.year}/")
    html = response.content.decode()
    assert response.headers["Content-Disposition"].startswith("attachment;")
    assert [part in html for part in ('lang="en" dir="ltr"', 'lang="fa" dir="rtl"', 'lang="ar" dir="rtl"')] == [
        True
    ] * 3
    assert "North" in html
    for name in ("alice", "acc0", "Secret", case.title):
        assert name not in html
    for year in (1999, NOW.year + 1):
        assert client_of(lead).get(f"/r/watch/review/year/{year}/").status_code == 404


@pytest.mark.parametrize("kind", ["delays", "verdicts", "coverage", "workload"])
def test_every_part_is_a_file(room: Room, lead: Membership, north: Place, kind: str) -> None:
    found(room, 1).places.add(north)
    response = client_of(lead).get(f"/r/watch/review/export/{kind}/")
    assert response.status_code == 200
    assert len(response.content.decode("utf-8-sig").splitlines()) > 1
    assert client_of(lead).get("/r/watch/review/export/everything/").status_code == 404


def test_weeks_of_work_are_told_by_their_first_day(lead: Membership) -> None:
    """Not by how many weeks ago they were: a bare number on a phone, where each stands before its count."""
    html = client_of(lead).get("/r/watch/review/service/").content.decode()
    table = html.split('aria-label="Work as a table"')[1].split("</thead>")[0]
    days = re.findall(r"<time datetime=.(\d{4}-\d{2}-\d{2})", table)
    assert len(days) == WEEKS
    assert days == sorted(days)
    assert not re.search(r'class="r">\d+</th>', table)
