"""What proof over several rooms costs: blinding names, and a whole round with names, keys and signatures.

``python benchmarks/joint_round.py --names 1000000``: processor seconds of the room and of one key holder, one thread.
``python benchmarks/joint_round.py --round``: five rooms, up to 200 proposals; processor seconds by step.
"""

from __future__ import annotations

import argparse
import functools
import hashlib
import sys
import time
from collections.abc import Callable, Sequence
from typing import Any

import orjson

from dideban.joint.charter import Charter
from dideban.joint.names import KeyHolder, account_input, blinded_names
from dideban.joint.oprf import Evaluated, derive_key, evaluate, public_key
from dideban.joint.party import Party
from dideban.joint.record import EpochRecord, Phase, close_phase
from dideban.joint.view import look
from dideban.joint.wire import public_of
from dideban.simulate import CROWD_SETS, make_stream, split_stream

N_ROOMS = 5
SEED = 9_001
N_ACCOUNTS, N_SHARES = 3_000, 57_500


class Timed:
    """A key holder at hand that says how long it worked."""

    def __init__(self, name: str) -> None:
        self.key = derive_key(_seed(name), info=b"benchmark")
        self.cpu_s, self.n = 0.0, 0

    def holder(self) -> KeyHolder:
        """Return it as a room sees it."""
        return KeyHolder(public=public_key(self.key), ask=self._ask)

    def _ask(self, points: Sequence[bytes]) -> Evaluated:
        began = time.process_time()
        found = evaluate(self.key, points)
        self.cpu_s += time.process_time() - began
        self.n += len(points)
        return found


def _seed(name: str) -> bytes:
    return hashlib.sha256(name.encode()).digest()


def measure_names(n: int) -> dict[str, object]:
    """Return what blinding so many accounts costs the room and one key holder."""
    one, other = Timed("one"), Timed("other")
    holders, began = [one.holder(), other.holder()], time.process_time()
    step, made = 10_000, 0
    for start in range(0, n, step):  # as a room does, whatever its size
        made += len(blinded_names([account_input(f"a{i}") for i in range(start, min(start + step, n))], holders))
    total = time.process_time() - began
    room = total - one.cpu_s - other.cpu_s
    return {
        "names": made, "room_s": round(room, 1), "holder_s": round(one.cpu_s, 1),
        "room_us": round(1e6 * room / made), "holder_us": round(1e6 * one.cpu_s / made),
    }  # fmt: skip


def measure_round() -> dict[str, object]:
    """Return what each step of a round costs all rooms together."""
    stream = make_stream(seed=SEED, n_accounts=N_ACCOUNTS, n_shares=N_SHARES, crowds=CROWD_SETS["default"])
    parts = split_stream(stream, n_rooms=N_ROOMS, overlap=0.0, seed=SEED)
    one, other = Timed("one"), Timed("other")
    keys, host = [_seed(f"room {i}") for i in range(N_ROOMS)], _seed("host")
    charter = Charter(
        federation="benchmark", epoch="1", rooms={public_of(key): f"room {i}" for i, key in enumerate(keys)},
        host=public_of(host), holders=(one.holder().public.hex(), other.holder().public.hex()), most_proposals=40,
    )  # fmt: skip
    took: dict[str, float] = {}
    timed = functools.partial(_timed, took)
    cutting, holders = charter.cutting, [one.holder(), other.holder()]
    views = timed(
        "look", lambda: [look(p.traces, objects=p.objects, moments=p.moments, cutting=cutting) for p in parts]
    )
    rooms = [Party(charter, view, holders, key=key) for view, key in zip(views, keys, strict=True)]
    timed("names", lambda: [room.names() for room in rooms])
    record = EpochRecord(charter)
    while record.phase is not Phase.DONE:
        timed(
            record.phase.name.lower(),
            lambda: [record.accept(data) for room in rooms for data in list(room.next_messages(record))],
        )
        record.accept(close_phase(record, key=host))
    claims = timed("claims", record.claims)
    replayed = timed("replay", lambda: EpochRecord.replay(charter, record.messages))
    assert replayed.digest == record.digest
    return {
        "rooms": N_ROOMS, "proposals": len(record.proposals), "messages": len(record.messages),
        "bytes": sum(map(len, record.messages)), "claims": len(claims), "names": one.n,
        "cpu_s": {name: round(seconds, 1) for name, seconds in took.items()}, "all_s": round(sum(took.values()), 1),
    }  # fmt: skip


def _timed(took: dict[str, float], name: str, work: Callable[[], Any]) -> Any:
    began = time.process_time()
    result = work()
    took[name] = took.get(name, 0.0) + time.process_time() - began
    return result


def main() -> None:
    """Print one line of figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--names", type=int, default=0)
    parser.add_argument("--round", action="store_true")
    options = parser.parse_args()
    if options.names:
        sys.stdout.write(orjson.dumps(measure_names(options.names)).decode() + "\n")
    if options.round:
        sys.stdout.write(orjson.dumps(measure_round()).decode() + "\n")


if __name__ == "__main__":
    main()
