import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("responses", "0002_pools_by_part"),
    ]

    operations = [
        migrations.CreateModel(
            name="FurtherPool",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "what",
                    models.CharField(
                        choices=[("accounts", "accounts"), ("texts", "texts"), ("gone", "gone")], max_length=10
                    ),
                ),
                ("said", models.JSONField(default=list)),
                ("n", models.PositiveIntegerField()),
                ("posts", models.PositiveBigIntegerField(null=True)),
                ("gone", models.PositiveBigIntegerField(null=True)),
                ("expected", models.FloatField(null=True)),
                ("reduction", models.FloatField(null=True)),
                ("low", models.FloatField(null=True)),
                ("high", models.FloatField(null=True)),
                ("p_fewer", models.FloatField()),
                ("p_more", models.FloatField()),
                (
                    "pool",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="further", to="responses.effectpool"
                    ),
                ),
            ],
            options={
                "ordering": ["pool", "pk"],
                "constraints": [models.UniqueConstraint(fields=("pool", "what"), name="one_further_pool_of_a_kind")],
            },
        ),
        migrations.CreateModel(
            name="FurtherRun",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "what",
                    models.CharField(
                        choices=[("accounts", "accounts"), ("texts", "texts"), ("gone", "gone")], max_length=10
                    ),
                ),
                ("reasons", models.JSONField(default=list)),
                ("said", models.JSONField(default=list)),
                ("posts", models.PositiveBigIntegerField(null=True)),
                ("gone", models.PositiveBigIntegerField(null=True)),
                ("expected", models.FloatField(null=True)),
                ("reduction", models.FloatField(null=True)),
                ("low", models.FloatField(null=True)),
                ("high", models.FloatField(null=True)),
                ("p_fewer", models.FloatField(null=True)),
                ("p_more", models.FloatField(null=True)),
                ("fitted", models.JSONField(default=dict)),
                (
                    "run",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="further", to="responses.effectrun"
                    ),
                ),
            ],
            options={
                "ordering": ["pk"],
                "constraints": [models.UniqueConstraint(fields=("run", "what"), name="one_further_run_of_a_kind")],
            },
        ),
    ]
