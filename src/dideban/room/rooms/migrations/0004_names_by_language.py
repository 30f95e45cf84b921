from django.db import migrations, models


def gather(apps, schema_editor):
    for place in apps.get_model("rooms", "Place").objects.all():
        old = {"fa": place.name_fa, "ar": place.name_ar}
        place.names = {language: name for language, name in old.items() if name}
        place.save(update_fields=["names"])


def spread(apps, schema_editor):
    for place in apps.get_model("rooms", "Place").objects.all():
        place.name_fa, place.name_ar = place.names.get("fa", ""), place.names.get("ar", "")
        place.save(update_fields=["name_fa", "name_ar"])


class Migration(migrations.Migration):
    dependencies = [("rooms", "0003_past_sources")]

    operations = [
        migrations.AddField(
            model_name="place",
            name="names",
            field=models.JSONField(blank=True, default=dict),
        ),
        migrations.RunPython(gather, spread),
        migrations.RemoveField(model_name="place", name="name_fa"),
        migrations.RemoveField(model_name="place", name="name_ar"),
    ]
