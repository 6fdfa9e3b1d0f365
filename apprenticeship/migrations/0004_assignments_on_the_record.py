"""Assignments of mentors get an id for the ledger, and stand-ins."""

import uuid
from typing import Any

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


def give_ids(apps: Any, schema_editor: Any) -> None:
    """An id of its own for each assignment that was there before."""
    model = apps.get_model("apprenticeship", "Mentorship")
    for pk in model.objects.filter(uid=None).values_list("pk", flat=True):
        model.objects.filter(pk=pk).update(uid=uuid.uuid4())


class Migration(migrations.Migration):
    dependencies = [
        ("apprenticeship", "0003_registration_details"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name="mentorship",
            name="uid",
            field=models.UUIDField(editable=False, null=True),
        ),
        migrations.RunPython(give_ids, migrations.RunPython.noop),
        migrations.AlterField(
            model_name="mentorship",
            name="uid",
            field=models.UUIDField(default=uuid.uuid4, editable=False, unique=True),
        ),
        migrations.AddField(
            model_name="mentorship",
            name="stands_in_for",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="stood_in_for",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddConstraint(
            model_name="mentorship",
            constraint=models.CheckConstraint(
                condition=models.Q(("stands_in_for", None), ("ends_on__isnull", False), _connector="OR"),
                name="stand_in_has_an_end",
            ),
        ),
        migrations.AddConstraint(
            model_name="mentorship",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("stands_in_for", None),
                    models.Q(("stands_in_for", models.F("mentor")), _negated=True),
                    _connector="OR",
                ),
                name="stand_in_for_another",
            ),
        ),
    ]
