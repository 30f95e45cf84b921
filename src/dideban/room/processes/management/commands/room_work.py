"""The worker of the room."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand


class Command(BaseCommand):
    help = "Follow sources, merge posts, run ticks, deliver alerts."
    requires_system_checks: tuple[str, ...] = ("dideban",)  # not those of Django: they load every page

    def handle(self, *args: Any, **options: Any) -> None:
        """Run it."""
        from dideban.parent_watch import exit_with_parent
        from dideban.room.processes.worker import Worker

        exit_with_parent()
        Worker().run()
