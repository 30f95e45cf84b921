"""How the room is, for whoever runs it."""

from __future__ import annotations

import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandParser


class Command(BaseCommand):
    help = "Say in a few lines how the room is and what to do next."

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the options."""
        parser.add_argument("--language", default="en")

    def handle(self, *args: Any, **options: Any) -> None:
        """Run it; ends with code 1 where something is to be done."""
        from dideban.messages import say
        from dideban.room.upkeep.status import said_in, status

        told = status()
        for message in said_in(told):
            self.stdout.write(say(message, options["language"]))
        if told.steps:
            sys.exit(1)
