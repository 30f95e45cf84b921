"""A database of an earlier version is upgraded with everything in it: same tables, values renamed."""

from __future__ import annotations

import json
from pathlib import Path

from django.core.management import call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.utils import timezone

from dideban.room.findings.models import KeptFinding
from dideban.room.members.models import Invitation, Membership
from dideban.room.roles import Role
from dideban.room.ticks.models import Heartbeat, Tick, WatchGap
from dideban.room.upkeep.dump import load
from dideban.room.upkeep.health import schema_trouble
from room.cast import join  # noqa: F401 - makes Django ready

OLD_TABLES = {"jobs_tick", "jobs_heartbeat", "jobs_watchgap", "findings_finding"}
OLD_STEPS = {("jobs", "0001_initial"), ("jobs", "0002_groups_over_time"), ("members", "0001_initial")}


def test_tables_and_steps_keep_the_names_of_databases_that_exist(data: Path) -> None:
    assert {model._meta.db_table for model in (Tick, Heartbeat, WatchGap, KeptFinding)} == OLD_TABLES
    assert set(MigrationExecutor(connection).loader.disk_migrations) >= OLD_STEPS


def test_a_role_and_a_tick_of_an_earlier_version_are_kept(data: Path) -> None:
    executor = MigrationExecutor(connection)
    executor.migrate([("members", "0001_initial")])
    others = [leaf for leaf in executor.loader.graph.leaf_nodes() if leaf[0] != "members"]
    old = executor.loader.project_state([*others, ("members", "0001_initial")]).apps
    room = old.get_model("rooms", "Room").objects.create(slug="old", name="Old")
    member = old.get_model("members", "Member").objects.create(username="alice", password="x")
    roles = old.get_model("members", "Membership").objects
    roles.create(room=room, member=member, role="lead")
    old.get_model("members", "Invitation").objects.create(
        room=room, role="lead", token_hash="1", expires_at=timezone.now()
    )
    now = timezone.now()
    old.get_model("jobs", "Tick").objects.create(room=room, due_at=now, started_at=now, status="done", n_posts=7)
    assert "older" in schema_trouble()
    call_command("migrate", verbosity=0)
    assert not schema_trouble()
    assert Membership.objects.get(member__username="alice").role == Role.COORDINATOR
    assert Invitation.objects.get(room__slug="old").role == Role.COORDINATOR
    assert Tick.objects.get(room__slug="old").n_posts == 7


def test_a_dump_of_an_earlier_version_is_loaded_as_of_this_one(data: Path, tmp_path: Path) -> None:
    rows = [
        {"model": "rooms.room", "pk": 1, "fields": {"slug": "old", "name": "Old", "created_at": "2026-01-01T00:00:00Z"}},
        {"model": "members.member", "pk": 1, "fields": {"username": "alice", "password": "x"}},
        {"model": "members.membership", "pk": 1,
         "fields": {"room": 1, "member": 1, "role": "lead", "joined_at": "2026-01-01T00:00:00Z", "places": []}},
        {"model": "findings.followedgroup", "pk": 1,
         "fields": {"room": 1, "number": 1, "first_found_at": "2026-01-02T00:00:00Z", "last_found_at": "2026-01-02T00:00:00Z"}},
        {"model": "findings.finding", "pk": 1,
         "fields": {"room": 1, "group": 1, "finding_id": "f1", "found_at": "2026-01-02T00:00:00Z", "method": "synchrony",
                    "label": "unexplained", "n_accounts": 3, "n_posts": 9, "n_objects": 3, "first_at": "2026-01-01T00:00:00Z",
                    "last_at": "2026-01-02T00:00:00Z", "document": {}}},
    ]  # fmt: skip
    path = tmp_path / "database.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
    load(path)
    assert KeptFinding.objects.get(group__number=1).finding_id == "f1"
    assert Membership.objects.get(pk=1).role == Role.COORDINATOR
