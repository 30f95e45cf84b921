"""Django application."""

from __future__ import annotations

from django.apps import AppConfig


class PublicConfig(AppConfig):
    name = "dideban.room.public"
    label = "public"
