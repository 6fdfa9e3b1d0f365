"""A person's week approved by hand-written statements: the same rows as ours, each table in one."""

from collections import defaultdict
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID, uuid4

from django.db import connection, transaction

from accounts.models import User
from benchmarks.floors.writing import ENTRY, entries, insert, spelled, values_of
from ledger.models import Chain
from ledger.tombstones import digest

READ = """
SELECT h.id, h.uid, h.kind, h.date, h.minutes, f.number, k.code, f.lineage, h.note, w.uid, h.created_at,
  h.source, h.taken_from, a.uid, a.user_id
FROM ojt_logs_hoursentry h
JOIN apprenticeship_apprentice a ON a.id = h.apprentice_id
JOIN accounts_user w ON w.id = h.created_by_id
JOIN competencies_jobfunction f ON f.id = h.job_function_id
JOIN competencies_competency k ON k.id = h.competency_id
WHERE h.apprentice_id = %s AND h.status = 'submitted' ORDER BY h.date, h.id
"""
MOVE = """
UPDATE ojt_logs_hoursentry SET status = 'approved', changed_at = %s, reviewed_by_id = %s, reviewed_at = %s
WHERE apprentice_id = %s AND status = 'submitted'
"""
TOTAL = """
UPDATE ojt_logs_hourstotal SET waiting = waiting - %s, approved = approved + %s
WHERE apprentice_id = %s AND kind = 'ojt' AND lineage = %s
"""
NOTICE = ("uid", "about", "person_id", "apprentice_id", "by_id", "words", "path", "key", "at")


def approve(apprentice: int, *, by: User, now: datetime) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(
                "SELECT 1 FROM accounts_user WHERE id IN (SELECT user_id FROM "
                "apprenticeship_apprentice WHERE id = %s) FOR UPDATE",
                [apprentice],
            )
        cursor.execute(READ, [apprentice])
        rows = cursor.fetchall()
        cursor.execute(MOVE, [spelled(now), by.pk, spelled(now), apprentice])
        minutes: dict[Any, int] = defaultdict(int)
        for row in rows:
            minutes[row[7]] += row[4]
        for lineage, amount in sorted(minutes.items()):
            cursor.execute(TOTAL, [amount, amount, apprentice, lineage])
        _tell(cursor, apprentice, rows, by=by, now=now)
        _put_on_record(cursor, rows, by=by, now=now)


def _tell(cursor: Any, apprentice: int, rows: list[Any], *, by: User, now: datetime) -> None:
    hours = sum(row[4] for row in rows) / 60
    words = f"{by.name} approved {len(rows)} entries of your hours ({hours:g} h)."
    path = f"/apprentices/{_uid(rows[0][13])}/week/?of={rows[0][3]}"
    key = f"{apprentice} {by.pk} {now.isoformat()}"
    told = [uuid4(), "approved", rows[0][14], apprentice, by.pk, words, path, key, now]
    insert(cursor, "ojt_logs_notice", NOTICE, [told])


def _put_on_record(cursor: Any, rows: list[Any], *, by: User, now: datetime) -> None:
    subject = _uid(rows[0][13])
    lock = " FOR UPDATE" if connection.vendor == "postgresql" else ""
    where = "SELECT id, length, head FROM ledger_chain WHERE subject = %s" + lock
    cursor.execute(where, [spelled(subject)])
    found = cursor.fetchone()
    if not found:
        insert(cursor, "ledger_chain", ("subject", "length", "head"), [(subject, 0, "")])
        cursor.execute(where, [spelled(subject)])
        found = cursor.fetchone()
    chain = Chain(pk=found[0], subject=subject, length=found[1], head=found[2])
    acts = [("hours.approve", by.uid, _uid(row[1]), now, _facts(row)) for row in rows]
    made = entries(chain, acts)
    insert(cursor, "ledger_entry", ENTRY, [values_of(one) for one, *_ in made], "RETURNING id")
    ids = [row[0] for row in cursor.fetchall()]
    words = [(pk, salt, body) for pk, (_, salt, body) in zip(ids, made, strict=True)]
    insert(cursor, "ledger_payload", ("entry_id", "salt", "body"), words)
    # The rule of the table lets a chain grow by one entry in a statement.
    for one, *_ in made:
        cursor.execute(
            "UPDATE ledger_chain SET length = %s, head = %s WHERE id = %s",
            [one.sequence, one.digest, chain.pk],
        )


def _facts(row: Any) -> dict[str, Any]:
    """What the ledger holds of an entry that its apprentice logged here and attached nothing to."""
    day = row[3] if isinstance(row[3], date) else date.fromisoformat(row[3])
    written = row[10] if row[10].tzinfo else row[10].replace(tzinfo=UTC)
    return {
        "kind": row[2],
        "date": day.isoformat(),
        "minutes": row[4],
        "job_function": row[5],
        "competency": row[6],
        "course": None,
        "lineage": str(_uid(row[7])),
        "note_sha256": digest(row[8]),
        "evidence": None,
        "corrects": None,
        "written_by": str(_uid(row[9])),
        "written_at": written.astimezone(UTC).isoformat(),
        "late": False,
        "source": row[11],
        "copied_from": None,
        "taken_from_sha256": digest(row[12]),
        "batch": None,
        "batch_row": None,
        "paid": None,
        "regular_hours": None,
        "carried_over": None,
        "device_at": None,
        "to": "approved",
        "from": "submitted",
        "reason_sha256": None,
    }


def _uid(value: Any) -> UUID:
    return value if isinstance(value, UUID) else UUID(value)
