"""Assignments from before 0004 get the entry in the record that each new one begins with.

Nobody is named as who made them, and the moment is that of this migration: what was not kept is not invented.
"""

from typing import Any

from django.db import migrations
from django.utils import timezone

from ledger import chain


def tell(apps: Any, schema_editor: Any) -> None:
    """An entry for every assignment that the ledger knows nothing of."""
    told = apps.get_model("ledger", "Entry").objects.filter(act="apprentice.mentor").values("object")
    rows = apps.get_model("apprenticeship", "Mentorship").objects.exclude(uid__in=told).order_by("pk")
    for row in rows.select_related("apprentice", "mentor", "stands_in_for"):
        subject = row.apprentice.uid
        chain.append(
            chain.lock([subject])[subject],
            act="apprentice.mentor",
            actor=None,
            object=row.uid,
            at=timezone.now(),
            payload={
                "registration": str(subject),
                "mentor": str(row.mentor.uid),
                "starts_on": row.starts_on.isoformat(),
                "ends_on": row.ends_on.isoformat() if row.ends_on else None,
                "stands_in_for": str(row.stands_in_for.uid) if row.stands_in_for else None,
            },
        )


class Migration(migrations.Migration):
    dependencies = [
        ("apprenticeship", "0006_approach_settings"),
        ("ledger", "0001_initial"),
    ]

    operations = [migrations.RunPython(tell, migrations.RunPython.noop)]
