"""Lists, titles, alerts and mails lead with what was pushed; what was deleted on request is gone from all of them."""

from __future__ import annotations

import html
import json
from typing import Any

import pytest

from dideban.findings.headline import REMOVED, headline
from dideban.findings.model import SharedObject
from dideban.room.alerts.deliver import payload_of
from dideban.room.alerts.models import Alert
from dideban.room.findings.content import content_of
from dideban.room.findings.models import FollowedGroup, KeptFinding
from dideban.room.members.models import Member
from dideban.room.narratives.lines import read_lines
from dideban.room.narratives.models import Narrative
from dideban.room.rooms.folder import folder_of
from dideban.room.rooms.models import Room
from dideban.schema import post_key
from dideban.store.delta import PostTable
from room.cast import client_of

R = "/r/watch/"
HOSTILE = [
    "", "\u202eevil\u202c", "🎉" * 50, "x" * 100_000, "<script>alert(1)</script> says everybody", "</title><b>&amp;",
    "\u2067متن فارسی در میان English words\u2069 and more", "\x00\x01 control", "{content} {0} %s %(n)s",
]  # fmt: skip


def body(path: str, who: str = "alice") -> str:
    response = client_of(Member.objects.get(username=who)).get(f"{R}{path}")
    assert response.status_code == 200
    return response.content.decode()


def line_of(finding: KeptFinding) -> str:
    return headline([SharedObject(**row) for row in finding.document["objects"]]).line


def push(finding: KeptFinding, label: str) -> None:
    """Make a finding push one text and nothing else."""
    first: dict[str, Any] = {**finding.document["objects"][0], "kind": "text", "id": "t0", "label": label, "said": ""}
    finding.document = {**finding.document, "objects": [{**first, "template": None}]}
    finding.save()


def first(room: Room) -> KeptFinding:
    group = FollowedGroup.objects.get(room=room, number=1)
    assert group.current is not None
    return group.current


def test_every_list_leads_with_what_was_pushed(furnished: Room) -> None:
    groups = FollowedGroup.objects.filter(room=furnished).select_related("current")
    lines = {line_of(group.current) for group in groups if group.current}
    assert lines
    listed = body("findings/?leads=1")
    assert [line for line in lines if html.escape(line) not in listed] == []
    one = body("findings/1/")
    assert html.escape(line_of(first(furnished))[:40]) in one[one.index("<title") : one.index("</title>")]
    assert html.escape(line_of(first(furnished))) in one[one.index("<h1") : one.index("</h1>")]
    assert one.index("<h1") < one.index("data-timeline") < one.index("statement-own") < one.index('class="figures"')


def test_what_is_deleted_on_request_is_in_no_list_and_no_alert(furnished: Room) -> None:
    one, alert = first(furnished), Alert.objects.filter(group__number=1).first()
    assert alert is not None
    push(one, "The heron nests under the bridge")
    alert.refresh_from_db()
    assert "heron" in body("findings/")
    assert "heron" in json.loads(payload_of(Alert.objects.get(pk=alert.pk)))["text"]
    push(one, REMOVED)
    for path in ("", "findings/", "findings/1/", "alerts/?show=all"):
        assert "heron" not in body(path)
    assert "heron" not in json.loads(payload_of(Alert.objects.get(pk=alert.pk)))["text"]


@pytest.mark.parametrize("number", range(len(HOSTILE)))
def test_whatever_was_posted_pages_stay_whole(furnished: Room, number: int) -> None:
    push(first(furnished), HOSTILE[number])
    content = content_of(first(furnished))
    assert content is not None
    assert "\n" not in content.title
    for who, path in (("alice", "findings/"), ("ben", ""), ("bob", "findings/1/"), ("alice", "alerts/?show=all")):
        page = body(path, who)
        assert "<script>alert" not in page
        assert "\u202e" not in page
        assert page.count("</title>") == page.count("<title")
        assert len(page) < 500_000


def test_a_finding_of_another_version_is_still_listed(furnished: Room) -> None:
    one = first(furnished)
    one.document = {"statement": {"en": "x"}, "objects": [{"kind": "text", "of": "another version"}], "benign": [1]}
    one.save()
    assert "content that is no longer kept" in body("findings/")


def test_narratives_are_named_by_a_sentence_that_people_wrote(furnished: Room) -> None:
    listed = body("narratives/")
    one = Narrative.objects.filter(room=furnished, is_active=True).order_by("-weight", "-recent", "-number").first()
    assert one is not None
    names = {row["post"] for row in one.examples}
    texts = PostTable(folder_of("watch").posts).scan().filter(post_key().is_in(list(names))).collect()["text"].to_list()
    line = read_lines("watch", [one], places=None).get(one.number, "")
    assert line
    assert any(line.rstrip("…") in " ".join((text or "").split()) for text in texts)
    assert html.escape(line) in listed
    assert html.escape(line) in body(f"narratives/{one.number}/")
    assert read_lines("watch", [one], places=("nowhere",)) == {}
