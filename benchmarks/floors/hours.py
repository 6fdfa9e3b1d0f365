"""A page of hours over REST: one statement, and orjson."""

from base64 import b64encode
from datetime import UTC
from typing import Any
from zoneinfo import ZoneInfo

import orjson
from django.db import connection
from django.http import HttpRequest, HttpResponse

PAGE = 100
ZONE = ZoneInfo("America/Chicago")
COLUMNS = """
SELECT h.uid AS id, (SELECT uid FROM apprenticeship_apprentice WHERE id = h.apprentice_id) AS apprentice,
  h.kind, h.date, (SELECT number FROM competencies_jobfunction WHERE id = h.job_function_id) AS job_function,
  (SELECT code FROM competencies_competency WHERE id = h.competency_id) AS competency,
  (SELECT uid FROM competencies_course WHERE id = h.course_id) AS course,
  h.minutes, h.note, h.status, h.source, '' AS provenance, h.copied_from, h.taken_from,
  (SELECT name FROM accounts_user WHERE id = h.created_by_id) AS created_by,
  h.created_at, h.device_at, h.is_late, h.external_id, h.changed_at, h.submitted_at,
  (SELECT name FROM accounts_user WHERE id = h.reviewed_by_id) AS reviewed_by,
  h.reviewed_at, h.return_reason, h.dispute_reason,
  (SELECT o.uid FROM ojt_logs_hoursentry o WHERE o.id = h.corrects_id) AS corrects,
  h.correction_reason, h.id AS pk
FROM ojt_logs_hoursentry h
JOIN apprenticeship_apprentice a ON a.id = h.apprentice_id
JOIN apprenticeship_program p ON p.id = a.program_id
WHERE h.status <> 'draft' AND p.sponsor_id IN (
  SELECT sponsor_id FROM accounts_membership WHERE user_id = %s AND role IN ('coordinator', 'auditor'))
ORDER BY h.id DESC LIMIT %s
"""
UIDS = ("id", "apprentice", "course", "corrects")
MOMENTS = ("created_at", "device_at", "changed_at", "submitted_at", "reviewed_at")


def hours(request: HttpRequest, reader: int) -> HttpResponse:
    """The newest page of what an office reads, as our API says it."""
    with connection.cursor() as cursor:
        cursor.execute(COLUMNS, [reader, PAGE + 1])
        names = [column[0] for column in cursor.description]
        rows = [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
    if connection.vendor == "sqlite":
        for row in rows:
            _read(row)
    for row in rows[:PAGE]:
        row["provenance"] = words(row)
    place = b64encode(f"p={rows[PAGE - 1]['pk']}".encode()).decode().replace("=", "%3D")
    following = f"http://{request.get_host()}/api/v1/hours/?cursor={place}"
    for row in rows:
        del row["pk"]
    body = {"next": following if len(rows) > PAGE else None, "previous": None, "results": rows[:PAGE]}
    return HttpResponse(orjson.dumps(body, option=orjson.OPT_UTC_Z), content_type="application/json")


def words(row: dict[str, Any]) -> str:
    """Of an entry that its apprentice logged here."""
    late = (row["created_at"].astimezone(ZONE).date() - row["date"]).days
    if late <= 0:
        return "logged the same day"
    return f"logged {late} {'day' if late == 1 else 'days'} later"


def _read(row: dict[str, Any]) -> None:
    """SQLite keeps ids as text; days and moments come as Python's, without their zone."""
    for name in UIDS:
        if given := row[name]:
            row[name] = f"{given[:8]}-{given[8:12]}-{given[12:16]}-{given[16:20]}-{given[20:]}"
    for name in MOMENTS:
        if given := row[name]:
            row[name] = given.replace(tzinfo=UTC)
    row["is_late"] = bool(row["is_late"])
