"""Three rooms, from posts to a joint finding that none of them has alone."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from dideban.errors import InputError
from dideban.joint.record import EpochRecord, Phase
from dideban.room.audit.models import AuditEvent
from dideban.room.joint import actions
from dideban.room.joint.models import EpochState, JointEpoch, JointFinding, Outgoing
from dideban.room.joint.own_view import load_names
from dideban.room.joint.steps import due
from dideban.room.posts.actions import ask_erasures
from dideban.room.rooms.sealed_ids import open_accounts
from room.joint.cast import Together, planted


def test_from_posts_to_a_joint_finding(together: Together) -> None:
    """Clocks differ by hours, one room is away at first, and an answer of the host is lost on its way."""
    now = timezone.now()
    together.turn(only=(1,), at=now + timedelta(hours=5))
    together.wire.is_down = True
    together.turn(only=(2,), at=now - timedelta(hours=7))
    assert together.epochs[2].trouble["code"] == "joint.not-reached"
    together.wire.is_down = False
    together.turn(only=(2,), at=now - timedelta(hours=6))
    assert not together.epochs[2].trouble
    Outgoing.objects.filter(epoch=together.epochs[2]).update(sent_at=None)  # as if the host's answers were lost
    n = len(together.record.messages)
    together.turn(only=(2,), at=now - timedelta(hours=5))
    assert len(together.record.messages) == n > 0
    together.close()
    together.turn(only=(0,))
    together.run()
    assert [one.state for one in together.epochs] == [EpochState.DONE] * 3
    found = [JointFinding.objects.get(room=room) for room in together.rooms]
    assert len({one.proposal for one in found}) == 1
    assert len({str(one.facts) for one in found}) == 1
    for one in found:
        originals = open_accounts(one.room.slug, one.own)
        assert len(originals) == len(one.own) >= 3
        assert set(originals.values()) <= planted()
        assert [place.name for place in one.places.all()] == [f"{one.room.slug} district"]
        assert sum(one.days.values()) > 0
        assert load_names(one.room.slug, together.charter.digest) == {}
    copies = [[m.body for m in epoch.messages.all()] for epoch in together.epochs]
    assert copies[0] == copies[1] == copies[2]
    claims = EpochRecord.replay(together.charter, [one.encode() for one in copies[1]]).claims()
    assert [one.heard.proposal for one in claims] == [found[0].proposal]
    said = "".join(copies[0]) + "".join(body.decode() for _, body in together.wire.sent)
    for account in sorted(planted())[:3]:
        assert account not in said
    assert not any(pseudonym in said for pseudonym in found[0].own)
    events = AuditEvent.objects.filter(room_slug="north", subject="joint:1").values_list("action", flat=True)
    assert {"joint.ask", "joint.agree", "joint.say", "joint.close", "joint.done"} <= set(events)


@pytest.mark.slow
def test_rooms_with_other_clocks_online_once_an_hour_come_to_the_same_end(together: Together) -> None:
    """Each at another minute, by its own clock, and only when its worker finds something due; nobody presses anything."""
    start, hours, ahead = timezone.now(), 0, (0, -9, 14)
    for epoch, of_room in zip(together.epochs, ahead, strict=True):
        JointEpoch.objects.filter(pk=epoch.pk).update(next_at=start + timedelta(hours=of_room))
    while {one.state for one in together.epochs} != {EpochState.DONE}:
        for i, minute in enumerate((5, 25, 45)):
            at = start + timedelta(hours=hours + ahead[i], minutes=minute)
            if together.epochs[i].state == EpochState.OPEN:
                assert together.epochs[i].pk in {one.pk for one in due(at)}
                together.turn(only=(i,), at=at)
        hours += 1
        assert hours < 40
    assert hours >= 24  # the first phase lasts its day: who has no more to propose does not say so
    assert JointFinding.objects.count() == 3
    assert len({one.proposal for one in JointFinding.objects.all()}) == 1


def test_a_room_that_leaves_in_the_middle_says_nothing_more(together: Together) -> None:
    together.turn(only=(1, 2))
    together.close()
    together.turn(only=(0,))
    actions.leave_epoch(together.epochs[1], by=together.bosses[1][1])
    together.run()
    assert [one.state for one in together.epochs] == [EpochState.DONE, EpochState.LEFT, EpochState.DONE]
    states = [together.record.state_of(one) for one in together.record.proposals]
    coast = next(key for key, name in together.charter.rooms.items() if name == "Coast")
    assert {one[coast] for one in states} == {"silent"}
    assert together.record.claims() == []  # two rooms are too few
    assert not JointFinding.objects.exists()
    with pytest.raises(InputError):
        actions.leave_epoch(together.epochs[1], by=together.bosses[1][1])


def test_an_epoch_that_ends_in_the_middle_is_void(together: Together) -> None:
    together.turn(only=(1,))
    assert load_names("coast", together.charter.digest)
    later = timezone.now() + timedelta(days=31)
    together.turn(at=later)
    assert [one.state for one in together.epochs] == [EpochState.VOID] * 3
    assert load_names("coast", together.charter.digest) == {}
    assert not JointFinding.objects.exists()
    assert together.record.phase is Phase.PROPOSING


def test_a_deletion_on_request_reaches_what_is_joint(together: Together) -> None:
    together.turn(only=(1, 2))
    names = load_names("coast", together.charter.digest)
    gone = sorted(names)[0]
    finding = JointFinding.objects.create(
        room=together.rooms[1], epoch=together.epochs[1], number=9, proposal="0" * 64, n_named=3,
        own=[gone, "a" * 17], found_at=timezone.now(),
    )  # fmt: skip
    ask_erasures(together.rooms[1], account=gone, meant="pseudonym", reason="asked", by=together.bosses[1][0])
    finding.refresh_from_db()
    assert (finding.own, finding.n_erased) == (["a" * 17], 1)
    assert gone not in load_names("coast", together.charter.digest)
    assert JointEpoch.objects.get(pk=together.epochs[1].pk).n_erased == 1
    together.close()
    together.turn(only=(0, 1))
    assert gone not in load_names("coast", together.charter.digest)


def test_joining_takes_two_people_and_one_may_leave(together: Together) -> None:
    """What one asked for oneself is not agreed to, and nothing is said before a second member agreed."""
    epoch = together.epochs[1]
    JointEpoch.objects.filter(pk=epoch.pk).update(state=EpochState.WAITING)
    with pytest.raises(InputError) as caught:
        actions.decide_epoch(epoch, is_agreed=True, by=together.bosses[1][0])
    assert caught.value.message.code == "sharing.two-members"
    together.turn(only=(1,))
    assert together.wire.sent == []
    actions.decide_epoch(epoch, is_agreed=False, by=together.bosses[1][0])
    together.turn(only=(1,))
    assert together.wire.sent == []
