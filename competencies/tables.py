"""The public standards in columns, for their list as a file."""

from accounts.tables import Column, Table, number
from competencies.listing import Listed
from competencies.models import WorkProcessSchedule

KINDS: dict[str, str] = {"schedule": "Work process schedule", "framework": "Framework"}

STANDARDS = Table(
    "Standards",
    (
        Column("Kind", lambda row: KINDS[row.kind], width=22),
        Column("Title", lambda row: row.document.title, width=40),
        Column("Of", lambda row: getattr(row.document, "sponsor", None) or "Public"),
        Column("O*NET", lambda row: getattr(row.document, "onet_code", ""), width=12),
        Column("RAPIDS", lambda row: getattr(row.document, "rapids_code", ""), width=12),
        Column(
            "Approach", lambda row: (row.kind == "schedule" and row.document.get_approach_display()) or None
        ),
        number("Version", lambda row: row.document.version),
        number("Competencies", lambda row: getattr(row.document, "competency_count", None)),
        number("Performance standards", lambda row: getattr(row.document, "standard_count", None)),
        number("Statements", lambda row: getattr(row.document, "statement_count", None)),
        Column("Number", lambda row: row.document.uid, width=38),
    ),
    "One work process schedule or framework, in its newest version.",
)


def _approach(row: Listed) -> str | None:
    document = row.document
    return document.get_approach_display() if isinstance(document, WorkProcessSchedule) else None
