"""A small federation at hand: four rooms, two key holders and a host, all in one process."""

from __future__ import annotations

import functools
import hashlib
from dataclasses import dataclass

from dideban.joint.charter import Charter
from dideban.joint.names import KeyHolder
from dideban.joint.oprf import derive_key, evaluate, public_key
from dideban.joint.party import Party
from dideban.joint.record import EpochRecord, Phase, close_phase
from dideban.joint.view import look
from dideban.joint.wire import public_of
from dideban.simulate import Plant, Stream, make_stream, split_stream

N_ROOMS = 4
SCALES_S = (60.0, 600.0)


def seed(name: str) -> bytes:
    return hashlib.sha256(name.encode()).digest()


HOST = seed("host")
KEYS = [seed(f"room {i}") for i in range(N_ROOMS)]


@functools.cache
def holders() -> tuple[KeyHolder, ...]:
    keys = [derive_key(seed(name), info=b"test") for name in ("one", "other")]
    return tuple(KeyHolder(public=public_key(key), ask=functools.partial(evaluate, key)) for key in keys)


def charter(*, epoch: str = "2026-1", most_proposals: int = 4) -> Charter:
    return Charter(
        federation="test",
        epoch=epoch,
        rooms={public_of(key): f"room {i}" for i, key in enumerate(KEYS)},
        host=public_of(HOST),
        holders=tuple(one.public.hex() for one in holders()),  # type: ignore[arg-type]
        scales_s=SCALES_S,
        most_proposals=most_proposals,
    )


@functools.cache
def stream() -> Stream:
    plants = [Plant(n_accounts=8, n_operations=12, jitter_s=20.0, others=15, participation=1.0)]
    return make_stream(seed=21, n_accounts=250, n_shares=3_500, crowds=(), plants=plants)


@dataclass(frozen=True)
class Round:
    """An epoch that was run, with its rooms."""

    record: EpochRecord
    parties: list[Party]


def parties(given: Charter, *, overlap: float = 0.0) -> list[Party]:
    parts = split_stream(stream(), n_rooms=N_ROOMS, overlap=overlap, seed=3)
    return [
        Party(given, look(p.traces, objects=p.objects, moments=p.moments, cutting=given.cutting), holders(), key=key)
        for p, key in zip(parts, KEYS, strict=True)
    ]


def advance(record: EpochRecord, some: list[Party]) -> None:
    """Let rooms say what they have to say, and close the phase."""
    for party in some:
        for data in list(party.next_messages(record)):
            record.accept(data)
    record.accept(close_phase(record, key=HOST))


@functools.cache
def finished() -> Round:
    given = charter()
    some, record = parties(given), EpochRecord(given)
    while record.phase is not Phase.DONE:
        advance(record, some)
    return Round(record, some)
