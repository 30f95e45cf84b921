"""What the commands that serve pages have in common."""

from __future__ import annotations

from django.core.management.base import BaseCommand, CommandParser


class ServingCommand(BaseCommand):
    """A command that serves pages."""

    requires_system_checks: tuple[str, ...] = ("dideban",)  # not those of Django: they load every page

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the options."""
        parser.add_argument("--host", default="127.0.0.1")
        parser.add_argument("--port", type=int, default=8765)
        parser.add_argument("--workers", type=int, default=1)
