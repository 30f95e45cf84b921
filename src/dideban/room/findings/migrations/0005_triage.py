"""Verdicts can be taken back, asked for from a member, and confirmed by a second one."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
        ("findings", "0004_first_seen"),
    ]
    operations = [
        migrations.AddField("verdict", "withdrawn_at", models.DateTimeField(blank=True, null=True)),
        migrations.AddField("followedgroup", "second_at", models.DateTimeField(blank=True, null=True)),
        migrations.AddField(
            "followedgroup",
            "assigned_to",
            models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
    ]
