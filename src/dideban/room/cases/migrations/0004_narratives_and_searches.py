import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


def from_origins(apps, schema_editor):
    """A case that was opened from a narrative or a search holds it; until now its origin alone said so."""
    cases, narratives = apps.get_model("cases", "Case"), apps.get_model("narratives", "Narrative")
    searches = apps.get_model("cases", "CaseSearch")
    for case in cases.objects.exclude(origin={}).iterator():
        origin = case.origin or {}
        if origin.get("kind") == "narrative":
            case.narratives.add(*narratives.objects.filter(room_id=case.room_id, number=origin.get("narrative") or 0))
        elif origin.get("kind") == "search" and origin.get("query"):
            searches.objects.create(
                case=case, name=case.title[:120], query=origin["query"], member_id=case.opened_by_id, at=case.opened_at
            )


class Migration(migrations.Migration):
    dependencies = [
        ("cases", "0003_initial"),
        ("narratives", "0001_narratives"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name="case",
            name="narratives",
            field=models.ManyToManyField(blank=True, related_name="cases", to="narratives.narrative"),
        ),
        migrations.CreateModel(
            name="CaseSearch",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=120)),
                ("query", models.JSONField(default=dict)),
                ("at", models.DateTimeField()),
                (
                    "case",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="searches", to="cases.case"
                    ),
                ),
                (
                    "member",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={"ordering": ["at", "pk"]},
        ),
        migrations.RunPython(from_origins, migrations.RunPython.noop),
    ]
