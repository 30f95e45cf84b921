"""The whole room in one command."""

from __future__ import annotations

from typing import Any

from dideban.room.processes.serving import ServingCommand


class Command(ServingCommand):
    help = "Serve pages and work together."

    def handle(self, *args: Any, **options: Any) -> None:
        """Run it."""
        from dideban.room.processes.supervisor import serve

        serve(host=options["host"], port=options["port"], workers=options["workers"])
