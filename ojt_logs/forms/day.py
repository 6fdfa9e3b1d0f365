"""The lines of a day: drafts to change or delete and new ones, saved together or not at all."""

import uuid
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.db import transaction

from accounts.durations import format_hours
from accounts.models import User
from apprenticeship.models import Apprentice
from ojt_logs.forms.apprentice import LineForm, initial_of
from ojt_logs.forms.subjects import Subjects
from ojt_logs.models import HoursEntry, Line
from ojt_logs.weeks import stamps, unseen

MOST_LINES = 24
NOTHING = "Nothing to save yet. Choose what you did and enter the time."
GONE = "An entry was submitted or deleted meanwhile. Reload the page to see it."
CHANGED = (
    "This entry was changed elsewhere after you opened the page: it says {} now. "
    "What you typed stands here; save again if it is right."
)


class DayForm:
    """Everything typed for one day."""

    def __init__(
        self,
        apprentice: Apprentice,
        day: date,
        *,
        subjects: Subjects,
        drafts: Sequence[HoursEntry],
        data: Mapping[str, Any] | None = None,
    ) -> None:
        self.apprentice, self.day, self.subjects = apprentice, day, subjects
        self.drafts = {str(draft.uid): draft for draft in drafts}
        self.data = data
        self.overtaken = False
        self.seen_then = data.get("seen") if data is not None else None
        if data is not None:
            self.lines = [self._line(number, data=data) for number in range(_count(data))]
            self._ask_nothing_of_blank_lines()
        else:
            self.lines = [self._line(number, entry=draft) for number, draft in enumerate(drafts)]
            self.lines.append(self._new(len(drafts)))

    def _line(
        self, number: int, *, data: Mapping[str, Any] | None = None, entry: HoursEntry | None = None
    ) -> LineForm:
        prefix = f"line-{number}"
        if data is not None:
            entry = self.drafts.get(str(data.get(f"{prefix}-entry_uid", "")))
        initial = initial_of(entry, self.subjects) if entry else {}
        return LineForm(data, prefix=prefix, subjects=self.subjects, entry=entry, initial=initial)

    def _new(self, number: int, **typed: Any) -> LineForm:
        """A line that is not bound, so that nothing is called wrong before it is saved."""
        typed["client_uid"] = typed.get("client_uid") or uuid.uuid4()
        entry = self.drafts.get(str(typed.get("entry_uid") or ""))
        return LineForm(initial=typed, prefix=f"line-{number}", subjects=self.subjects, entry=entry)

    def reopen(self) -> None:
        """Show what was typed before, without calling anything wrong until it is saved."""
        self.lines = [self._new(number, **line.typed) for number, line in enumerate(self.lines)]

    def _ask_nothing_of_blank_lines(self) -> None:
        """Beside a line that says something an empty one is no mistake, and none is shown in it."""
        if self.written:
            self.lines = [
                self._new(number, **line.typed) if line.is_blank else line
                for number, line in enumerate(self.lines)
            ]

    def add(self, token: str) -> None:
        """One more line, about `token` and as long as the last time; an empty line is used up first.

        Everything typed stays.
        """
        typed = [line.typed for line in self.lines]
        chosen: dict[str, Any] = {"about": token} if self.subjects.get(token) else {}
        if minutes := self.subjects.lately.get(token):
            chosen["minutes"] = minutes
        empty = [number for number, line in enumerate(self.lines) if line.is_blank]
        if chosen and empty:
            typed[empty[0]] |= chosen
        elif len(typed) < MOST_LINES:
            typed.append(chosen)
        self.lines = [self._new(number, **line) for number, line in enumerate(typed)]

    @property
    def blank_line(self) -> LineForm:
        """The pattern from which a script makes further lines."""
        return LineForm(prefix="line-__n__", subjects=self.subjects)

    @property
    def minutes(self) -> int:
        return sum(line.shown_minutes for line in self.lines)

    @property
    def written(self) -> list[LineForm]:
        return [line for line in self.lines if not line.is_blank]

    @property
    def errors(self) -> list[str]:
        """Sentences that concern the whole day, each once (the date, above all)."""
        if not self.written and all(line.is_bound for line in self.lines):
            return [NOTHING]
        return list(dict.fromkeys(str(error) for line in self.written for error in line.non_field_errors()))

    def save(self, *, by: User, now: datetime) -> bool:
        """Write every line, or none; False when one was refused and says why, or none is written.

        What makes room in the day comes first: deletions, shortened entries, then the rest. A new line
        that was sent before (the same `client_uid`) changes what it wrote then.
        """
        self._find_sent_before()
        if not self.written or not all(line.is_valid() or line.typed["remove"] for line in self.written):
            return False
        with transaction.atomic():
            written = [self._write(line, by=by, now=now) for line in sorted(self.written, key=_room)]
            transaction.set_rollback(not all(written))
        return all(written)

    def _find_sent_before(self) -> None:
        sent = {str(draft.client_uid): draft for draft in self.drafts.values() if draft.client_uid}
        for line in self.written:
            line.entry = line.entry or sent.get(str(line.typed["client_uid"] or ""))

    @property
    def seen(self) -> str:
        """The drafts as they are now, for the page to send back; what was kept brings its own."""
        known = self.seen_then
        return stamps(self.drafts.values()) if known is None or self.overtaken else known

    def _check_seen(self, line: LineForm, entry: HoursEntry) -> None:
        """Raise ValidationError where another page changed the entry after this one was opened."""
        opened = line.typed["entry_uid"] and self.seen_then is not None
        if opened and unseen(entry, self.seen_then or ""):
            self.overtaken = True
            raise ValidationError({NON_FIELD_ERRORS: CHANGED.format(format_hours(entry.minutes))})

    def _write(self, line: LineForm, *, by: User, now: datetime) -> bool:
        """Write one line; False when it was refused, which then stands in the line."""
        try:
            if line.typed["entry_uid"] and not line.entry:
                raise ValidationError({NON_FIELD_ERRORS: GONE})
            if line.typed["remove"]:
                if line.entry:
                    self._check_seen(line, line.entry)
                    line.entry.remove(by=by)
            elif line.entry:
                if _differs(line.entry, line.values()):
                    self._check_seen(line, line.entry)
                    line.entry.change(by=by, now=now, **line.values())
            else:
                new = Line(date=self.day, client_uid=line.cleaned_data["client_uid"], **line.values())
                HoursEntry.objects.log(self.apprentice, by=by, now=now, lines=[new])
        except ValidationError as problem:
            line.refuse(problem)
            return False
        return True


def _count(data: Mapping[str, Any]) -> int:
    try:
        return max(0, min(MOST_LINES, int(data.get("lines", 0))))
    except ValueError:
        return 0


def _room(line: LineForm) -> int:
    """Minus the minutes that the day is relieved of by this line; 0 when it only adds."""
    before = line.entry.minutes if line.entry else 0
    after = 0 if line.typed["remove"] else line.cleaned_data["minutes"]
    return min(0, after - before)


def _differs(entry: HoursEntry, values: dict[str, Any]) -> bool:
    return any(getattr(entry, name) != value for name, value in values.items())
