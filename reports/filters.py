"""What the address of the list of reports says."""

from collections.abc import Mapping
from typing import Any

from accounts.listing import Filters, Sort, select
from reports.models import DocumentKind, State

REPORT_SORTS = (
    Sort("newest", "Newest first", ("-pk",)),
    Sort("oldest", "Oldest first", ("pk",)),
    Sort("document", "Document", ("document", "-pk")),
)


class ReportFilters(Filters):
    """Reports by document and state."""

    document = select("Document", "Every document", DocumentKind.choices)
    state = select("State", "Every state", State.choices)

    def __init__(self, data: Mapping[str, Any]) -> None:
        """The page has another form with fields of these names."""
        super().__init__(data, auto_id="list_%s")
