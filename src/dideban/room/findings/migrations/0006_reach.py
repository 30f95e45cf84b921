from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("findings", "0005_triage"),
    ]

    operations = [
        migrations.AddField(
            model_name="finding",
            name="reach",
            field=models.BigIntegerField(blank=True, null=True),
        ),
    ]
