"""Rooms of one federation in one process: three rooms of one installation, two key holders, and a wire between them."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import polars as pl
from django.test import Client
from django.utils import timezone

from dideban.errors import InputError, SourceError
from dideban.federation.client import problem_of
from dideban.federation.keyholder import KeyHolderDesk, begin_epoch
from dideban.joint.charter import Charter, charter_bytes
from dideban.joint.record import EpochRecord
from dideban.room.joint import actions
from dideban.room.joint.keys import public_key_of
from dideban.room.joint.models import JointEpoch
from dideban.room.joint.records import record_of
from dideban.room.joint.statement import statement_digest
from dideban.room.joint.steps import step
from dideban.room.members.models import Membership
from dideban.room.posts.intake import Origin, keep_frame
from dideban.room.posts.merge import merge
from dideban.room.roles import Role
from dideban.room.rooms.actions import create_room, save_place
from dideban.room.rooms.models import Room
from dideban.schema import POSTS
from dideban.simulate import Plant, Stream, make_stream, split_stream
from room.cast import join

SLUGS = ("north", "coast", "capital")
HOLDERS = ("https://one.example", "https://other.example")
HOST = "https://north.example"


@functools.cache
def stream() -> Stream:
    plants = [Plant(n_accounts=8, n_operations=12, jitter_s=20.0, others=15, participation=1.0)]
    return make_stream(seed=21, n_accounts=250, n_shares=3_500, crowds=(), plants=plants)


@functools.cache
def parts(overlap: float = 0.0) -> list[Stream]:
    return split_stream(stream(), n_rooms=len(SLUGS), overlap=overlap, seed=3)


def planted() -> set[str]:
    return set(stream().truth["account_id"].to_list())


def posts_of(part: Stream) -> pl.DataFrame:
    """Every share as a post with a link."""
    rows = part.traces.sort("created_at", "account_id", "object_id").with_row_index("n")
    return POSTS.check(
        pl.DataFrame({
            "post_id": [f"p{n}" for n in rows["n"]], "account_id": rows["account_id"],
            "platform": ["x"] * rows.height, "source": ["made"] * rows.height, "created_at": rows["created_at"],
            "text": [None] * rows.height, "lang": [None] * rows.height,
            "urls": [[f"https://news.example/{one}"] for one in rows["object_id"]],
            "hashtags": [[]] * rows.height, "mentions": [[]] * rows.height, "media": [[]] * rows.height,
            "repost_of": [None] * rows.height, "reply_to": [None] * rows.height, "quote_of": [None] * rows.height,
            "place": [None] * rows.height, "reach": [None] * rows.height,
        }, schema=dict(POSTS.empty().schema))
    )  # fmt: skip


@dataclass
class Wire:
    """What carries messages between the parties, and what can go wrong with it."""

    desks: dict[str, KeyHolderDesk]
    change: Callable[[str, bytes], bytes] = lambda url, body: body
    """What becomes of a request on its way."""
    answer: Callable[[str, bytes], bytes] = lambda url, body: body
    """What becomes of an answer."""
    is_down: bool = False
    sent: list[tuple[str, bytes]] = field(default_factory=list)

    def send(self, url: str, body: bytes) -> bytes:
        if self.is_down:
            raise SourceError("joint.not-reached", url=url)
        self.sent.append((url, body))
        body = self.change(url, body)
        for address, desk in self.desks.items():
            if url == f"{address}/names":
                try:
                    return self.answer(url, desk.answer(body))
                except InputError as error:
                    raise SourceError("joint.refused", url=url, status=400, problem=error.message) from error
        found = Client().post(url.removeprefix(HOST), data=body, content_type="application/json")
        if found.status_code != 200:
            problem = problem_of(found.content)
            raise SourceError("joint.refused", url=url, status=found.status_code, problem=problem)
        return self.answer(url, found.content)


@dataclass
class Together:
    """A federation under way."""

    rooms: list[Room]
    bosses: list[tuple[Membership, Membership]]
    charter: Charter
    epochs: list[JointEpoch]
    wire: Wire

    @property
    def record(self) -> EpochRecord:
        """The record as the host has it."""
        return record_of(self.epochs[0])

    def turn(self, *, only: Sequence[int] = (0, 1, 2), at: datetime | None = None) -> None:
        """Let rooms be online for a moment, one after the other."""
        for i in only:
            step(self.epochs[i], send=self.wire.send, now=at)
        for one in self.epochs:
            one.refresh_from_db()

    def close(self) -> None:
        """Let the host close the phase at its next step."""
        actions.end_phase(self.epochs[0], by=self.bosses[0][0])

    def run(self) -> None:
        """Run the rest of the round."""
        while self.record.phase < 3:
            self.turn(only=(1, 2))
            self.close()
            self.turn(only=(0,))
        self.turn()


def make_charter(rooms: Sequence[Room], home: Path, **changes: object) -> tuple[Charter, dict[str, KeyHolderDesk]]:
    times = stream().traces["created_at"]
    first, last = times.min(), times.max()
    assert isinstance(first, datetime)
    assert isinstance(last, datetime)
    publics = [begin_epoch(home / name, federation="test", epoch="1").hex() for name in ("one", "other")]
    fields: dict[str, object] = {
        "federation": "test", "epoch": "1", "rooms": {public_key_of(r.slug): r.name for r in rooms},
        "host": public_key_of(rooms[0].slug), "holders": (publics[0], publics[1]), "scales_s": (60.0, 600.0),
        "most_proposals": 4, "since": _spelled(first), "until": _spelled(last + timedelta(hours=1)),
        "ends": _spelled(timezone.now() + timedelta(days=30)), **changes,
    }  # fmt: skip
    charter = Charter(**fields)  # type: ignore[arg-type]
    return charter, {url: KeyHolderDesk(charter, home / n) for url, n in zip(HOLDERS, ("one", "other"), strict=True)}


def _spelled(at: datetime) -> str:
    return at.replace(microsecond=0).astimezone(UTC).isoformat()


def make_rooms(overlap: float = 0.0) -> list[Room]:
    rooms = []
    for slug, part in zip(SLUGS, parts(overlap), strict=True):
        room = create_room(slug=slug, name=slug.title())
        place = save_place(room, name=f"{slug} district", by=None)
        keep_frame(posts_of(part), origin=Origin(room=slug, source="made", place=place.slug))
        while merge(slug) is not None:
            pass
        rooms.append(room)
    return rooms


def agree(room: Room, charter: Charter, bosses: tuple[Membership, Membership], *, host: str = HOST) -> JointEpoch:
    """Join an epoch as two members do."""
    made = actions.ask_epoch(
        room, charter=charter_bytes(charter), host_url=f"{host}/joint/north/{charter.digest}",
        holder_urls=list(HOLDERS), statement=statement_digest(), by=bosses[0],
    )  # fmt: skip
    actions.decide_epoch(made, is_agreed=True, by=bosses[1])
    made.refresh_from_db()
    return made


def make_bosses(rooms: Sequence[Room]) -> list[tuple[Membership, Membership]]:
    return [(join(r, f"{r.slug}-a", Role.COORDINATOR), join(r, f"{r.slug}-b", Role.COORDINATOR)) for r in rooms]


def make_together(rooms: Sequence[Room], bosses: list[tuple[Membership, Membership]], home: Path) -> Together:
    """Let three rooms join an epoch."""
    charter, desks = make_charter(rooms, home)
    epochs = [agree(r, charter, some) for r, some in zip(rooms, bosses, strict=True)]
    return Together(list(rooms), bosses, charter, epochs, Wire(desks))
