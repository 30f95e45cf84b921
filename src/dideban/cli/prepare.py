"""``dideban prepare``: compile everything now, for images and machines without a network."""

from __future__ import annotations

import click

from dideban.cli.help import Command, option
from dideban.progress import Progress


@click.command("prepare", cls=Command)
@option("--quiet", is_flag=True)
def command(quiet: bool) -> None:
    """Compile the kernels that the commands need, so that the first run does not have to."""
    from dideban.cli.console import progress, tell
    from dideban.kernels.cache import kernel_folder
    from dideban.messages import Message

    folder = kernel_folder()
    if folder is None:
        tell(Message("cli.prepare.nowhere"))
        return
    prepare_kernels(progress(quiet=quiet), everything=True)
    if not quiet:
        tell(Message("cli.prepare.done", path=folder))


def prepare_kernels(progress: Progress, *, everything: bool = False) -> None:
    """Compile what is not compiled yet, and say so: on a new machine this takes longer than the work itself."""
    from dideban.kernels.prepare import call_list, is_prepared, prepare

    if is_prepared(everything=everything):
        return
    n = len(call_list(everything=everything))
    with progress.stage("compiling-kernels", total=n, unit="kernels") as task:
        prepare(everything=everything, done=task.advance)
