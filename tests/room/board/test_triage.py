"""From the list to a verdict and on: many at once, taken back, asked of somebody, looked at by a second member."""

from __future__ import annotations

import re

import pytest
from django.test import Client
from django.utils import timezone

from dideban.errors import InputError
from dideban.room.access import access_of
from dideban.room.audit.models import AuditEvent
from dideban.room.findings.actions import give_verdict, give_verdicts, take_back_verdict
from dideban.room.findings.models import FollowedGroup, KeptFinding, Verdict
from dideban.room.members.models import Member, Membership
from dideban.room.rooms.models import Room
from room.cast import client_of

T = "/r/watch/triage/"


def member(name: str) -> Membership:
    return Membership.objects.select_related("room", "member").get(member__username=name)


def groups() -> list[FollowedGroup]:
    return list(FollowedGroup.objects.select_related("room", "current").order_by("number"))


@pytest.fixture(autouse=True)
def more(furnished: Room) -> None:
    """Three more findings that nobody judged, like the first."""
    like = FollowedGroup.objects.select_related("current").get(number=1)
    now = timezone.now()
    assert like.current is not None
    for number in (91, 92, 93):
        made = FollowedGroup.objects.create(room=furnished, number=number, first_found_at=now, last_found_at=now)
        copy = KeptFinding.objects.get(pk=like.current.pk)
        copy.pk, copy.group, copy.finding_id, copy.is_lead = None, made, f"f{number}00000000000000", False
        copy.save()
        FollowedGroup.objects.filter(pk=made.pk).update(current=copy)


@pytest.fixture
def ben(furnished: Room) -> Client:
    client = client_of(Member.objects.get(username="ben"))
    Member.objects.filter(username="ben").update(language="en")
    return client


def numbers(html: str) -> list[int]:
    return [int(n) for n in re.findall(r'name="group" value="(\d+)"', html)]


def test_what_is_judged_leaves_the_list_and_comes_back_when_taken_back(ben: Client) -> None:
    waiting = numbers(ben.get(T).content.decode())
    assert len(waiting) >= 2
    ben.post(f"{T}act/", {"do": "verdict", "group": waiting, "kind": "unsure", "reason": "same wire"})
    html = ben.get(T).content.decode()
    assert numbers(html) == []
    undo = re.findall(r'name="verdict" value="(\d+)"', html)
    assert len(undo) == len(waiting)
    ben.post(f"{T}act/", {"do": "undo", "verdict": undo})
    assert numbers(ben.get(T).content.decode()) == waiting
    assert not Verdict.objects.filter(pk__in=undo).exists()
    assert Verdict.everything.filter(pk__in=undo, withdrawn_at__isnull=False).count() == len(undo)
    assert AuditEvent.objects.filter(action="finding.unverdict").count() == len(undo)


def test_one_that_fails_judges_none(furnished: Room) -> None:
    before = Verdict.objects.count()
    with pytest.raises(InputError):
        give_verdicts(groups(), kind="unsure", reason=" ", by=member("ben"))
    with pytest.raises(InputError):
        give_verdicts([], kind="unsure", reason="x", by=member("ben"))
    assert Verdict.objects.count() == before


def test_after_a_verdict_comes_the_next_that_waits(ben: Client) -> None:
    first, second, *_ = numbers(ben.get(T).content.decode())
    group = FollowedGroup.objects.select_related("current").get(number=first)
    assert group.current is not None
    form = {"do": "verdict", "finding": group.current.finding_id, "kind": "unsure", "reason": "x", "goes_on": "1"}
    where = ben.post(f"/r/watch/findings/{first}/act/", form).headers["Location"]
    assert where == f"/r/watch/findings/{second}/#verdict"
    assert 'name="goes_on" value="1" checked' in ben.get("/r/watch/findings/1/").content.decode()
    form.pop("goes_on")
    assert ben.post(f"/r/watch/findings/{first}/act/", form).headers["Location"] == f"/r/watch/findings/{first}/"


def test_taking_back_lets_the_verdict_before_count_again(furnished: Room) -> None:
    group, ben = groups()[0], member("ben")
    assert group.current is not None
    given = [give_verdict(group, finding=group.current, kind=k, reason="x", by=ben) for k in ("unsure", "declared")]
    take_back_verdict(given[1], by=ben)
    group.refresh_from_db()
    assert group.verdict == "unsure"
    with pytest.raises(InputError):
        take_back_verdict(given[1], by=ben)


def test_nobody_takes_back_the_verdict_of_another(ben: Client) -> None:
    theirs = Verdict.objects.exclude(member__username="ben").latest("pk")
    assert ben.post(f"{T}act/", {"do": "undo", "verdict": theirs.pk}).status_code == 404
    assert Verdict.objects.filter(pk=theirs.pk).exists()


def test_a_confirmed_finding_waits_for_a_second_member(furnished: Room) -> None:
    group, alice, ben = groups()[0], member("alice"), member("ben")
    assert group.current is not None
    seen_by = {name: set(access_of(who.member, "watch").triage("second")) for name, who in (("a", alice), ("b", ben))}
    assert group in seen_by["b"]  # alice confirmed it
    assert group not in seen_by["a"]
    given = give_verdict(group, finding=group.current, kind="confirmed", reason="me too", by=ben)
    group.refresh_from_db()
    assert group.second_at is not None
    assert group not in access_of(ben.member, "watch").triage("second")
    take_back_verdict(given, by=ben)
    group.refresh_from_db()
    assert group.verdict == "confirmed"
    assert FollowedGroup.objects.filter(pk=group.pk, second_at=None).exists()


def test_a_verdict_is_asked_of_a_member_until_they_give_it(ben: Client) -> None:
    number = groups()[0].number
    alice = member("alice")
    ben.post(f"{T}act/", {"do": "assign", "group": number, "member": alice.member_id})
    mine = access_of(alice.member, "watch").triage("mine")
    assert [one.number for one in mine] == [number]
    group = groups()[0]
    assert group.current is not None
    give_verdict(group, finding=group.current, kind="declared", reason="x", by=alice)
    assert not access_of(alice.member, "watch").triage("mine").exists()


def test_filters_stay_until_they_are_cleared(ben: Client) -> None:
    ben.get(f"{T}?show=all&place=north&language=fa")
    html = ben.get(T).content.decode()
    assert '<option value="north" selected>' in html
    assert '<option value="north" selected>' not in ben.get(f"{T}?clear=1").content.decode()


def test_the_palette_knows_the_room(ben: Client) -> None:
    html = ben.get("/r/watch/").content.decode()
    assert 'data-findings="/r/watch/findings/"' in html
    assert "palette.js" in html
