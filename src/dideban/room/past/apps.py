"""Django application."""

from __future__ import annotations

from django.apps import AppConfig


class PastConfig(AppConfig):
    name = "dideban.room.past"
    label = "past"
