"""Webhooks in the ways of chats, a log of tries, and mails that wait for a digest or the end of quiet hours."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("alerts", "0004_narratives")]
    operations = [
        migrations.AddField("webhook", "preset", models.CharField(default="dideban", max_length=20)),
        migrations.AddField("webhook", "target", models.CharField(blank=True, default="", max_length=200)),
        migrations.AddField("webhook", "token", models.CharField(blank=True, default="", max_length=500)),
        migrations.AddField("webhook", "language", models.CharField(blank=True, default="", max_length=8)),
        migrations.AddField("delivery", "held_until", models.DateTimeField(blank=True, null=True)),
        migrations.CreateModel(
            name="WebhookTry",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("at", models.DateTimeField()),
                ("seconds", models.FloatField()),
                ("error", models.TextField(blank=True)),
                (
                    "alert",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.SET_NULL, related_name="+", to="alerts.alert"
                    ),
                ),
                (
                    "webhook",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="tries", to="alerts.webhook"
                    ),
                ),
            ],
            options={"ordering": ["-at", "-pk"]},
        ),
    ]
