"""Django application: it holds the management commands, no models."""

from __future__ import annotations

from django.apps import AppConfig


class ProcessesConfig(AppConfig):
    name = "dideban.room.processes"
    label = "processes"
