"""Django application."""

from __future__ import annotations

from django.apps import AppConfig


class MembersConfig(AppConfig):
    name = "dideban.room.members"
    label = "members"

    def ready(self) -> None:
        """Note who signs in."""
        from dideban.room.members import sign_in_log

        sign_in_log.start()
