"""Django application."""

from __future__ import annotations

from django.apps import AppConfig


class FindingsConfig(AppConfig):
    name = "dideban.room.findings"
    label = "findings"
