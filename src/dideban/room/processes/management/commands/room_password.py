"""Set a new password for a member, from the command line of the machine."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandParser


class Command(BaseCommand):
    help = "Set the password of a member; all sessions of theirs end."

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the options."""
        parser.add_argument("--member", required=True)
        parser.add_argument("--password", required=True)

    def handle(self, *args: Any, **options: Any) -> None:
        """Run it."""
        from dideban.errors import InputError
        from dideban.room.members.actions import set_password
        from dideban.room.members.models import Member

        member = Member.objects.filter(username__iexact=options["member"].strip()).first()
        if member is None:
            raise InputError("password.no-member", name=options["member"])
        set_password(member, options["password"])
