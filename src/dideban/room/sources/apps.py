"""Django application."""

from __future__ import annotations

from django.apps import AppConfig


class SourcesConfig(AppConfig):
    name = "dideban.room.sources"
    label = "sources"

    def ready(self) -> None:
        """Find the types of sources: pages need their words."""
        from dideban.room.sources.registry import types

        types()
