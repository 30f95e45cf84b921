"""Peers of a room: who they are, and pulling from or pushing to them now."""

from __future__ import annotations

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandParser


class Command(BaseCommand):
    help = "List the peers of a room, pull from them or push to them now. Prints a line of JSON for each."
    requires_system_checks: tuple[str, ...] = ("dideban",)

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the options."""
        parser.add_argument("--room", required=True)
        parser.add_argument("--do", default="list", choices=["list", "pull", "push"])
        parser.add_argument("--peer", default="")

    def handle(self, *args: Any, **options: Any) -> None:
        """Run it; exits with 14 where a peer could not be reached or refused."""
        from dideban.errors import ExchangeError, InputError
        from dideban.room.sharing.client import try_pull
        from dideban.room.sharing.models import Peer
        from dideban.room.sharing.push import try_push

        does = {"pull": (try_pull, "url", "trouble"), "push": (try_push, "push_url", "push_trouble")}
        found = Peer.objects.filter(room__slug=options["room"]).select_related("room")
        if options["peer"]:
            found = found.filter(slug=options["peer"])
            if not found.exists():
                raise InputError("sharing.no-such-peer", name=options["peer"])
        failed = []
        for peer in found:
            row: dict[str, Any] = {"peer": peer.slug, "name": peer.name}
            if options["do"] in does:
                work, address, trouble = does[options["do"]]
                if peer.is_paused or not getattr(peer, address):
                    continue
                row["objects"] = work(peer)
                peer.refresh_from_db()
                if problem := getattr(peer, trouble):
                    row["trouble"] = problem["code"]
                    failed.append(peer.name)
            else:
                row |= _described(peer)
            self.stdout.write(json.dumps(row, ensure_ascii=False))
        if failed:
            raise ExchangeError("sharing.peers-failed", names=failed)


def _described(peer: Any) -> dict[str, Any]:
    return {
        "tlp": peer.max_tlp, "paused": peer.is_paused, "pull": peer.url, "push": peer.push_url, "pin": peer.pin,
        "seen_key": peer.seen_key, "pulled_at": peer.pulled_at.isoformat() if peer.pulled_at else None,
        "trouble": peer.trouble.get("code", ""), "push_trouble": peer.push_trouble.get("code", ""),
    }  # fmt: skip
