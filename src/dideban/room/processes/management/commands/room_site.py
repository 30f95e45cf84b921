"""Building the public site of a room into a folder."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandParser


class Command(BaseCommand):
    help = "Build the public site of a room into a folder."

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the options."""
        parser.add_argument("--room", required=True)
        parser.add_argument("--out", required=True)
        parser.add_argument("--zip", default="")

    def handle(self, *args: Any, **options: Any) -> None:
        """Run it; prints one line of figures."""
        from dideban.errors import InputError
        from dideban.messages import Message, say
        from dideban.room.processes.public_site import build
        from dideban.room.rooms.models import Room
        from dideban.site import zip_site

        room = Room.objects.filter(slug=options["room"]).first()
        if room is None:
            raise InputError("site.no-such-room", name=options["room"][:40])
        made = build(room, out=Path(options["out"]), always=True).exported
        assert made is not None
        if options["zip"]:
            zip_site(Path(options["out"]), to=Path(options["zip"]))
        figures = {"n": made.n_files, "written": made.n_written, "removed": made.n_removed, "size": made.n_bytes}
        self.stdout.write(say(Message("site.built", **figures), room.language))
