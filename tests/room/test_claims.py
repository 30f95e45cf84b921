"""A claim found again under another description: one finding, brought up to date with its package."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

from dideban.room.findings.models import KeptFinding
from dideban.room.findings.packages import package_of, read_shares
from dideban.room.posts.intake import Origin, keep_frame
from dideban.room.posts.merge import merge_all
from dideban.room.rooms.actions import change_room
from dideban.room.rooms.models import Room
from dideban.room.ticks.run import run_tick
from dideban.simulate import make_sample
from dideban.store import verify_package


def test_a_claim_described_anew_stays_one_finding_and_its_package_follows(room: Room) -> None:
    change_room(room, engine={"method": "threshold"}, horizon_days=10, by=None)
    posts = make_sample(seed=5, n_posts=5_000, days=4).posts
    shift = datetime.now(UTC).replace(microsecond=0) - timedelta(minutes=5) - posts["created_at"].max()
    keep_frame(posts.with_columns(created_at=posts["created_at"] + shift), origin=Origin(room="watch", source="wire"))
    merge_all("watch")
    assert run_tick(room)
    before = {one.finding_id: one for one in KeptFinding.objects.all()}
    assert before
    change_room(room, engine={"method": "threshold", "proof.n_shuffles": 2}, by=None)
    assert run_tick(room)
    after = {one.finding_id: one for one in KeptFinding.objects.all()}
    assert after.keys() == before.keys(), "settings have no say in what is claimed"
    for name, one in after.items():
        assert (one.pk, one.found_at) == (before[name].pk, before[name].found_at)
        assert one.document["config_digest"] != before[name].document["config_digest"]
        packed = json.loads((package_of("watch", name) / "finding.json").read_text())["finding"]
        assert packed["config_digest"] == one.document["config_digest"]
        assert read_shares("watch", name).height
    assert verify_package(package_of("watch", min(after))).ok
