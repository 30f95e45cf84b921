"""Django application."""

from __future__ import annotations

from django.apps import AppConfig


class MembersConfig(AppConfig):
    name = "dideban.room.members"
    label = "members"
