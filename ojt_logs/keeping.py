"""The list of records that need not be kept any more: its words in the address, its columns."""

from typing import Any

from django.db.models import Q

from accounts.listing import Filters, Sort, select, words
from accounts.spelling import all_words
from accounts.tables import Column, Table, day
from apprenticeship.retention import due_since

DUE_SORTS = (
    Sort("ended", "Ended first", ("ended_on", "pk")),
    Sort("name", "Name", ("user__search_text", "pk")),
)


class DueFilters(Filters):
    """Records past retention: by name, and by whether a legal hold stands on them."""

    q = words("Name")
    hold = select("Legal hold", "With and without a hold", [("yes", "Held"), ("no", "Not held")])

    def condition(self, name: str, value: Any) -> Q:
        return all_words(value, "user__search_text") if name == "q" else Q(held=value == "yes")


DUE = Table(
    "Past retention",
    (
        Column("Name", lambda row: row.user.name),
        Column("Program", lambda row: row.program.name),
        Column("Employer", lambda row: row.employer or row.program.sponsor),
        Column("Registration number", lambda row: row.registration_number),
        Column("Status", lambda row: row.get_status_display(), width=12),
        day("Ended", lambda row: row.ended_on),
        day("Due since", due_since, "The first day on which it need not be kept."),
        Column("Legal hold", lambda row: "yes" if row.held else "no", width=12),
        Column("Number", lambda row: row.uid, width=38),
    ),
    "One registration whose record need not be kept any more and is not disposed of.",
)
