"""The name of a room in each language."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("rooms", "0004_names_by_language")]
    operations = [migrations.AddField("room", "names", models.JSONField(blank=True, default=dict))]
