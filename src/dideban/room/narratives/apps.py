"""Django application."""

from __future__ import annotations

from django.apps import AppConfig


class NarrativesConfig(AppConfig):
    name = "dideban.room.narratives"
    label = "narratives"
