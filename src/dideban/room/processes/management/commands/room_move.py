"""Moving a room from SQLite to the database of its settings."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandParser


class Command(BaseCommand):
    help = "Bring everything from the SQLite file of the data folder into the database of the settings."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the options."""
        parser.add_argument(
            "--dump", default="", help="write the content of this database, for the process that moves it"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Run it."""
        if options["dump"]:
            from dideban.room.upkeep.dump import dump

            dump(Path(options["dump"]))
            return
        from dideban.room.upkeep.move import move

        self.stdout.write(json.dumps({"rows": move()}))
