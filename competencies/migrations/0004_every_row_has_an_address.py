"""Topics, credentials and cross-cutting competencies get a uid, published ones too: exports point at it."""

import uuid

from django.db import migrations, models

from ledger import triggers

MODELS = ("relatedinstructiontopic", "credential", "crosscuttingcompetency")


def number(apps, schema_editor):
    for name in MODELS:
        rows = apps.get_model("competencies", name).objects.filter(uid=None).only("pk")
        batch = []
        for row in rows.iterator(chunk_size=1000):
            row.uid = uuid.uuid4()
            batch.append(row)
        apps.get_model("competencies", name).objects.bulk_update(batch, ["uid"], batch_size=500)


class Migration(migrations.Migration):

    dependencies = [("competencies", "0003_imports")]

    operations = [
        migrations.RunPython(triggers.lifted, migrations.RunPython.noop),
        *(
            migrations.AddField(name, "uid", models.UUIDField(null=True, editable=False))
            for name in MODELS
        ),
        migrations.RunPython(number, migrations.RunPython.noop),
        *(
            migrations.AlterField(
                name, "uid", models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
            )
            for name in MODELS
        ),
    ]
