"""The review queue: findings and decoys look alike, verdicts go where they belong, and decoys reach nothing else."""

from __future__ import annotations

import json
import re
from collections.abc import Callable

import pytest

from room.cast import NOW, client_of, join  # isort: skip - makes Django ready
from django.core.exceptions import PermissionDenied
from django.test import Client

from dideban.errors import InputError
from dideban.room.access import Access
from dideban.room.audit.models import AuditEvent
from dideban.room.findings.models import FollowedGroup, KeptFinding, Verdict
from dideban.room.members.actions import make_api_token
from dideban.room.members.models import Membership
from dideban.room.review.actions import judge_item, next_item
from dideban.room.review.keep import MOST_DECOYS, drop_decoys, keep_decoys
from dideban.room.review.models import Decoy, ReviewItem
from dideban.room.roles import Role
from dideban.room.rooms.models import Place, Room
from dideban.room.ticks.redaction import redact

MARK = "zzdecoyzz"


def group_of(room: Room, number: int, *places: Place) -> FollowedGroup:
    group = FollowedGroup.objects.create(room=room, number=number, first_found_at=NOW, last_found_at=NOW)
    said = dict.fromkeys(("en", "fa", "ar"), "A group of accounts.")
    group.current = KeptFinding.objects.create(
        room=room, group=group, finding_id=f"f{number:016x}", found_at=NOW, method="synchrony", label="unexplained",
        n_accounts=3, n_posts=9, n_objects=3, first_at=NOW, last_at=NOW,
        document={"id": f"f{number:016x}", "statement": said, "accounts": [], "objects": [], "posts": []},
    )  # fmt: skip
    group.save()
    group.places.add(*places)
    return group


def decoy_of(room: Room, *, places: tuple[str, ...] = ("",)) -> Decoy:
    shares = [
        {"kind": "link", "object": f"https://{MARK}.example/{n}", "label": f"https://{MARK}.example/{n}",
         "account": f"{MARK}-{who}", "at": NOW.isoformat()}
        for n in range(2) for who in range(3)
    ]  # fmt: skip
    return Decoy.objects.create(room=room, made_at=NOW, seed=1, places=list(places), document={"shares": shares})


def always(n: int) -> int:
    """Chance that always says decoy."""
    return 0


def never(n: int) -> int:
    return n - 1


def take(who: Membership, draw: Callable[[int], int]) -> ReviewItem:
    access = Access(who.room, Membership.objects.get(pk=who.pk))
    item = next_item(who.room, groups=access.unjudged(), decoys=access.decoys(), by=who, draw=draw)
    assert item is not None
    return item


def test_a_finding_gets_a_verdict_like_any_other(room: Room, analyst: Membership) -> None:
    group = group_of(room, 1)
    item = take(analyst, never)
    assert item.finding_id == group.current_id
    judge_item(item, kind="confirmed", reason="seen", by=analyst)
    assert [(v.kind, v.reason) for v in Verdict.objects.all()] == [("confirmed", "seen")]
    assert Access(room, analyst).unjudged().count() == 0


def test_a_decoy_gets_no_verdict_and_is_shown_once(room: Room, analyst: Membership) -> None:
    group_of(room, 1)
    decoy = decoy_of(room)
    item = take(analyst, always)
    assert (item.decoy_id, item.finding_id) == (decoy.pk, None)
    judge_item(item, kind="confirmed", reason="looks like it", by=analyst)
    assert not Verdict.objects.exists()
    assert take(analyst, always).finding is not None
    event = AuditEvent.objects.get(action="decoy.judge")
    assert event.details == {"kind": "confirmed"}
    with pytest.raises(InputError):
        judge_item(item, kind="unsure", reason="again", by=analyst)


@pytest.mark.parametrize(("kind", "reason"), [("confirmed", "  "), ("perhaps", "x"), ("", "")])
def test_a_decoy_asks_for_what_a_finding_asks_for(room: Room, analyst: Membership, kind: str, reason: str) -> None:
    group_of(room, 1)
    decoy_of(room)
    item = take(analyst, always)
    with pytest.raises(InputError):
        judge_item(item, kind=kind, reason=reason, by=analyst)
    item.refresh_from_db()
    assert item.judged_at is None


def test_about_one_in_ten_is_a_decoy(room: Room, analyst: Membership) -> None:
    group_of(room, 1)
    for _ in range(60):
        decoy_of(room)
    asked: list[int] = []

    def draw(n: int) -> int:
        asked.append(n)
        return n - 1

    take(analyst, draw)
    assert asked == [10]


def test_an_item_waits_until_it_is_judged(room: Room, analyst: Membership) -> None:
    group_of(room, 1)
    decoy_of(room)
    first = take(analyst, always)
    assert take(analyst, never).pk == first.pk


def test_without_findings_there_are_no_decoys(room: Room, analyst: Membership) -> None:
    decoy_of(room)
    access = Access(room, analyst)
    assert next_item(room, groups=access.unjudged(), decoys=access.decoys(), by=analyst, draw=always) is None


def test_a_viewer_judges_nothing(room: Room, viewer: Membership) -> None:
    group_of(room, 1)
    access = Access(room, viewer)
    with pytest.raises(PermissionDenied):
        next_item(room, groups=access.unjudged(), decoys=[], by=viewer)


def test_a_limited_member_sees_decoys_of_their_places_alone(room: Room, north: Place, south: Place) -> None:
    nora = join(room, "nora", Role.ANALYST, north)
    group_of(room, 1, north)
    decoy_of(room, places=("north", "south"))
    decoy_of(room, places=("",))
    decoy_of(room, places=())
    assert Access(room, nora).decoys() == []
    mine = decoy_of(room, places=("north",))
    assert Access(room, nora).decoys() == [mine]
    assert not Access(room, nora).blind_verdicts().exists()


def test_nobody_judges_the_item_of_another(room: Room, analyst: Membership, lead: Membership) -> None:
    group_of(room, 1)
    item = take(analyst, never)
    sent = {"do": "judge", "item": item.token, "kind": "confirmed", "reason": "x"}
    assert client_of(lead).post("/r/watch/queue/act/", sent).status_code == 404
    item.refresh_from_db()
    assert item.judged_at is None


def test_both_look_alike_until_the_verdict(room: Room, analyst: Membership) -> None:
    group_of(room, 1)
    decoy_of(room)
    client, pages = client_of(analyst), []
    for draw in (always, never):
        item = take(analyst, draw)
        html = client.get("/r/watch/queue/").content.decode()
        assert f"{MARK}-0" not in html  # accounts are numbers
        pages.append(
            set(
                re.findall(
                    r"<(?:form|input|label|h2)[^>]*>",
                    re.sub(r"(csrfmiddlewaretoken. value=.)\w+|" + item.token, "", html),
                )
            )
        )
        client.post("/r/watch/queue/act/", {"do": "judge", "item": item.token, "kind": "confirmed", "reason": "x"})
        told = client.get("/r/watch/queue/").content.decode()
        assert ("chance alone brought these accounts together" in told) == item.is_decoy
        ReviewItem.objects.filter(judged_at=None).delete()
    assert pages[0] == pages[1]


def test_decoys_go_with_the_posts_they_were_made_of(room: Room, analyst: Membership) -> None:
    group_of(room, 1)
    decoy_of(room)
    item = take(analyst, always)
    judge_item(item, kind="confirmed", reason="x", by=analyst)
    redact(room, "somebody")
    assert not Decoy.objects.exists()
    item.refresh_from_db()
    assert (item.is_decoy, item.decoy, item.verdict) == (True, None, "confirmed")
    assert client_of(analyst).get("/r/watch/queue/").status_code == 200
    keep_decoys(room, [[]] * (MOST_DECOYS + 3), places=[[""]] * (MOST_DECOYS + 3), seed=1, at=NOW)
    assert Decoy.objects.count() == MOST_DECOYS
    assert drop_decoys(room, before=NOW) == 0


@pytest.mark.no_cover
def test_no_route_shows_a_decoy(room: Room, north: Place, lead: Membership) -> None:
    """Every address of the pages and of the API, by number and id, with every role: a decoy is in none but the queue."""
    from room.test_access import API_RULES, ROOM_ROUTES, RULES, address

    group_of(room, 1, north)
    decoy = decoy_of(room)
    item = take(lead, always)
    assert item.decoy is not None
    judge_item(item, kind="confirmed", reason="x", by=lead)
    ReviewItem.objects.filter(judged_at=None).delete()
    client = client_of(lead)
    client.raise_request_exception = False
    for number in (1, decoy.pk, item.pk):
        values = {
            "slug": "watch", "room": "watch", "number": number, "finding_id": item.token, "source": item.token,
            "handovers": number, "rules": number, "reveals": number, "files": number, "token": item.token,
            "photos": number, "webhooks": number, "imports": number,
            "platform": "x", "post_id": item.token,
        }  # fmt: skip
        for where in ROOM_ROUTES:
            if not RULES[where].post:
                body = client.get(address(where, values))
                assert MARK not in getattr(body, "content", b"").decode("utf-8", "replace"), where
        _, secret = make_api_token(name="t", scopes=["read", "posts", "write"], days=1, by=lead)
        program = Client(headers={"Authorization": f"Bearer {secret}"})
        for method, where in API_RULES:
            if method == "GET":
                assert MARK not in program.get(address(where, values)).content.decode(), where
    _, feed = make_api_token(name="f", scopes=["feed"], days=1, by=lead)
    assert MARK not in Client().get(f"/feeds/{feed}/alerts.atom").content.decode()


def test_what_is_kept_outside_of_the_review_knows_no_decoy(room: Room, lead: Membership) -> None:
    from django.apps import apps

    group_of(room, 1)
    decoy_of(room)
    judge_item(take(lead, always), kind="confirmed", reason="x", by=lead)
    for model in apps.get_models():
        if model._meta.app_label != "review":
            rows = json.dumps([str(row) for row in model._default_manager.values_list()], default=str)
            assert MARK not in rows, model


def test_nothing_but_the_queue_can_reach_a_decoy() -> None:
    """Every module of the room, so every way out there is or will be: pages, feeds, mails, exports, site, peers, tools.

    Decoys are reached by their tables, by what makes them, and by what a member may see of them.
    """
    import ast
    from pathlib import Path

    import dideban.room

    names = {"Decoy", "ReviewItem", "make_decoys", "decoys", "review_items", "review_item", "blind_verdicts"}
    home, found = Path(dideban.room.__file__).parent, set()
    for path in home.rglob("*.py"):
        text = path.read_text("utf-8")
        nodes = list(ast.walk(ast.parse(text)))
        said = {node.id for node in nodes if isinstance(node, ast.Name)}
        said |= {node.attr for node in nodes if isinstance(node, ast.Attribute)}
        said |= {node.value for node in nodes if isinstance(node, ast.Constant) and isinstance(node.value, str)}
        said |= {one.name for node in nodes if isinstance(node, ast.ImportFrom) for one in node.names}
        if (said & names or "review_decoy" in text or "review_reviewitem" in text) and "migrations" not in path.parts:
            found.add(path.relative_to(home).as_posix())
    assert found == {
        "access/review.py", "board/presenters/queue.py", "board/presenters/self_review.py", "board/views/queue.py",
        "review/actions.py", "review/keep.py", "review/models.py", "upkeep/rehearsals.py",
    }  # fmt: skip


def test_no_question_of_an_assistant_finds_a_decoy(room: Room, lead: Membership) -> None:
    """Every question that an assistant may ask, from the tools themselves."""
    import inspect

    from dideban.room.mcp.tools import Tools

    group_of(room, 1)
    decoy_of(room)
    judge_item(take(lead, always), kind="confirmed", reason="x", by=lead)
    _, secret = make_api_token(name="a", scopes=["read", "posts"], days=1, by=lead)

    def ask(path: str, query: dict[str, object]) -> object:
        answer = Client(headers={"Authorization": f"Bearer {secret}"}).get(f"/api/v1/rooms/watch{path}", query)
        return answer.json()

    asked = [one for one in inspect.getmembers(Tools(ask), inspect.ismethod) if not one[0].startswith("_")]
    assert len(asked) >= 5
    for name, tool in asked:
        needs = [one for one in inspect.signature(tool).parameters.values() if one.default is one.empty]
        said = repr(tool(**{one.name: 1 if "int" in str(one.annotation) else "water" for one in needs}))
        assert MARK not in said, name
