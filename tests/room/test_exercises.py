"""Exercises in a room: made from closed cases, gone through by a second member, withdrawn when the case changes."""

from __future__ import annotations

import json
import posixpath
import re
from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.utils import timezone

from dideban.errors import InputError
from dideban.room.audit.models import AuditEvent
from dideban.room.cases.actions import set_status
from dideban.room.cases.models import Case
from dideban.room.exercises import actions
from dideban.room.exercises.figures import figures_of
from dideban.room.exercises.models import ExerciseState, ItemCount, KeptExercise
from dideban.room.exercises.published import items_of, page_of
from dideban.room.findings.actions import give_verdict
from dideban.room.findings.models import FollowedGroup, KeptFinding
from dideban.room.members.models import Membership
from dideban.room.posts.models import Erasure
from dideban.room.public.published import published_items
from dideban.room.roles import Role
from dideban.room.rooms.models import Room
from dideban.site import Site, SiteInfo, site_files
from room.board.conftest import furnished, furnished_home  # noqa: F401 - a room with a finding and its package
from room.cast import client_of, join


@pytest.fixture
def taught(furnished: Room) -> Room:  # noqa: F811
    """A room with a closed case whose finding was confirmed."""
    lead = member("alice")
    set_status(case(), status="closed", outcome="Told.", reason_against="small", by=lead)
    return furnished


def member(name: str) -> Membership:
    return Membership.objects.get(member__username=name)


def case() -> Case:
    return Case.objects.get(number=1)


def group() -> FollowedGroup:
    return FollowedGroup.objects.get(number=1)


def make_public(form: str = "timeline") -> KeptExercise:
    made = actions.make_drafts(case(), group=group(), by=member("ben"))
    one = next(one for one in made if one.form == form)
    actions.review_exercise(one, by=member("alice"))
    actions.publish_exercise(KeptExercise.objects.get(pk=one.pk), by=member("alice"))
    return KeptExercise.objects.get(pk=one.pk)


def test_a_closed_case_becomes_one_exercise_of_each_form_in_every_language(taught: Room) -> None:
    made = actions.make_drafts(case(), group=group(), by=member("ben"))
    assert {"together", "timeline", "explain", "next"} <= {one.form for one in made}
    stored = json.dumps([one.documents for one in KeptExercise.objects.all()])
    assert not any(account in stored for account in group().members)
    assert {lang for one in made for lang in one.documents} == {"en", "fa", "ar"}
    again = actions.make_drafts(case(), group=group(), by=member("ben"))
    assert again[0].documents != made[0].documents  # another seed, which is not kept
    assert [one.number for one in again] == [one.number + len(made) for one in made]


def test_what_is_open_or_unjudged_becomes_nothing(furnished: Room) -> None:  # noqa: F811
    with pytest.raises(InputError, match="closed cases"):
        actions.make_drafts(case(), group=group(), by=member("ben"))
    set_status(case(), status="closed", outcome="Told.", reason_against="small", by=member("alice"))
    FollowedGroup.objects.update(verdict="unsure")
    with pytest.raises(InputError, match="no verdict"):
        actions.make_drafts(case(), group=group(), by=member("ben"))
    with pytest.raises(PermissionDenied):
        actions.make_drafts(case(), group=group(), by=member("bob"))


def test_nobody_reviews_their_own_and_nothing_is_published_unreviewed(taught: Room) -> None:
    one = actions.make_drafts(case(), group=group(), by=member("ben"))[0]
    with pytest.raises(InputError):
        actions.review_exercise(one, by=member("ben"))
    with pytest.raises(InputError):
        actions.publish_exercise(one, by=member("alice"))
    actions.review_exercise(one, by=member("alice"))
    with pytest.raises(PermissionDenied):
        actions.publish_exercise(one, by=member("ben"))
    actions.publish_exercise(one, by=member("alice"))
    assert list(AuditEvent.objects.filter(subject=f"exercise:{one.number}").values_list("action", flat=True)) == [
        "exercise.review", "exercise.publish",
    ]  # fmt: skip


def test_what_is_published_goes_to_the_site_as_a_page_of_its_own(taught: Room) -> None:
    one = make_public()
    found = [item for item in published_items(taught) if item.kind == "exercise"]
    assert {(item.slug, item.lang) for item in found} == {
        (f"exercise-{one.number}", lang) for lang in ("en", "fa", "ar")
    }
    assert all(b"default-src" in item.document and len(item.document) < 300_000 for item in found)
    assert {item.policy.split(";")[0] for item in found} == {"default-src 'none'"}


def test_the_course_goes_with_them_and_every_link_of_the_site_leads_somewhere(taught: Room) -> None:
    for form in ("timeline", "together"):
        make_public(form)
    info = SiteInfo(names={"en": "The Watch"}, languages=("en", "fa", "ar"))
    files = dict(site_files(Site(info=info, items=published_items(taught))))
    pages = [name for name in files if re.search(r"/(lessons|exercises)/[^/]+/index.html$", name)]
    assert len(pages) == 3 * (2 + 3)
    for name in pages:
        for link in re.findall(r'href="([^"#:]+)"', files[name].decode()):
            assert posixpath.normpath(posixpath.join(posixpath.dirname(name), link)) in files, (name, link)


def _reopen() -> None:
    set_status(case(), status="open", by=member("alice"))


def _close_again() -> None:
    _reopen()
    set_status(case(), status="closed", outcome="Told again.", reason_against="small", by=member("alice"))


def _overturn() -> None:
    current = group().current
    assert current is not None
    give_verdict(group(), finding=current, kind="false-alarm", reason="A feed.", by=member("ben"))


def _erase() -> None:
    account = next(iter(group().members))
    Erasure.objects.create(room=Room.objects.get(slug="watch"), account_id=account, reason="asked")


def _redact() -> None:
    KeptFinding.objects.filter(group=group()).update(redacted_at=timezone.now())


@pytest.mark.parametrize(
    ("change", "why"),
    [(_reopen, "case-reopened"), (_close_again, "case-reopened"), (_overturn, "verdict-changed"),
     (_erase, "person-erased"), (_redact, "person-erased")],
    ids=["reopened", "closed again", "overturned", "erased", "redacted"],
)  # fmt: skip
def test_it_leaves_the_site_at_once_when_what_it_rests_on_changes(taught: Room, change, why: str) -> None:
    one = make_public()
    change()
    assert list(items_of(taught)) == []  # before anything swept
    assert actions.withdraw_fallen(taught) >= 1
    one.refresh_from_db()
    assert (one.state, one.withdrawn_why, one.documents) == (ExerciseState.WITHDRAWN, why, {})
    assert actions.withdraw_fallen(taught) == 0
    assert AuditEvent.objects.filter(action="exercise.withdraw", subject=f"exercise:{one.number}").count() == 1


def test_what_fell_cannot_be_published(taught: Room) -> None:
    one = actions.make_drafts(case(), group=group(), by=member("ben"))[0]
    actions.review_exercise(one, by=member("alice"))
    _overturn()
    with pytest.raises(InputError):
        actions.publish_exercise(one, by=member("alice"))


def test_the_same_verdict_given_again_changes_nothing(taught: Room) -> None:
    make_public()
    current = group().current
    assert current is not None
    give_verdict(group(), finding=current, kind="confirmed", reason="Still.", by=member("ben"))
    assert len([one for one in items_of(taught) if one.kind == "exercise"]) == 3


def test_a_small_class_is_counted_and_not_shown(taught: Room) -> None:
    one = make_public()
    actions.add_sheets(one, n_sheets=12, n_right=[10, 9], by=member("ben"))
    assert figures_of(one).n_sheets == 0
    assert figures_of(one).score is None
    actions.add_sheets(one, n_sheets=12, n_right=[10, 9], by=member("ben"))
    assert ItemCount.objects.count() == 2
    figures = figures_of(one)
    assert (figures.n_sheets, figures.is_few) == (24, True)
    assert figures.rights == {1: 20 / 24, 2: 18 / 24}
    fields = {field.name for field in ItemCount._meta.get_fields()}
    assert fields == {"id", "exercise", "item", "week", "n", "n_right", "n_yes"}  # counts, and nothing about anyone


def test_right_answers_become_hits_and_false_alarms(taught: Room) -> None:
    one = make_public("together")
    items = one.documents["en"]["items"]
    right = [90 if item["is_signal"] else 70 for item in items]
    actions.add_sheets(one, n_sheets=100, n_right=right, by=member("ben"))
    score = figures_of(one).score
    assert score is not None
    assert score.d_prime == pytest.approx(1.2816 + 0.5244, abs=0.02)
    assert score.criterion == pytest.approx(-(1.2816 - 0.5244) / 2, abs=0.02)


@pytest.mark.parametrize("totals", [(0, [0, 0]), (10, [11, 0]), (10, [-1, 0]), (10, [1]), (10**9, [1, 1])])
def test_totals_that_cannot_be_are_refused(taught: Room, totals) -> None:
    one = make_public()
    with pytest.raises(InputError):
        actions.add_sheets(one, n_sheets=totals[0], n_right=totals[1], by=member("ben"))
    assert not ItemCount.objects.exists()


@pytest.mark.parametrize(("name", "lang"), [("alice", "en"), ("ben", "fa"), ("bob", "ar")])
def test_pages_in_three_languages(taught: Room, name: str, lang: str) -> None:
    one = make_public()
    client = client_of(member(name))
    page = client.get("/r/watch/exercises/").content.decode()
    assert f'lang="{lang}"' in page
    for language in ("en", "fa", "ar"):
        text = client.get(f"/r/watch/exercises/{one.number}/?lang={language}").content.decode()
        assert one.documents[language]["title"] in text
    file = client.get(f"/r/watch/exercises/{one.number}/fa/")
    assert file.content.decode() == page_of(one, "fa")
    assert client.get(f"/r/watch/exercises/{one.number}/xx/").status_code == 404


def test_made_reviewed_published_and_withdrawn_by_hand(taught: Room) -> None:
    ben, alice = client_of(member("ben")), client_of(member("alice"))
    ben.post("/r/watch/exercises/make/", {"finding": "1"})
    one = KeptExercise.objects.order_by("number").first()
    assert one is not None
    url = f"/r/watch/exercises/{one.number}/act/"
    ben.post(url, {"do": "review"})
    assert KeptExercise.objects.get(pk=one.pk).state == "draft"
    for do in ("review", "publish", "withdraw"):
        alice.post(url, {"do": do})
    one.refresh_from_db()
    assert (one.state, one.withdrawn_why) == ("withdrawn", "by-member")
    assert ben.post("/r/watch/exercises/make/", {"finding": "999"}).status_code == 404


def test_another_room_sees_nothing(taught: Room) -> None:
    from dideban.room.rooms.actions import create_room

    one = make_public()
    stranger = join(create_room(slug="elsewhere", name="Elsewhere"), "mallory", Role.COORDINATOR)
    client = client_of(stranger)
    assert client.get(f"/r/watch/exercises/{one.number}/").status_code == 404
    assert client.get(f"/r/elsewhere/exercises/{one.number}/").status_code == 404
    assert one.made_at < timezone.now() + timedelta(seconds=1)
