"""Progress of one apprentice: one `json_agg` over the rollup."""

from typing import Any

from django.db import connection
from django.http import HttpRequest, HttpResponse

POSTGRESQL = """
SELECT json_build_object('apprentice', a.uid, 'minutes', json_agg(json_build_object(
  'kind', t.kind, 'lineage', t.lineage, 'approved', t.approved, 'waiting', t.waiting)))::text
FROM ojt_logs_hourstotal t JOIN apprenticeship_apprentice a ON a.id = t.apprentice_id
WHERE a.uid = %s GROUP BY a.uid
"""
SQLITE = """
SELECT json_object('apprentice', a.uid, 'minutes', json_group_array(json_object(
  'kind', t.kind, 'lineage', t.lineage, 'approved', t.approved, 'waiting', t.waiting)))
FROM ojt_logs_hourstotal t JOIN apprenticeship_apprentice a ON a.id = t.apprentice_id
WHERE a.uid = %s GROUP BY a.uid
"""


def progress(request: HttpRequest, uid: Any) -> HttpResponse:
    with connection.cursor() as cursor:
        words = (POSTGRESQL, str(uid)) if connection.vendor == "postgresql" else (SQLITE, uid.hex)
        cursor.execute(words[0], [words[1]])
        return HttpResponse(cursor.fetchone()[0], content_type="application/json")
