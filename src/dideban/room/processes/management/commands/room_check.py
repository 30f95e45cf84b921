"""Whether the room is well."""

from __future__ import annotations

import json
import sys
from typing import Any

from django.core.management.base import BaseCommand


class Command(BaseCommand):
    help = "Check settings, database, tables, audit trail and heartbeat; say what is wrong."

    def handle(self, *args: Any, **options: Any) -> None:
        """Run it; ends with code 1 where something is wrong."""
        from dideban.room.upkeep.health import check_all

        report = check_all()
        self.stdout.write(json.dumps(report, indent=2, default=str))
        if report["problems"]:
            sys.exit(1)
