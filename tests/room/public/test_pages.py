"""Pages: one writes, a second agrees; corrections are told; what falls is withdrawn."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from dideban.errors import InputError
from dideban.room.audit.models import AuditEvent
from dideban.room.findings.models import FollowedGroup, KeptFinding
from dideban.room.findings.packages import package_of
from dideban.room.members.models import Membership
from dideban.room.public import actions
from dideban.room.public.building import build_site, fallen, items_of, withdraw_fallen
from dideban.room.public.models import Page, PageVersion
from dideban.room.rooms.folder import folder_of
from dideban.room.rooms.models import Room
from dideban.room.upkeep.demo_pages import rest_on_findings
from dideban.room.upkeep.maintenance import drop_packages
from dideban.site import verify_site
from dideban.store.package import CONTENTS, MANIFEST


def written(room: Room, by: Membership, **values: Any) -> Page:
    given = {
        "kind": "bulletin",
        "slug": "water",
        "lang": "en",
        "title": "Water",
        "body": "40 accounts wrote it.",
        **values,
    }
    return actions.write_page(room, by=by, **given)


def publish(page: Page, *, ben: Membership, eve: Membership, why: str = "") -> Page:
    actions.ask_publication(page, why=why, by=ben)
    actions.decide_publication(page, is_agreed=True, by=eve)
    page.refresh_from_db()
    return page


def group_of(room: Room, **values: Any) -> FollowedGroup:
    now = timezone.now()
    group = FollowedGroup.objects.create(room=room, number=1, first_found_at=now, last_found_at=now, **values)
    group.current = KeptFinding.objects.create(
        room=room, group=group, finding_id="f0123456789abcdef", found_at=now, method="m", label="x", n_accounts=3,
        n_posts=9, n_objects=3, first_at=now, last_at=now, document={"statement": {"en": "A group."}},
    )  # fmt: skip
    group.save()
    package = package_of(room.slug, "f0123456789abcdef")
    package.mkdir(parents=True)
    for name in (MANIFEST, *CONTENTS):
        (package / name).write_bytes(b"{}")
    return group


def test_nothing_is_published_by_one_person(room: Room, ben: Membership, eve: Membership) -> None:
    page = written(room, eve)
    actions.ask_publication(page, by=eve)
    with pytest.raises(InputError) as caught:
        actions.decide_publication(page, is_agreed=True, by=eve)
    assert caught.value.message.code == "sharing.two-members"
    assert list(items_of(room)) == []


def test_whoever_wrote_the_version_that_waits_does_not_agree_to_it(
    room: Room, ben: Membership, eve: Membership
) -> None:
    page = written(room, eve)
    actions.ask_publication(page, by=ben)
    with pytest.raises(InputError):
        actions.decide_publication(page, is_agreed=True, by=eve)


def test_what_two_agreed_to_is_published(room: Room, ben: Membership, eve: Membership) -> None:
    publish(written(room, ben), ben=ben, eve=eve)
    (item,) = items_of(room)
    assert (item.title, item.text, item.withdrawn) == ("Water", "40 accounts wrote it.", "")
    done = AuditEvent.objects.filter(subject="page:1").order_by("seq").values_list("action", flat=True)
    assert list(done) == ["page.write", "page.ask", "page.publish"]


def test_a_change_of_something_published_needs_a_reason_and_is_told(
    room: Room, ben: Membership, eve: Membership
) -> None:
    page = publish(written(room, ben), ben=ben, eve=eve)
    actions.change_page(page, title="Water", body="14 accounts wrote it.", by=ben)
    (item,) = items_of(room)
    assert item.text == "40 accounts wrote it.", "readers have the old text until a second member agrees"
    with pytest.raises(InputError) as caught:
        actions.ask_publication(page, by=ben)
    assert caught.value.message.code == "public.needs-why"
    publish(page, ben=ben, eve=eve, why="a typing error")
    (item,) = items_of(room)
    (fix,) = item.corrections
    assert (fix.was, fix.now, fix.why) == ("40 accounts wrote it.", "14 accounts wrote it.", "a typing error")
    assert item.changed_at == fix.at


def test_versions_are_only_added_and_carry_a_chain_of_hashes(room: Room, ben: Membership) -> None:
    page = written(room, ben)
    second = actions.change_page(page, title="Water", body="other words", by=ben)
    assert second is not None
    first = page.versions.get(number=1)
    assert second.previous_hash == first.hash == first.content_hash()
    assert actions.change_page(page, title="Water", body="other words", by=ben) is None
    with pytest.raises(RuntimeError):
        first.save()
    PageVersion.objects.filter(pk=first.pk).update(body="changed behind the back")
    first.refresh_from_db()
    assert first.content_hash() != first.hash


@pytest.mark.parametrize(
    "values",
    [
        {"slug": "../../etc"}, {"slug": "a/b"}, {"slug": ""}, {"kind": "exercise"}, {"lang": "xx"}, {"title": " \u200b"},
        {"body": "\u202e"}, {"body": "x" * 100_001}, {"claims": [{"text": "x", "media": "<b>"}]},
    ],
)  # fmt: skip
def test_what_can_be_no_page_is_refused(room: Room, ben: Membership, values: dict[str, Any]) -> None:
    with pytest.raises(InputError):
        written(room, ben, **values)


def test_a_title_of_a_megabyte_is_cut_and_cannot_reorder_a_page(room: Room, ben: Membership) -> None:
    page = written(room, ben, title="\u202egnp.exe" + "x" * 1_000_000)
    assert page.latest is not None
    assert len(page.latest.title) <= 300
    assert page.latest.title.startswith("gnp.exe")


def test_two_pages_do_not_have_one_address(room: Room, ben: Membership) -> None:
    written(room, ben)
    written(room, ben, lang="fa")
    with pytest.raises(InputError):
        written(room, ben)


@pytest.mark.parametrize("fall", ["overturned", "erased", "gone", "revoked"])
def test_a_page_falls_with_its_finding(room: Room, ben: Membership, eve: Membership, fall: str) -> None:
    group = group_of(room, verdict="confirmed")
    kind = "lesson" if fall == "revoked" else "bulletin"
    page = publish(written(room, ben, kind=kind, groups=[group]), ben=ben, eve=eve)
    assert fallen(page) == ""
    (item,) = items_of(room)
    assert [one.package for one in item.claims] == ["f0123456789abcdef.zip"]
    zipped = folder_of(room.slug).root / "site-packages" / "f0123456789abcdef.zip"
    assert zipped.is_file()
    if fall == "overturned":
        FollowedGroup.objects.filter(pk=group.pk).update(verdict="false-alarm")
    elif fall == "erased":
        KeptFinding.objects.filter(group=group).update(redacted_at=timezone.now())
    elif fall == "gone":
        FollowedGroup.objects.filter(pk=group.pk).delete()
    else:
        from dideban.room.sharing.models import Export

        Export.objects.create(
            room=room, number=1, kind="finding", key="f0123456789abcdef", title="x", tlp="clear", body="{}",
            sha256="0" * 64, as_of=timezone.now(), asked_by=ben.member, state="revoked",
        )  # fmt: skip
    assert withdraw_fallen(room) == 1
    (item,) = items_of(room)
    assert (item.withdrawn, item.text, item.title, item.claims) == ("finding", "", "", ())
    assert withdraw_fallen(room) == 0
    build_site(room, transparency={}, always=True)
    assert not zipped.exists()


def test_what_readers_could_not_check_is_not_published(room: Room, ben: Membership, eve: Membership) -> None:
    group = group_of(room)
    page = written(room, ben, groups=[group])
    (package_of(room.slug, "f0123456789abcdef") / "manifest.json").unlink()
    with pytest.raises(InputError) as caught:
        publish(page, ben=ben, eve=eve)
    assert caught.value.message.code == "public.no-package"


def test_the_package_of_a_published_claim_stays_when_a_newer_finding_takes_its_place(
    room: Room, ben: Membership, eve: Membership
) -> None:
    group = group_of(room)
    first = group.current
    KeptFinding.objects.create(
        room=room, group=group, finding_id="f" + "0" * 16, found_at=timezone.now(), method="m", label="x", n_accounts=3,
        n_posts=9, n_objects=3, first_at=timezone.now(), last_at=timezone.now(), document={},
    )  # fmt: skip
    FollowedGroup.objects.update(current=None)
    KeptFinding.objects.filter(pk=first.pk).update(id=first.pk + 1000)  # not the first of its group
    FollowedGroup.objects.update(current=first.pk + 1000)
    group.refresh_from_db()
    publish(written(room, ben, groups=[group]), ben=ben, eve=eve)
    FollowedGroup.objects.update(current=None)
    drop_packages(room, now=timezone.now() + timedelta(days=900))
    assert package_of(room.slug, "f0123456789abcdef").is_dir()
    Page.objects.update(withdrawn_at=timezone.now())
    drop_packages(room, now=timezone.now() + timedelta(days=900))
    assert not package_of(room.slug, "f0123456789abcdef").is_dir()


def test_bulletins_of_a_demo_rest_on_findings_once_there_are_some(room: Room, ben: Membership, eve: Membership) -> None:
    page = publish(written(room, ben), ben=ben, eve=eve)
    rest_on_findings(room)
    assert Page.objects.get(pk=page.pk).findings == {}
    group_of(room)
    rest_on_findings(room)
    assert Page.objects.get(pk=page.pk).findings == {"f0123456789abcdef": ""}


def test_a_bulletin_about_a_false_alarm_stands(room: Room, ben: Membership, eve: Membership) -> None:
    group = group_of(room, verdict="false-alarm")
    page = publish(written(room, ben, groups=[group]), ben=ben, eve=eve)
    assert fallen(page) == ""
    FollowedGroup.objects.filter(pk=group.pk).update(verdict="confirmed")
    assert fallen(page) == "finding"


def test_a_withdrawn_page_comes_back_only_by_two(room: Room, ben: Membership, eve: Membership) -> None:
    page = publish(written(room, ben), ben=ben, eve=eve)
    actions.withdraw_page(page, reason="room", by=eve)
    with pytest.raises(InputError):
        actions.withdraw_page(page, reason="room", by=eve)
    publish(page, ben=ben, eve=eve)
    (item,) = items_of(room)
    assert item.withdrawn == ""


def test_the_site_is_built_signed_and_only_where_something_changed(
    room: Room, ben: Membership, eve: Membership
) -> None:
    actions.change_site(room, is_on=True, names={"en": "The Watch"}, by=None)
    page = publish(written(room, ben), ben=ben, eve=eve)
    build_site(room, transparency={}, always=True)
    home = folder_of(room.slug).site
    assert verify_site(home).ok
    assert (home / "en/bulletins/water/index.html").is_file()
    assert build_site(room, transparency={}).exported is None
    actions.withdraw_page(page, reason="room", by=eve)
    build_site(room, transparency={})
    assert b"40 accounts" not in (home / "en/bulletins/water/index.html").read_bytes()
    assert b"Water" not in (home / "en/feed.xml").read_bytes()
    assert verify_site(home).ok


def test_complaints_become_tasks_with_a_day(room: Room, ben: Membership, eve: Membership) -> None:
    page = publish(written(room, ben), ben=ben, eve=eve)
    letter = actions.keep_letter(room, kind="complaint", text="This is wrong", contact="me@example.org", page=page)
    assert letter.task is not None
    assert letter.task.due_at == letter.due_at
    assert timedelta(days=6) < letter.due_at - timezone.now() <= timedelta(days=7)
    assert b"me@example.org" not in bytes(letter.sealed_contact)
    again = actions.keep_letter(room, kind="complaint", text="And this")
    assert again.task is not None
    assert again.task.case_id == letter.task.case_id
    actions.answer_letter(letter, answer="You are right", by=ben)
    with pytest.raises(InputError):
        actions.answer_letter(letter, answer="twice", by=ben)
