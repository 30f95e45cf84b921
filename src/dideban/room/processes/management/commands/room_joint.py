"""What is due between a room and the others of its federations."""

from __future__ import annotations

import time
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

STAY_S = 15.0
"""What is due so soon is waited for: a new process costs more."""


class Command(BaseCommand):
    help = "Read the records of the epochs that a room takes part in, and say what is due in them."
    requires_system_checks: tuple[str, ...] = ("dideban",)

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the options."""
        parser.add_argument("--room", required=True)

    def handle(self, *args: Any, **options: Any) -> None:
        """Run it."""
        from django.utils import timezone

        from dideban.parent_watch import exit_with_parent
        from dideban.room.joint.steps import due, due_within, step
        from dideban.room.locks import JOINT, only_one
        from dideban.room.rooms.folder import folder_of

        exit_with_parent()
        with only_one(folder_of(options["room"]).root / JOINT) as is_ours:
            while is_ours:
                for epoch in due(timezone.now()):
                    if epoch.room.slug == options["room"]:
                        step(epoch)
                wait = due_within(STAY_S, room=options["room"], now=timezone.now())
                if wait is None:
                    return
                time.sleep(wait)
