"""The web server of the room."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandParser


class Command(BaseCommand):
    help = "Serve the pages and the programming interface."
    requires_system_checks: tuple[str, ...] = ("dideban",)  # not those of Django: they load every page

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the options."""
        parser.add_argument("--host", default="127.0.0.1")
        parser.add_argument("--port", type=int, default=8765)
        parser.add_argument("--workers", type=int, default=1)

    def handle(self, *args: Any, **options: Any) -> None:
        """Run it."""
        from dideban.room.processes.web_server import run_web

        run_web(host=options["host"], port=options["port"], workers=options["workers"])
