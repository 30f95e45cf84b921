"""One room of the demonstration of a federation."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandParser


class Command(BaseCommand):
    help = "Make a room of the demonstration of a federation, let it join an epoch, or describe it. Prints JSON."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the options."""
        parser.add_argument("do", choices=["prepare", "make", "join", "describe"])
        parser.add_argument("--given", default="{}", help="JSON: what the step needs")

    def handle(self, *args: Any, **options: Any) -> None:
        """Run it."""
        from dideban.room.upkeep.setup import prepare

        if options["do"] in ("prepare", "make"):
            prepare()  # before what needs the folder
        from dideban.joint.charter import read_charter
        from dideban.room.rooms.models import Room
        from dideban.room.upkeep import demo_federation as demo

        given = json.loads(options["given"])
        said: dict[str, Any] = {}
        if options["do"] == "make":
            said = demo.make_federation_room(**{**given, "posts": Path(given["posts"])})
        elif options["do"] == "join":
            charter = read_charter(Path(given["charter"]).read_bytes())
            said = demo.join_federation(
                Room.objects.get(), charter=charter, host=given["host"], holders=given["holders"]
            )
        elif options["do"] == "describe":
            said = demo.describe_federation_room(Room.objects.get())
        self.stdout.write(json.dumps(said))
