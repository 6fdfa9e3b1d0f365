"""What two apprentices and their reviewers did, as plain lists, and what must come of the next act.

Nothing here is of the product: the tables and sums are written a second time, from the rules.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.core.exceptions import ValidationError

from accounts.refusals import NotAllowed
from ojt_logs.models import InvalidTransition
from tests.cast import NOW, TODAY

FROM = {
    "submit": {"draft", "returned"},
    "recall": {"submitted"},
    "dispute": {"submitted"},
    "settle": {"submitted"},
    "approve": {"submitted"},
    "return": {"submitted"},
    "undo": {"approved"},
}
TO = {
    "submit": "submitted",
    "recall": "draft",
    "dispute": "submitted",
    "settle": "submitted",
    "approve": "approved",
    "return": "returned",
    "undo": "submitted",
}
OWN = {"submit", "recall", "dispute", "settle"}
NOBODYS = {"supersede", "log_for", "attend", "import", "attest", "undo_import"}
"""What happens to hours only inside of another act."""
PENDING = {"draft", "submitted", "returned"}

Sums = dict[tuple[str, str], tuple[int, int]]


@dataclass(eq=False)
class Told:
    """One entry as the machine remembers it."""

    row: int
    person: str
    place: str
    day: date
    minutes: int
    state: str = "draft"
    corrects: "Told | None" = None
    reviewer: str = ""
    reviewed: datetime = NOW
    by_others: bool = False
    disputed: bool = False
    touched: bool = False
    """Moved since it came in, so that its file stays."""
    month: bool = False
    """The total of a month, on paper."""

    @property
    def fills_its_day(self) -> bool:
        return not self.month and self.state != "superseded" and not (self.corrects and self.state in PENDING)

    @property
    def key(self) -> str:
        """Of the total in which it counts."""
        return self.place if self.place in ("other", "class") else self.place[0]

    def become(self, name: str, by: str, now: datetime) -> None:
        """Move on as `name` says."""
        self.state = TO[name]
        if name in ("approve", "return"):
            self.reviewer, self.reviewed = by, now
        if name == "approve" and self.corrects:
            self.corrects.state = "superseded"
        if name in OWN:
            self.disputed = name == "dispute"
        self.touched |= name not in ("dispute", "settle")


@dataclass(eq=False)
class Credited:
    """One credit as the machine remembers it."""

    row: int
    person: str
    place: str
    minutes: int
    stands: bool = True


def reference(entries: Iterable[Told]) -> Sums:
    """Waiting and approved minutes by person and place, added up in the plainest way."""
    waiting: dict[tuple[str, str], int] = defaultdict(int)
    approved: dict[tuple[str, str], int] = defaultdict(int)
    for one in entries:
        if one.state == "submitted":
            waiting[one.person, one.key] += one.minutes
        if one.state == "approved":
            approved[one.person, one.key] += one.minutes
    return {key: (waiting[key], approved[key]) for key in waiting.keys() | approved.keys()}


def credited(credits: Iterable[Credited]) -> dict[tuple[str, str], int]:
    """What stands credited, by person and place."""
    found: dict[tuple[str, str], int] = defaultdict(int)
    for one in credits:
        if one.stands:
            found[one.person, one.place] += one.minutes
    return dict(found)


class Foretelling:
    """Everything that was done, and whether a next act must be refused."""

    def __init__(self) -> None:
        super().__init__()
        self.entries: list[Told] = []
        self.credits: list[Credited] = []
        self.files: list[tuple[int, list[Told]]] = []
        self.now = NOW
        self.suspended: set[str] = set()
        self.left: set[str] = set()

    def mentors(self, person: str) -> set[str]:
        """Those of today."""
        if person in self.left:
            return {"lena"}
        return {"marcus"} if person == "ana" else {"marcus", "lena"}

    def reviews(self, person: str, place: str, day: date) -> set[str]:
        """Marcus keeps what was done in his days; who came today reviews everything."""
        if place == "class":
            return {"priya"}
        kept = {"marcus"} if person in self.left and day < TODAY else set()
        return self.mentors(person) | kept

    def fits(self, person: str, day: date, minutes: int, *without: Told | None, month: bool = False) -> bool:
        if person in self.suspended and day == TODAY:
            return False
        if month:
            return 0 < minutes <= 31 * 1440
        others = [
            one.minutes
            for one in self.entries
            if one.person == person and one.day == day and one.fills_its_day and one not in without
        ]
        return 0 < minutes <= 1440 and sum(others) + minutes <= 1440

    def corrected(self, one: Told) -> bool:
        return any(other.corrects is one for other in self.entries)

    def foretell(self, one: Told, name: str, by: str) -> type[Exception] | None:
        """The refusal that this move must meet, if any."""
        reviewers = self.reviews(one.person, one.place, one.day)
        if name in NOBODYS or by not in ({one.person} if name in OWN else reviewers):
            return NotAllowed
        if one.state not in FROM[name]:
            return InvalidTransition
        if name == "undo":
            late = self.now - one.reviewed > timedelta(minutes=1)
            fixed = one.corrects or self.corrected(one)
            return InvalidTransition if fixed or late or one.reviewer != by else None
        if name in ("dispute", "settle"):
            return None if one.by_others else InvalidTransition
        if name == "recall" and one.by_others:
            return InvalidTransition
        return self.weigh(one, name)

    def weigh(self, one: Told, name: str) -> type[Exception] | None:
        """The same of submitting, taking back and reviewing: is it disputed, does the day hold it?"""
        if name == "approve" and one.disputed:
            return InvalidTransition
        weighed = name == "submit" or (name == "approve" and one.corrects)
        if weighed and not self.fits(one.person, one.day, one.minutes, one, one.corrects, month=one.month):
            return ValidationError
        gone = name == "approve" and one.corrects and one.corrects.state != "approved"
        return InvalidTransition if gone else None
