"""The command line: one module per command, imported only when it runs.

``main`` is the entry point. Adding a command: write ``cli/<name>.py`` with a click command called ``command``, add its
name to COMMANDS, and its texts to the catalogues: its line under ``cli.command``, its help under ``help``.
"""

from __future__ import annotations

import gettext
import importlib
import sys

import click

from dideban import __version__
from dideban.cli.help import Group, Option

COMMANDS = (
    "scan", "demo", "inspect", "coshare", "narratives", "copying", "effect", "explain", "follow", "verify", "exercises",
    "export", "sample", "simulate", "room", "keyholder", "federation", "site", "comments", "config", "prepare",
)  # fmt: skip
"""In the order of ``dideban --help``, which says of each what is under ``cli.command`` in the catalogues. Names with a
hyphen live in modules with an underscore."""


class LazyGroup(Group):
    """A group whose commands are imported when they run, so that ``--help`` answers at once."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the command names in the order of COMMANDS."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import the module of a command."""
        if cmd_name not in COMMANDS:
            return None
        module = importlib.import_module(f"dideban.cli.{cmd_name.replace('-', '_')}")
        command: click.Command = module.command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the command list without importing a single command."""
        from dideban.cli.lines import line

        with formatter.section(gettext.gettext("Commands")):
            formatter.write_dl([(name, line(f"cli.command.{name}")) for name in COMMANDS])


@click.group("dideban", cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="dideban", cls=Option)
def cli() -> None:
    """Watch the online information space: find groups of accounts that push the same content in concert."""


def main() -> None:
    """Run the command line; turn our own errors into one line, a hint and an exit code."""
    try:
        from dideban.cli.console import run_guarded

        sys.exit(run_guarded(cli))
    except KeyboardInterrupt:  # before run_guarded is there to catch it
        sys.stderr.write("\nstopped\n")
        sys.exit(130)
