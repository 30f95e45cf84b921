"""Django application."""

from __future__ import annotations

from django.apps import AppConfig


class RoomsConfig(AppConfig):
    name = "dideban.room.rooms"
    label = "rooms"

    def ready(self) -> None:
        """Register the checks of settings."""
        from dideban.room import checks  # noqa: F401
