"""The list of reports in columns."""

from accounts.tables import Column, Table, day, moment, number

REPORTS = Table(
    "Reports",
    (
        Column("Document", lambda run: run.get_document_display()),
        Column("About", lambda run: run.about, width=30),
        Column("A file for each", lambda run: run.for_each, width=10),
        day("From", lambda run: run.from_day),
        day("To", lambda run: run.to_day),
        Column("Asked for by", lambda run: run.requested_by.name),
        moment("Asked for", lambda run: run.created_at),
        Column("State", lambda run: run.get_state_display(), width=12),
        moment("Ready", lambda run: run.finished_at),
        Column("File", lambda run: run.file_name, width=50),
        number("Bytes", lambda run: run.bytes),
        Column("SHA-256", lambda run: run.sha256, width=66),
        Column("Why it failed", lambda run: run.reason, width=50),
    ),
    "One report.",
)
