"""Django application."""

from __future__ import annotations

from django.apps import AppConfig


class ExercisesConfig(AppConfig):
    name = "dideban.room.exercises"
    label = "exercises"

    def ready(self) -> None:
        """Let the site show what is published."""
        from dideban.room.exercises.published import items_of
        from dideban.room.public.published import register

        register("exercises", items_of)
