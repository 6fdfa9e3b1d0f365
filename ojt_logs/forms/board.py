"""What the address of the board says: whom to show, in which order."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from accounts.listing import Files
from apprenticeship.models.status import Status
from ojt_logs.board import Board, Row

SHOWS: dict[str, tuple[str, Callable[[Row], bool]]] = {
    "": ("Current", lambda row: row.is_current),
    "behind": ("Behind", lambda row: row.behind),
    "waiting": ("With hours waiting", lambda row: bool(row.waiting)),
    "unguided": ("Without a mentor", lambda row: row.unguided),
    "suspended": ("Suspended", lambda row: row.apprentice.status == Status.SUSPENDED),
    "ended": ("Completed or cancelled", lambda row: not row.is_current),
}
SORTS: dict[str, tuple[str, Callable[[Row], Any]]] = {
    "": ("Name", lambda row: row.apprentice.user.name.casefold()),
    "progress": ("Progress", lambda row: -row.progress.percent),
    "pace": ("Furthest behind", lambda row: row.progress.pace.days or 0),
    "waiting": ("Longest waiting", lambda row: -row.days_waiting),
}


@dataclass(frozen=True)
class Choice:
    """One filter or order to choose: its words, its address, how many it shows, whether it is on."""

    label: str
    query: str
    count: int
    current: bool


class BoardView:
    """The rows that an address asks for. A word it does not know is left out."""

    def __init__(self, board: Board, address: Mapping[str, str]) -> None:
        self.board = board
        self.show = address.get("show", "") if address.get("show", "") in SHOWS else ""
        self.sort = address.get("sort", "") if address.get("sort", "") in SORTS else ""

    @property
    def rows(self) -> list[Row]:
        chosen = [row for row in self.board.rows if SHOWS[self.show][1](row)]
        return sorted(chosen, key=SORTS[self.sort][1])

    @property
    def shows(self) -> list[Choice]:
        """The filters that would show somebody, and the one that is on."""
        found = []
        for name, (label, wanted) in SHOWS.items():
            count = sum(wanted(row) for row in self.board.rows)
            if count or name in ("", self.show):
                found.append(Choice(label, self._query(show=name), count, name == self.show))
        return found

    @property
    def sorts(self) -> list[Choice]:
        return [
            Choice(label, self._query(sort=name), 0, name == self.sort) for name, (label, _) in SORTS.items()
        ]

    @property
    def asked(self) -> dict[str, str]:
        """The words of the address that choose rows and order."""
        return {name: value for name, value in (("show", self.show), ("sort", self.sort)) if value}

    @property
    def files(self) -> Files:
        return Files(self.asked)

    def _query(self, **changed: str) -> str:
        """These rows with other words; without any the address says so, or it would lead to the last ones."""
        chosen = {name: value for name, value in (self.asked | changed).items() if value}
        return f"?{urlencode(chosen or {'clear': 1})}"
