"""Runs over past periods."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("rooms", "0005_room_names"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="PastRun",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("number", models.PositiveIntegerField()),
                ("since", models.DateTimeField()),
                ("until", models.DateTimeField()),
                ("asked_at", models.DateTimeField()),
                ("status", models.CharField(default="waiting", max_length=10)),
                ("cancel_asked_at", models.DateTimeField(blank=True, null=True)),
                ("started_at", models.DateTimeField(blank=True, null=True)),
                ("finished_at", models.DateTimeField(blank=True, null=True)),
                ("n_tries", models.PositiveIntegerField(default=0)),
                ("stage", models.CharField(blank=True, max_length=40)),
                ("n_done", models.BigIntegerField(default=0)),
                ("n_total", models.BigIntegerField(blank=True, null=True)),
                ("n_posts", models.PositiveIntegerField(default=0)),
                ("n_findings", models.PositiveIntegerField(default=0)),
                ("n_leads", models.PositiveIntegerField(default=0)),
                ("kept_since", models.DateTimeField(blank=True, null=True)),
                ("batch", models.BigIntegerField(blank=True, null=True)),
                ("config_digest", models.CharField(blank=True, max_length=16)),
                ("record", models.JSONField(blank=True, default=dict)),
                ("error", models.TextField(blank=True)),
                ("seconds", models.JSONField(default=dict)),
                (
                    "asked_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "room",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="past_runs", to="rooms.room"
                    ),
                ),
            ],
            options={
                "ordering": ["-number"],
                "constraints": [models.UniqueConstraint(fields=("room", "number"), name="one_past_run_per_number")],
            },
        ),
    ]
