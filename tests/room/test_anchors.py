"""Cutting the tail of the audit trail, moving its head, changing or deleting its anchors: all of it is noticed."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from room.cast import HOME  # isort: skip # noqa: F401 - makes Django ready
from django.db import DatabaseError, connection, transaction
from django.test import override_settings
from django.utils import timezone

from dideban.room.audit.actions import record
from dideban.room.audit.anchors import places, read_anchors
from dideban.room.audit.models import AuditEvent, AuditHead
from dideban.room.audit.verify import anchor, anchors_path, verify
from dideban.room.rooms.models import Room


def grow(room: Room, n: int = 3) -> None:
    with transaction.atomic():
        for k in range(n):
            record(room, "case.open", by=None, subject=f"case:{k}")
    assert anchor()


@pytest.fixture
def elsewhere(room: Room, tmp_path: Path) -> Iterator[Path]:
    """Another disk."""
    path = tmp_path / "other-disk.anchors"
    with override_settings(ANCHORS=[str(path)]):
        yield path


def cut(n: int) -> None:
    """Take the last events away and move the head, as somebody with the database file can."""
    with connection.cursor() as cursor:
        cursor.execute("DROP TRIGGER audit_no_delete")
        last = AuditEvent.objects.count() - n
        cursor.execute("DELETE FROM audit_auditevent WHERE seq > %s", [last])
    event = AuditEvent.objects.get(seq=last)
    AuditHead.objects.filter(pk=1).update(seq=event.seq, hash=event.hash)


def test_whole_anchors_vouch_since_the_first(room: Room, elsewhere: Path) -> None:
    for _ in range(3):
        grow(room)
    found = verify()
    assert found.is_whole
    assert found.n_anchors == 3
    assert found.vouched_until == AuditEvent.objects.count()
    assert found.vouched_since.startswith(str(timezone.now().year))
    assert {"anchors", "vouched_since", "vouched_until_event"} <= set(found.to_dict())
    assert elsewhere.read_text() == anchors_path().read_text()
    assert not anchor()


def test_cutting_the_tail_and_its_anchor_is_noticed_by_the_other_place(room: Room, elsewhere: Path) -> None:
    for _ in range(3):
        grow(room)
    cut(3)
    lines = anchors_path().read_text().splitlines()
    anchors_path().write_text("\n".join(lines[:-1]) + "\n")
    assert any("was anchored" in problem for problem in verify().problems)


def test_anchors_that_are_gone_are_an_alarm(room: Room) -> None:
    grow(room)
    anchors_path().unlink()
    with connection.cursor() as cursor:
        cursor.execute("DROP TRIGGER audit_no_update")
        then = timezone.now() - timedelta(hours=2)
        cursor.execute("UPDATE audit_auditevent SET at = %s", [then.isoformat(sep=" ")])
    assert any("anchors are missing" in problem for problem in verify().problems)


def test_one_place_that_is_gone_is_an_alarm_at_once(room: Room, elsewhere: Path) -> None:
    grow(room)
    anchors_path().unlink()
    assert [p for p in verify().problems if "missing" in p] == ["the anchors are missing: audit.anchors"]
    anchors_path().write_text(elsewhere.read_text())
    assert verify().is_whole


@pytest.mark.parametrize("do", ["take-one-out", "change-hash", "change-time", "swap", "forge"])
def test_changed_anchors_are_noticed(room: Room, do: str) -> None:
    for _ in range(4):
        grow(room)
    lines = anchors_path().read_text().splitlines()
    parts = lines[1].split()
    match do:
        case "take-one-out":
            del lines[1]
        case "change-hash":
            lines[1] = " ".join([parts[0], "f" * 64, *parts[2:]])
        case "change-time":
            lines[1] = " ".join([*parts[:3], "2001-01-01T00:00:00Z", parts[4]])
        case "swap":
            lines[1], lines[2] = lines[2], lines[1]
        case "forge":
            lines[1] = " ".join([*parts[:4], "0" * 64])
    anchors_path().write_text("\n".join(lines) + "\n")
    assert not verify().is_whole


def test_another_key_vouches_for_nothing(room: Room) -> None:
    grow(room)
    with override_settings(SECRET_KEY="another key that is long enough to be one of them"):
        assert any("another key" in problem for problem in verify().problems)


def test_a_line_cut_off_by_a_power_cut_stops_nothing(room: Room) -> None:
    grow(room)
    with anchors_path().open("a") as file:
        file.write("99 abc")
    grow(room)
    assert verify().is_whole
    assert read_anchors(anchors_path()).n_signed == 2


def test_lines_of_earlier_versions_still_vouch(room: Room) -> None:
    with transaction.atomic():
        record(room, "case.open", by=None)
    head = AuditHead.objects.get(pk=1)
    anchors_path().write_text(f"{head.seq} {head.hash}\n")
    grow(room)
    assert verify().is_whole
    lines = anchors_path().read_text().splitlines()
    lines[0] = f"{head.seq} {'e' * 64}"
    anchors_path().write_text("\n".join(lines) + "\n")
    assert any("anchored" in problem for problem in verify().problems)


def test_a_place_that_cannot_be_written_stops_no_other(room: Room, tmp_path: Path) -> None:
    missing = tmp_path / "unplugged" / "x.anchors"
    with override_settings(ANCHORS=[str(missing)]):
        with transaction.atomic():
            record(room, "case.open", by=None)
        with pytest.raises(OSError, match="unplugged"):
            anchor()
        assert read_anchors(places()[0]).n_signed == 1


@pytest.mark.parametrize("verb", ["INSERT OR REPLACE INTO", "REPLACE INTO"])
def test_the_database_refuses_to_replace_an_event(room: Room, verb: str) -> None:
    grow(room)
    columns = [field.column for field in AuditEvent._meta.concrete_fields]
    names = ", ".join(f'"{name}"' for name in columns)
    chosen = ", ".join("'changed'" if name == "action" else f'"{name}"' for name in columns)
    statement = f"{verb} audit_auditevent ({names}) SELECT {chosen} FROM audit_auditevent WHERE seq = 1"
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)
    assert verify().is_whole


def test_a_line_of_other_characters_is_reported_not_stumbled_over(data: Path) -> None:
    path = data / "audit.anchors"
    path.write_bytes(f"1 {'a' * 64} 1 2026-11-29T03:00:00Z ".encode() + b"\xff" * 64 + b"\n")
    assert read_anchors(path).problems
