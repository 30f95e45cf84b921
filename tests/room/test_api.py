"""The interface for programs: what it answers, what it refuses, and that its description is true."""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import Iterator
from typing import Any

import polars as pl
import pytest
import schemathesis
from django.core.wsgi import get_wsgi_application
from django.db import connections
from django.test import Client, override_settings
from django.utils import timezone
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi import checks as openapi_checks

from dideban.messages import has_text, is_code, languages
from dideban.room.api import client as one_file
from dideban.room.cases.actions import open_case
from dideban.room.cases.models import Case
from dideban.room.findings.models import FollowedGroup, KeptFinding
from dideban.room.members.actions import make_api_token, revoke_api_token
from dideban.room.members.models import ApiToken, Membership
from dideban.room.posts.merge import merge_all
from dideban.room.responses.actions import plan_response
from dideban.room.responses.targets import Target
from dideban.room.roles import Role
from dideban.room.rooms.models import Room
from dideban.room.sources.actions import add_source, make_intake_token, set_paused
from dideban.room.sources.models import Source
from room.cast import join, post


@pytest.fixture
def wire(room: Room) -> tuple[Source, str]:
    source = add_source(room, kind="intake", name="Wire", by=None)
    return source, make_intake_token(source, by=None)


@pytest.fixture
def token(lead: Membership) -> str:
    return make_api_token(name="t", scopes=["read", "posts", "write"], days=1, by=lead)[1]


@pytest.fixture
def groups(room: Room) -> list[FollowedGroup]:
    now, made = timezone.now(), []
    for n in range(1, 8):
        group = FollowedGroup.objects.create(room=room, number=n, first_found_at=now, last_found_at=now)
        group.current = KeptFinding.objects.create(
            room=room, group=group, finding_id=f"f{n:016x}", found_at=now, method="synchrony", label="unexplained",
            n_accounts=3, n_posts=9, n_objects=3, first_at=now, last_at=now, is_lead=n > 5,
            document={"statement": {"en": "A group.", "fa": "", "ar": ""}},
        )  # fmt: skip
        group.save()
        made.append(group)
    return made


def send(token: str, body: bytes, **headers: str) -> Any:
    return Client().post(
        "/api/v1/intake", body, content_type=headers.pop("kind", "application/x-ndjson"),
        headers={"Authorization": f"Bearer {token}", **headers},
    )  # fmt: skip


def lines(*numbers: int) -> bytes:
    return "\n".join(json.dumps(post(n)) for n in numbers).encode()


def test_posts_sent_are_found_a_moment_later(wire: tuple[Source, str], token: str) -> None:
    answer = send(wire[1], lines(1, 2, 3))
    assert answer.status_code == 200
    assert answer.json() == {"rows": 3, "accepted": 3, "repeats": 0, "rejected": 0, "reasons": {}}
    merge_all("watch")
    found = (
        Client(headers={"Authorization": f"Bearer {token}"})
        .get("/api/v1/rooms/watch/posts?text=harvest&limit=2")
        .json()
    )
    assert (found["count"], len(found["items"])) == (3, 2)
    assert found["items"][0]["account_id"].startswith("a")
    rest = Client(headers={"Authorization": f"Bearer {token}"}).get(
        f"/api/v1/rooms/watch/posts?text=harvest&limit=2&after={found['next']}"
    )
    assert [p["post_id"] for p in rest.json()["items"]] == ["p1"]
    one = Client(headers={"Authorization": f"Bearer {token}"}).get("/api/v1/rooms/watch/posts/x/p1")
    assert one.json()["text"].startswith("A sentence about the harvest")


def test_packed_posts_and_tables_are_taken(wire: tuple[Source, str]) -> None:
    assert send(wire[1], gzip.compress(lines(1)), **{"Content-Encoding": "gzip"}).json()["accepted"] == 1
    table = "post_id,account_id,created_at,text\n1,ana,2026-11-20T10:00:00Z,hello there world\n"
    assert send(wire[1], table.encode(), kind="text/csv").json()["accepted"] == 1


@pytest.mark.parametrize(
    ("body", "headers", "status"),
    [
        (b"", {}, 400),
        (b"nonsense", {}, 400),
        (b"not gzip", {"Content-Encoding": "gzip"}, 400),
        (gzip.compress(b"\x00" * 50_000_000, 1), {"Content-Encoding": "gzip"}, 413),
        (b"x" * 34_000_000, {}, 413),
    ],
    ids=["empty", "nonsense", "false-gzip", "bomb", "large"],
)
def test_what_cannot_be_taken_is_answered_in_words(
    wire: tuple[Source, str], body: bytes, headers: dict[str, str], status: int
) -> None:
    answer = send(wire[1], body, **headers)
    assert answer.status_code == status
    assert merge_all("watch") == 0


def test_a_wrong_revoked_or_paused_token_takes_nothing(wire: tuple[Source, str], token: str) -> None:
    source, secret = wire
    assert send("dbs_wrong", lines(1)).status_code == 401
    assert send(token, lines(1)).status_code == 401
    new = make_intake_token(source, by=None)
    assert send(secret, lines(1)).status_code == 401
    set_paused(source, is_paused=True, by=None)
    assert send(new, lines(1)).status_code == 403


def test_a_full_spool_asks_to_wait_and_takes_nothing(wire: tuple[Source, str]) -> None:
    with override_settings(SPOOL_LIMIT=3):
        assert send(wire[1], lines(1, 2, 3)).status_code == 200
        waiting = send(wire[1], lines(4))
        assert (waiting.status_code, waiting.headers["Retry-After"]) == (429, "5")
        assert merge_all("watch") == 3
        assert send(wire[1], lines(4)).status_code == 200


def test_a_full_disk_is_503_and_acknowledges_nothing(wire: tuple[Source, str], monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*args: Any) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr("dideban.atomic.os.fsync", full)
        assert send(wire[1], lines(1)).status_code == 503
    assert merge_all("watch") == 0


@pytest.mark.parametrize(
    ("where", "error"),
    [
        ("tempfile.TemporaryDirectory", OSError(28, "No space left on device")),
        ("ingest.read_posts", OSError(28, "No space left on device")),
        (
            "ingest.read_posts",
            pl.exceptions.ComputeError("parquet: underlying IO error: No space left on device (os error 28)"),
        ),
        ("load_key", OSError(122, "Disk quota exceeded")),
    ],
    ids=["scratch", "reading", "parquet", "quota"],
)
def test_a_disk_that_is_full_anywhere_on_the_way_is_503(
    wire: tuple[Source, str], monkeypatch: pytest.MonkeyPatch, where: str, error: Exception
) -> None:
    def full(*args: Any, **kwargs: Any) -> None:
        raise error

    with monkeypatch.context() as patch:
        patch.setattr(f"dideban.room.posts.intake.{where}", full)
        answer = send(wire[1], lines(1))
        assert (answer.status_code, answer.json()["hint"]) == (503, "check the free disk space")
    assert merge_all("watch") == 0
    assert send(wire[1], lines(1)).json()["accepted"] == 1


def test_lists_have_pages_and_filters(token: str, groups: list[FollowedGroup]) -> None:
    client = Client(headers={"Authorization": f"Bearer {token}"})
    page = client.get("/api/v1/rooms/watch/groups?limit=3&offset=2").json()
    assert (page["count"], [g["number"] for g in page["items"]]) == (7, [5, 4, 3])
    assert client.get("/api/v1/rooms/watch/groups?lead=true").json()["count"] == 2
    assert client.get("/api/v1/rooms/watch/groups?verdict=none").json()["count"] == 7


def test_what_did_not_change_is_not_sent_again(token: str, groups: list[FollowedGroup], lead: Membership) -> None:
    client = Client(headers={"Authorization": f"Bearer {token}"})
    first = client.get("/api/v1/rooms/watch/groups/1")
    again = client.get("/api/v1/rooms/watch/groups/1", headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    FollowedGroup.objects.filter(number=1).update(verdict="unsure")
    assert (
        client.get("/api/v1/rooms/watch/groups/1", headers={"If-None-Match": first.headers["ETag"]}).status_code == 200
    )


def test_an_expired_or_revoked_token_and_a_member_gone_are_401(room: Room, lead: Membership) -> None:
    who = join(room, "eve", Role.EDITOR)
    token, secret = make_api_token(name="t", scopes=["read"], days=1, by=who)
    client = Client(headers={"Authorization": f"Bearer {secret}"})
    assert client.get("/api/v1/rooms/watch").status_code == 200
    ApiToken.objects.filter(pk=token.pk).update(expires_at=timezone.now())
    assert client.get("/api/v1/rooms/watch").status_code == 401
    ApiToken.objects.filter(pk=token.pk).update(expires_at=None)
    who.member.is_active = False
    who.member.save()
    assert client.get("/api/v1/rooms/watch").status_code == 401
    who.member.is_active = True
    who.member.save()
    revoke_api_token(token, by=lead)
    assert client.get("/api/v1/rooms/watch").status_code == 401


@pytest.mark.parametrize("kind", ["t", "s", "i"])
@pytest.mark.parametrize("begins", ["K_HqeuNL", "-_-_-_-_", "AbCdEfGh"])
def test_secrets_do_not_reach_the_log(kind: str, begins: str) -> None:
    """Keys of programs, sources and invitations, however they begin."""
    import logging

    from dideban.room.logs import HideSecrets, JsonFormatter

    token, other = f"db{kind}_{begins}klWnrFTYLK3grDsfFfh3eKZ2_Gt8Lv2qX", "not-for-a-log"
    record = logging.LogRecord("x", logging.INFO, "f", 1, "GET /feeds/%s/alerts.atom?token=%s", (token, other), None)
    record.path = f"/join/{token}/"
    HideSecrets().filter(record)
    line = JsonFormatter().format(record)
    assert begins + "klWn" not in line
    assert other not in line
    assert token[:10] in line


def test_the_client_of_one_file(
    live: str, wire: tuple[Source, str], token: str, groups: list[FollowedGroup], lead: Membership
) -> None:
    sent = one_file.send_posts(live, (post(n) for n in range(7)), token=wire[1], batch=3)
    assert sent == {"rows": 7, "accepted": 7, "repeats": 0, "rejected": 0}
    merge_all("watch")
    room = one_file.RoomClient(live, "watch", token=token)
    assert room.about()["role"] == "coordinator"
    assert len(list(room.groups())) == 7
    assert len(list(room.posts(text="harvest"))) == 7
    given = room.give_verdict(1, finding_id=room.group(1)["finding_id"], kind="declared", reason="says so itself")
    assert given["member"] == "alice"
    case = room.open_case("Look closer", groups=[1])
    assert [c["number"] for c in room.cases(status="open")] == [case["number"]]
    assert [one["kind"] for one in room.verdicts(1)] == ["declared"]
    assert room.add_note(case["number"], "Ask them", kind="decision")["kind"] == "decision"
    assert [(one["kind"], one["text"]) for one in room.notes(case["number"])] == [("decision", "Ask them")]
    assert room.case(case["number"])["groups"] == [1]
    assert room.post("x", "p1")["text"].startswith("A sentence")
    assert [one["slug"] for one in room.sources()] == ["wire"]
    assert list(room.alerts(open=True)) == list(room.narratives()) == []
    plan_response(
        Case.objects.get(), kind="report", title="We tell them", target=Target.of_object("hashtag", "x"), horizon_h=24,
        by=lead,
    )  # fmt: skip
    assert [one["target"] for one in room.responses(kind="report")] == [room.response(1)["target"]] == ["hashtag:x"]
    assert room.effects() == {"pools": [], "lots": []}
    assert list(room.past_runs()) == list(room.joint_findings()) == []
    for missing in (room.past_run, room.joint_finding, lambda number: list(room.past_groups(number))):
        with pytest.raises(one_file.RoomError, match="404"):
            missing(7)
    assert room.finding(room.group(1)["finding_id"])["group"] == 1
    with pytest.raises(one_file.RoomError, match="404"):
        room.group(99)


def test_the_client_has_a_method_for_every_call(room: Room) -> None:
    described = Client().get("/api/v1/openapi.json").json()["paths"]
    calls = {(path.split("{room}")[-1], verb) for path, verbs in described.items() for verb in verbs}
    assert len(calls) == N_CALLS, "a new call: give the client of one file a method, and count it here"


N_CALLS = 26


@pytest.fixture
def live(room: Room) -> Iterator[str]:
    """The application behind a real socket."""
    import threading
    from socketserver import ThreadingMixIn
    from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

    class Quiet(WSGIRequestHandler):
        def log_message(self, *args: Any) -> None:
            pass

    class Threading(ThreadingMixIn, WSGIServer):
        daemon_threads = True

        def process_request_thread(self, request: Any, address: Any) -> None:
            super().process_request_thread(request, address)
            connections.close_all()

    with make_server("127.0.0.1", 0, get_wsgi_application(), Threading, Quiet) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()
        thread.join()


@pytest.mark.no_cover
def test_the_description_is_true(
    room: Room, wire: tuple[Source, str], token: str, groups: list[FollowedGroup], lead: Membership
) -> None:
    """Whatever schemathesis sends, no answer is a crash or other than described."""
    open_case(room, title="A case", by=lead)
    send(wire[1], lines(1, 2))
    merge_all("watch")
    described = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", get_wsgi_application())
    operations = [operation.ok() for operation in described.get_all_operations()]
    assert len(operations) >= 15
    for operation in operations:
        try_operation(operation, wire[1] if operation.path.endswith("/intake") else token)


def try_operation(operation: Any, auth: str) -> None:
    @settings(
        max_examples=8, deadline=None, database=None, derandomize=True, phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    @given(case=operation.as_strategy())
    def try_it(case: Any) -> None:
        if "room" in (case.path_parameters or {}):
            case.path_parameters["room"] = "watch"
        answer = case.call(headers={"Authorization": f"Bearer {auth}"})
        case.validate_response(answer, checks=CHECKS)

    try_it()


CHECKS = [
    not_a_server_error,
    openapi_checks.response_schema_conformance,
    openapi_checks.content_type_conformance,
]


@pytest.mark.parametrize("language", [one for one in languages() if one != "en"])
def test_errors_speak_the_language_that_was_asked_for(
    wire: tuple[Source, str], token: str, groups: list[FollowedGroup], language: str
) -> None:
    bearer = {"Authorization": f"Bearer {token}", "Accept-Language": language}
    client, stranger = Client(headers=bearer), Client(headers={"Accept-Language": language})
    answers = [
        stranger.get("/api/v1/rooms/watch"),
        client.get("/api/v1/rooms/elsewhere"),
        client.get("/api/v1/nothing"),
        client.get("/api/v1/rooms/watch/groups?limit=x"),
        client.get("/api/v1/rooms/watch/groups?limit=5&offset=%00"),
        client.get("/api/v1/rooms/watch/posts?since=yesterday"),
        client.post("/api/v1/rooms/watch/cases", {"title": " "}, content_type="application/json"),
        client.post("/api/v1/rooms/watch/cases", "{", content_type="application/json"),
        client.post(
            f"/api/v1/rooms/watch/groups/{groups[0].number}/verdict",
            {"finding_id": "f", "kind": "great", "reason": "x"}, content_type="application/json",
        ),
        send(wire[1], b"not gzip", **{"Content-Encoding": "gzip", "Accept-Language": language}),
        send(wire[1], b"x" * 34_000_000, **{"Accept-Language": language}),
    ]  # fmt: skip
    for answer in answers:
        assert answer.status_code >= 400
        told = answer.json()
        assert is_code(told["code"]), told
        assert has_text(told["code"]), told
        assert re.search("[\u0600-\u06ff]", told["message"]), told
        assert not told["hint"] or re.search("[\u0600-\u06ff]", told["hint"]), told
