"""Django application."""

from __future__ import annotations

from django.apps import AppConfig


class ResponsesConfig(AppConfig):
    name = "dideban.room.responses"
    label = "responses"
