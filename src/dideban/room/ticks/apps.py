"""Django application."""

from __future__ import annotations

from django.apps import AppConfig


class TicksConfig(AppConfig):
    name = "dideban.room.ticks"
    label = "jobs"
    """The name of the tables and migrations of databases that exist: never changed."""
