"""The role `lead` becomes `coordinator`: a lead is a weaker finding."""

from django.apps.registry import Apps
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

import dideban.room.roles

CHOICES = [("viewer", "viewer"), ("analyst", "analyst"), ("editor", "editor"), ("coordinator", "coordinator")]


def _rename(apps: Apps, *, before: str, after: str) -> None:
    for name in ("Membership", "Invitation"):
        apps.get_model("members", name).objects.filter(role=before).update(role=after)


def forwards(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    _rename(apps, before="lead", after="coordinator")


def backwards(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    _rename(apps, before="coordinator", after="lead")


class Migration(migrations.Migration):
    dependencies = [("members", "0001_initial")]
    operations = [
        migrations.AlterField(
            model_name="membership",
            name="role",
            field=models.CharField(choices=CHOICES, default=dideban.room.roles.Role["VIEWER"], max_length=16),
        ),
        migrations.AlterField(
            model_name="invitation", name="role", field=models.CharField(choices=CHOICES, max_length=16)
        ),
        migrations.RunPython(forwards, backwards),
    ]
