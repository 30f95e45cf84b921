"""Django application."""

from __future__ import annotations

from django.apps import AppConfig


class NewsletterConfig(AppConfig):
    name = "dideban.room.newsletter"
    label = "newsletter"
