from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("rooms", "0002_language"),
    ]

    operations = [
        migrations.AddField(
            model_name="room",
            name="past_sources",
            field=models.JSONField(blank=True, default=dict),
        ),
    ]
