"""The web server of the room."""

from __future__ import annotations

from typing import Any

from dideban.room.processes.serving import ServingCommand


class Command(ServingCommand):
    help = "Serve the pages and the programming interface."

    def handle(self, *args: Any, **options: Any) -> None:
        """Run it."""
        from dideban.room.processes.web_server import run_web

        run_web(host=options["host"], port=options["port"], workers=options["workers"])
