"""Commands and options whose help is in the catalogues, under ``help``, in the language of the person.

A command has its text under ``help.COMMAND.about``, an option under ``help.COMMAND.OPTION`` or, where several commands
share it, under ``help.option.OPTION``.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import click

F = TypeVar("F", bound=Callable[..., Any])


def _text(*codes: str) -> str:
    """Render the first of the codes that the catalogues have."""
    from dideban.cli.lines import line
    from dideban.messages import has_text

    return line(next((code for code in codes if has_text(code)), codes[-1]))


class Option(click.Option):
    """An option of a :class:`Command`."""

    path = ""
    """Names of its command and of the groups above it, joined by points."""

    @property
    def help(self) -> str:
        """Its line in the help."""
        name = str(self.name).replace("_", "-")
        return _text(f"help.{self.path}.{name}", f"help.option.{name}")

    @help.setter
    def help(self, text: str | None) -> None: ...

    def make_metavar(self, ctx: click.Context) -> str:
        """Return what stands for its value in the help: a name of its own, else its type."""
        name = "path" if isinstance(self.type, click.Path) else self.type.name.replace(" ", "-")
        plain = self.metavar is None and not isinstance(self.type, click.Choice)
        return _text(f"help.metavar.{name}") if plain else super().make_metavar(ctx)


class Command(click.Command):
    """A command; make its options with :func:`option`."""

    def __init__(self, *args: Any, **settings: Any) -> None:
        super().__init__(*args, **settings)
        self.move(str(self.name))

    @property
    def help(self) -> str:
        """What the command does."""
        return _text(f"help.{self.path}.about")

    @help.setter
    def help(self, text: str | None) -> None: ...

    def move(self, path: str) -> None:
        """Set where the texts of the command and of its options are."""
        self.path = path
        for one in self.params:
            if isinstance(one, Option):
                one.path = path


class Group(Command, click.Group):
    """A command with commands of its own."""

    def add_command(self, cmd: click.Command, name: str | None = None) -> None:
        """Add a command."""
        super().add_command(cmd, name)
        if isinstance(cmd, Command):
            cmd.move(f"{self.path}.{name or cmd.name}")


def option(*names: str, **settings: Any) -> Callable[[F], F]:
    """Declare an option whose line of help is in the catalogues."""
    return click.option(*names, cls=Option, **settings)
