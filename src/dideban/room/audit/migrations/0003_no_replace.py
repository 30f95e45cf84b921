"""SQLite: INSERT OR REPLACE took an event away without DELETE; a number or a hash that is there is refused."""

from __future__ import annotations

from typing import Any

from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

TRIGGER = """
CREATE TRIGGER audit_no_replace BEFORE INSERT ON audit_auditevent
WHEN EXISTS (SELECT 1 FROM audit_auditevent WHERE seq = NEW.seq OR hash = NEW.hash)
BEGIN SELECT RAISE(ABORT, 'audit events are append-only'); END;
"""


def forbid(apps: Any, editor: BaseDatabaseSchemaEditor) -> None:
    """Add the trigger; PostgreSQL has no such statement."""
    if editor.connection.vendor == "sqlite":
        editor.execute(TRIGGER, params=None)


def allow(apps: Any, editor: BaseDatabaseSchemaEditor) -> None:
    """Take it away."""
    if editor.connection.vendor == "sqlite":
        editor.execute("DROP TRIGGER audit_no_replace", params=None)


class Migration(migrations.Migration):
    dependencies = [("audit", "0002_append_only")]
    operations = [migrations.RunPython(forbid, allow)]
