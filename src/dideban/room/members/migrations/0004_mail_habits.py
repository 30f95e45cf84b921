"""When members want to hear of alerts by mail."""

import django.core.validators
from django.db import migrations, models

HOUR = [django.core.validators.MaxValueValidator(23)]
PACES = [("now", ""), ("daily", ""), ("weekly", "")]


class Migration(migrations.Migration):
    dependencies = [("members", "0003_people")]
    operations = [
        migrations.AddField("member", "mail_pace", models.CharField(choices=PACES, default="now", max_length=8)),
        migrations.AddField("member", "digest_hour", models.PositiveSmallIntegerField(default=8, validators=HOUR)),
        migrations.AddField(
            "member", "quiet_from", models.PositiveSmallIntegerField(blank=True, null=True, validators=HOUR)
        ),
        migrations.AddField(
            "member", "quiet_until", models.PositiveSmallIntegerField(blank=True, null=True, validators=HOUR)
        ),
    ]
