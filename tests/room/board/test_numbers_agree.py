"""Every number means one thing everywhere: the same figure on all pages and in the API, for whoever looks."""

from __future__ import annotations

import json
import re
from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django.test import Client, override_settings
from django.utils import timezone

from dideban.room.alerts.deliver import deliver_due
from dideban.room.alerts.models import Alert, Delivery
from dideban.room.cases.actions import add_task, link_groups, open_case
from dideban.room.findings.models import FollowedGroup
from dideban.room.members.actions import make_api_token
from dideban.room.members.models import Member, Membership
from dideban.room.posts.merge import merge
from dideban.room.roles import Role
from dideban.room.rooms.models import Place, Room
from dideban.room.sources.actions import add_source, make_intake_token
from dideban.room.sources.health import note_merged
from dideban.room.upkeep.health import metrics
from room.cast import client_of, join, post

R = "/r/watch/"
N_ALERTS, N_TASKS = 9, 8
LISTS = ("", "findings/", "triage/", "narratives/", "posts/", "cases/", "responses/", "handovers/", "alerts/", "rules/",
         "sources/", "members/", "review/", "settings/")  # fmt: skip


@pytest.fixture
def crowded(furnished: Room) -> Room:
    """More alerts, tasks and findings than a first page lists, in two places and without one."""
    boss = Membership.objects.get(member__username="alice")
    north = Place.objects.get(slug="north")
    for number, group in enumerate(FollowedGroup.objects.order_by("number")[:3]):
        group.places.set([north] if number < 2 else [])
    FollowedGroup.objects.filter(number=1).update(verdict="")
    case = open_case(furnished, title="Crowded", places=[north], by=boss)
    link_groups(case, groups=list(FollowedGroup.objects.filter(number=1)), by=boss)
    for number in range(N_TASKS):
        add_task(case, title=f"Task {number}", due_at=timezone.now() - timedelta(hours=3), by=boss)
    for number in range(N_ALERTS):
        group = FollowedGroup.objects.get(number=1)
        made = Alert.objects.create(
            room=furnished, kind="new-finding", key=f"crowd:{number}", at=timezone.now(), group=group,
            params={"group": 1, "n_accounts": 3, "n_objects": 2},
        )  # fmt: skip
        made.places.set([north] if number < 7 else [])
    return furnished


def plain(html: str) -> str:
    """The text of a page, without tags, in one line."""
    said = re.sub(r"</?bdi[^>]*>", "", re.sub(r"(?s)<(script|style).*?</\1>", " ", html))
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", said))


def number(pattern: str, text: str) -> int:
    found = re.search(pattern + r"\s*([\d,]+)", text)
    assert found is not None, (pattern, text[:3000])
    return int(found[1].replace(",", ""))


class Eyes:
    """What one member sees, on pages and through a token of theirs."""

    def __init__(self, who: Membership) -> None:
        self.who, self.client = who, client_of(who)
        _, self.token = make_api_token(name="t", scopes=["read", "posts"], days=1, by=who)

    def html(self, where: str) -> str:
        answer = self.client.get(f"{R}{where}")
        assert answer.status_code == 200, where
        return answer.content.decode()

    def text(self, where: str) -> str:
        return plain(self.html(where))

    def ask(self, what: str) -> Any:
        answer = Client().get(f"/api/v1/rooms/watch/{what}", headers={"Authorization": f"Bearer {self.token}"})
        assert answer.status_code == 200, what
        return answer.json()


@pytest.fixture(params=["full", "limited"])
def eyes(request: pytest.FixtureRequest, crowded: Room) -> Eyes:
    Member.objects.update(language="en")
    if request.param == "full":
        return Eyes(Membership.objects.get(member__username="alice"))
    made = join(crowded, "nora", Role.ANALYST, Place.objects.get(slug="north"))
    Member.objects.filter(pk=made.member_id).update(language="en")
    return Eyes(Membership.objects.get(pk=made.pk))


def test_open_alerts(eyes: Eyes) -> None:
    badges = {}
    for where in LISTS:
        badge = re.search(r'<b class="count">([\d,]+)', eyes.html(where))
        badges[where] = int(badge[1]) if badge else 0
    assert len(set(badges.values())) == 1, badges
    (n,) = set(badges.values())
    assert n >= 7
    assert eyes.ask("alerts?open=true")["count"] == n
    assert number("Open alerts", eyes.text("review/service/")) == n
    assert number("Open alerts:", eyes.text("")) == n
    assert eyes.html("alerts/").count("<li data-row") == n
    if n > N_ALERTS:
        assert f'dideban_alerts_open{{room="watch"}} {n}' in metrics()


def test_findings_and_leads_and_those_that_wait(eyes: Eyes) -> None:
    findings, both = number("Found:", eyes.text("findings/")), number("Found:", eyes.text("findings/?leads=1"))
    assert findings == eyes.ask("groups?lead=false")["count"]
    assert both == eyes.ask("groups")["count"]
    assert both - findings == eyes.ask("groups?lead=true")["count"]
    waiting = number("Found:", eyes.text("findings/?verdict=none&active=1"))
    assert waiting == eyes.ask("groups?verdict=none&active=true&lead=false")["count"]
    assert waiting == number("Findings without a verdict:", eyes.text(""))
    assert waiting == eyes.html("triage/?show=waiting").count('class="card" data-row') or waiting > 20
    active = number("Found:", eyes.text("findings/?place=north&active=1"))
    assert _of_place(eyes, "North")[2] == active


def _of_place(eyes: Eyes, name: str) -> list[int]:
    row = next(row for row in re.findall(r"(?s)<tr>.*?</tr>", eyes.html("")) if name in row)
    return [int(n.replace(",", "")) for n in re.findall(r'<td class="r[^"]*">([\d,]+)<', row)]


def test_waiting_for_me_counts_what_is_not_listed_too(eyes: Eyes) -> None:
    text = eyes.text("")
    waits = number(r"late or silent", text)
    listed = re.search(r"([\d,]+) waiting for you", text)
    assert listed is not None
    assert int(listed[1]) >= eyes.ask("alerts?open=true")["count"]
    late = number("Tasks past their time:", text)
    assert late >= N_TASKS
    assert number("Tasks past their time", eyes.text("review/service/")) == late
    assert waits is not None


def test_accounts_and_posts_of_a_finding(eyes: Eyes) -> None:
    group = eyes.ask("groups/1")
    document = eyes.ask(f"findings/{group['finding_id']}")["document"]
    assert group["n_accounts"] == len(document["accounts"])
    for where in ("findings/?place=north", "cases/"):
        if where == "cases/":
            where = f"cases/{next(one['number'] for one in eyes.ask('cases')['items'] if one['title'] == 'Crowded')}/"
        html = eyes.html(where)
        part = plain(html[html.index(f'href="{R}findings/1/"') :][:6_000])
        assert number("Accounts:", part) == group["n_accounts"], where
        assert number("Posts:", part) == group["n_posts"], where
    page = eyes.text("findings/1/")
    assert f"{group['n_accounts']} accounts" in page
    assert str(group["n_posts"]) in page.replace(",", "")


def test_cases_narratives_members_and_sources(eyes: Eyes) -> None:
    open_ones = [one for one in eyes.ask("cases?limit=100")["items"] if one["status"] != "closed"]
    assert number("Found:", eyes.text("cases/")) == len(open_ones)
    assert number("Open cases", eyes.text("review/service/")) == len(open_ones)
    assert number("Found:", eyes.text("narratives/")) == eyes.ask("narratives")["count"]
    for one in eyes.ask("sources")["items"]:
        row = next(part for part in eyes.html("sources/").split("<tr ") if f"/sources/{one['slug']}/" in part)
        own = eyes.html(f"sources/{one['slug']}/")
        assert number("Posts", plain(own[own.index('class="strip"') :])) == one["n_posts"]
        assert f">{one['n_posts']:,}<" in row
        if one["last_post_at"]:
            times = [set(re.findall(r'datetime="([^"]+)"', part)) for part in (row, own)]
            assert times[0] & times[1], one["slug"]


@override_settings(HAS_MAIL=True, EMAIL_BACKEND="django.core.mail.backends.locmem.EmailBackend")
def test_a_digest_counts_what_the_page_of_alerts_counts(eyes: Eyes) -> None:
    """Of alerts that wait for one mail, those count that its reader may see; figures in it are those of the page."""
    Member.objects.filter(pk=eyes.who.member_id).update(email="a@a.example", mail_pace="daily")
    member, now = Member.objects.get(pk=eyes.who.member_id), timezone.now()
    for alert in Alert.objects.filter(handled_at=None):
        Delivery.objects.create(alert=alert, member=member, channel="email", next_at=now, held_until=now)
    mail.outbox = []
    deliver_due()
    assert len(mail.outbox) == 1, [(one.subject, one.to) for one in mail.outbox]
    (sent,) = mail.outbox
    n = eyes.ask("alerts?open=true")["count"]
    assert number("Alerts together:", str(sent.subject)) == n
    assert sent.body.count("/r/watch/") == n
    html = plain(eyes.html("alerts/"))
    for line in {line for line in sent.body.splitlines() if "accounts in concert" in line}:
        assert number("", re.search(r"[\d,]+ accounts in concert", line)[0]) > 0  # type: ignore[index]
        assert re.sub("[\u2066-\u2069]", "", line) in re.sub("[\u2066-\u2069]", "", html)


def test_posts_that_come_again_count_once_everywhere(crowded: Room) -> None:
    Member.objects.update(language="en")
    boss = Membership.objects.get(member__username="alice")
    source, eyes = add_source(crowded, kind="intake", name="Again", by=boss), Eyes(boss)
    token = make_intake_token(source, by=boss)
    lines = [post(n, text=f"zyzzyva {n}") for n in (1, 2, 3)]
    for sent, repeats in ((lines + lines[:1], 1), (lines, 0), (lines[:2], 0)):
        answer = Client().post("/api/v1/intake", "\n".join(map(json.dumps, sent)), content_type="application/x-ndjson",
                               headers={"Authorization": f"Bearer {token}"})  # fmt: skip
        assert answer.status_code < 300, answer.content
        told = answer.json()
        assert told["accepted"] + told["repeats"] + told["rejected"] == len(sent)
        assert told["repeats"] == repeats
        note_merged(crowded, merge("watch"))  # type: ignore[arg-type]
    (one,) = (one for one in eyes.ask("sources")["items"] if one["slug"] == source.slug)
    assert one["n_posts"] == 3
    own = eyes.html(f"sources/{source.slug}/")
    assert number("Posts", plain(own[own.index('class="strip"') :])) == 3
    assert number("Found:", eyes.text("posts/?text=zyzzyva")) == 3
    assert eyes.ask("posts?text=zyzzyva")["count"] == 3
