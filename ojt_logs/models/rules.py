"""Which hours make sense. Every rule of an entry's content is here, once, with the sentence people read."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import date, datetime
from typing import TYPE_CHECKING, NamedTuple

from django.db.models import Case, F, Sum, When

from accounts.dates import day_words
from accounts.durations import format_hours
from apprenticeship.models.status import Status

if TYPE_CHECKING:
    from ojt_logs.models.hour_sets import HoursQuerySet
    from ojt_logs.models.hours import HoursEntry

DAY = 24 * 60
"""A day has 1,440 minutes, over all programs a person is in; whose entries count together: `_beside`."""

LONGEST_MONTH = 31 * DAY
"""Of a total of a whole month, as papers state it."""

PENDING = ("draft", "submitted", "returned")
"""States of a correction that has replaced nothing yet."""


def problems(entry: "HoursEntry", *, now: datetime, taken: int | None = None) -> dict[str, list[str]]:
    """Sentences by field that say what is wrong with `entry` and the remedy; empty when nothing is.

    `taken`: minutes of the person's other entries of that day, where somebody has added them up already.
    """
    return _told(entry, (_minutes(entry), _day(entry, now), _place(entry)), taken)


def problems_at_approval(entry: "HoursEntry", *, now: datetime) -> dict[str, list[str]]:
    """As `problems`, without the place: it was right when the entry was submitted, and the apprentice may
    learn by another version since."""
    return _told(entry, (_minutes(entry), _day(entry, now)), None)


def _told(
    entry: "HoursEntry", checks: Iterable[Iterator[tuple[str, str]]], taken: int | None
) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for field, sentence in (problem for check in checks for problem in check):
        found.setdefault(field, []).append(sentence)
    if not found:
        for field, sentence in _full_day(entry, _taken(entry) if taken is None else taken):
            found.setdefault(field, []).append(sentence)
    return found


def problems_of(entries: Collection["HoursEntry"], *, now: datetime) -> dict[int, dict[str, list[str]]]:
    """`problems` of stored entries of one person, by their id, in one query; those without any are left out.

    The entries come with `corrects`, `apprentice` and its `status_changes`.
    """
    if not entries:
        return {}
    first = next(iter(entries))
    days = type(first).objects.filter(apprentice__user=first.apprentice.user_id)
    filled = _filled(days.filter(date__in={entry.date for entry in entries}))
    found = {
        entry.pk: problems(entry, now=now, taken=_beside(entry, filled) - _own(entry)) for entry in entries
    }
    return {pk: sentences for pk, sentences in found.items() if sentences}


def problems_of_new(entries: Sequence["HoursEntry"], *, now: datetime) -> list[dict[str, list[str]]]:
    """`problems` of entries that are not stored yet, in the order given and each beside those before it: of
    any number of people in one query. Every apprentice comes with its `status_changes`."""
    if not entries:
        return []
    days = {entry.date for entry in entries}
    stored = type(entries[0]).objects.of_days(min(days), max(days))
    filled = _filled(stored.filter(apprentice__user__in={entry.apprentice.user_id for entry in entries}))
    found = []
    for entry in entries:
        found.append(problems(entry, now=now, taken=_beside(entry, filled)))
        if fills_day(entry) and not found[-1]:
            part = Part(entry.apprentice.program.sponsor_id, not entry.is_on_behalf, entry.minutes)
            filled[entry.apprentice.user_id, entry.date].append(part)
    return found


class Part(NamedTuple):
    """Minutes that fill somebody's day: of which sponsor, and whether the apprentice wrote them."""

    sponsor: int
    is_own: bool
    minutes: int


Filled = dict[tuple[int, date], list[Part]]
"""By person and day."""


def _filled(entries: "HoursQuerySet") -> Filled:
    is_own = Case(When(created_by=F("apprentice__user"), then=True), default=False)
    sums = filling(entries).annotate(own=is_own).order_by()
    keys = ("apprentice__user", "date", "apprentice__program__sponsor", "own")
    found: Filled = defaultdict(list)
    for person, day, *part in sums.values_list(*keys).annotate(Sum("minutes")):
        found[person, day].append(Part(*part))
    return found


def _beside(entry: "HoursEntry", filled: Filled) -> int:
    """Minutes of the day that count with this entry: those at the same sponsor, and what the apprentice wrote
    at others where this one is the apprentice's own as well.

    What an office writes is neither held against what happens elsewhere, of which it would thereby learn, nor
    does it keep anybody from logging there.
    """
    parts = filled.get((entry.apprentice.user_id, entry.date), [])
    sponsor = entry.apprentice.program.sponsor_id
    return sum(
        part.minutes for part in parts if part.sponsor == sponsor or (part.is_own and not entry.is_on_behalf)
    )


def _minutes(entry: "HoursEntry") -> Iterator[tuple[str, str]]:
    if entry.carried_over:
        if not 0 < entry.minutes <= LONGEST_MONTH:
            yield "minutes", "A month has more than 0 minutes and at most 744 hours."
    elif not 0 < entry.minutes <= DAY:
        yield "minutes", "Enter more than 0 minutes and at most 24 hours."


def _day(entry: "HoursEntry", now: datetime) -> Iterator[tuple[str, str]]:
    apprentice = entry.apprentice
    person = apprentice.user
    if entry.date > person.today(now):
        yield "date", f"This day has not begun where you are ({person.time_zone}). Choose today or earlier."
    if entry.date < apprentice.started_on:
        began = day_words(apprentice.started_on)
        yield "date", f"The apprenticeship began on {began}. Choose that day or later."
    if apprentice.ended_on and entry.date > apprentice.ended_on:
        ended = day_words(apprentice.ended_on)
        yield "date", f"The apprenticeship ended on {ended}. Choose that day or earlier."
    if apprentice.status_on(entry.date) == Status.SUSPENDED:
        yield (
            "date",
            "The apprenticeship was suspended on this day. Choose another day, or ask the coordinator.",
        )


def _place(entry: "HoursEntry") -> Iterator[tuple[str, str]]:
    schedule = entry.apprentice.schedule_id
    if entry.kind == "ri":
        if entry.course is None:
            yield "course", "Choose the course."
        elif entry.course.schedule_id != schedule:
            yield "course", "This course is not in your program. Choose one from the list."
        if entry.job_function or entry.competency:
            yield "job_function", "Class hours name a course only. Log work as on-the-job training."
        return
    if entry.course:
        yield "course", "On-the-job hours name a job function only. Log class hours as related instruction."
    if entry.job_function and entry.job_function.schedule_id != schedule:
        yield "job_function", "This job function is not in your program. Choose one from the list."
    elif entry.competency and entry.competency.job_function_id != entry.job_function_id:
        yield "competency", "This competency is not in the job function. Choose one from the list."


def fills_day(entry: "HoursEntry") -> bool:
    """Whether its minutes are of its day's 24 hours: not a replaced one's, nor those of a correction that
    has replaced nothing yet, nor the total of a month. `filling` asks the database the same."""
    if entry.carried_over:
        return False
    return entry.status != "superseded" and not (entry.corrects_id and entry.status in PENDING)


def filling(entries: "HoursQuerySet") -> "HoursQuerySet":
    """Those of the entries that fill their day; see `fills_day`."""
    days = entries.exclude(status="superseded").exclude(carried_over=True)
    return days.exclude(corrects__isnull=False, status__in=PENDING)


def _own(entry: "HoursEntry") -> int:
    """The minutes of its day that are this entry's own, or those of the entry that it would replace."""
    if fills_day(entry):
        return entry.minutes
    replaced = entry.corrects
    return replaced.minutes if replaced and replaced.date == entry.date and fills_day(replaced) else 0


def _taken(entry: "HoursEntry") -> int:
    """Minutes of other entries of the day that count with this one, without the one being corrected."""
    others = type(entry).objects.filter(apprentice__user=entry.apprentice.user_id, date=entry.date)
    theirs = [pk for pk in (entry.pk, entry.corrects_id) if pk]
    return _beside(entry, _filled(others.exclude(pk__in=theirs)))


def _full_day(entry: "HoursEntry", taken: int) -> Iterator[tuple[str, str]]:
    if not entry.carried_over and taken + entry.minutes > DAY:
        left = max(0, DAY - taken)
        yield (
            "minutes",
            f"With the other entries of {day_words(entry.date)} this is more than 24 hours; "
            f"{format_hours(left)} is left. Lower it, or change the other entries.",
        )
