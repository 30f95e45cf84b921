"""Files are looked at before they are taken in, and an import can be undone."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("sources", "0002_types")]
    operations = [
        migrations.AddField("sourcerun", "folder", models.CharField(blank=True, default="", max_length=40)),
        migrations.AddField("sourcerun", "mapping", models.JSONField(blank=True, default=dict)),
        migrations.AddField("sourcerun", "time_zone", models.CharField(blank=True, default="", max_length=64)),
        migrations.AddField("sourcerun", "arrivals", models.JSONField(blank=True, default=list)),
        migrations.AddField("sourcerun", "undone_at", models.DateTimeField(blank=True, null=True)),
        migrations.AddField("sourcerun", "undo_asked_at", models.DateTimeField(blank=True, null=True)),
        migrations.AddField("sourcerun", "n_undone", models.PositiveIntegerField(default=0)),
    ]
