"""Three rooms, from posts to a joint finding that none of them has alone."""

from __future__ import annotations

from pathlib import Path

from dideban.room.joint.models import EpochState, JointFinding
from dideban.room.rooms.sealed_ids import open_accounts
from room.joint.cast import make_together, planted


def test_from_posts_to_a_joint_finding(data: Path, tmp_path: Path) -> None:
    together = make_together(tmp_path)
    together.run()
    assert [one.state for one in together.epochs] == [EpochState.DONE] * 3
    found = [JointFinding.objects.get(room=room) for room in together.rooms]
    assert len({one.proposal for one in found}) == 1
    for one in found:
        originals = open_accounts(one.room.slug, one.own)
        assert len(originals) == len(one.own) >= 3
        assert set(originals.values()) <= planted()
