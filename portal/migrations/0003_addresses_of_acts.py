"""Every act that is there already gets its own identifier before the column becomes unique."""

import uuid

from django.db import migrations, models


def give_identifiers(apps, schema_editor):
    for act in apps.get_model("portal", "Regulation").objects.filter(public_id__isnull=True):
        act.public_id = uuid.uuid4()
        act.save(update_fields=["public_id"])


class Migration(migrations.Migration):
    dependencies = [("portal", "0002_invitations_notices_acts")]
    operations = [
        migrations.RunPython(give_identifiers, migrations.RunPython.noop),
        migrations.AlterField(
            "regulation", "public_id", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)
        ),
    ]
