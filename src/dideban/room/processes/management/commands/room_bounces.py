"""Reports that addresses of the newsletter are gone."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandParser


class Command(BaseCommand):
    help = "Take reports of mail servers that addresses of the newsletter are gone."

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the options."""
        parser.add_argument("--room", required=True)
        parser.add_argument("files", nargs="+")

    def handle(self, *args: Any, **options: Any) -> None:
        """Run it; prints how many files there were, and how many counted. No address is printed."""
        from dideban.errors import InputError
        from dideban.room.newsletter.bounces import MOST_BYTES, take_bounce
        from dideban.room.rooms.models import Room

        room = Room.objects.filter(slug=options["room"]).first()
        if room is None:
            raise InputError("site.no-such-room", name=options["room"][:40])
        counted = 0
        for name in options["files"]:
            with Path(name).open("rb") as file:
                counted += take_bounce(room, file.read(MOST_BYTES + 1))
        self.stdout.write(json.dumps({"files": len(options["files"]), "counted": counted}))
