"""Types of sources are folders: the database no longer lists them."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("sources", "0001_initial")]
    operations = [
        migrations.AlterField(model_name="source", name="kind", field=models.CharField(max_length=40)),
    ]
