"""Verdicts that flatter the figures: hundreds in a minute, the easy ones alone. The review leaves them out and says so."""

from __future__ import annotations

from datetime import timedelta

import pytest

from room.cast import NOW, client_of, join  # isort: skip - makes Django ready
from hypothesis import given
from hypothesis import strategies as st

from dideban.room.access import Access
from dideban.room.board.presenters.review import months_of
from dideban.room.board.presenters.self_review import Period, SelfReview
from dideban.room.findings.models import FollowedGroup, KeptFinding, Verdict
from dideban.room.members.models import Member, Membership
from dideban.room.review.guards import MINUTE, MOST_A_MINUTE, neglected_bands, unhurried
from dideban.room.roles import Role
from dideban.room.rooms.models import Room

SECOND = timedelta(seconds=1)
DAY = timedelta(days=1)


def findings(room: Room, n: int, *, e_value: float, first: int = 1) -> list[FollowedGroup]:
    at = NOW - 5 * DAY
    made = FollowedGroup.objects.bulk_create(
        FollowedGroup(room=room, number=first + ix, first_found_at=at, last_found_at=at) for ix in range(n)
    )
    kept = KeptFinding.objects.bulk_create(
        KeptFinding(
            room=room, group=one, finding_id=f"f{one.number:016x}", found_at=at, method="synchrony",
            label="unexplained", error_rate=0.05, e_value=e_value, n_accounts=3, n_posts=9, n_objects=3, first_at=at,
            last_at=at, document={}, languages=["fa"],
        )
        for one in made
    )  # fmt: skip
    for one, finding in zip(made, kept, strict=True):
        one.current = finding
    FollowedGroup.objects.bulk_update(made, ["current"])
    return made


def judge(groups: list[FollowedGroup], member: Member, *, every: timedelta, kind: str = "confirmed") -> None:
    start = NOW - 2 * DAY
    Verdict.objects.bulk_create(
        Verdict(group=one, finding=one.current, member=member, kind=kind, reason="x", at=start + ix * every)
        for ix, one in enumerate(groups)
    )


def review_of(who: Membership) -> SelfReview:
    return SelfReview(
        Access(who.room, Membership.objects.get(pk=who.pk)), Period(since=NOW - 90 * DAY, until=NOW + DAY)
    )


def test_five_hundred_in_a_minute_count_nowhere_and_the_page_says_so(room: Room, lead: Membership) -> None:
    judge(findings(room, 500, e_value=1e9), lead.member, every=MINUTE / 500)
    review = review_of(lead)
    assert (review.judged.n_rushed, review.judged.wrong.n, review.judged.unjudged.n_hits) == (500, 0, 500)
    assert not review.judged.is_known
    assert review.judged.busiest is None
    assert {row["judged"].n_hits for row in review.languages()} == {0}
    assert sum(month.n_judged for month in months_of(Access(room, lead))) == 0
    html = client_of(lead).get("/r/watch/review/?days=365").content.decode()
    assert "one member judged more than 6 findings within a minute: 500" in html


def test_at_the_pace_of_a_reader_all_count(room: Room, lead: Membership) -> None:
    judge(findings(room, 60, e_value=1e9), lead.member, every=MINUTE / MOST_A_MINUTE)
    judged = review_of(lead).judged
    assert (judged.n_rushed, judged.wrong.n, judged.is_known) == (0, 60, True)


def test_a_rush_does_not_undo_what_was_judged_with_care(room: Room, lead: Membership) -> None:
    groups = findings(room, 20, e_value=1e9)
    ben = join(room, "ben", Role.ANALYST)
    judge(groups, lead.member, every=MINUTE, kind="false-alarm")
    start = NOW - DAY
    Verdict.objects.bulk_create(
        Verdict(group=one, finding=one.current, member=who, kind="confirmed", reason="x", at=start)
        for one in groups for who in (lead.member, ben.member)
    )  # fmt: skip
    judged = review_of(lead).judged
    assert (judged.n_rushed, judged.wrong.n_hits, judged.wrong.n) == (40, 20, 20)


def test_the_easy_ones_alone_prove_nothing(room: Room, lead: Membership) -> None:
    judge(findings(room, 80, e_value=1e9), lead.member, every=MINUTE)
    hard = findings(room, 40, e_value=10.0, first=1000)
    judged = review_of(lead).judged
    assert judged.wrong.is_known
    assert (judged.neglected, judged.is_known) == (["under-100"], False)
    html = client_of(lead).get("/r/watch/review/?days=365").content.decode()
    assert "Of these findings members judged less than half as many as of the others: e-value below 100." in html
    assert "No more false alarms than stated" not in html
    year = client_of(lead).get(f"/r/watch/review/year/{(NOW - 5 * DAY).year}/").content.decode()
    assert "less than half as many" in year
    judge(hard[:30], lead.member, every=MINUTE)
    assert review_of(lead).judged.is_known


MOMENTS = st.lists(st.tuples(st.integers(0, 12), st.integers(0, 2), st.integers(0, 150)), max_size=60)


@given(MOMENTS)
def test_what_is_left_out_lies_in_a_minute_with_too_many_findings(rows: list[tuple[int, int, int]]) -> None:
    """Against every minute that begins with a verdict, looked at one after the other."""
    verdicts = [(group, member, f"k{ix}", NOW + s * SECOND) for ix, (group, member, s) in enumerate(rows)]
    kept, n = unhurried(verdicts)
    rushed = set()
    for _, member, _, at in verdicts:
        inside = [one for one in verdicts if one[1] == member and at <= one[3] < at + MINUTE]
        if len({one[0] for one in inside}) > MOST_A_MINUTE:
            rushed |= {one[2] for one in inside}
    assert {one[2] for one in kept} == {one[2] for one in verdicts} - rushed
    assert n == len(rushed)


@pytest.mark.parametrize(("by_band", "expected"), [
    ({}, []), ({"lead": {"none": 90}, "rule": {"confirmed": 50}}, []), ({"rule": {"none": 50}}, []),
    ({"rule": {"confirmed": 50}, "under-100": {"none": 4}}, []),
])  # fmt: skip
def test_where_little_lies_or_nothing_else_no_band_is_neglected(
    by_band: dict[str, dict[str, int]], expected: list[str]
) -> None:
    assert neglected_bands(by_band) == expected
