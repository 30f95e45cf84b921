"""The command line: one module per command, imported only when it runs.

``main`` is the entry point. Adding a command: write ``cli/<name>.py`` with a click command called ``command``, and
add its line to COMMANDS.
"""

from __future__ import annotations

import importlib
import sys

import click

from dideban import __version__

COMMANDS = {
    "scan": "Find groups that act in concert in files of posts.",
    "demo": "Make a sample, scan it, and show what was found beside what was planted.",
    "inspect": "Say what a file is and how it would be read.",
    "coshare": "Link accounts in a table of shares by the threshold rule alone.",
    "narratives": "Cluster posts by what they say, over time, whoever wrote them.",
    "copying": "Say who published first, who copied how much, and whether that is said.",
    "effect": "Say what responses did: fewer posts, more, or nothing that can be told.",
    "explain": "Print a finding in plain words, with its evidence.",
    "follow": "Say which groups of several results are the same, and what became of them.",
    "verify": "Recompute a finding package from the posts inside it.",
    "sample": "Write realistic multilingual posts with planted campaigns.",
    "simulate": "Simulate shares with known truth, to measure a method.",
    "room": "Run the watch room: sources followed day and night, findings, alerts, cases.",
    "config": "Show every setting, its value and where it came from.",
}
"""Command name to the line that ``dideban --help`` shows; names with a hyphen live in modules with an underscore."""


class LazyGroup(click.Group):
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
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="dideban")
def cli() -> None:
    """Watch the online information space: find groups of accounts that push the same content in concert.

    Results go to stdout or to the folder you name; progress and errors go to stderr.
    """


def main() -> None:
    """Run the command line; turn our own errors into one line, a hint and an exit code."""
    try:
        from dideban.cli.console import run_guarded

        sys.exit(run_guarded(cli))
    except KeyboardInterrupt:  # before run_guarded is there to catch it
        sys.stderr.write("\nstopped\n")
        sys.exit(130)
