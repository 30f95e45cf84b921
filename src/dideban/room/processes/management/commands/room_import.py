"""Results of another scan."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandParser


class Command(BaseCommand):
    help = "Bring posts of another scan, whose ids are pseudonyms already, into a room."

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the options."""
        parser.add_argument("--path", required=True)
        parser.add_argument("--room", required=True)
        parser.add_argument("--name", required=True)

    def handle(self, *args: Any, **options: Any) -> None:
        """Run it."""
        from dideban.errors import InputError
        from dideban.room.rooms.models import Room
        from dideban.room.upkeep.import_scan import import_scan

        room = Room.objects.filter(slug=options["room"]).first()
        if room is None:
            raise InputError("import.no-room", name=options["room"])
        taken = import_scan(Path(options["path"]), room=room, name=options["name"])
        self.stdout.write(json.dumps(taken.to_dict()))
