"""A backup."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandParser


class Command(BaseCommand):
    help = "Write everything the room has into one file, while it runs."

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the options."""
        parser.add_argument("--to", required=True)

    def handle(self, *args: Any, **options: Any) -> None:
        """Run it."""
        from dideban.room.ticks.heartbeat import beat
        from dideban.room.upkeep.backup import back_up
        from dideban.room.upkeep.status import BACKUP

        manifest = back_up(Path(options["to"]))
        self.stdout.write(json.dumps({"to": options["to"], "files": len(manifest["sha256"])}))
        beat(BACKUP)
