"""One room of a federation to try: two members, its part of the made-up posts, and an epoch that both agreed to."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import polars as pl

from dideban.joint.charter import Charter, charter_bytes
from dideban.room.findings.models import FollowedGroup
from dideban.room.joint.actions import ask_epoch, decide_epoch
from dideban.room.joint.keys import public_key_of
from dideban.room.joint.models import JointEpoch, JointFinding
from dideban.room.joint.statement import statement_digest
from dideban.room.members.models import Membership
from dideban.room.posts.intake import keep_frame, origin_of
from dideban.room.posts.merge import merge
from dideban.room.rooms.actions import change_room, save_place
from dideban.room.rooms.models import Room
from dideban.room.sources.actions import add_source
from dideban.room.ticks.models import Tick
from dideban.room.upkeep.setup import make_coordinator, make_room
from dideban.schema import POSTS

MEMBERS = ("demo", "second")
"""Who asks for the epoch, and who agrees."""
HORIZON_DAYS, TICK_S = 16, 600


def make_federation_room(
    *, slug: str, name: str, names: dict[str, str], language: str, password: str, posts: Path
) -> dict[str, Any]:
    """Make a room with posts and two members who lead it; return what the charter needs of it.

    Parameters
    ----------
    names : language -> name of its place
    posts : file
        POSTS with original ids, which the room turns into pseudonyms as it does with every source.
    """
    room = make_room(slug=slug, name=name, is_demo=True, language=language)
    if not room.sources.exists():
        change_room(room, tick_s=TICK_S, horizon_days=HORIZON_DAYS, by=None)
        for member in MEMBERS:
            make_coordinator(room, name=member, password=password, language=language)
        place = save_place(room, slug=slug, name=names["en"], names=names, by=None)
        source = add_source(room, kind="upload", name=name, place=place, by=None)
        keep_frame(POSTS.check(pl.read_parquet(posts, glob=False)), origin=origin_of(source))
        while merge(slug) is not None:
            pass
    return {"key": public_key_of(slug)}


def join_federation(room: Room, *, charter: Charter, host: str, holders: list[str]) -> dict[str, Any]:
    """Let the room take part in an epoch: one member asks, the other agrees."""
    asks, agrees = (Membership.objects.get(room=room, member__username=name) for name in MEMBERS)
    epoch = ask_epoch(
        room, charter=charter_bytes(charter), host_url=host, holder_urls=holders, statement=statement_digest(), by=asks
    )
    decide_epoch(epoch, is_agreed=True, by=agrees)
    return {"epoch": epoch.number}


def describe_federation_room(room: Room) -> dict[str, Any]:
    """Return what the room found by itself, and with the others."""
    epoch = JointEpoch.objects.filter(room=room).order_by("-number").first()
    analysed = Tick.objects.filter(room=room, finished_at__isnull=False).exclude(status="failed")
    proved = FollowedGroup.objects.filter(room=room, current__isnull=False, current__is_lead=False)
    return {
        "state": epoch.state if epoch else "",
        "said": epoch.said if epoch else -1,
        "trouble": epoch.trouble.get("code", "") if epoch else "",
        "n_analyses": analysed.count(),
        "n_alone": proved.count(),
        "joint": [
            {"number": one.number, "n_named": one.n_named, "n_own": len(one.own), "strongest": one.facts["strongest"]}
            for one in JointFinding.objects.filter(room=room).order_by("number")
        ],
    }
