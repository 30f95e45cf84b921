"""``dideban federation``: rooms that prove groups together, tried on one machine."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from dideban.cli.console import tell
from dideban.cli.help import Command, option
from dideban.cli.lines import line
from dideban.errors import StoreError
from dideban.messages import Message

if TYPE_CHECKING:
    from dideban.federation.demo import FederationDemo

OURS = {"charter.json", "claims.json", "federation.html", "host", "key-holder-1", "key-holder-2"}


@click.command("federation", cls=Command)
@option("--demo", is_flag=True, required=True)
@option("--out", type=click.Path(path_type=Path, file_okay=False), default=Path("federation-demo"), show_default=True)
@option("--quiet", is_flag=True)
def command(demo: bool, out: Path, quiet: bool) -> None:
    """Run three rooms, two key holders and a host on this machine, with a campaign that no room can prove alone."""
    import shutil

    from dideban.cli.console import ConsoleProgress
    from dideban.federation.demo import run_demo
    from dideban.progress import SILENT

    if out.exists():
        if not {path.name for path in out.iterdir()} <= OURS:
            raise StoreError("cli.not-ours", hint="hint.another-file", path=str(out))
        shutil.rmtree(out)
    out.mkdir(parents=True)
    result = run_demo(out, progress=SILENT if quiet else ConsoleProgress())
    for text in _told(result):
        click.echo(text)
    if not quiet:
        tell(Message("cli.federation.written", path=out))


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
