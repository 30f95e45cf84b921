"""Cases as reports and files; decisions that stay; findings added by search; tasks that a usual case begins with."""

from __future__ import annotations

import io
import zipfile

import pytest
from django.test import Client

from dideban.errors import InputError
from dideban.room.audit.models import AuditEvent
from dideban.room.cases.actions import delete_note, withdraw_decision
from dideban.room.cases.models import Case, Note
from dideban.room.findings.models import FollowedGroup
from dideban.room.members.models import Member, Membership
from dideban.room.rooms.models import Room
from room.cast import client_of

R = "/r/watch/"


@pytest.fixture
def alice(furnished: Room) -> Client:
    return client_of(Member.objects.get(username="alice"))


def test_a_report_in_three_languages_is_whole_and_harmless(alice: Client) -> None:
    case = Case.objects.get(number=1)
    Case.objects.filter(pk=case.pk).update(title="<script>alert(1)</script> موج")
    said = FollowedGroup.objects.get(number=1).current.document["statement"]  # type: ignore[union-attr]
    for language, way in (("en", "ltr"), ("fa", "rtl"), ("ar", "rtl")):
        html = alice.get(f"{R}cases/1/report/?lang={language}").content.decode()
        assert f'<html lang="{language}" dir="{way}">' in html
        assert "<script" not in html
        assert said[language][:30] in html
        assert "Seen thrice." in html
        assert "We wait." in html
    assert alice.get(f"{R}cases/1/report/?lang=xx").status_code == 200


def test_the_whole_case_as_one_file(alice: Client, furnished: Room) -> None:
    answer = alice.get(f"{R}cases/1/export/")
    assert "attachment" in answer.headers["Content-Disposition"]
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        names = archive.namelist()
        report = archive.read("report.fa.html").decode()
    assert {"report.en.html", "report.fa.html", "report.ar.html", "findings/finding-1.zip"} <= set(names)
    assert any(name.startswith("files/") and name.endswith("table.csv") for name in names)
    assert "<style>" in report
    assert "<link" not in report


def test_who_is_limited_gets_no_packages(furnished: Room) -> None:
    from dideban.room.rooms.models import Place

    found = Membership.objects.get(member__username="ben")
    found.places.set([Place.objects.get(slug="north")])
    answer = client_of(found).get(f"{R}cases/1/export/")
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        assert not [name for name in archive.namelist() if name.startswith("findings/")]


def test_a_decision_is_withdrawn_with_a_reason_and_never_deleted(alice: Client, furnished: Room) -> None:
    decision, by = Note.objects.get(kind="decision"), Membership.objects.get(member__username="alice")
    with pytest.raises(InputError, match="never deleted"):
        delete_note(decision, by=by)
    with pytest.raises(InputError):
        withdraw_decision(decision, reason=" ", by=by)
    form = {"do": "withdraw", "note": decision.pk, "reason": "The source corrected itself."}
    alice.post(f"{R}cases/1/act/", form)
    html = alice.get(f"{R}cases/1/").content.decode()
    assert "We wait." in html
    assert "The source corrected itself." in html
    event = AuditEvent.objects.get(action="decision.withdraw")
    assert "corrected" not in str(event.details)
    with pytest.raises(InputError, match="already"):
        withdraw_decision(decision, reason="again", by=by)


def test_findings_are_found_by_words_and_added(alice: Client) -> None:
    word = FollowedGroup.objects.get(number=1).current.document["objects"][0]["label"].split()[0]  # type: ignore[union-attr]
    html = alice.get(f"{R}cases/2/", {"find": word}).content.decode()
    assert 'name="group" value="1"' in html
    assert "No finding holds these words" in alice.get(f"{R}cases/2/", {"find": "qqqqzzzz"}).content.decode()
    alice.post(f"{R}cases/2/act/", {"do": "group", "group": "1"})
    assert Case.objects.get(number=2).groups.filter(number=1).exists()


def test_a_usual_case_begins_with_its_tasks(alice: Client) -> None:
    alice.post(f"{R}cases/open/", {"title": "Day", "template": "election"})
    assert Case.objects.latest("number").tasks.count() == 4
    alice.post(f"{R}cases/open/", {"title": "Other", "template": "../x"})
    assert Case.objects.latest("number").tasks.count() == 0
