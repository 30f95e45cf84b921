"""Next steps of a finding become tasks of a case, once; they lead to the originals and to the list of owners."""

from __future__ import annotations

import pytest
from django.test import Client

from dideban.findings.originals import original_url
from dideban.room.cases.models import Case, Task
from dideban.room.findings.models import FollowedGroup
from dideban.room.members.models import Member
from dideban.room.rooms.models import Room
from room.cast import client_of

R = "/r/watch/"


@pytest.fixture
def alice(furnished: Room) -> Client:
    return client_of(Member.objects.get(username="alice"))


def test_chosen_steps_become_tasks_of_a_new_case_and_are_marked(alice: Client) -> None:
    group = FollowedGroup.objects.select_related("current").get(number=1)
    assert group.current is not None
    codes = [step["code"] for step in group.current.document["next_steps"]]
    n_tasks = Task.objects.count()
    answer = alice.post(f"{R}findings/1/act/", {"do": "steps", "case": "", "step": codes[:2]})
    case = Case.objects.order_by("-number")[0]
    assert answer.headers["Location"] == f"{R}cases/{case.number}/#tasks"
    assert Task.objects.count() == n_tasks + 2
    assert list(case.groups.all()) == [group]
    html = alice.get(f"{R}findings/1/").content.decode()
    assert html.count("a task of a case") == 2
    assert f'name="step" value="{codes[0]}"' not in html
    assert f'name="step" value="{codes[-1]}"' in html


def test_no_step_no_case(alice: Client) -> None:
    n = Case.objects.count()
    alice.post(f"{R}findings/1/act/", {"do": "steps", "case": "", "step": ["step.no-such"]})
    assert Case.objects.count() == n


def test_the_form_of_an_owner_begins_with_the_accounts_of_the_finding(alice: Client) -> None:
    group = FollowedGroup.objects.select_related("current").get(number=1)
    assert group.current is not None
    html = alice.get(f"{R}settings/?finding=1").content.decode()
    assert all(account in html for account in group.current.document["accounts"])
    assert alice.get(f"{R}settings/?finding=99999999999").status_code == 200


@pytest.mark.parametrize(
    ("name", "address"),
    [
        ("x/1234567890", "https://x.com/i/status/1234567890"),
        ("mastodon/https://social.example/users/a/statuses/1", ""),
        ("bluesky/at://did:plc:abc/app.bsky.feed.post/3k", ""),
        ("telegram/channel/12", ""),
        ("reddit/t3_abc12", "https://redd.it/abc12"),
        ("sample/s0001", ""),
        ("x/javascript:alert(1)", ""),
        ("x/1234567890\n", ""),
        ('feed/https://evil.example/" onclick=x', ""),
        ("feed/javascript://social.example/%0aalert(1)", ""),
        ("", ""),
    ],
)
def test_the_address_of_a_post_is_one_or_none(name: str, address: str) -> None:
    assert original_url(name) == address
