"""Making the room and its first member."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandParser


class Command(BaseCommand):
    help = "Make the data folder, the database, a room and the member who leads it."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the options."""
        parser.add_argument("--room", default="watch")
        parser.add_argument("--name", default="Watch")
        parser.add_argument("--member", default="")
        parser.add_argument("--password", default="")
        parser.add_argument("--email", default="")
        parser.add_argument("--language", default="en")
        parser.add_argument("--demo", action="store_true")
        parser.add_argument("--history", action="store_true", help="three months of made-up responses too")

    def handle(self, *args: Any, **options: Any) -> None:
        """Run it."""
        from dideban.room.upkeep.setup import make_coordinator, make_room, prepare

        prepare()
        room = make_room(
            slug=options["room"], name=options["name"], is_demo=options["demo"], language=options["language"]
        )  # fmt: skip
        if options["member"]:
            make_coordinator(
                room, name=options["member"], password=options["password"], email=options["email"],
                language=options["language"],
            )  # fmt: skip
        if options["demo"]:
            from dideban.room.upkeep.demo_room import make_demo

            is_new = not room.sources.exists()
            make_demo(room)
            if is_new and options["member"]:
                from dideban.room.members.models import Membership
                from dideban.room.upkeep.demo_history import make_history
                from dideban.room.upkeep.demo_pages import make_pages

                by = Membership.objects.get(room=room, member__username__iexact=options["member"])
                make_pages(room, by)
                if options["history"]:
                    make_history(room, by)
