"""Nothing that the worker does again and again takes a decoy out of the review: files, mails, what is sent and posted."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

import room.cast  # noqa: F401  # isort: skip - makes Django ready
from django.core import mail
from django.test import override_settings
from django.utils import timezone

from dideban.room.alerts import deliver
from dideban.room.alerts.models import Delivery
from dideban.room.members.models import Member, Membership
from dideban.room.processes import worker
from dideban.room.public.models import PublicSite
from dideban.room.review.actions import judge_item
from dideban.room.review.models import Decoy
from dideban.room.rooms.models import Place, Room
from room.furnish import furnish
from room.test_queue import MARK, always, decoy_of, group_of, take

OWN = "own things"
DATABASE = "room.sqlite3"
"""Where decoys are; a backup holds it whole and is for the operator alone."""
ELSEWHERE = {"listen"}
"""Steps that only bring in: they ask the network."""


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, ...]]:
    """Commands that the worker would start as processes; ticks, which read no table of the review, are made here."""
    commands: list[tuple[str, ...]] = []

    def note(*words: str) -> Any:
        commands.append(words)
        raise InterruptedError

    monkeypatch.setattr(worker, "start_command", note)
    monkeypatch.setattr(worker, "start_tick", lambda slug: note("room_tick", slug))
    return commands


def test_no_step_of_the_worker_takes_a_decoy_along(
    room: Room,
    north: Place,
    lead: Membership,
    data: Path,
    started: list[tuple[str, ...]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    sent: list[str] = []

    class Receiver:
        """Answers every webhook, and keeps what came."""

        def send(self, method: str, url: str, *, headers: Any, body: bytes) -> Any:
            sent.append(f"{method} {url} {headers} {body!r}")
            return SimpleNamespace(status=204)

    monkeypatch.setattr(deliver, "fetcher", lambda **_: Receiver())
    things = furnish(room, lead, north, number=1, mark=OWN)
    Member.objects.filter(pk=lead.member_id).update(email="lead@example.org")
    now = timezone.now()
    Delivery.objects.create(alert=things.alert, channel="email", member=lead.member, next_at=now)
    Delivery.objects.create(alert=things.alert, channel="webhook", webhook=things.webhook, next_at=now)
    group_of(room, 50, north)
    PublicSite.objects.update_or_create(room=room, defaults={"is_on": True})
    decoy_of(room)
    judge_item(take(lead, always), kind="confirmed", reason="seen", by=lead)
    decoy_of(room)
    take(lead, always)  # one lies open in front of a member
    done = set()
    with override_settings(HAS_MAIL=True):
        for name, _, step in worker.Worker().steps():
            if name not in ELSEWHERE:
                try:
                    step()
                except InterruptedError:
                    assert started, name
                done.add(name)
    assert {"deliver", "watch", "maintenance", "sites", "newsletter"} <= done
    assert Decoy.objects.filter(document__icontains=MARK).exists()
    files = [path for path in data.rglob("*") if path.is_file() and not path.name.startswith(DATABASE)]
    assert len(files) > 5
    assert [path for path in files if MARK.encode() in path.read_bytes()] == []
    assert sent
    assert mail.outbox
    assert MARK not in "".join(message.message().as_string() for message in mail.outbox)
    assert MARK not in "".join(sent)
