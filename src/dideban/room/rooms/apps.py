"""Django application."""

from __future__ import annotations

import contextlib

from django.apps import AppConfig


class RoomsConfig(AppConfig):
    name = "dideban.room.rooms"
    label = "rooms"

    def ready(self) -> None:
        """Register the checks of settings, and make the folder of uploads under way where there is a room."""
        from django.conf import settings

        from dideban.room import checks  # noqa: F401

        with contextlib.suppress(OSError):
            if settings.DATA.is_dir():
                settings.INCOMING.mkdir(mode=0o700, exist_ok=True)
