"""The row of a room is called KeptFinding; Finding is what the engine makes. The table keeps its name."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [
        ("findings", "0007_past_runs"),
        ("review", "0001_review"),
    ]

    operations = [
        migrations.SeparateDatabaseAndState(
            state_operations=[
                migrations.RenameModel("Finding", "KeptFinding"),
                migrations.AlterModelTable("KeptFinding", "findings_finding"),
            ]
        )
    ]
