"""The audit trail."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandParser


class Command(BaseCommand):
    help = "Verify the audit trail: every event, every hash, the end of the chain and its anchors."

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the options."""
        parser.add_argument("do", nargs="?", default="verify", choices=("verify", "renew", "peer"))
        parser.add_argument("--anchors", action="append", default=[], help="file with anchors kept elsewhere")
        parser.add_argument("--no-ask", action="store_true", help="do not ask the peer")
        parser.add_argument("--name", default="", help="name of the other installation")

    def handle(self, *args: Any, **options: Any) -> None:
        """Run it; verifying ends with code 1 where the trail was changed."""
        match options["do"]:
            case "renew":
                from dideban.room.audit.anchoring import renew

                self.stdout.write(json.dumps({"moved": [str(path) for path in renew()]}))
            case "peer":
                from dideban.room.audit.peers import add_peer
                from dideban.room.members.tokens import hash_token, make_token

                token = make_token("a")
                add_peer(options["name"], token_hash=hash_token(token))
                self.stdout.write(token)
            case _:
                self._verify([Path(path) for path in options["anchors"]], ask=not options["no_ask"])

    def _verify(self, given: list[Path], *, ask: bool) -> None:
        from dideban.room.audit.verify import verify

        outcome = verify(given=given, ask=ask)
        self.stdout.write(json.dumps(outcome.to_dict(), default=str))
        if not outcome.is_whole:
            sys.exit(1)
