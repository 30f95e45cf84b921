"""Findings of runs over past periods, beside those of the watch."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("findings", "0006_reach"),
        ("past", "0001_past_runs"),
    ]

    operations = [
        migrations.RemoveConstraint(model_name="finding", name="one_finding_per_id"),
        migrations.AddField(
            model_name="finding",
            name="past_run",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="findings",
                to="past.pastrun",
            ),
        ),
        migrations.AddField(
            model_name="followedgroup",
            name="past_run",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="groups",
                to="past.pastrun",
            ),
        ),
        migrations.AddConstraint(
            model_name="finding",
            constraint=models.UniqueConstraint(
                condition=models.Q(("past_run", None)), fields=("room", "finding_id"), name="one_finding_per_id"
            ),
        ),
        migrations.AddConstraint(
            model_name="finding",
            constraint=models.UniqueConstraint(fields=("past_run", "finding_id"), name="one_finding_per_id_and_run"),
        ),
        migrations.CreateModel(
            name="GroupMatch",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("kind", models.CharField(max_length=8)),
                ("n_accounts", models.PositiveIntegerField()),
                ("n_objects", models.PositiveIntegerField()),
                (
                    "group",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="matches", to="findings.followedgroup"
                    ),
                ),
                (
                    "other",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="findings.followedgroup"
                    ),
                ),
            ],
            options={"ordering": ["group", "-n_accounts", "-n_objects", "other"]},
        ),
    ]
