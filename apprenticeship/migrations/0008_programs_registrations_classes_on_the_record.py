"""What was there before gets the entries that each new program, registration and class begins with.

Nobody is named as who did it, and the moment is that of this migration: what was not kept is not invented.
"""

from datetime import date
from typing import Any
from uuid import UUID

from django.db import migrations
from django.utils import timezone

from ledger import chain


def tell(apps: Any, schema_editor: Any) -> None:
    """An entry for every program, class and registration, and for everybody on a roster."""
    for program in apps.get_model("apprenticeship", "Program").objects.order_by("pk"):
        _keep(program.uid, "program.settings", program.uid, _program(program))
    for one in apps.get_model("apprenticeship", "Apprentice").objects.order_by("pk"):
        _keep(one.uid, "apprentice.facts", one.uid, _registration(one))
    for taught in apps.get_model("apprenticeship", "Class").objects.order_by("pk"):
        said = _class(taught)
        _keep(taught.program.uid, "program.class", taught.uid, said)
        for one in taught.roster.order_by("pk"):
            attends = said | {"registration": str(one.uid), "attends": True}
            _keep(one.uid, "apprentice.class", taught.uid, attends)


def _keep(subject: UUID, act: str, thing: UUID, payload: dict[str, Any]) -> None:
    place = chain.lock([subject])[subject]
    chain.keep(place, act=act, actor=None, object=thing, at=timezone.now(), payload=payload)


def _program(program: Any) -> dict[str, Any]:
    columns = [field.name for field in program._meta.concrete_fields if not field.is_relation]
    return {
        **{name: _plain(getattr(program, name)) for name in columns if name not in ("id", "uid")},
        "program": str(program.uid),
        "sponsor": str(program.sponsor.uid),
        "schedule": str(program.schedule.uid),
        "rating_scale": program.rating_scale.name if program.rating_scale else None,
        **_elected(program),
        "wage_steps": [
            {
                "number": step.number,
                "from_minutes": step.from_minutes,
                "from_months": step.from_months,
                "from_competencies": step.from_competencies,
                "percent": None if step.percent is None else f"{step.percent:.2f}",
                "cents": step.cents,
            }
            for step in program.wage_steps.order_by("number")
        ],
    }


def _registration(one: Any) -> dict[str, Any]:
    return {
        "registration": str(one.uid),
        "person": str(one.user.uid),
        "program": str(one.program.uid),
        "employer": str(one.employer.uid) if one.employer else None,
        "registration_number": one.registration_number,
        "expected_end_on": _plain(one.expected_end_on),
        "schedule": str(one.schedule.uid),
        **_elected(one),
    }


def _class(taught: Any) -> dict[str, Any]:
    return {
        "program": str(taught.program.uid),
        "course": str(taught.course.lineage),
        "instructor": str(taught.instructor.uid),
        "starts_on": _plain(taught.starts_on),
        "ends_on": _plain(taught.ends_on),
    }


def _elected(row: Any) -> dict[str, list[str]]:
    return {
        name: sorted(str(lineage) for lineage in getattr(row, name).values_list("lineage", flat=True))
        for name in ("elected_functions", "elected_competencies")
    }


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else value


class Migration(migrations.Migration):
    dependencies = [
        ("apprenticeship", "0007_earlier_assignments_on_the_record"),
        ("ledger", "0001_initial"),
    ]

    operations = [migrations.RunPython(tell, migrations.RunPython.noop)]
