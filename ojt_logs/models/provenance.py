"""Where an hours entry came from, in words: when it was written down, by whom, from what.

Every hour says so wherever it is shown, and lists filter by it; only the week and day of the apprentice keep
quiet about the plain case. Provenance is a fact, never a suspicion.
"""

from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from django.db.models import DateField, F, Func, Q
from django.db.models.functions import Coalesce
from django.db.models.lookups import GreaterThan, LessThanOrEqual

from accounts.dates import clock_words, short_day
from accounts.numbers import count_of
from ojt_logs.models.lines import Source

if TYPE_CHECKING:
    from ojt_logs.models.hours import HoursEntry

ICONS = {
    "same_day": "pencil",
    "later": "calendar",
    "copied": "document-duplicate",
    "imported": "arrow-up-tray",
    "paper": "document-text",
}
LABELS = {
    "same_day": "Logged the same day",
    "later": "Logged later",
    "copied": "Copied",
    "imported": "Imported",
    "paper": "From paper",
    "on_behalf": "Logged on behalf",
    "offline": "Written offline",
    "late": "Submitted late",
}
"""What lists filter by; an entry may be several of these."""
PLAIN = "logged the same day"


class LocalDay(Func):
    """The calendar day of a moment in the time zone that another column names, on either database."""

    output_field = DateField()
    arity = 2
    template = "(%(expressions)s)::date"
    arg_joiner = " AT TIME ZONE "

    def as_sqlite(self, compiler: Any, connection: Any, **extra: Any) -> Any:
        spelling = {"template": "django_datetime_cast_date(%(expressions)s, 'UTC')", "arg_joiner": ", "}
        return self.as_sql(compiler, connection, **spelling)


@dataclass(frozen=True)
class Provenance:
    """One entry's: `kind` is the word of LABELS that says most, `words` a sentence's beginning."""

    kind: str
    words: str

    @property
    def is_plain(self) -> bool:
        """By the apprentice, on the day itself, here: what one expects, and nothing more to say."""
        return self.words == PLAIN

    @property
    def label(self) -> str:
        return LABELS[self.kind]

    @property
    def icon(self) -> str:
        return ICONS[self.kind]


@dataclass(frozen=True)
class Columns:
    """What the words are made of; `writer` is who wrote it down where that was not its apprentice."""

    source: str
    day: date
    created_at: datetime
    device_at: datetime | None
    copied_from: date | None
    taken_from: str
    is_late: bool
    writer: str | None
    zone: ZoneInfo

    @classmethod
    def of(cls, entry: "HoursEntry") -> "Columns":
        own = entry.created_by_id == entry.apprentice.user_id
        return cls(
            source=str(entry.source),
            day=entry.date,
            created_at=entry.created_at,
            device_at=entry.device_at,
            copied_from=entry.copied_from,
            taken_from=entry.taken_from,
            is_late=entry.is_late,
            writer=None if own else entry.created_by.name,
            zone=entry.apprentice.user.zone,
        )

    @property
    def days_late(self) -> int:
        """Days between the work and its writing down: by the device's own clock where that was offline."""
        written = self.device_at or self.created_at
        return max(0, (written.astimezone(self.zone).date() - self.day).days)


def provenance_of(entry: Columns) -> Provenance:
    """Where an entry came from, days and times in its apprentice's time zone."""
    late = entry.days_late
    kind = entry.source if entry.source != Source.LOGGED else "later" if late else "same_day"
    parts = [_beginning(entry, late)]
    if entry.writer is not None:
        name = entry.writer
        parts[0] += f", attested by {name}" if entry.source == Source.PAPER else f" by {name} on behalf"
    if entry.device_at:
        parts.append(_offline(entry, entry.device_at))
    if entry.is_late:
        parts.append("submitted late")
    return Provenance(kind, ", ".join(parts))


def _beginning(entry: Columns, late: int) -> str:
    after = f"{count_of(late, 'day', 'days')} later" if late else "the same day"
    if entry.source == Source.COPIED and entry.copied_from:
        return f"copied from {short_day(entry.copied_from)}" + (f", {after}" if late else "")
    if entry.source == Source.IMPORTED:
        return f"imported from {entry.taken_from or 'a file'}"
    if entry.source == Source.PAPER:
        return f"from paper, {entry.taken_from}" if entry.taken_from else "from paper"
    return f"logged {after}"


def _offline(entry: Columns, at: datetime) -> str:
    """“written offline at 2:05 pm, received 5:40 pm”, with the day where it is another one."""
    wrote, received = at.astimezone(entry.zone), entry.created_at.astimezone(entry.zone)
    first = "" if wrote.date() == entry.day else f"{short_day(wrote.date())}, "
    second = "" if received.date() == wrote.date() else f"{short_day(received.date())}, "
    return f"written offline at {first}{clock_words(wrote)}, received {second}{clock_words(received)}"


def came(how: str) -> Q:
    """Entries to which a word of LABELS applies; asks the database what `provenance_of` tells."""
    if how == "on_behalf":
        return ~Q(created_by=F("apprentice__user"))
    if how == "offline":
        return Q(device_at__isnull=False)
    if how == "late":
        return Q(is_late=True)
    if how not in ("same_day", "later"):
        return Q(source=how)
    written_on = LocalDay(Coalesce("device_at", "created_at"), F("apprentice__user__time_zone"))
    compare = GreaterThan if how == "later" else LessThanOrEqual
    return Q(compare(written_on, F("date")), source=Source.LOGGED)
