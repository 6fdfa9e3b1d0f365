"""Every version that was published before gets the entry that each new one begins with.

Nobody is named as who did it, and the moment is that of this migration: what was not kept is not invented.
"""

import hashlib
from typing import Any

from django.db import migrations
from django.utils import timezone

from ledger import chain
from ledger.canonical import canonical


def tell(apps: Any, schema_editor: Any) -> None:
    """What each published version says, and which rows say it."""
    for version in apps.get_model("competencies", "WorkProcessSchedule").objects.filter(frozen=True).order_by("pk"):
        said = {"content": version.content_hash, "rows": _digest(apps, version)}
        chain.tell(
            version.uid, act="schedule.publish", actor=None, object=None, at=timezone.now(), payload=said
        )


def _digest(apps: Any, version: Any) -> str:
    def rows(model: str, way: str, *columns: str) -> Any:
        found = apps.get_model("competencies", model).objects.filter(**{way: version}).order_by("pk")
        return found.values_list("lineage", *columns)

    told = [
        *rows("JobFunction", "schedule", "number", "title"),
        *rows("Competency", "job_function__schedule", "code", "title"),
        *rows("PerformanceStandard", "competency__job_function__schedule", "competency__code", "text"),
        *rows("Course", "schedule", "code", "title"),
    ]
    return hashlib.sha256(canonical(told).encode()).hexdigest()


class Migration(migrations.Migration):
    dependencies = [
        ("competencies", "0009_not_applicable"),
        ("ledger", "0001_initial"),
    ]

    operations = [migrations.RunPython(tell, migrations.RunPython.noop)]
