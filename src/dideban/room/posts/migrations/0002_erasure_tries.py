"""Erasures say when they were tried, what went wrong, and in how many files nothing was left."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("posts", "0001_initial")]
    operations = [
        migrations.AddField("erasure", "tried_at", models.DateTimeField(blank=True, null=True)),
        migrations.AddField("erasure", "n_tries", models.PositiveIntegerField(default=0)),
        migrations.AddField("erasure", "trouble", models.JSONField(blank=True, default=dict)),
        migrations.AddField("erasure", "n_files", models.PositiveIntegerField(default=0)),
    ]
