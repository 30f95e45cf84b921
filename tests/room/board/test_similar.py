"""Similar findings share accounts, objects, or texts that are one message to the engine."""

from __future__ import annotations

from typing import Any

import pytest
from django.utils import timezone

from dideban.room.access import Access
from dideban.room.board.presenters.similar import Similar, similar_groups
from dideban.room.findings.models import FollowedGroup, KeptFinding
from dideban.room.members.models import Membership
from dideban.room.rooms.models import Room

TEXT = (
    "The bridge over the river will close on {day} at night, said the council, so take the ferry instead of the road."
)


def objects(*, links: tuple[str, ...] = (), texts: tuple[str, ...] = ()) -> list[dict[str, Any]]:
    pairs = [("link", f"https://{name}", f"https://{name}") for name in links]
    pairs += [("text", f"t{ix}{hash(text) & 0xFFFF}", text) for ix, text in enumerate(texts)]
    return [{"kind": k, "id": i, "label": label, "first_at": "2026-01-01T00:00:00Z"} for k, i, label in pairs]


def add(room: Room, number: int, accounts: str, held: list[dict[str, Any]]) -> FollowedGroup:
    now = timezone.now()
    group = FollowedGroup.objects.create(
        room=room, number=number, first_found_at=now, last_found_at=now, members={one: [1.0, True] for one in accounts}
    )
    group.current = KeptFinding.objects.create(
        room=room, group=group, finding_id=f"f{number:016x}", found_at=now, method="synchrony", label="unexplained",
        n_accounts=len(accounts), n_posts=9, n_objects=len(held), first_at=now, last_at=now,
        document={"objects": held},
    )  # fmt: skip
    group.save()
    return group


@pytest.fixture
def like(furnished: Room) -> dict[int, Similar]:
    add(furnished, 101, "xyz", objects(links=("a.example/1", "b.example/2"), texts=(TEXT.format(day="Monday"),)))
    add(furnished, 102, "xyw", objects())
    add(furnished, 103, "uvw", objects(links=("a.example/1",)))
    add(furnished, 104, "uvw", objects(texts=(TEXT.format(day="Tuesday").upper(),)))
    add(furnished, 105, "uvw", objects(links=("c.example/1",), texts=("Something else entirely was said about bread prices here today.",)))  # fmt: skip
    membership = Membership.objects.select_related("member", "room").get(room=furnished, member__username="alice")
    access = Access(room=furnished, membership=membership)
    return {one.group.number: one for one in similar_groups(access, FollowedGroup.objects.get(number=101))}


def test_accounts_objects_and_texts_count(like: dict[int, Similar]) -> None:
    assert set(like) == {102, 103, 104}
    assert (like[102].n_accounts, like[102].account_share) == (2, 0.5)
    assert (like[103].n_accounts, like[103].n_objects, like[103].n_texts) == (0, 1, 0)
    assert (like[104].n_accounts, like[104].n_objects, like[104].n_texts) == (0, 0, 1)


def test_accounts_come_first_then_texts_then_objects(like: dict[int, Similar]) -> None:
    assert list(like) == [102, 104, 103]
