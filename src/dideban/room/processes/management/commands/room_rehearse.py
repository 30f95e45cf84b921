"""The nightly run of a room: planted groups in a copy of the last week, decoys, proposals."""

from __future__ import annotations

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandParser


class Command(BaseCommand):
    help = "Plant groups in a copy of the last week and look for them; make decoys and proposals."
    requires_system_checks: tuple[str, ...] = ("dideban",)

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the options."""
        parser.add_argument("--room", required=True)

    def handle(self, *args: Any, **options: Any) -> None:
        """Run it."""
        from dideban.parent_watch import exit_with_parent
        from dideban.room.rooms.models import Room
        from dideban.room.upkeep.learning import look_for_proposals
        from dideban.room.upkeep.rehearsals import run_rehearsal, step_back

        exit_with_parent()
        step_back()
        room = Room.objects.get(slug=options["room"])
        made = run_rehearsal(room)
        n = len(look_for_proposals(room))
        found = [row["found"] for row in made.rows] if made else []
        self.stdout.write(
            json.dumps(
                {"planted": len(found), "found": sum(found), "proposals": n, "seconds": made.seconds if made else None}
            )
        )
