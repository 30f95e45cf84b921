"""The audit trail."""

from __future__ import annotations

import json
import sys
from typing import Any

from django.core.management.base import BaseCommand


class Command(BaseCommand):
    help = "Verify the audit trail: every event, every hash, the end of the chain and its anchors."

    def handle(self, *args: Any, **options: Any) -> None:
        """Run it; ends with code 1 where the trail was changed."""
        from dideban.room.audit.verify import verify

        outcome = verify()
        self.stdout.write(json.dumps(outcome.to_dict(), default=str))
        if not outcome.is_whole:
            sys.exit(1)
