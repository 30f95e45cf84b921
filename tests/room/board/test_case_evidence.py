"""A case shows the posts of its findings and what to do next; so does an alert, and its steps become tasks."""

from __future__ import annotations

import pytest
from django.test import Client

from dideban.room.alerts.models import Alert, RuleKind
from dideban.room.board.presenters.alert_steps import advice_of
from dideban.room.cases.actions import link_groups, open_case
from dideban.room.cases.models import Task
from dideban.room.findings.models import FollowedGroup
from dideban.room.members.models import Member, Membership
from dideban.room.rooms.models import Room
from room.cast import client_of

R = "/r/watch/"


@pytest.fixture
def alice(furnished: Room) -> Client:
    return client_of(Member.objects.get(username="alice"))


def test_a_case_shows_posts_and_steps_of_its_findings_and_marks_what_is_a_task(alice: Client, furnished: Room) -> None:
    by = Membership.objects.get(member__username="alice")
    case = open_case(furnished, title="Bridge", by=by)
    group = FollowedGroup.objects.select_related("current").get(number=1)
    link_groups(case, groups=[group], by=by)
    assert group.current is not None
    step = group.current.document["next_steps"][0]
    page = f"{R}cases/{case.number}/"
    html = alice.get(page).content.decode()
    assert "What to do next" in html
    assert "The first post of each wording or picture" in html
    assert f"{R}posts/?finding={group.current.finding_id}" in html
    assert f'name="step" value="{step["code"]}"' in html
    sent = {"do": "steps", "case": str(case.number), "step": step["code"]}
    assert alice.post(f"{R}findings/1/act/", sent).headers["Location"] == f"{page}#tasks"
    html = alice.get(page).content.decode()
    assert f'name="step" value="{step["code"]}"' not in html
    assert "a task of a case" in html


def test_an_alert_says_what_to_do_and_its_steps_become_tasks(alice: Client, furnished: Room) -> None:
    Alert.objects.update(handled_at=None)
    group = FollowedGroup.objects.select_related("current").get(number=1)
    assert group.current is not None
    codes = [step["code"] for step in group.current.document["next_steps"]]
    html = alice.get(f"{R}alerts/?show=all").content.decode()
    assert f'name="step" value="{codes[0]}"' in html
    assert 'form="handle"' in html
    n = Task.objects.count()
    alice.post(f"{R}findings/1/act/", {"do": "steps", "case": "", "step": codes[:1]})
    assert Task.objects.count() == n + 1
    chosen = Alert.objects.filter(group=group)[0]
    alice.post(f"{R}alerts/handle/", {"do": "chosen", "alert": str(chosen.pk)})
    chosen.refresh_from_db()
    assert chosen.handled_at is not None


@pytest.mark.parametrize("kind", [kind for kind in RuleKind if "finding" not in kind])
def test_every_other_kind_of_alert_says_what_to_do(kind: RuleKind) -> None:
    assert advice_of(Alert(kind=kind, params={}))
    assert advice_of(Alert(kind="audit-trail", params={})) == ""
