"""``dideban federation``: rooms that prove groups together; the host of their record; checking what they claim."""

from __future__ import annotations

import signal
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from dideban.cli.console import tell
from dideban.cli.help import Command, Group, option
from dideban.cli.lines import line
from dideban.errors import ConfigError, StoreError
from dideban.messages import Message, cause_of

if TYPE_CHECKING:
    from dideban.federation.demo import FederationDemo
    from dideban.federation.demo_rooms import RoomShown
    from dideban.joint.record import EpochRecord

OURS = {
    "charter.json", "claims.json", "federation.html", "record.ndjson", "host", "host.key", "key-holder-1",
    "key-holder-2", "north", "coast", "capital", "logs", "north.posts.parquet", "coast.posts.parquet",
    "capital.posts.parquet",
}  # fmt: skip


@click.group("federation", cls=Group, invoke_without_command=True)
@option("--demo", is_flag=True)
@option("--rooms/--no-rooms", "with_rooms", default=True)
@option("--out", type=click.Path(path_type=Path, file_okay=False), default=Path("federation-demo"), show_default=True)
@option("--port", default=8781, show_default=True, type=click.IntRange(1, 65_530))
@option("--quiet", is_flag=True)
@click.pass_context
def command(context: click.Context, demo: bool, with_rooms: bool, out: Path, port: int, quiet: bool) -> None:
    """Prove groups with other rooms: try it, keep a record, check one."""
    if context.invoked_subcommand is not None:
        return
    if not demo:
        click.echo(context.get_help())
    elif with_rooms:
        _run_rooms(out, port=port, quiet=quiet)
    else:
        _run_demo(out, quiet=quiet)


def _emptied(out: Path) -> None:
    """Make a folder empty that an earlier demonstration filled.

    Raises
    ------
    StoreError
        It holds something else.
    """
    import shutil

    if out.exists():
        if not {path.name for path in out.iterdir()} <= OURS:
            raise StoreError("cli.not-ours", hint="hint.another-file", path=str(out))
        shutil.rmtree(out)
    out.mkdir(parents=True)


def _run_rooms(out: Path, *, port: int, quiet: bool) -> None:
    from dideban.cli.console import ConsoleProgress
    from dideban.cli.prepare import prepare_kernels
    from dideban.cli.room import require_extra
    from dideban.federation.demo_rooms import PASSWORD, RoomFederation, check_ports
    from dideban.progress import SILENT

    require_extra()
    check_ports(range(port, port + 6))
    _emptied(out)
    progress = SILENT if quiet else ConsoleProgress()
    prepare_kernels(progress)
    for name in (signal.SIGINT, signal.SIGTERM):
        signal.signal(name, _interrupt)
    try:
        with RoomFederation(out, port=port, say=tell, progress=progress) as federation:
            federation.start()
            for text in _shown(federation.prove(), password=PASSWORD, out=out):
                click.echo(text)
            federation.watch()
    except KeyboardInterrupt:
        tell(Message("cli.federation.stopped"))


def _interrupt(*_: object) -> None:
    raise KeyboardInterrupt


def _shown(shown: Sequence[RoomShown], *, password: str, out: Path) -> list[str]:
    rooms = [line("cli.federation.room-alone", name=one.name, n=one.n_posts, findings=one.n_alone) for one in shown]
    found = [
        line("cli.federation.room-joint", name=one.name, number=some["number"], n=some["n_named"], own=some["n_own"])
        for one in shown
        for some in one.joint
    ]
    pages = [f"  {one.name}: {one.address}" for one in shown]
    return [
        *rooms, "", *(found or [line("cli.federation.nothing")]), "", line("cli.federation.pages", password=password),
        *pages, line("cli.federation.resultant", path=out / "federation.html"), line("cli.federation.keys-gone"),
        line("cli.federation.leak"), "", line("cli.federation.until"),
    ]  # fmt: skip


def _run_demo(out: Path, *, quiet: bool) -> None:
    from dideban.cli.console import ConsoleProgress
    from dideban.federation.demo import run_demo
    from dideban.progress import SILENT

    _emptied(out)
    result = run_demo(out, progress=SILENT if quiet else ConsoleProgress())
    for text in _told(result):
        click.echo(text)
    if not quiet:
        tell(Message("cli.federation.written", path=out))


@command.command("key", cls=Command)
@click.argument("path", type=click.Path(path_type=Path, dir_okay=False))
def key(path: Path) -> None:
    """Make the key of a host, where there is none, and print its public key, for the charter."""
    from dideban.federation.keeping import host_key
    from dideban.joint.wire import public_of

    click.echo(public_of(host_key(path)))


@command.command("host", cls=Command)
@click.argument("charter", type=click.Path(path_type=Path, dir_okay=False, exists=True))
@option("--key", "key_path", type=click.Path(path_type=Path, dir_okay=False, exists=True), required=True)
@option("--folder", type=click.Path(path_type=Path, file_okay=False), default=Path("dideban-host"), show_default=True)
@option("--hours", default=24.0, show_default=True, type=click.FloatRange(0.01, 336))
@option("--host", "address", default="127.0.0.1", show_default=True)
@option("--port", default=8771, show_default=True, type=click.IntRange(1, 65_535))
def host(charter: Path, key_path: Path, folder: Path, hours: float, address: str, port: int) -> None:
    """Keep the record of an epoch for its rooms, and close phases when their time is over."""
    from dideban.federation.keeping import keep_record
    from dideban.joint.charter import read_charter
    from dideban.parent_watch import exit_with_parent

    exit_with_parent()
    given = read_charter(_read(charter))
    tell(Message("cli.keyholder.serves", address=f"http://{address}:{port}"))
    keep_record(given, folder, key=_read(key_path), address=address, port=port, hours=hours)


@command.command("verify", cls=Command)
@click.argument("path", type=click.Path(path_type=Path, dir_okay=False, exists=True))
@option("--json", "as_json", is_flag=True)
def verify(path: Path, as_json: bool) -> None:
    """Check a record: every signature and rule, and what the rooms claim, computed again."""
    import orjson

    from dideban.federation.keeping import read_record

    record = read_record(path)
    if as_json:
        click.echo(orjson.dumps(_described(record), option=orjson.OPT_INDENT_2).decode())
        return
    for text in _checked(record):
        click.echo(text)


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise ConfigError("file.not-read", key=path.name, path=path, reason=cause_of(error)) from error


def _described(record: EpochRecord) -> dict[str, object]:
    from dideban.federation import claim_facts
    from dideban.joint.record import Phase

    claims = record.claims() if record.phase is Phase.DONE else []
    return {
        "charter": record.charter.digest, "record": record.digest, "phase": record.phase.name.lower(),
        "messages": len(record.messages), "proposals": len(record.proposals),
        "claims": [
            {"proposal": one.heard.proposal, "named": list(one.named), **claim_facts(record, one)} for one in claims
        ],
    }  # fmt: skip


def _checked(record: EpochRecord) -> list[str]:
    from dideban.joint.record import Phase

    said = line("cli.federation.stands", n=len(record.messages), proposals=len(record.proposals), digest=record.digest)
    if record.phase is not Phase.DONE:
        return [said, line("cli.federation.under-way")]
    claims = [line("cli.federation.joint", n=len(one.named), rooms=len(one.heard.shares)) for one in record.claims()]
    return [said, *(claims or [line("cli.federation.nothing")])]


def _told(result: FederationDemo) -> list[str]:
    rooms = [
        line("cli.federation.room", name=room.name, n=room.n_shares, findings=room.n_alone) for room in result.rooms
    ]
    together = [
        line("cli.federation.joint", n=len(claim.named), rooms=len(claim.heard.shares)) for claim in result.claims
    ]
    own = [
        line("cli.federation.own", name=room.name, n=len(some)) for room in result.rooms for some in room.own_members
    ]
    checked = line("cli.federation.checked", planted=result.n_planted, right=result.n_right, wrong=result.n_wrong)
    asked = sum(n for days in result.counts[0].values() for n in days.values())
    record = line("cli.federation.record", n=len(result.record.messages), asked=asked)
    return [
        *rooms,
        "",
        *(together or [line("cli.federation.nothing")]),
        *own,
        "",
        checked,
        record,
        line("cli.federation.leak"),
    ]
