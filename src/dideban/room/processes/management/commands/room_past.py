"""The analysis of a past period that a member asked for."""

from __future__ import annotations

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandParser


class Command(BaseCommand):
    help = "Analyse a past period of a room, as a member asked."
    requires_system_checks: tuple[str, ...] = ("dideban",)  # not those of Django: they load every page

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the options."""
        parser.add_argument("--room", required=True)
        parser.add_argument("--number", required=True, type=int, help="of the run in the room")

    def handle(self, *args: Any, **options: Any) -> None:
        """Run it."""
        from dideban.parent_watch import exit_with_parent
        from dideban.room.past.models import PastRun
        from dideban.room.ticks.past_period import make_run, step_back

        exit_with_parent()
        step_back()
        runs = PastRun.objects.select_related("room")
        run = runs.get(room__slug=options["room"], number=options["number"])
        was_made = make_run(run)
        self.stdout.write(
            json.dumps(
                {"status": run.status if was_made else "not now", "posts": run.n_posts, "findings": run.n_findings}
            )
        )
