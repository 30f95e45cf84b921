"""The frame of a page is kept: what is kept is what would have been made for this reader and this page."""

from __future__ import annotations

import re

import pytest
from django.template.loader import get_template, render_to_string
from django.utils import translation

from room.cast import client_of, join  # isort: skip - makes Django ready

from dideban.room.alerts.models import Alert
from dideban.room.board.presenters.frame import PARTS, frame_part
from dideban.room.members.models import Member, Membership
from dideban.room.roles import Role
from dideban.room.rooms.models import Room
from room.cast import NOW

KNOWN = ("slug", "section", "may", "n_alerts", "lang", "dir", "access", "room", "reader")
PAGES = ("", "findings/", "posts/", "rules/", "settings/", "review/service/")


def squeezed(html: str) -> str:
    return re.sub(r"\s+", " ", html).strip()


def test_each_reader_has_the_frame_of_their_own_role_language_and_digits(room: Room, lead: Membership) -> None:
    readers = [lead, join(room, "vera", role=Role.VIEWER), join(room, "wale", role=Role.ANALYST)]
    Member.objects.filter(pk=readers[1].member_id).update(language="fa", uses_local_digits=False)
    Member.objects.filter(pk=readers[2].member_id).update(language="fa")
    for who in readers:
        member = Member.objects.get(pk=who.member_id)
        for path in PAGES:
            answer = client_of(member).get(f"/r/watch/{path}")
            html, context = squeezed(answer.content.decode()), {name: answer.context.get(name) for name in KNOWN}
            for part in sorted(PARTS - {"board/keys.html"}):  # its digits are the reader's: below
                with translation.override(member.language):
                    assert squeezed(render_to_string(part, context)) in html, (part, path, who.role)
    for n in range(2):
        Alert.objects.create(room=room, kind="burst", key=f"k{n}", at=NOW)
    html = client_of(Member.objects.get(pk=lead.member_id)).get("/r/watch/rules/").content.decode()
    assert re.search(r'class="count">2<', html), "the alerts that are open now, not those of the page before"


def test_digits_are_those_that_a_reader_likes(room: Room, lead: Membership) -> None:
    reader = Member.objects.get(pk=lead.member_id)
    for local_digits, digit in ((True, "۴"), (False, "4"), (True, "۴")):
        reader.language, reader.uses_local_digits = "fa", local_digits
        reader.save()
        assert f"<kbd>{digit}</kbd>" in client_of(reader).get("/r/watch/rules/").content.decode()


def test_nothing_of_a_reader_or_a_form_is_kept() -> None:
    for part in PARTS:
        source = get_template(part).template.source
        asked = set(re.findall(r"(?:\{\{|\{% (?:if|elif|for \w+ in)) *\"?([a-z_]+)", source))
        assert asked <= {"may", "section", "n_alerts"}, part
        assert "csrf" not in source
    with pytest.raises(ValueError, match="top"):
        frame_part("board/top.html", slug="watch", section="", may={}, n_alerts=0)
