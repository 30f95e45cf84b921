"""Every address as everybody: the table is made from the routes, so a route without a rule fails.

The cast: the owner (a lead), a colleague (an analyst), a viewer, an analyst of another place, an outsider (a lead of
another room), and nobody at all. Everything there is to see lies in the place called North.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver
from django.utils import timezone

from dideban.room.alerts.models import Rule, Webhook
from dideban.room.cases.actions import add_file, hand_over, open_case
from dideban.room.exercises.models import KeptExercise
from dideban.room.findings.models import FollowedGroup, KeptFinding
from dideban.room.members.actions import make_api_token
from dideban.room.members.models import Member, Membership
from dideban.room.narratives.models import Narrative
from dideban.room.past.models import PastRun
from dideban.room.posts.models import Reveal
from dideban.room.public.actions import keep_letter, write_page
from dideban.room.public.models import Photo
from dideban.room.responses.actions import draw_lot
from dideban.room.roles import Permission as P
from dideban.room.roles import Role
from dideban.room.rooms.models import Place, Room
from dideban.room.sharing.models import Export
from dideban.room.sources.models import Source, SourceRun
from room.cast import client_of, join
from room.joint.made import put_joint


@dataclass(frozen=True)
class Rule_:
    """Who may use a route: a role that holds ``needs``; ``north`` = it is about something in the place North."""

    needs: P = P.VIEW
    north: bool = False
    post: bool = False
    body: tuple[tuple[str, str], ...] = ()


SEE, SEE_NORTH = Rule_(), Rule_(north=True)
WORK, WORK_NORTH = Rule_(P.WORK, post=True), Rule_(P.WORK, north=True, post=True)


def does(needs: P, *, north: bool = False) -> Rule_:
    return Rule_(needs, north=north, post=True)


ROOM = "r/<slug:slug>/"
RULES: dict[str, Rule_] = {
    ROOM: SEE,
    f"{ROOM}publish/": SEE,
    f"{ROOM}publish/new/": Rule_(P.WORK),
    f"{ROOM}publish/write/": WORK,
    f"{ROOM}publish/site/": Rule_(P.SETTINGS),
    f"{ROOM}publish/site/act/": does(P.SETTINGS),
    f"{ROOM}publish/letters/": Rule_(P.WORK),
    f"{ROOM}publish/letters/<int:number>/": WORK_NORTH,
    f"{ROOM}publish/<int:number>/": SEE_NORTH,
    f"{ROOM}publish/<int:number>/act/": WORK_NORTH,
    f"{ROOM}publish/<int:number>/people/": WORK_NORTH,
    f"{ROOM}publish/<int:number>/photos/<int:pk>/": SEE_NORTH,
    f"{ROOM}findings/": SEE,
    f"{ROOM}findings/<int:number>/": SEE_NORTH,
    f"{ROOM}findings/<int:number>/similar/": SEE_NORTH,
    f"{ROOM}findings/<int:number>/act/": WORK_NORTH,
    f"{ROOM}triage/": Rule_(P.WORK),
    f"{ROOM}triage/act/": WORK,
    f"{ROOM}f/<slug:finding_id>/": SEE_NORTH,
    f"{ROOM}f/<slug:finding_id>/<slug:kind>/": SEE_NORTH,
    f"{ROOM}search/": SEE,
    f"{ROOM}compare/": SEE,
    f"{ROOM}compare/act/": WORK,
    f"{ROOM}past/": SEE,
    f"{ROOM}past/ask/": WORK,
    f"{ROOM}past/<int:number>/": SEE_NORTH,
    f"{ROOM}past/<int:number>/act/": WORK_NORTH,
    f"{ROOM}posts/": SEE,
    f"{ROOM}posts/export/<slug:kind>/": SEE,
    f"{ROOM}posts/searches/": WORK,
    f"{ROOM}narratives/": SEE,
    f"{ROOM}narratives/<int:number>/": SEE_NORTH,
    f"{ROOM}narratives/<int:number>/act/": WORK_NORTH,
    f"{ROOM}cases/": SEE,
    f"{ROOM}cases/new/": Rule_(P.WORK),
    f"{ROOM}cases/open/": WORK,
    f"{ROOM}cases/<int:number>/": SEE_NORTH,
    f"{ROOM}cases/<int:number>/report/": SEE_NORTH,
    f"{ROOM}cases/<int:number>/export/": SEE_NORTH,
    f"{ROOM}cases/<int:number>/act/": WORK_NORTH,
    f"{ROOM}cases/<int:number>/watch/": Rule_(north=True, post=True),
    f"{ROOM}cases/<int:number>/files/": WORK_NORTH,
    f"{ROOM}cases/<int:number>/files/<int:pk>/": SEE_NORTH,
    f"{ROOM}cases/<int:number>/responses/": WORK_NORTH,
    f"{ROOM}cases/<int:number>/lots/": WORK_NORTH,
    f"{ROOM}responses/": SEE,
    f"{ROOM}exercises/": SEE,
    f"{ROOM}exercises/make/": WORK,
    f"{ROOM}exercises/<int:number>/": SEE_NORTH,
    f"{ROOM}exercises/<int:number>/act/": WORK_NORTH,
    f"{ROOM}exercises/<int:number>/<slug:kind>/": SEE_NORTH,
    f"{ROOM}responses/export/": SEE,
    f"{ROOM}responses/removals/": WORK_NORTH,  # of the whole room
    f"{ROOM}responses/<int:number>/": SEE_NORTH,
    f"{ROOM}responses/<int:number>/act/": WORK_NORTH,
    f"{ROOM}lots/<int:number>/refuse/": WORK_NORTH,
    f"{ROOM}findings/<int:number>/share/": Rule_(P.WORK, north=True),
    f"{ROOM}narratives/<int:number>/share/": Rule_(P.WORK, north=True),
    f"{ROOM}cases/<int:number>/share/": Rule_(P.WORK, north=True),
    f"{ROOM}sent/": SEE,
    f"{ROOM}sent/ask/": WORK,
    f"{ROOM}sent/<int:number>/act/": does(P.SHARE, north=True),
    f"{ROOM}sent/<int:number>/file/": SEE_NORTH,
    f"{ROOM}federation/": SEE,
    f"{ROOM}federation/act/": Rule_(P.PEERS, post=True, body=(("do", "ask"),)),
    f"{ROOM}federation/epochs/<int:number>/": SEE_NORTH,  # of the whole room
    f"{ROOM}federation/epochs/<int:number>/record/": SEE_NORTH,
    f"{ROOM}federation/findings/<int:number>/": SEE_NORTH,
    f"{ROOM}inbox/": SEE,
    f"{ROOM}inbox/act/": WORK,
    f"{ROOM}peers/": Rule_(P.PEERS),
    f"{ROOM}peers/act/": does(P.PEERS),
    f"{ROOM}handovers/": SEE,
    f"{ROOM}handovers/write/": WORK,
    f"{ROOM}handovers/<int:pk>/read/": Rule_(north=True, post=True),
    f"{ROOM}sources/": SEE,
    f"{ROOM}sources/new/<slug:kind>/": Rule_(P.SOURCES),
    f"{ROOM}sources/add/<slug:kind>/": does(P.SOURCES),
    f"{ROOM}sources/preview/<slug:kind>/": does(P.SOURCES),
    f"{ROOM}sources/<slug:source>/": SEE_NORTH,
    f"{ROOM}sources/<slug:source>/act/": does(P.SOURCES, north=True),
    f"{ROOM}sources/<slug:source>/upload/": does(P.UPLOAD, north=True),
    f"{ROOM}sources/<slug:source>/imports/<int:pk>/": Rule_(P.UPLOAD, north=True),
    f"{ROOM}sources/<slug:source>/imports/<int:pk>/act/": does(P.UPLOAD, north=True),
    f"{ROOM}alerts/": SEE,
    f"{ROOM}alerts/handle/": WORK,
    f"{ROOM}rules/": SEE,
    f"{ROOM}rules/add/": does(P.RULES),
    f"{ROOM}rules/webhooks/": does(P.RULES),
    f"{ROOM}rules/webhooks/<int:pk>/": Rule_(P.RULES, north=True),
    f"{ROOM}rules/<int:pk>/": Rule_(P.RULES, north=True),
    f"{ROOM}rules/<int:pk>/act/": does(P.RULES, north=True),
    f"{ROOM}members/": SEE,
    f"{ROOM}members/act/": does(P.MEMBERS),
    f"{ROOM}tokens/": SEE,
    f"{ROOM}interface/": SEE,
    f"{ROOM}tokens/act/": WORK,
    f"{ROOM}reveals/": SEE,
    f"{ROOM}reveals/ask/": WORK,
    f"{ROOM}reveals/<int:pk>/decide/": does(P.REVEAL, north=True),
    f"{ROOM}reveals/<int:pk>/open/": does(P.WORK, north=True),
    f"{ROOM}erasures/": Rule_(P.ERASE),
    f"{ROOM}erasures/ask/": does(P.ERASE),
    f"{ROOM}audit/": Rule_(P.AUDIT),
    f"{ROOM}review/": SEE,
    f"{ROOM}review/export/": SEE,
    f"{ROOM}review/misses/": SEE,
    f"{ROOM}review/misses/act/": WORK,
    f"{ROOM}review/learning/": SEE,
    f"{ROOM}review/learning/act/": WORK,
    f"{ROOM}queue/": Rule_(P.WORK),
    f"{ROOM}queue/act/": WORK,
    f"{ROOM}cases/<int:number>/review/": SEE_NORTH,
    f"{ROOM}cases/<int:number>/close/": WORK_NORTH,
    f"{ROOM}review/service/": SEE,
    f"{ROOM}review/months/": SEE,
    f"{ROOM}review/export/<slug:kind>/": SEE,
    f"{ROOM}review/year/<int:year>/": SEE_NORTH,  # counts of the whole room
    f"{ROOM}settings/": SEE,
    f"{ROOM}settings/act/": does(P.SETTINGS),
    f"{ROOM}settings/places/": does(P.PLACES),
    f"{ROOM}settings/owners/": does(P.SETTINGS),
}
API = "api/v1/rooms/<slug:room>"
API_RULES: dict[tuple[str, str], Rule_] = {
    ("GET", API): SEE,
    ("GET", f"{API}/groups"): SEE,
    ("GET", f"{API}/groups/<int:number>"): SEE_NORTH,
    ("GET", f"{API}/findings/<slug:finding_id>"): SEE_NORTH,
    ("GET", f"{API}/groups/<int:number>/verdicts"): SEE_NORTH,
    ("POST", f"{API}/groups/<int:number>/verdicts"): WORK_NORTH,
    ("GET", f"{API}/past-runs"): SEE,
    ("GET", f"{API}/past-runs/<int:number>"): SEE_NORTH,
    ("GET", f"{API}/past-runs/<int:number>/groups"): SEE_NORTH,
    ("GET", f"{API}/narratives"): SEE,
    ("GET", f"{API}/narratives/<int:number>"): SEE_NORTH,
    ("GET", f"{API}/posts"): SEE,
    ("GET", f"{API}/posts/<slug:platform>/<path:post_id>"): SEE_NORTH,
    ("GET", f"{API}/alerts"): SEE,
    ("GET", f"{API}/cases"): SEE,
    ("POST", f"{API}/cases"): WORK,
    ("GET", f"{API}/cases/<int:number>"): SEE_NORTH,
    ("GET", f"{API}/cases/<int:number>/notes"): SEE_NORTH,
    ("POST", f"{API}/cases/<int:number>/notes"): WORK_NORTH,
    ("GET", f"{API}/responses"): SEE,
    ("GET", f"{API}/responses/<int:number>"): SEE_NORTH,
    ("GET", f"{API}/effects"): SEE,
    ("GET", f"{API}/joint"): SEE,
    ("GET", f"{API}/joint/<int:number>"): SEE_NORTH,
    ("GET", f"{API}/sources"): SEE,
}
OPEN = {
    "", "healthz", "api/v1/openapi.json", "api/v1/", "join/<str:token>/", "first/<str:token>/", "site/<slug:slug>/",
    "site/<slug:slug>/<path:path>", "tell/<slug:slug>/",
    "subscribe/<slug:slug>/", "subscribe/<slug:slug>/answer/", "subscribe/<slug:slug>/leave/",
}  # fmt: skip
"""Tell nothing of a room, or lead to the sign-in page; of the public site only where a room has one."""
OWN = {"metrics", "feeds/<str:token>/alerts.atom", "api/v1/intake", "api/v1/anchors", "account/preferences/"}
"""Have tests of their own below."""
FOR_PEERS = ("taxii2/", "joint/")
"""Peers have tokens of their own, other rooms sign: ``sharing/test_taxii.py``, ``joint/test_hostile.py``."""


def routes() -> Iterator[tuple[str, Any]]:
    def walk(patterns: list[Any], prefix: str) -> Iterator[tuple[str, Any]]:
        for one in patterns:
            where = prefix + str(one.pattern)
            if isinstance(one, URLResolver):
                yield from walk(one.url_patterns, where)
            elif isinstance(one, URLPattern):
                yield where, one

    yield from walk(get_resolver().url_patterns, "")


ROUTES = sorted({where for where, _ in routes() if not where.startswith(("account/", *FOR_PEERS)) or where in OWN})
ROOM_ROUTES = [where for where in ROUTES if where.startswith("r/")]
PEOPLE = ("owner", "colleague", "viewer", "other-place", "outsider", "nobody")
ROLE = {"owner": Role.COORDINATOR, "colleague": Role.ANALYST, "viewer": Role.VIEWER, "other-place": Role.ANALYST}


def test_every_route_has_a_rule() -> None:
    known = set(RULES) | {where for _, where in API_RULES} | OPEN | OWN
    assert [where for where in ROUTES if where not in known] == []


@dataclass
class Scene:
    """Everybody, and one of everything."""

    people: dict[str, Membership | Member | None]
    values: dict[str, Any]
    tokens: dict[str, str]


@pytest.fixture
def scene(room: Room, north: Place, south: Place) -> Scene:
    owner, colleague = join(room, "alice", Role.COORDINATOR), join(room, "ben", Role.ANALYST)
    viewer, other = join(room, "bob", Role.VIEWER), join(room, "dora", Role.ANALYST, south)
    from dideban.room.rooms.actions import create_room

    outsider = join(create_room(slug="elsewhere", name="Elsewhere"), "charlie", Role.COORDINATOR)
    now = timezone.now()
    group = FollowedGroup.objects.create(room=room, number=1, first_found_at=now, last_found_at=now)
    statement = dict.fromkeys(("en", "fa", "ar"), "A group of accounts.")
    group.current = KeptFinding.objects.create(
        room=room, group=group, finding_id="f0123456789abcdef", found_at=now, method="synchrony", label="unexplained",
        n_accounts=3, n_posts=9, n_objects=3, first_at=now, last_at=now,
        document={"id": "f0123456789abcdef", "statement": statement, "accounts": ["a" * 17], "posts": [], "objects": [],
                  "traces": [], "leaders": [], "benign": [], "techniques": [], "burst": {}, "period": ["", ""]},
    )  # fmt: skip
    group.save()
    group.places.add(north)
    story = Narrative.objects.create(
        room=room, number=1, key=0, terms=["bridge"], first_at=now, last_at=now, found_at=now, start_at=now, n_posts=9
    )
    story.places.add(north)
    case = open_case(room, title="A case", places=[north], by=owner)
    put_joint(room, owner, [north])
    KeptExercise.objects.create(
        room=room, number=1, case=case, group=group, form="next", documents={}, difficulty=0.0, made_at=now,
        basis={"closed_at": None, "verdict": "", "redacted_at": None},
    )  # fmt: skip
    second = Narrative.objects.create(
        room=room, number=2, key=1, terms=["bridge"], first_at=now, last_at=now, found_at=now, start_at=now, n_posts=9
    )
    draw_lot(case, narratives=[story, second], kind="correction", title="A lot", horizon_h=24, by=owner)
    file = add_file(case, name="x.txt", chunks=[b"content"], by=owner)
    wire = Source.objects.create(room=room, slug="wire", kind="upload", name="Wire", place=north)
    brought = SourceRun.objects.create(source=wire, kind="look", started_at=now, finished_at=now)
    export = Export.objects.create(
        room=room, number=1, kind="finding", key="f0123456789abcdef", title="x", tlp="amber", body="{}", sha256="0" * 64,
        as_of=now, asked_by=colleague.member,
    )  # fmt: skip
    export.places.add(north)
    story_page = write_page(room, kind="story", slug="zahra", lang="en", title="x", body="x", places=[north], by=owner)
    photo = Photo.objects.create(
        page=story_page, sha256="0" * 64, alt="x", width=1, height=1, n_bytes=1, at=now, by=owner.member
    )
    keep_letter(room, kind="complaint", text="wrong", page=story_page)
    PastRun.objects.create(room=room, number=1, since=now, until=now, asked_at=now, status="done")
    hook = Webhook.objects.create(room=room, name="Desk", url="https://desk.example/hook", secret="s")
    rule = Rule.objects.create(room=room, kind="new-finding", name="new")
    rule.places.add(north)
    reveal = Reveal.objects.create(room=room, account_id="a" * 17, reason="because", asked_by=colleague.member)
    handover = hand_over(room, text="All quiet", by=owner)
    values = {
        "slug": "watch", "room": "watch", "number": 1, "finding_id": "f0123456789abcdef", "source": "wire",
        "handovers": handover.pk, "rules": rule.pk, "reveals": reveal.pk, "files": file.pk, "imports": brought.pk, "photos": photo.pk,
        "path": "fa/index.html", "webhooks": hook.pk, "token": "dbi_made-up",
        "platform": "x", "post_id": "p1",
    }  # fmt: skip
    tokens = {
        name: make_api_token(name="t", scopes=["read", "posts", "write"], days=1, by=who)[1]
        for name, who in (("owner", owner), ("colleague", colleague), ("other-place", other), ("outsider", outsider))
    }
    people = {"owner": owner, "colleague": colleague, "viewer": viewer, "other-place": other}
    assert case.number == 1
    return Scene({**people, "outsider": outsider, "nobody": None}, values, tokens)


def address(where: str, values: dict[str, Any]) -> str:
    """Fill in the parts of a route; what ``kind`` and ``pk`` mean depends on the route."""

    def fill(match: re.Match[str]) -> str:
        name = match[2]
        if name == "kind":
            return "feed" if "sources/" in where else "csv"
        if name == "pk":
            return str(
                values[
                    next(
                        word
                        for word in ("files", "handovers", "webhooks", "rules", "reveals", "imports", "photos")
                        if f"{word}/" in where
                    )
                ]
            )
        return str(timezone.now().year if name == "year" else values[name])

    return "/" + re.sub(r"<(\w+:)(\w+)>", fill, where)


def expected(rule: Rule_, who: str) -> str:
    """Return what a rule means for somebody: ``in``, ``forbidden``, ``missing`` or ``sign-in``."""
    from dideban.room.roles import WHOLE_ROOM, may

    if who == "nobody":
        return "sign-in"
    if who == "outsider":
        return "missing"
    if not may(ROLE[who], rule.needs) or (who == "other-place" and rule.needs in WHOLE_ROOM):
        return "forbidden"
    return "missing" if who == "other-place" and rule.north else "in"


def outcome(response: Any) -> str:
    if response.status_code in (301, 302) and "/account/login/" in response.headers.get("Location", ""):
        return "sign-in"
    return {403: "forbidden", 404: "missing", 401: "sign-in"}.get(response.status_code, "in")


@pytest.mark.parametrize("who", PEOPLE)
def test_pages(scene: Scene, who: str) -> None:
    client, wrong = client_of(scene.people[who]), {}
    client.raise_request_exception = False
    for where in ROOM_ROUTES:
        rule = RULES[where]
        url = address(where, scene.values)
        response = client.post(url, dict(rule.body)) if rule.post else client.get(url)
        got, want = outcome(response), expected(rule, who)
        if response.status_code >= 500 or (got != want and not _is_odd(where, who, response)):
            wrong[where] = (response.status_code, want)
    assert wrong == {}


def _is_odd(where: str, who: str, response: Any) -> bool:
    """A member who is let in may still be told that there is no such file, or that the form is not complete."""
    is_let_in = expected(RULES[where], who) == "in"
    return (
        is_let_in
        and response.status_code == 404
        and ("<slug:kind>" in where or "files/" in where or "photos/" in where)
    )


@pytest.mark.parametrize("who", ["owner", "colleague", "viewer", "outsider", "nobody"])
def test_what_changes_something_is_not_done_by_looking(scene: Scene, who: str) -> None:
    client = client_of(scene.people[who])
    for where in ROOM_ROUTES:
        if RULES[where].post:
            assert client.get(address(where, scene.values)).status_code in (302, 403, 404, 405), where


def test_nothing_is_changed_without_the_token_of_the_form(scene: Scene) -> None:
    client = Client(enforce_csrf_checks=True)
    owner = scene.people["owner"]
    assert isinstance(owner, Membership)
    client.force_login(owner.member, backend="django.contrib.auth.backends.ModelBackend")
    for where in ROOM_ROUTES:
        if RULES[where].post:
            assert client.post(address(where, scene.values)).status_code == 403, where


@pytest.mark.parametrize("who", ["owner", "colleague", "other-place", "outsider", "nobody"])
def test_programs(scene: Scene, who: str) -> None:
    headers = {"Authorization": f"Bearer {scene.tokens[who]}"} if who in scene.tokens else {}
    bodies = {
        "verdicts": {"finding_id": "f0123456789abcdef", "kind": "unsure", "reason": "x"},
        "cases": {"title": "Another"},
        "notes": {"text": "hello"},
    }
    wrong = {}
    for (method, where), rule in API_RULES.items():
        url = address(where, scene.values)
        body = bodies.get(where.rsplit("/", 1)[-1], {}) if method == "POST" else None
        response = Client(headers=headers).generic(method, url, *_json(body))
        got, want = outcome(response), expected(rule, who)
        if "<path:post_id>" in where and want == "in":
            want = "missing"  # there are no posts in this scene
        if got != want or response.status_code >= 500:
            wrong[method, where] = (response.status_code, want)
    assert wrong == {}


def _json(body: Any) -> tuple[Any, ...]:
    import json

    return () if body is None else (json.dumps(body), "application/json")


@pytest.mark.parametrize(
    ("scopes", "allowed"), [(["read"], {"groups"}), (["posts"], {"posts"}), (["write"], set()), (["feed"], set())]
)
def test_a_token_does_what_its_scopes_say(scene: Scene, scopes: list[str], allowed: set[str]) -> None:
    owner = scene.people["owner"]
    assert isinstance(owner, Membership)
    _, secret = make_api_token(name="t", scopes=scopes, days=None, by=owner)
    client = Client(headers={"Authorization": f"Bearer {secret}"})
    for name in ("groups", "posts"):
        status = client.get(f"/api/v1/rooms/watch/{name}").status_code
        assert status == (200 if name in allowed else 403)
    assert client.get(f"/feeds/{secret}/alerts.atom").status_code == (200 if scopes == ["feed"] else 404)


def test_a_session_opens_nothing_of_the_interface_for_programs(scene: Scene) -> None:
    assert client_of(scene.people["owner"]).get("/api/v1/rooms/watch").status_code == 401


def test_metrics_need_their_token_and_healthz_none(scene: Scene, settings_metrics: str) -> None:
    assert Client().get("/metrics").status_code == 404
    assert Client(headers={"Authorization": "Bearer wrong"}).get("/metrics").status_code == 404
    figures = Client(headers={"Authorization": f"Bearer {settings_metrics}"}).get("/metrics")
    assert "dideban_posts_waiting" in figures.content.decode()
    assert Client().get("/healthz").status_code == 503  # no worker in this test
    assert "watch" not in Client().get("/healthz").content.decode()


@pytest.fixture
def settings_metrics() -> Iterator[str]:
    from django.test import override_settings

    with override_settings(METRICS_TOKEN="figures for the operator"):
        yield "figures for the operator"


def test_what_is_open_tells_nothing_of_a_room(scene: Scene) -> None:
    for where in OPEN:
        response = Client().get(address(where, scene.values))
        assert response.status_code in (200, 302, 404, 503)
        assert b"Watch" not in response.content
    assert Client().get("/account/signup/").status_code in (200, 302)
    before = Member.objects.count()
    Client().post(
        "/account/signup/", {"username": "mallory", "password1": "long enough pass", "password2": "long enough pass"}
    )
    assert Member.objects.count() == before


def test_a_limited_lead_does_not_reach_beyond_their_place(room: Room, north: Place) -> None:
    who = join(room, "lena", Role.COORDINATOR, north)
    client = client_of(who)
    for path in ("members/act/", "settings/act/", "settings/places/", "erasures/ask/"):
        assert client.post(f"/r/watch/{path}").status_code == 403
    assert client.get("/r/watch/audit/").status_code == 403
