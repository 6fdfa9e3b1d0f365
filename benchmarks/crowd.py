"""Programs with many apprentices and much history, written by a few statements: for what is only read.

Their hours stand in totals as the product keeps them, but in no chain of the ledger.
"""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db import connection, transaction
from django.db.models import Max

from accounts.models import Consent, User
from apprenticeship.models import Apprentice, Mentorship, Program
from apprenticeship.models.status import StatusChange
from ojt_logs.models import HoursEntry
from tests.cast import JOINED, NOW, STARTED, Cast

SPELLING = {
    "postgresql": {
        "uid": "gen_random_uuid()",
        "day": "(date '{first}' + (n * {span} / {each})::int)",
        "noon": "((date '{first}' + (n * {span} / {each})::int + time '23:00') AT TIME ZONE 'UTC')",
        "false": "false",
    },
    "sqlite": {
        "uid": "lower(hex(randomblob(16)))",
        "day": "date('{first}', '+' || (n * {span} / {each}) || ' days')",
        "noon": "date('{first}', '+' || (n * {span} / {each}) || ' days') || ' 23:00:00'",
        "false": "0",
    },
}
ENTRIES = """
INSERT INTO ojt_logs_hoursentry
  (uid, apprentice_id, kind, date, minutes, job_function_id, competency_id, note, status, external_id, source,
   taken_from, carried_over, correction_reason, created_by_id, created_at, updated_at, changed_at, is_late,
   submitted_at, reviewed_by_id, reviewed_at, dispute_reason, return_reason)
WITH RECURSIVE numbers(n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM numbers WHERE n < {each} - 1),
  places(place, function, competency) AS (VALUES {places})
SELECT {uid}, a.id, 'ojt', {day}, 60 * (1 + n % 8), p.function, p.competency,
  CASE WHEN n % 3 = 0 THEN 'Coded outpatient encounters from the morning list.' ELSE '' END,
  CASE WHEN n >= {each} - {waiting} THEN 'submitted' ELSE 'approved' END, '', 'logged', '', {false}, '',
  a.user_id, {noon}, {noon}, {noon}, {false}, {noon},
  CASE WHEN n >= {each} - {waiting} THEN NULL ELSE {reviewer} END,
  CASE WHEN n >= {each} - {waiting} THEN NULL ELSE {noon} END, '', ''
FROM numbers CROSS JOIN apprenticeship_apprentice a
JOIN places p ON p.place = (n + a.id) % {count}
WHERE a.program_id = {program} ORDER BY n
"""
TOTALS = """
INSERT INTO ojt_logs_hourstotal (apprentice_id, kind, lineage, waiting, approved)
SELECT h.apprentice_id, h.kind, coalesce(f.lineage, c.lineage),
  sum(CASE WHEN h.status = 'submitted' THEN h.minutes ELSE 0 END),
  sum(CASE WHEN h.status = 'approved' THEN h.minutes ELSE 0 END)
FROM ojt_logs_hoursentry h
JOIN apprenticeship_apprentice a ON a.id = h.apprentice_id
LEFT JOIN competencies_jobfunction f ON f.id = h.job_function_id
LEFT JOIN competencies_course c ON c.id = h.course_id
WHERE {those} AND h.status IN ('submitted', 'approved')
GROUP BY 1, 2, 3
"""


@dataclass(frozen=True)
class Crowd:
    """A program of Lakeside beside that of the cast, on the same schedule."""

    program: Program
    people: int
    each: int

    @property
    def apprentices(self) -> list[Apprentice]:
        return list(Apprentice.objects.everyone().filter(program=self.program).order_by("pk"))


def crowd(cast: Cast, name: str, *, people: int, each: int, waiting: int = 5) -> Crowd:
    """A program with `people` apprentices and `each` entries of hours apiece, the last `waiting` of which
    wait for Marcus. The one of this name that is there already, else a new one."""
    there = Program.objects.everyone().filter(sponsor=cast.lakeside, name=name).first()
    if there:
        return Crowd(there, people, each)
    with transaction.atomic():
        program = _program(cast, name)
        _register(cast, program, people)
        if each:
            write_hours(program, each=each, waiting=waiting, reviewer=cast.marcus)
    analyze()
    return Crowd(program, people, each)


def _program(cast: Cast, name: str) -> Program:
    like = Program.objects.everyone().get(pk=cast.program.pk)
    like.pk, like.uid, like.name = None, Program._meta.get_field("uid").get_default(), name
    like._state.adding = True
    like.save(force_insert=True)
    return like


def _register(cast: Cast, program: Program, people: int) -> None:
    stamp = User.objects.aggregate(last=Max("pk"))["last"]
    users = [
        User(
            email=f"p{stamp}-{number}@example.org",
            name=f"Eli{number} Ruiz",
            initials="ER",
            search_text=f"eli{number} ruiz",
            password="!",  # noqa: S106 - nobody signs in with it
        )
        for number in range(people)
    ]
    User.objects.bulk_create(users, batch_size=500)
    text = Consent.objects.latest("pk")
    Consent.objects.bulk_create(like(text, user=user) for user in users)
    rows = [
        Apprentice(program=program, user=one, schedule=program.schedule, started_on=STARTED) for one in users
    ]
    Apprentice.objects.bulk_create(rows, batch_size=500)
    StatusChange.objects.bulk_create(
        StatusChange(apprentice=row, status="active", effective_on=STARTED, by=cast.nora, at=JOINED)
        for row in rows
    )
    Mentorship.objects.bulk_create(
        Mentorship(apprentice=row, mentor=cast.marcus, starts_on=STARTED) for row in rows
    )


def like(row: Any, **other: Any) -> Any:
    """A new row with the columns of this one but for `other`."""
    columns = {field.attname: getattr(row, field.attname) for field in row._meta.concrete_fields}
    columns.pop("id")
    columns.pop("uid", None)
    for name in other:
        columns.pop(f"{name}_id", None)
    return type(row)(**columns | other)


def write_hours(program: Program, *, each: int, waiting: int, reviewer: User) -> None:
    """Hours of all apprentices of a program since they began, and their totals."""
    functions = program.schedule.job_functions.order_by("number").prefetch_related("competencies")
    pairs = [(one.pk, min(row.pk for row in one.competencies.all())) for one in functions]
    places = ", ".join(f"({place}, {one}, {other})" for place, (one, other) in enumerate(pairs))
    given = {"each": each, "first": STARTED, "span": min(each, (NOW.date() - STARTED - timedelta(1)).days)}
    words = {name: text.format(**given) for name, text in SPELLING[connection.vendor].items()}
    given |= {"waiting": waiting, "reviewer": reviewer.pk, "program": program.pk, "count": len(pairs)}
    with connection.cursor() as cursor:
        cursor.execute(ENTRIES.format(places=places, **words, **given).replace("%", "%%"), ())
        cursor.execute(TOTALS.format(those=f"a.program_id = {program.pk}"))


def analyze() -> None:
    """Tell the planner what is there now, as a site's own autovacuum does."""
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def entries_of(program: Program) -> Any:
    return HoursEntry.objects.everyone().filter(apprentice__program=program)
