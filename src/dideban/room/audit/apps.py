"""Django application."""

from __future__ import annotations

from django.apps import AppConfig


class AuditConfig(AppConfig):
    name = "dideban.room.audit"
    label = "audit"
