"""Django application."""

from __future__ import annotations

from django.apps import AppConfig


class CasesConfig(AppConfig):
    name = "dideban.room.cases"
    label = "cases"
