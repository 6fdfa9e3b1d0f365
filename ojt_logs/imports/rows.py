"""What the rows of files that are brought in have in common: what they say, whose, what becomes of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Generic, Self, TypeVar

from apprenticeship.models import Apprentice
from ojt_logs.imports.cells import Order
from ojt_logs.imports.people import Unknown


class Fate(StrEnum):
    """What becomes of a row."""

    NEW = "new"
    THERE = "there"
    LEFT_OUT = "left_out"
    REFUSED = "refused"


@dataclass(frozen=True)
class FileRow:
    """One row of a file, and sentences by field about what is wrong with it.

    `unknown`: nobody is registered here as whom it names.
    """

    number: int
    cells: Mapping[str, str]
    apprentice: Apprentice | None = None
    problems: Mapping[str, str] = field(default_factory=dict)
    fate: Fate = Fate.NEW
    note: str = ""
    unknown: bool = False

    @property
    def sentences(self) -> str:
        return " ".join(self.problems.values())

    @property
    def said(self) -> str:
        """What stands in its cells, for people."""
        return " · ".join(value for value in self.cells.values() if value)

    def refuse(self, **problems: str) -> Self:
        """The row with these problems beside those it has: nothing of it comes in."""
        return replace(self, problems={**self.problems, **problems}, fate=Fate.REFUSED)


R = TypeVar("R", bound=FileRow)


def said_of(row: R, error: ValueError) -> R:
    """The row, marked where the error says that nobody here is whom it names."""
    return replace(row, unknown=isinstance(error, Unknown))


@dataclass(frozen=True)
class Rows(Generic[R]):
    """All rows of a file as they were read, in their order, and how its days were read."""

    rows: Sequence[R]
    order: Order

    def of(self, fate: Fate) -> list[R]:
        return [row for row in self.rows if row.fate == fate]

    @property
    def new(self) -> list[R]:
        return self.of(Fate.NEW)

    @property
    def there(self) -> list[R]:
        return self.of(Fate.THERE)

    @property
    def left_out(self) -> list[R]:
        return self.of(Fate.LEFT_OUT)

    @property
    def refused(self) -> list[R]:
        return self.of(Fate.REFUSED)
