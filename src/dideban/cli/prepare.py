"""``dideban prepare``: compile everything now, for images and machines without a network."""

from __future__ import annotations

import click


@click.command("prepare")
@click.option("--quiet", is_flag=True, help="Say nothing on success.")
def command(quiet: bool) -> None:
    """Compile the kernels that the commands need, so that the first run does not have to.

    They are kept in the cache folder of your account, or in NUMBA_CACHE_DIR where that is set, and compiled again
    only after an upgrade that changed them.
    """
    from dideban.cli.console import tell
    from dideban.kernels.cache import kernel_folder
    from dideban.messages import Message

    folder = kernel_folder()
    if folder is None:
        tell(Message("cli.prepare.nowhere"))
        return
    prepare_kernels(everything=True, quiet=quiet)
    if not quiet:
        tell(Message("cli.prepare.done", path=folder))


def prepare_kernels(*, everything: bool = False, quiet: bool = False) -> None:
    """Compile what is not compiled yet, and say so: on a new machine this takes longer than the work itself."""
    from dideban.cli.console import progress
    from dideban.kernels.prepare import call_list, is_prepared, prepare

    if is_prepared(everything=everything):
        return
    with progress(quiet=quiet).stage(
        "compiling-kernels", total=len(call_list(everything=everything)), unit="kernels"
    ) as task:
        prepare(everything=everything, done=task.advance)
