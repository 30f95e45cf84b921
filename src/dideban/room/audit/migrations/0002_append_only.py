"""The database itself refuses to change or delete audit events."""

from __future__ import annotations

from typing import Any

from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

SQLITE = """
CREATE TRIGGER audit_no_{verb} BEFORE {VERB} ON audit_auditevent
BEGIN SELECT RAISE(ABORT, 'audit events are append-only'); END;
"""
POSTGRES_FUNCTION = """
CREATE OR REPLACE FUNCTION audit_refuse() RETURNS trigger AS $$
BEGIN RAISE EXCEPTION 'audit events are append-only'; END; $$ LANGUAGE plpgsql;
"""
POSTGRES = """
CREATE TRIGGER audit_no_{verb} BEFORE {VERB} ON audit_auditevent
FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse();
"""


def forbid(apps: Any, editor: BaseDatabaseSchemaEditor) -> None:
    """Add the triggers."""
    is_postgres = editor.connection.vendor == "postgresql"
    if is_postgres:
        editor.execute(POSTGRES_FUNCTION, params=None)
    for verb in ("update", "delete", "truncate") if is_postgres else ("update", "delete"):
        template = POSTGRES if is_postgres else SQLITE
        editor.execute(template.format(verb=verb, VERB=verb.upper()), params=None)


def allow(apps: Any, editor: BaseDatabaseSchemaEditor) -> None:
    """Take them away."""
    is_postgres = editor.connection.vendor == "postgresql"
    for verb in ("update", "delete", "truncate") if is_postgres else ("update", "delete"):
        on = " ON audit_auditevent" if is_postgres else ""
        editor.execute(f"DROP TRIGGER audit_no_{verb}{on}", params=None)


class Migration(migrations.Migration):
    dependencies = [("audit", "0001_initial")]
    operations = [migrations.RunPython(forbid, allow)]
