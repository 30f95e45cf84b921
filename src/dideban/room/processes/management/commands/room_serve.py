"""The whole room in one command."""

from __future__ import annotations

from typing import Any

from django.core.management.base import CommandParser

from dideban.room.processes.serving import ServingCommand


class Command(ServingCommand):
    help = "Serve pages and work together."

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the options."""
        super().add_arguments(parser)
        parser.add_argument("--comments", type=int, default=0, help="port of the comments of a demo; 0 = none")

    def handle(self, *args: Any, **options: Any) -> None:
        """Run it."""
        from dideban.room.processes.comments import comments_child
        from dideban.room.processes.supervisor import serve

        comments = comments_child(options["host"], options["comments"]) if options["comments"] else None
        serve(host=options["host"], port=options["port"], workers=options["workers"], comments=comments)
