"""An index that answers the indicator question without touching the table; PostgreSQL only (design §9).

`UniqueConstraint(include=…)` is silently not created on SQLite, hence plain SQL for the one that has it.
"""

from django.db import migrations


def create(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(
            "CREATE INDEX value_covering ON monitoring_value (submission_id, element_id)"
            " INCLUDE (state, number, accepted_state, accepted_number)"
        )


def drop(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute("DROP INDEX IF EXISTS value_covering")


class Migration(migrations.Migration):
    dependencies = [("monitoring", "0001_initial")]
    operations = [migrations.RunPython(create, drop)]
