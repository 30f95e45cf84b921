"""A room from a backup."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandParser


class Command(BaseCommand):
    help = "Make a room from a backup, in an empty data folder."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the options."""
        parser.add_argument("--source", required=True)

    def handle(self, *args: Any, **options: Any) -> None:
        """Run it."""
        from dideban.room.upkeep.backup import restore

        manifest = restore(Path(options["source"]))
        self.stdout.write(json.dumps({"made_at": manifest["made_at"], "files": len(manifest["sha256"])}))
