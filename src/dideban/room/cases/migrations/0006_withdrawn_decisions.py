"""Decisions are withdrawn with a reason; they are never deleted."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
        ("cases", "0005_case_reviews"),
    ]
    operations = [
        migrations.AddField("note", "withdrawn_at", models.DateTimeField(blank=True, null=True)),
        migrations.AddField("note", "withdrawn_because", models.TextField(blank=True, default="")),
        migrations.AddField(
            "note",
            "withdrawn_by",
            models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
    ]
