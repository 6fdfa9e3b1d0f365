"""A file of hours copied into the same tables, and the totals of its people made anew."""

import csv
import io
from collections import defaultdict
from datetime import date, datetime
from hashlib import sha256
from typing import Any
from uuid import UUID, uuid4

from django.db import connection, transaction

from benchmarks.crowd import TOTALS
from benchmarks.floors.writing import ENTRY, copy, entries, insert, spelled, values_of
from ledger.models import Chain
from tests.cast import Cast

HOURS = (
    *("uid", "apprentice_id", "kind", "date", "minutes", "job_function_id", "note", "status", "external_id"),
    *("source", "taken_from", "client_uid", "batch_id", "batch_row", "carried_over", "correction_reason"),
    *("created_by_id", "created_at", "updated_at", "changed_at", "is_late", "submitted_at", "dispute_reason"),
    "return_reason",
)
BATCH = (
    *("uid", "sponsor_id", "kind", "file_name", "sha256", "by_id", "at", "rows", "left_out", "there"),
    *("signatures", "papers_at", "attestation", "authentication"),
)
PEOPLE = """
SELECT u.email, a.id, a.uid FROM apprenticeship_apprentice a JOIN accounts_user u ON u.id = a.user_id
JOIN apprenticeship_program p ON p.id = a.program_id WHERE p.sponsor_id = %s
"""


def bring(data: bytes, *, cast: Cast, now: datetime) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(PEOPLE, [cast.lakeside.pk])
        people = {email: (pk, _uid(uid)) for email, pk, uid in cursor.fetchall()}
        functions = {one.number: one for one in cast.program.schedule.job_functions.all()}
        batch, uid, hashed = _batch(cursor, data, cast=cast, now=now)
        rows, told = [], defaultdict(list)
        for number, row in enumerate(csv.DictReader(io.StringIO(data.decode())), start=2):
            pk, subject = people[row["E-mail"]]
            function, minutes = functions[int(row["Job function"])], round(60 * float(row["Hours"]))
            day, entry, words = date.fromisoformat(row["Date"]), uuid4(), f"payroll.csv, row {number}"
            known = (entry, pk, "ojt", day, minutes, function.pk, row["Notes"], "submitted", "", "imported")
            rest = (words, uuid4(), batch, number, False, "", cast.nora.pk, now, now, now, False, now, "", "")
            rows.append((*known, *rest))
            said = {"kind": "ojt", "date": day, "minutes": minutes, "job_function": function.number}
            said |= {"lineage": function.lineage, "batch": uid, "batch_row": number, "file": hashed}
            told[subject].append(("hours.import", cast.nora.uid, entry, now, said))
        copy(cursor, "ojt_logs_hoursentry", HOURS, rows)
        _put_on_record(cursor, told)
        ids = ", ".join(str(pk) for pk in {row[1] for row in rows})
        cursor.execute(f"DELETE FROM ojt_logs_hourstotal WHERE apprentice_id IN ({ids})")
        cursor.execute(TOTALS.format(those=f"a.id IN ({ids})"))


def _batch(cursor: Any, data: bytes, *, cast: Cast, now: datetime) -> tuple[int, UUID, str]:
    uid, hashed = uuid4(), sha256(data).hexdigest()
    row = [uid, cast.lakeside.pk, "table", "payroll.csv", hashed, cast.nora.pk, now, data.count(b"\n") - 1]
    insert(cursor, "ojt_logs_hoursbatch", BATCH, [[*row, 0, 0, 0, "", "", ""]], "RETURNING id")
    return cursor.fetchone()[0], uid, hashed


def _put_on_record(cursor: Any, told: dict[UUID, list[Any]]) -> None:
    names = ", ".join(f"'{spelled(subject)}'" for subject in told)
    where = f"SELECT subject, id, length, head FROM ledger_chain WHERE subject IN ({names})"
    cursor.execute(where)
    missing = told.keys() - {_uid(row[0]) for row in cursor.fetchall()}
    if missing:
        copy(cursor, "ledger_chain", ("subject", "length", "head"), [(one, 0, "") for one in missing])
    cursor.execute(where)
    chains = [Chain(pk=row[1], subject=_uid(row[0]), length=row[2], head=row[3]) for row in cursor.fetchall()]
    cursor.execute("SELECT coalesce(max(id), 0) FROM ledger_entry")
    first = cursor.fetchone()[0] + 1
    made = [one for chain in chains for one in entries(chain, told[chain.subject])]
    numbered = list(enumerate(made, start=first))
    copy(cursor, "ledger_entry", ("id", *ENTRY), [[pk, *values_of(one)] for pk, (one, *_) in numbered])
    words = [(pk, salt, body) for pk, (_, salt, body) in numbered]
    copy(cursor, "ledger_payload", ("entry_id", "salt", "body"), words)
    if connection.vendor == "postgresql":
        cursor.execute(
            "SELECT setval(pg_get_serial_sequence('ledger_entry', 'id'), max(id)) FROM ledger_entry"
        )
    # The rule of the table lets a chain grow by one entry in a statement.
    moves = [(one.sequence, one.digest, one.chain_id) for one, *_ in made]
    cursor.executemany("UPDATE ledger_chain SET length = %s, head = %s WHERE id = %s", moves)


def _uid(value: Any) -> UUID:
    return value if isinstance(value, UUID) else UUID(value)
