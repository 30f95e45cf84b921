"""Django application."""

from __future__ import annotations

from django.apps import AppConfig


class SourcesConfig(AppConfig):
    name = "dideban.room.sources"
    label = "sources"
