"""A federation on one machine, to try it: a campaign that none of its three rooms can prove alone."""

from __future__ import annotations

import contextlib
import dataclasses
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

import orjson

from dideban.atomic import write_bytes
from dideban.config import Config
from dideban.federation.client import HostClient, holder_over
from dideban.federation.host import Host
from dideban.federation.keeping import host_service, record_bytes
from dideban.federation.keyholder import KeyHolderDesk, begin_epoch, end_epoch
from dideban.federation.page import render_federation
from dideban.federation.service import Service
from dideban.joint.charter import Charter, charter_bytes
from dideban.joint.claims import JointClaim
from dideban.joint.oprf import derive_key
from dideban.joint.party import Party
from dideban.joint.record import EpochRecord, Phase
from dideban.joint.view import look
from dideban.joint.wire import public_of
from dideban.progress import SILENT, Progress
from dideban.proof import prove_groups
from dideban.simulate import Plant, Stream, make_stream, split_stream

ROOMS = ("North", "Coast", "Capital")
SEED = 8
N_ACCOUNTS, N_SHARES = 900, 14_000
OVERLAP = 0.1
PLANT = Plant(n_accounts=10, n_operations=9, jitter_s=30.0, others=30, participation=0.95)
FEDERATION, EPOCH = "demo", "1"
MOST_PROPOSALS = 5


@dataclass(frozen=True, kw_only=True)
class RoomResult:
    """What one room of the demo has by itself, and what it gets from the others."""

    name: str
    n_shares: int
    n_alone: int
    """Findings that it makes by itself."""
    own_members: list[list[str]]
    """Of each joint claim, the named accounts that are its own."""


@dataclass(frozen=True, kw_only=True)
class FederationDemo:
    """What came out."""

    rooms: list[RoomResult]
    charter: Charter
    record: EpochRecord
    claims: list[JointClaim]
    n_planted: int
    n_right: int
    """Named accounts that were planted."""
    n_wrong: int
    counts: list[dict[str, dict[str, int]]]
    """Of each key holder: room -> day -> names asked for."""


def run_demo(out: Path, *, seed: int = SEED, progress: Progress = SILENT) -> FederationDemo:
    """Run a whole epoch over HTTP on this machine and write what each party would keep.

    Parameters
    ----------
    out : folder
        Gets the charter, the record of messages, the counts of the key holders, and ``claims.json``.
    """
    stream = demo_stream(seed=seed)
    parts = demo_parts(seed=seed)
    keys = [_secret("room", name) for name in ROOMS]
    folders = [out / "key-holder-1", out / "key-holder-2"]
    with progress.stage("proving-together", total=2 * len(ROOMS) + 4, unit="steps") as task:
        publics = [
            begin_epoch(
                folder, federation=FEDERATION, epoch=EPOCH, key=derive_key(_secret(folder.name, ""), info=b"")
            ).hex()
            for folder in folders
        ]
        charter = Charter(
            federation=FEDERATION,
            epoch=EPOCH,
            rooms={public_of(key): name for key, name in zip(keys, ROOMS, strict=True)},
            host=public_of(_secret("host", "")),
            holders=(publics[0], publics[1]),
            most_proposals=MOST_PROPOSALS,
        )
        write_bytes(out / "charter.json", charter_bytes(charter), survives="kill")
        alone = []
        for part in parts:
            alone.append(_alone(part))
            task.advance()
        desks = [KeyHolderDesk(charter, folder) for folder in folders]
        host = Host(charter, out / "host", key=_secret("host", ""))
        with contextlib.ExitStack() as stack:
            holders = [stack.enter_context(Service({"/names": desk.answer})).address for desk in desks]
            center = stack.enter_context(host_service(host)).address
            parties = [_party(charter, part, holders, key=key) for part, key in zip(parts, keys, strict=True)]
            clients = [HostClient(charter, center, key=key) for key in keys]
            while host.record.phase is not Phase.DONE:
                _turn(parties, clients)
                host.close_phase()
                task.advance()
            for client in clients:
                client.pull()
        for folder in folders:
            end_epoch(folder, federation=FEDERATION, epoch=EPOCH)
    return _result(out, parts, parties, clients[0].record, stream, alone=alone, desks=desks)


def demo_stream(*, seed: int = SEED) -> Stream:
    """Return what is posted: people, and one campaign."""
    return make_stream(seed=seed, n_accounts=N_ACCOUNTS, n_shares=N_SHARES, crowds=("fast_reactors",), plants=[PLANT])


def demo_parts(*, seed: int = SEED) -> list[Stream]:
    """Return what each room sees of it."""
    return split_stream(demo_stream(seed=seed), n_rooms=len(ROOMS), overlap=OVERLAP, seed=seed)


def _secret(kind: str, name: str) -> bytes:
    """Return a key that everybody's demo has: nobody real is in it."""
    return hashlib.sha256(f"dideban demo {kind} {name}".encode()).digest()


def _party(charter: Charter, part: Stream, holders: Sequence[str], *, key: bytes) -> Party:
    view = look(part.traces, objects=part.objects, moments=part.moments, cutting=charter.cutting)
    asked = [
        holder_over(charter, public=public, address=address, key=key)
        for public, address in zip(charter.holders, holders, strict=True)
    ]
    return Party(charter, view, asked, key=key)


def _turn(parties: Sequence[Party], clients: Sequence[HostClient]) -> None:
    """Let each room read the record and say what it has to say, as if it were online for a moment."""
    for party, client in zip(parties, clients, strict=True):
        client.pull()
        for data in list(party.next_messages(client.record)):
            client.push(data)


def _alone(part: Stream) -> int:
    config = Config(threads=1)
    config = dataclasses.replace(config, proof=dataclasses.replace(config.proof, n_shuffles=0, leads=False))
    proof = prove_groups(part.traces, objects=part.objects, moments=part.moments, config=config)
    return proof.groups["group_ix"].n_unique()


def _result(
    out: Path,
    parts: Sequence[Stream],
    parties: Sequence[Party],
    record: EpochRecord,
    stream: Stream,
    *,
    alone: Sequence[int],
    desks: Sequence[KeyHolderDesk],
) -> FederationDemo:
    claims = record.claims()
    write_bytes(out / "record.ndjson", record_bytes(record), survives="kill")
    planted = set(stream.truth.filter(kind="plant")["account_id"].to_list())
    own = [[[a for n in one.named if (a := p.account_of(n)) is not None] for one in claims] for p in parties]
    named = {account for members in own for some in members for account in some}
    document = [
        {"proposal": one.heard.proposal, "named": list(one.named), "log_e": round(one.judged.log_e, 3)}
        for one in claims
    ]
    write_bytes(out / "claims.json", orjson.dumps(document, option=orjson.OPT_INDENT_2), survives="kill")
    write_bytes(
        out / "federation.html", render_federation(record, version=version("dideban")).encode(), survives="kill"
    )
    rooms = [
        RoomResult(name=name, n_shares=part.traces.height, n_alone=n, own_members=members)
        for name, part, n, members in zip(ROOMS, parts, alone, own, strict=True)
    ]
    return FederationDemo(
        rooms=rooms, charter=record.charter, record=record, claims=claims, n_planted=len(planted),
        n_right=len(named & planted), n_wrong=len(named - planted), counts=[desk.counts() for desk in desks],
    )  # fmt: skip
