"""``dideban keyholder``: one of the two keys from which rooms of a federation get blinded names."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from dideban.cli.console import tell
from dideban.cli.help import Command, Group, option
from dideban.cli.lines import line
from dideban.errors import ConfigError, InputError
from dideban.messages import Message, cause_of

if TYPE_CHECKING:
    from dideban.joint.charter import Charter

FOLDER = Path("dideban-keyholder")
folder_option = option("--folder", type=click.Path(path_type=Path, file_okay=False), default=FOLDER, show_default=True)


@click.group("keyholder", cls=Group)
def command() -> None:
    """Hold one of the two keys of a federation of rooms."""


@command.command("begin", cls=Command)
@click.argument("federation")
@click.argument("epoch")
@folder_option
def begin(federation: str, epoch: str, folder: Path) -> None:
    """Make the key of an epoch and print its public key, for the charter."""
    from dideban.federation.keyholder import begin_epoch

    click.echo(begin_epoch(folder, federation=federation, epoch=epoch).hex())


@command.command("serve", cls=Command)
@click.argument("charter", type=click.Path(path_type=Path, dir_okay=False, exists=True))
@folder_option
@option("--host", default="127.0.0.1", show_default=True)
@option("--port", default=8770, show_default=True, type=click.IntRange(1, 65_535))
def serve(charter: Path, folder: Path, host: str, port: int) -> None:
    """Answer the rooms of a charter, within their limits."""
    from dideban.federation import KeyHolderDesk, Service
    from dideban.parent_watch import exit_with_parent

    exit_with_parent()
    desk = KeyHolderDesk(_charter(charter), folder)
    service = Service({"/names": desk.answer}, host=host, port=port)
    tell(Message("cli.keyholder.serves", address=service.address))
    service.run()


@command.command("counts", cls=Command)
@click.argument("charter", type=click.Path(path_type=Path, dir_okay=False, exists=True))
@folder_option
def counts(charter: Path, folder: Path) -> None:
    """Print how many names each room asked for, by day."""
    from dideban.federation.keyholder import read_counts

    for room, days in read_counts(_charter(charter), folder).items():
        for day, n in days.items():
            click.echo(line("cli.keyholder.count", room=room, day=day, n=n))


@command.command("end", cls=Command)
@click.argument("federation")
@click.argument("epoch")
@folder_option
def end(federation: str, epoch: str, folder: Path) -> None:
    """Delete the key of an epoch: nobody can make its blinded names any more."""
    from dideban.federation.keyholder import end_epoch

    if not end_epoch(folder, federation=federation, epoch=epoch):
        raise InputError("joint.no-key")
    tell(Message("cli.keyholder.ended", federation=federation, epoch=epoch))


def _charter(path: Path) -> Charter:
    from dideban.joint.charter import read_charter

    try:
        return read_charter(path.read_bytes())
    except OSError as error:
        raise ConfigError("file.not-read", key="charter", path=path, reason=cause_of(error)) from error
