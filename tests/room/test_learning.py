"""Misses that members note, proposals from figures, and cases that close with a review."""

from __future__ import annotations

from datetime import timedelta

import pytest

from room.cast import NOW, client_of, join  # isort: skip - makes Django ready
from django.core.exceptions import PermissionDenied

from dideban.errors import InputError
from dideban.room.alerts.actions import save_rule
from dideban.room.alerts.models import Alert, Rule
from dideban.room.audit.actions import reason_digest
from dideban.room.audit.models import AuditEvent
from dideban.room.cases.actions import ReviewText, add_note, open_case, set_status
from dideban.room.cases.models import Case, CaseReview
from dideban.room.findings.models import FollowedGroup, KeptFinding, Verdict
from dideban.room.members.models import Membership
from dideban.room.review.actions import decide_proposal, note_miss, withdraw_miss
from dideban.room.review.figures import at_least
from dideban.room.review.models import Miss, SettingProposal
from dideban.room.review.situation import situation_of
from dideban.room.roles import Role
from dideban.room.rooms.models import Room
from dideban.room.sources.models import Source, SourceGap
from dideban.room.upkeep.learning import look_for_proposals

DAY = timedelta(days=1)


def miss(room: Room, by: Membership, **values: object) -> Miss:
    given = {"source": "A paper", "what": "Bridge", "at": NOW - DAY, "why": "too-slow", "by": by}
    return note_miss(room, **{**given, **values})  # type: ignore[arg-type]


def judged(room: Room, number: int, kind: str, *, by: Membership, rule: Rule | None = None, size: int = 3) -> None:
    group = FollowedGroup.objects.create(room=room, number=number, first_found_at=NOW - DAY, last_found_at=NOW)
    group.current = KeptFinding.objects.create(
        room=room, group=group, finding_id=f"f{number:016x}", found_at=NOW - DAY, method="synchrony", first_at=NOW - DAY,
        label="unexplained", n_accounts=size, n_posts=9, n_objects=3, last_at=NOW, document={},
    )  # fmt: skip
    group.save()
    at = NOW - number * timedelta(minutes=1)
    Verdict.objects.create(group=group, finding=group.current, member=by.member, kind=kind, reason="x", at=at)
    if rule is not None:
        Alert.objects.create(room=room, rule=rule, kind=rule.kind, key=f"k{number}", at=NOW - DAY, group=group)


@pytest.mark.parametrize(
    "values",
    [{"at": None}, {"at": NOW + DAY}, {"why": "because"}, {"source": " "}, {"what": "\x00"}, {"url": "javascript:1"},
     {"url": "https://e.org/" + "x" * 600}],
    ids=["no time", "the future", "no such reason", "no source", "no words", "a script", "too long"],
)  # fmt: skip
def test_a_miss_needs_a_source_words_a_reason_and_a_time_that_was(
    room: Room, analyst: Membership, values: dict[str, object]
) -> None:
    with pytest.raises(InputError):
        miss(room, analyst, **values)
    assert not Miss.objects.exists()


def test_a_miss_is_withdrawn_with_a_reason_and_stays(room: Room, analyst: Membership) -> None:
    one = miss(room, analyst)
    with pytest.raises(InputError):
        withdraw_miss(one, reason=" ", by=analyst)
    withdraw_miss(one, reason="It was our own.", by=analyst)
    with pytest.raises(InputError):
        withdraw_miss(one, reason="again", by=analyst)
    assert AuditEvent.objects.get(action="miss.withdraw").details["sha256"] == reason_digest("It was our own.")
    assert "It was our own." in client_of(analyst).get("/r/watch/review/misses/").content.decode()


def test_how_many_there_were_is_said_from_seven_in_common_on() -> None:
    assert at_least(room=60, others=20, both=6) is None
    assert at_least(room=10, others=10, both=10) == 10
    for room, others, both in ((30, 20, 7), (100, 50, 40)):
        n = at_least(room=room, others=others, both=both)
        assert n is not None
        assert n >= room + others - both


def test_a_rule_whose_smallest_groups_were_wrong_is_proposed_to_tell_of_larger_ones(
    room: Room, lead: Membership
) -> None:
    rule = save_rule(room, kind="new-finding", name="new", by=lead)
    for number in range(1, 10):
        judged(room, number, "false-alarm", by=lead, rule=rule)
    assert look_for_proposals(room) == []
    judged(room, 10, "false-alarm", by=lead, rule=rule)
    (one,) = look_for_proposals(room)
    assert (one.setting, one.before, one.after, one.figures) == ("min_accounts", 3, 5, {"wrong": 10, "judged": 10})
    assert look_for_proposals(room)[0].number == one.number
    decide_proposal(one, is_accepted=True, reason="They were all fan clubs.", by=lead)
    rule.refresh_from_db()
    assert rule.params["min_accounts"] == 5
    event = AuditEvent.objects.get(action="proposal.accept")
    assert event.details["wrong"] == 10
    assert (event.details["before"], event.details["after"]) == (3, 5)
    with pytest.raises(InputError):
        decide_proposal(one, is_accepted=False, reason="x", by=lead)


def test_what_was_refused_is_not_proposed_again(room: Room, lead: Membership) -> None:
    for _ in range(3):
        miss(room, lead)
    (one,) = look_for_proposals(room)
    assert (one.kind, one.before, one.after) == ("horizon", 14, 28)
    decide_proposal(one, is_accepted=False, reason="The machine is small.", by=lead)
    assert look_for_proposals(room) == []
    room.refresh_from_db()
    assert room.horizon_days == 14
    Room.objects.filter(pk=room.pk).update(horizon_days=20)
    room.refresh_from_db()
    assert [proposal.after for proposal in look_for_proposals(room)] == [40]


def test_a_setting_that_moved_meanwhile_is_left_alone(room: Room, lead: Membership) -> None:
    for _ in range(3):
        miss(room, lead)
    (one,) = look_for_proposals(room)
    Room.objects.filter(pk=room.pk).update(horizon_days=30)
    with pytest.raises(InputError):
        decide_proposal(one, is_accepted=True, reason="x", by=lead)
    assert SettingProposal.objects.get().state == "open"
    assert Room.objects.get(pk=room.pk).horizon_days == 30


def test_who_may_not_change_a_setting_may_not_accept_it(room: Room, lead: Membership, analyst: Membership) -> None:
    for _ in range(3):
        miss(room, analyst)
    (one,) = look_for_proposals(room)
    with pytest.raises(PermissionDenied):
        decide_proposal(one, is_accepted=True, reason="x", by=analyst)
    sent = {"do": "accept", "proposal": one.number, "reason": "x"}
    assert client_of(analyst).post("/r/watch/review/learning/act/", sent).status_code == 403
    assert client_of(lead).post("/r/watch/review/learning/act/", sent).status_code == 303
    assert Room.objects.get(pk=room.pk).horizon_days == 28


def test_a_proposal_passes_when_its_figures_do(room: Room, lead: Membership) -> None:
    given = [miss(room, lead) for _ in range(3)]
    look_for_proposals(room)
    withdraw_miss(given[0], reason="x", by=lead)
    assert look_for_proposals(room) == []
    assert SettingProposal.objects.get().state == "passed"


def test_sources_and_owners_are_proposed_for_doing_by_hand(room: Room, lead: Membership) -> None:
    source = Source.objects.create(room=room, slug="wire", kind="upload", name="Wire")
    Source.objects.filter(pk=source.pk).update(created_at=NOW - 40 * DAY)
    SourceGap.objects.create(source=source, from_at=NOW - 10 * DAY, until_at=NOW - 4 * DAY, reason="failing")
    for _ in range(2):
        miss(room, lead, why="not-followed")
    judged(room, 4, "declared", by=lead)
    found = {one.key: one for one in look_for_proposals(room)}
    assert set(found) == {"source:wire", "source:", "owners:4"}
    assert found["source:wire"].figures["share"] == pytest.approx(0.2, abs=0.01)
    html = client_of(lead).get("/r/watch/review/learning/").content.decode()
    assert html.count('class="blind proposal"') == 3
    decide_proposal(found["owners:4"], is_accepted=True, reason="It is the wire.", by=lead)


def test_a_case_closes_with_a_review_or_a_reason_against_one(room: Room, analyst: Membership) -> None:
    case = open_case(room, title="Bridge", by=analyst)
    for text in (None, ReviewText(), ReviewText(went_well="  ", tasks=["x"])):
        with pytest.raises(InputError):
            set_status(case, status="closed", outcome="done", review=text, by=analyst)
        case.refresh_from_db()
        assert (case.status, CaseReview.objects.count(), case.tasks.count()) == ("open", 0, 0)
    set_status(case, status="closed", outcome="done", reason_against="Too small.", by=analyst)
    assert CaseReview.objects.get().reason_against == "Too small."
    set_status(case, status="open", by=analyst)
    text = ReviewText(went_well="Fast", changes="Watch more", tasks=["Add a source", " ", "Ask"], record={"n": {}})
    set_status(case, status="closed", outcome="done", review=text, reason_against="ignored", by=analyst)
    kept = CaseReview.objects.first()
    assert kept is not None
    assert (kept.went_well, kept.reason_against) == ("Fast", "")
    assert [task.title for task in kept.tasks.order_by("pk")] == ["Add a source", "Ask"]
    assert AuditEvent.objects.filter(action="case.review").count() == 2


def test_closing_without_an_outcome_keeps_no_review(room: Room, analyst: Membership) -> None:
    case = open_case(room, title="Bridge", by=analyst)
    with pytest.raises(InputError):
        set_status(case, status="closed", outcome=" ", review=ReviewText(went_well="x"), by=analyst)
    assert not CaseReview.objects.exists()


def test_the_record_fills_in_what_happened(room: Room, lead: Membership) -> None:
    judged(room, 1, "false-alarm", by=lead)
    case = open_case(room, title="Bridge", groups=list(FollowedGroup.objects.all()), by=lead)
    add_note(case, text="We wait.", kind="decision", by=lead)
    said = situation_of(case)
    assert said["n"]["findings"] == said["n"]["false-alarms"] == said["n"]["decisions"] == 1
    assert said["at"]["claimed"] == (NOW - DAY).isoformat()
    assert said["at"]["closed"] is None
    assert "alice" not in str(said)
    client = client_of(lead)
    assert "What the record says" in client.get("/r/watch/cases/1/review/").content.decode()
    client.post("/r/watch/cases/1/close/", {"outcome": "done", "went_badly": "**late**", "tasks": "Ask\nLook"})
    html = client.get("/r/watch/cases/1/review/").content.decode()
    assert "<strong>late</strong>" in html
    assert Case.objects.get().status == "closed"
    assert Case.objects.get().tasks.count() == 2


def test_the_review_of_a_case_is_seen_by_who_sees_the_case(room: Room, lead: Membership, analyst: Membership) -> None:
    from dideban.room.rooms.actions import save_place

    north, south = (save_place(room, name=name, by=None) for name in ("North", "South"))
    open_case(room, title="Bridge", places=[north], by=lead)
    sue = join(room, "sue", Role.ANALYST, south)
    assert client_of(sue).get("/r/watch/cases/1/review/").status_code == 404
    assert client_of(sue).post("/r/watch/cases/1/close/", {"outcome": "x", "reason_against": "x"}).status_code == 404
    assert Case.objects.get().status == "open"
