"""Django application."""

from __future__ import annotations

from django.apps import AppConfig


class BoardConfig(AppConfig):
    name = "dideban.room.board"
    label = "board"
