"""Django application."""

from __future__ import annotations

from django.apps import AppConfig


class JointConfig(AppConfig):
    name = "dideban.room.joint"
    label = "joint"
