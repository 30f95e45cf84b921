"""Analyses of the horizon of a room."""

from __future__ import annotations

import json
import os
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser


class Command(BaseCommand):
    help = "Analyse the horizon of a room, once or while there is work."
    requires_system_checks: tuple[str, ...] = ("dideban",)  # not those of Django: they load every page

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the options."""
        parser.add_argument("--room", required=True)
        parser.add_argument("--stay", action="store_true", help="go on with the next ones as they are due")

    def handle(self, *args: Any, **options: Any) -> None:
        """Run it."""
        from dideban.parent_watch import exit_with_parent
        from dideban.room.rooms.models import Room
        from dideban.room.ticks.run import run_tick, summary
        from dideban.room.ticks.tick_loop import run_tick_loop

        exit_with_parent()
        if hasattr(os, "nice"):
            os.nice(5)  # pages come first
        if options["stay"]:
            self.stdout.write(json.dumps({"ticks": run_tick_loop(options["room"], threads=settings.ENGINE_THREADS)}))
            return
        tick = run_tick(Room.objects.get(slug=options["room"]), threads=settings.ENGINE_THREADS)
        self.stdout.write(json.dumps(summary(tick) if tick else {"status": "busy"}))
