"""The interface for programs in many steps: what one call answers, the next one asks for (schemathesis, with links)."""

from __future__ import annotations

from typing import Any

import pytest
import schemathesis
from django.core.wsgi import get_wsgi_application
from django.test import Client
from hypothesis import HealthCheck, Phase, settings

from dideban.room.cases.models import Case
from dideban.room.findings.models import FollowedGroup
from dideban.room.members.models import Membership
from dideban.room.posts.merge import merge_all
from dideban.room.rooms.models import Room
from dideban.room.sources.models import Source
from room.test_api import CHECKS, groups, lines, send, token, wire

__all__ = ["groups", "token", "wire"]
ROOM = "/api/v1/rooms/{room}"
FROM_BODY, FROM_LIST = {"number": "$response.body#/number"}, {"number": "$response.body#/items/0/number"}
LINKS: dict[tuple[str, str, str], list[tuple[str, str, dict[str, str]]]] = {
    (f"{ROOM}/cases", "post", "201"): [
        ("get", f"{ROOM}/cases/{{number}}", FROM_BODY), ("post", f"{ROOM}/cases/{{number}}/notes", FROM_BODY),
        ("get", f"{ROOM}/cases/{{number}}/notes", FROM_BODY),
    ],
    (f"{ROOM}/cases/{{number}}/notes", "post", "201"): [
        ("get", f"{ROOM}/cases/{{number}}/notes", {"number": "$request.path.number"}),
    ],
    (f"{ROOM}/groups", "get", "200"): [
        ("get", f"{ROOM}/groups/{{number}}", FROM_LIST), ("get", f"{ROOM}/groups/{{number}}/verdicts", FROM_LIST),
        ("post", f"{ROOM}/groups/{{number}}/verdicts", FROM_LIST),
        ("get", f"{ROOM}/findings/{{finding_id}}", {"finding_id": "$response.body#/items/0/finding_id"}),
    ],
    (f"{ROOM}/posts", "get", "200"): [
        ("get", f"{ROOM}/posts/{{platform}}/{{post_id}}",
         {"platform": "$response.body#/posts/0/platform", "post_id": "$response.body#/posts/0/post_id"}),
    ],
}  # fmt: skip
"""Path, method and status to calls that follow, and where their values come from."""


def described() -> dict[str, Any]:
    """Return the description with links in it."""
    found: dict[str, Any] = Client().get("/api/v1/openapi.json").json()
    paths = found["paths"]
    for (path, method, status), links in LINKS.items():
        for n, (verb, to, values) in enumerate(links):
            target = paths[to][verb]["operationId"]
            answer = paths[path][method]["responses"][status]
            answer.setdefault("links", {})[f"then-{n}"] = {"operationId": target, "parameters": values}
    return found


@pytest.mark.slow
def test_no_chain_of_calls_crashes_or_answers_other_than_described(
    room: Room, wire: tuple[Source, str], token: str, groups: list[FollowedGroup], lead: Membership
) -> None:
    send(wire[1], lines(1, 2, 3))
    merge_all("watch")
    schema = schemathesis.openapi.from_dict(described())
    schema.app = get_wsgi_application()
    called: set[str] = set()

    class Steps(schema.as_state_machine()):  # type: ignore[misc] # made at run time
        def before_call(self, case: Any) -> None:
            if "room" in (case.path_parameters or {}):
                case.path_parameters["room"] = "watch"
            called.add(f"{case.operation.method} {case.operation.path}")

        def get_call_kwargs(self, case: Any) -> dict[str, Any]:
            secret = wire[1] if case.operation.path.endswith("/intake") else token
            return {"headers": {"Authorization": f"Bearer {secret}"}}

        def validate_response(self, response: Any, case: Any, **kwargs: Any) -> None:
            case.validate_response(response, checks=CHECKS)

    Steps.run(
        settings=settings(
            max_examples=40,
            stateful_step_count=12,
            deadline=None,
            database=None,
            derandomize=True,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
    )
    chain = {f"post {ROOM}/cases", f"get {ROOM}/cases/{{number}}", f"post {ROOM}/cases/{{number}}/notes"}
    assert chain <= called
    assert Case.objects.exists()
