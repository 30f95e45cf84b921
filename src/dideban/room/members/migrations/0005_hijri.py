"""Members may count days by the lunar Hijri calendar."""

from django.db import migrations, models

CALENDARS = [("gregorian", ""), ("jalali", ""), ("hijri", "")]


class Migration(migrations.Migration):
    dependencies = [("members", "0004_mail_habits")]
    operations = [
        migrations.AlterField(
            "member", "calendar", models.CharField(choices=CALENDARS, default="gregorian", max_length=10)
        ),
    ]
