"""Objects of another room and of another place, named by id: on every route, in every form, with every kind of token.

Everything that is not the actor's is called FORBIDDEN. No page, file, feed or answer may hold that word, and nothing
that is sent may change or use what it names.
"""

from __future__ import annotations

import copy
import json
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from room.cast import client_of, join  # isort: skip - makes Django ready
from django.apps import apps
from django.db import connections, models
from django.test import Client
from django.utils import timezone

from dideban.room.access import Access
from dideban.room.cases.actions import (
    open_case,
)
from dideban.room.cases.models import Case
from dideban.room.joint.models import JointFinding
from dideban.room.members.actions import make_api_token
from dideban.room.members.models import Membership
from dideban.room.posts.models import Erasure, Reveal
from dideban.room.responses.models import Response
from dideban.room.roles import Role
from dideban.room.rooms.actions import create_room, save_place
from dideban.room.rooms.models import Place, Room
from dideban.room.sources.actions import make_intake_token
from room.furnish import Things, furnish
from room.test_access import API_RULES, ROOM_ROUTES, RULES, address

WORD = "FORBIDDEN"


@dataclass
class World:
    """Who acts, what is theirs, and what is not."""

    actor: Membership
    mine: Things
    theirs: Things
    kind: str

    def values(self, things: Things) -> dict[str, Any]:
        return {"slug": "watch", "room": "watch", "platform": "x", "post_id": "p1", "token": "dbi_x", **things.keys}


MADE: dict[str, tuple[Path, World]] = {}
"""Worlds as they were made: a data folder, and what is in it."""


@pytest.fixture(params=["other-room", "other-place"])
def world(request: pytest.FixtureRequest, data: Path, tmp_path_factory: pytest.TempPathFactory) -> World:
    """A coordinator of the whole room facing another room; an editor of South facing North. Made once, then copied."""
    if request.param not in MADE:
        made = make_world(request.param)
        connections["default"].close()
        MADE[request.param] = shutil.copytree(data, tmp_path_factory.mktemp("world") / "data"), made
    folder, made = MADE[request.param]
    connections["default"].close()
    shutil.copytree(folder, data, dirs_exist_ok=True)
    return copy.deepcopy(made)


def make_world(kind: str) -> World:
    room = create_room(slug="watch", name="Watch")
    north, south = (save_place(room, name=name, by=None) for name in ("North", "South"))
    if kind == "other-room":
        alice = join(room, "alice", Role.COORDINATOR)
        mine = furnish(room, alice, south, number=11, mark="own")
        elsewhere = create_room(slug="elsewhere", name=f"{WORD} room")
        boss = join(elsewhere, f"{WORD}-charlie", Role.COORDINATOR)
        place = Place.objects.create(room=elsewhere, slug="away", name=f"{WORD} place")
        return World(alice, mine, furnish(elsewhere, boss, place, number=77, mark=f"{WORD} elsewhere"), kind)
    Place.objects.filter(pk=north.pk).update(name=f"{WORD} north", slug="forbidden-north")
    north.refresh_from_db()
    boss = join(room, "alice", Role.COORDINATOR)
    sue = join(room, "sue", Role.EDITOR, south)
    mine = furnish(room, boss, south, number=11, mark="own")
    for seen in (Reveal.objects.filter(pk=mine.keys["reveals"]),):
        seen.update(asked_by=sue.member)
    theirs = furnish(room, boss, north, number=77, mark=f"{WORD} north")
    return World(sue, mine, theirs, kind)


VISIT = {"first_seen_at", "last_seen_at", "visit_began_at", "new_since_at", "last_used_at"}


def everything(room: Room) -> dict[str, list[Any]]:
    """Return every row of the models of the room, without who was here when."""
    content: dict[str, list[Any]] = {}
    for model in apps.get_models():
        if not model.__module__.startswith("dideban.room") or model.__name__ == "KnownDevice":
            continue
        names = [f.attname for f in model._meta.concrete_fields if f.name not in VISIT]
        rows = [list(row) for row in model._default_manager.order_by("pk").values_list(*names)]
        for many in model._meta.many_to_many:
            through: type[models.Model] = getattr(model, many.name).through
            content[f"{model.__name__}.{many.name}"] = [
                list(row) for row in through._default_manager.order_by("pk").values_list()
            ]
        content[model.__name__] = rows
    return content


def test_no_page_and_no_file_holds_what_is_not_ones_own(world: World) -> None:
    client, seen = client_of(world.actor), 0
    values = world.values(world.mine)
    for where in ROOM_ROUTES:
        if not RULES[where].post:
            response = client.get(address(where, values))
            text = response.content.decode("utf-8", "replace")
            assert WORD not in text, where
            seen += response.status_code == 200 and "own" in text
    assert seen >= 12


def test_whatever_is_named_in_an_address_is_not_there(world: World) -> None:
    client, n = client_of(world.actor), 0
    before = everything(world.mine.room)
    values = world.values(world.theirs)
    shared = {"handovers", "reveals"} if world.kind == "other-place" else set()
    for where in ROOM_ROUTES:
        names = [name for name in ("number", "finding_id", "source", "pk") if f":{name}>" in where]
        if not names:
            continue
        url = address(where, values)
        for response in (client.get(url), client.post(url, {"do": "remove"})):
            assert response.status_code in (404, 405, 403), (where, shared)
            assert WORD not in response.content.decode("utf-8", "replace")
            n += response.status_code == 404
    assert n >= 20
    assert everything(world.mine.room) == before


Attack = tuple[str, dict[str, Any]]


def attacks(mine: dict[str, Any], theirs: dict[str, Any]) -> list[Attack]:
    """Return forms, sent to one's own objects, that name an object which is not: each must change nothing at all."""
    case, find = f"cases/{mine['number']}/act/", f"findings/{mine['number']}/act/"
    tell = {"title": "x", "text": "x", "reason": "because", "name": "x"}
    return [
        (case, {"do": "task-done", "task": theirs["task"], "done": "1"}),
        (case, {"do": "task-change", "task": theirs["task"], **tell}),
        (case, {"do": "note-edit", "note": theirs["note"], **tell}),
        (case, {"do": "note-delete", "note": theirs["note"]}),
        (case, {"do": "file-delete", "file": theirs["file"]}),
        (case, {"do": "search-drop", "search": theirs["kept"]}),
        (case, {"do": "unlink", "link": theirs["link"]}),
        (case, {"do": "link", "other": theirs["number"], **tell}),
        (case, {"do": "group", "group": theirs["number"]}),
        (case, {"do": "group-drop", "group": theirs["number"]}),
        (case, {"do": "narrative", "narrative": theirs["number"]}),
        (case, {"do": "narrative-drop", "narrative": theirs["number"]}),
        *(
            (f"cases/{mine['number']}/responses/", {"target": f"{kind}:{theirs['number']}", "kind": "report",
                                                    "horizon": "24", **tell})
            for kind in ("narrative", "group")
        ),
        (f"cases/{mine['number']}/lots/", {"narratives": [mine["number"], theirs["number"]], "kind": "report",
                                           "horizon": "24", **tell}),
        (f"responses/{theirs['response']}/act/", {"do": "cancel", **tell}),
        (f"lots/{theirs['lot']}/refuse/", tell),
        ("sent/ask/", {"kind": "finding", "number": theirs["number"], "tlp": "green"}),
        ("sent/ask/", {"kind": "finding", "number": mine["number"], "tlp": "green", "collection": theirs["shelf"]}),
        (f"sent/{theirs['number']}/act/", {"do": "revoke", **tell}),
        ("inbox/act/", {"do": "aside", "arrived": theirs["arrived"]}),
        ("peers/act/", {"do": "token", "peer": theirs["peer"]}),
        ("peers/act/", {"do": "remove-collection", "collection": theirs["shelf"]}),
        ("queue/act/", {"do": "judge", "item": theirs["item"], "kind": "unsure", **tell}),
        ("review/misses/act/", {"do": "withdraw", "miss": theirs["miss"], **tell}),
        ("review/misses/act/", {"do": "note", "group": theirs["number"], "source": "x", "what": "x", "why": "unknown",
                                "at": "2026-01-01T10:00"}),
        ("review/learning/act/", {"do": "refuse", "proposal": theirs["proposal"], **tell}),
        (f"cases/{theirs['number']}/close/", {"outcome": "x", "reason_against": "x"}),
        (find, {"do": "uncomment", "comment": theirs["comment"]}),
        (find, {"do": "verdict", "finding": theirs["finding_id"], "kind": "unsure", **tell}),
        (find, {"do": "case", "case": theirs["number"]}),
        (f"narratives/{mine['number']}/act/", {"do": "case", "case": theirs["number"]}),
        ("posts/searches/", {"do": "remove", "search": theirs["search"]}),
        ("compare/act/", {"do": "remove", "comparison": theirs["comparison"]}),
        (f"past/{mine['past']}/act/", {"do": "look"}),
        (f"past/{theirs['past']}/act/", {"do": "cancel"}),
        ("posts/searches/", {"do": "case", "case": theirs["number"], **tell}),
        ("reveals/ask/", {"account": "d" * 17, "case": theirs["number"], **tell}),
        ("alerts/handle/", {"alert": theirs["alert"]}),
        ("rules/webhooks/", {"do": "remove", "webhook": theirs["webhook"]}),
        ("members/act/", {"do": "revoke", "invitation": theirs["invitation"]}),
        ("tokens/act/", {"do": "revoke", "token": theirs["api_token"]}),
        ("settings/places/", {"do": "remove", "slug": theirs["place"]}),
        (f"cases/{mine['number']}/files/{theirs['file']}/", {}),
    ]  # fmt: skip


def test_no_form_reaches_what_it_may_not(world: World) -> None:
    client = client_of(world.actor)
    before = everything(world.mine.room)
    for path, sent in attacks(world.mine.keys, world.theirs.keys):
        response = client.post(f"/r/watch/{path}", sent)
        assert response.status_code in (303, 403, 404, 405), (path, sent)
        assert everything(world.mine.room) == before, (path, sent)


def test_a_member_of_another_room_is_not_changed(world: World) -> None:
    if world.kind != "other-room":
        pytest.skip("about another room")
    client, before = client_of(world.actor), everything(world.mine.room)
    for do in ("change", "remove"):
        sent = {"do": do, "membership": world.theirs.keys["membership"], "role": "viewer"}
        assert client.post("/r/watch/members/act/", sent).status_code == 404
    assert everything(world.mine.room) == before


def test_what_is_sent_uses_nothing_that_is_not_ones_own(world: World) -> None:
    """Forms that do something of one's own: the foreign object named beside it is left out."""
    client, theirs = client_of(world.actor), world.theirs.keys
    rule = world.mine.rule
    client.post(f"/r/watch/rules/{rule.pk}/act/", {
        "do": "change", "name": "x", "webhooks": [theirs["webhook"]], "emails": [theirs["member"]],
        "places": [theirs["place"]], "search": theirs["search"],
    })  # fmt: skip
    rule.refresh_from_db()
    assert not rule.webhooks.filter(pk=theirs["webhook"]).exists()
    assert not rule.places.filter(slug=theirs["place"]).exists()
    assert rule.search_id == world.mine.keys["search"]
    if world.kind == "other-room":
        assert not rule.emails.exists()
    client.post("/r/watch/handovers/write/", {"text": "x", "cases": [theirs["number"]], "to": theirs["member"]})
    note = Access(world.mine.room, world.actor).handovers().order_by("-pk").first()
    assert note is not None
    assert not note.cases.exists()
    client.post("/r/watch/cases/open/", {"title": "made", "places": [theirs["place"]], "owner": theirs["member"]})
    made = Case.objects.get(room=world.mine.room, title="made")
    assert not made.places.filter(slug=theirs["place"]).exists()
    client.post("/r/watch/sources/add/upload/", {"name": "made", "place": theirs["place"]})
    assert not world.mine.room.sources.filter(name="made", place__slug=theirs["place"]).exists()
    if world.kind == "other-room":
        assert note.to is None
        assert made.owner_id != theirs["member"]


@pytest.mark.parametrize("scopes", [["read", "posts", "write"], ["feed"], ["read"], ["posts"], ["write"]])
def test_no_token_reaches_what_is_not_ones_own(world: World, scopes: list[str]) -> None:
    _, secret = make_api_token(name="t", scopes=scopes, days=1, by=world.actor)
    client = Client(headers={"Authorization": f"Bearer {secret}"})
    before = everything(world.mine.room)
    bodies = {
        "verdicts": {"finding_id": world.theirs.keys["finding_id"], "kind": "unsure", "reason": "x"},
        "notes": {"text": "hello"},
    }
    for (method, where), rule in API_RULES.items():
        for things in (world.mine, world.theirs):
            if method == "POST" and where.rsplit("/", 1)[-1] not in bodies:
                continue
            if method == "POST" and things is world.mine and where.endswith("notes"):
                continue
            body = json.dumps(bodies.get(where.rsplit("/", 1)[-1], {})) if method == "POST" else ""
            response = client.generic(method, address(where, world.values(things)), body, "application/json")
            assert WORD not in response.content.decode("utf-8", "replace"), (method, where)
            if things is world.theirs and rule.north:
                assert response.status_code in (403, 404), (method, where)
    assert everything(world.mine.room) == before
    if world.kind == "other-room":
        assert client.get("/api/v1/rooms/elsewhere/groups").status_code == 404
    feed = client.get(f"/feeds/{secret}/alerts.atom")
    assert feed.status_code == (200 if scopes == ["feed"] else 404)
    assert WORD not in feed.content.decode()


def test_the_token_of_an_intake_opens_one_intake(world: World) -> None:
    source = world.mine.room.sources.get(slug=world.mine.keys["source"])
    secret = make_intake_token(source, by=None)
    client = Client(headers={"Authorization": f"Bearer {secret}"})
    for (method, where), _ in API_RULES.items():
        assert client.generic(method, address(where, world.values(world.mine))).status_code == 401
    answer = client.post("/api/v1/intake?source=" + world.theirs.keys["source"], b"{}", content_type="application/json")
    assert WORD not in answer.content.decode()
    _, reads = make_api_token(name="t", scopes=["read", "write"], days=1, by=world.actor)
    refused = Client(headers={"Authorization": f"Bearer {reads}"}).post("/api/v1/intake", b"{}", "application/json")
    assert refused.status_code == 401


def test_who_owns_or_watches_a_case_sees_it_wherever_it_lies(room: Room, north: Place, south: Place) -> None:
    boss, sue = join(room, "alice", Role.COORDINATOR), join(room, "sue", Role.ANALYST, south)
    case = open_case(room, title="Bridge", places=[north], by=boss)
    client, address_ = client_of(sue), f"/r/watch/cases/{case.number}/"
    assert client.get(address_).status_code == 404
    case.watchers.add(sue.member)
    assert client.get(address_).status_code == 200
    case.watchers.clear()
    assert client.get(address_).status_code == 404
    Case.objects.filter(pk=case.pk).update(owner=sue.member)
    assert client.get(address_).status_code == 200


def test_who_sees_the_whole_room_sees_all_of_it(world: World) -> None:
    boss = world.mine.boss
    access = Access(world.mine.room, Membership.objects.get(pk=boss.pk))
    keys = world.mine.keys
    assert access.webhook(keys["webhook"])
    assert access.invitation(keys["invitation"])
    assert access.token(keys["api_token"])
    assert access.search(keys["search"])
    assert access.handover(keys["handovers"])
    assert access.erasures().count() == Erasure.objects.filter(room=world.mine.room).count() >= 1
    assert access.audit_events().exists()


def found_or_404(found: Any) -> Any:
    """Where a getter says that there is nothing, as others say by raising."""
    from django.http import Http404

    if found is None:
        raise Http404
    return found


GETTERS: dict[str, Callable[[Access, Things], Any]] = {
    "group": lambda a, t: a.group(t.group.number),
    "finding": lambda a, t: a.finding(t.keys["finding_id"]),
    "comparison": lambda a, t: a.comparison(t.keys["comparison"]),
    "past_run": lambda a, t: a.past_run(t.keys["past"]),
    "epoch": lambda a, t: a.epoch(t.keys["epoch"]),
    "joint_finding": lambda a, t: a.joint_finding(
        JointFinding.objects.get(epoch__room=t.room, epoch__number=t.keys["epoch"]).number
    ),
    "narrative": lambda a, t: a.narrative(t.narrative.number),
    "case": lambda a, t: a.case(t.case.number),
    "task": lambda a, t: a.task(t.case, t.keys["task"]),
    "response": lambda a, t: a.response(t.keys["response"]),
    "effect_of": lambda a, t: found_or_404(a.effect_of(Response.objects.get(case=t.case, number=t.keys["number"] + 1))),
    "export": lambda a, t: a.export(t.keys["number"]),
    "peer": lambda a, t: a.peer(t.keys["peer"]),
    "collection": lambda a, t: a.collection(t.keys["shelf"]),
    "arrived_one": lambda a, t: a.arrived_one(t.keys["arrived"]),
    "lot": lambda a, t: a.lot(t.keys["lot"]),
    "review_item": lambda a, t: a.review_item(t.keys["item"]),
    "miss": lambda a, t: a.miss(t.keys["miss"]),
    "proposal": lambda a, t: a.proposal(t.keys["proposal"]),
    "note": lambda a, t: a.note(t.case, t.keys["note"]),
    "case_file": lambda a, t: a.case_file(t.case, t.keys["file"]),
    "case_search": lambda a, t: a.case_search(t.case, t.keys["kept"]),
    "case_link": lambda a, t: a.case_link(t.case, t.keys["link"]),
    "history_of": lambda a, t: a.history_of(t.case),
    "comment": lambda a, t: a.comment(t.group, t.keys["comment"]),
    "source": lambda a, t: a.source(t.keys["source"]),
    "rule": lambda a, t: a.rule(t.rule.pk),
    "webhook": lambda a, t: a.webhook(t.webhook.pk),
    "search": lambda a, t: a.search(t.keys["search"]),
    "reveal": lambda a, t: a.reveal(t.keys["reveals"]),
    "handover": lambda a, t: a.handover(t.keys["handovers"]),
    "place": lambda a, t: a.place(t.keys["place"]),
    "invitation": lambda a, t: a.invitation(t.keys["invitation"]),
    "token": lambda a, t: a.token(t.keys["api_token"]),
    "exercise": lambda a, t: a.exercise(t.keys["exercise"]),
    "verdict": lambda a, t: a.verdict(t.keys["verdict"]),
    "import_of": lambda a, t: a.import_of(t.keys["source"], t.keys["imports"]),
    "written_page": lambda a, t: a.written_page(t.keys["number"]),
    "consent": lambda a, t: a.consent(t.keys["page"], t.keys["consent"]),
    "photo": lambda a, t: a.photo(t.keys["page"], t.keys["photos"]),
    "letter": lambda a, t: a.letter(t.keys["letter"]),
    "membership_of": lambda a, t: a.membership_of(t.boss.pk),
}


@pytest.mark.parametrize("name", GETTERS)
def test_every_getter_takes_the_member(world: World, name: str) -> None:
    from django.http import Http404

    access = Access(world.mine.room, Membership.objects.get(pk=world.actor.pk))
    if name == "membership_of" and world.kind == "other-place":
        pytest.skip("members of a room know each other")
    with pytest.raises(Http404):
        GETTERS[name](access, world.theirs)
    whole = Access(world.mine.room, Membership.objects.get(pk=world.mine.boss.pk))
    assert GETTERS[name](whole, world.mine) is not None


def test_every_getter_is_in_the_table() -> None:
    own = {
        name
        for part in Access.__mro__
        for name, value in vars(part).items()
        if hasattr(value, "__code__") and value.__code__.co_argcount > 1 and not name.startswith("_")
    }
    assert own - set(GETTERS) == {"may", "require", "sees_place", "case_links", "members_named", "triage",
        "groups_of", "matches_of",
    }  # fmt: skip


def test_a_task_that_is_due_elsewhere_is_not_on_ones_page(world: World) -> None:
    from dideban.room.cases.models import Task

    Task.objects.update(due_at=timezone.now() - timedelta(hours=1))
    text = client_of(world.actor).get("/r/watch/").content.decode()
    assert WORD not in text
