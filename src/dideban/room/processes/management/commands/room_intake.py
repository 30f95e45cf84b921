"""The process that takes posts for the web server."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandParser


class Command(BaseCommand):
    help = "Take the posts that the web server hands over."
    requires_system_checks: tuple[str, ...] = ("dideban",)  # not those of Django: they load every page

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the options."""
        parser.add_argument("--socket", type=Path, required=True)

    def handle(self, *args: Any, **options: Any) -> None:
        """Run it."""
        from dideban.room.processes.intake_process import run_intake

        run_intake(options["socket"])
