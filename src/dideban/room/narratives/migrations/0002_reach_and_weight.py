from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("narratives", "0001_narratives"),
    ]

    operations = [
        migrations.AddField(
            model_name="narrative",
            name="reach",
            field=models.BigIntegerField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="narrative",
            name="weight",
            field=models.BigIntegerField(default=0),
        ),
    ]
