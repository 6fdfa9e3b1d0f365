"""What a change of a registration's status will do, said before it is done."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Count, Q, Sum

from accounts.dates import day_words
from accounts.durations import format_hours
from accounts.models.people import authority_day
from accounts.numbers import count_of
from apprenticeship.models import Apprentice
from apprenticeship.models.status import FINAL, Status
from ojt_logs.models import HoursEntry, State
from ojt_logs.progress import Progress, progress_of
from ojt_logs.reviewers import reviewers_of

TOLD = 5
"""So many open requirements are named in the reason of a completion that leaves some."""


@dataclass(frozen=True)
class Outcome:
    """What a move to `to` from the day `on` will do, in sentences, and for a completion what is missing."""

    to: str
    on: date
    sentences: tuple[str, ...]
    missing: tuple[str, ...]

    @property
    def final(self) -> bool:
        return self.to in FINAL

    def reason(self, typed: str) -> str:
        """What the record keeps: the reason as typed, and what was open where somebody completed anyway."""
        if not self.missing:
            return typed
        more = len(self.missing) - TOLD
        rest = f" And {more} more." if more > 0 else ""
        return f"{typed.strip()} (Open on that day: {' '.join(self.missing[:TOLD])}{rest})"


def outcome_of(apprentice: Apprentice, to: str, *, on: date, now: datetime) -> Outcome:
    """What moving `apprentice` to `to` from `on` will do."""
    progress = progress_of(apprentice, as_of=on)
    said = [*_of_status(progress, to, on), *_of_hours(apprentice, to, on, now=now)]
    missing = tuple(progress.missing) if to == Status.COMPLETED else ()
    return Outcome(to, on, tuple(said), missing)


def _of_status(progress: Progress, to: str, on: date) -> Iterator[str]:
    day, person = day_words(on), progress.apprentice
    if to == Status.SUSPENDED:
        yield f"From {day} no hours of work or class can be logged, and no work of those days is signed."
        yield "The pace stops: the days of the suspension are taken out of the plan until you reinstate."
    if to == Status.ACTIVE:
        yield f"From {day} hours can be logged and signed for again."
        away = person.suspended_days(until=on) - (1 if person.status_on(on) == Status.SUSPENDED else 0)
        if away:
            days = count_of(away, "day")
            yield f"{days} of suspension do not count in the pace and the months of training."
    if to in FINAL:
        yield f"{day} is the last day: later days take no hours, and no work of later days is signed."
        yield "The record stays, and its papers can still be made."
        yield "This is final. Whoever comes back is registered anew."


def _of_hours(apprentice: Apprentice, to: str, on: date, *, now: datetime) -> Iterator[str]:
    if to == Status.ACTIVE:
        return
    closed = Q(date__gt=on) if to in FINAL else Q(date__gte=on)
    unsent, sent = Q(status__in=(State.DRAFT, State.RETURNED)), Q(status=State.SUBMITTED)
    counts = (
        HoursEntry.objects.everyone()
        .filter(apprentice=apprentice)
        .aggregate(
            waiting=Sum("minutes", filter=sent),
            late=Count("pk", filter=closed & Q(status__in=(State.SUBMITTED, State.APPROVED))),
            unsent=Count("pk", filter=closed & unsent),
        )
    )
    if counts["waiting"]:
        people = reviewers_of([apprentice.pk], on=authority_day(now))
        names = sorted({one.name for group in people.values() for one in group})
        who = f" by {' or '.join(names)}" if names else "; nobody is assigned who could"
        yield f"{format_hours(counts['waiting'])} were submitted and wait: they stay to be reviewed{who}."
    if counts["late"]:
        number = count_of(counts["late"], "entry", "entries")
        yield f"{number} of days on which this is in force stand on the record already, and stay there."
    if counts["unsent"]:
        number = count_of(counts["unsent"], "entry", "entries")
        yield f"{number} of such days were not submitted, or were returned, and cannot be submitted any more."
