"""What a wage step asks, how far somebody is with it, and whom it waits for: the one who works, others, or
the calendar.

Work that is handed in and a sign-off that is asked for wait for whoever reviews them: where they are all that
is missing, nobody holds it against the apprentice.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Literal

from django.db.models import Sum

from accounts.dates import add_months, day_words
from accounts.durations import format_hours
from accounts.models.people import authority_day
from accounts.numbers import count_of
from apprenticeship.models import Apprentice, WageStep
from ojt_logs.models import HoursEntry, SignOffRequest, State
from ojt_logs.progress import CompetencyProgress, Progress, passes_of
from ojt_logs.progress.counting import Passes
from ojt_logs.progress.days import day_met
from ojt_logs.reviewers import reviewers_of

Who = Literal["apprentice", "others", "calendar"]
Worked = list[tuple[date, int]]
"""Minutes of work by day, oldest first."""


@dataclass(frozen=True)
class Condition:
    """One thing that a step asks: how far it is, since when it is met, and else whom it waits for."""

    words: str
    met_on: date | None
    waits_for: Who
    what_helps: str
    whom: str
    """As told to the apprentice: “Marcus”, “you” or a day."""
    brief: str
    """What is missing in a few words: “8 h submitted”, “2 competencies to be signed”."""


@dataclass(frozen=True)
class Reached:
    """What one apprentice has reached, by day, and what of the rest waits for others."""

    progress: Progress
    worked: Worked
    submitted: int
    """Minutes of work that wait for a reviewer."""
    achieved: tuple[date, ...]
    asked_for: tuple[str, ...]
    """Codes of counted competencies that one more signature would achieve, and that are asked for."""
    mentors: str
    today: date

    @property
    def person(self) -> Apprentice:
        return self.progress.apprentice

    def conditions(self, step: WageStep) -> tuple[Condition, ...]:
        asked = (
            (step.from_minutes, self._hours),
            (step.from_months, self._months),
            (step.from_competencies, self._competencies),
        )
        return tuple(condition(number) for number, condition in asked if number is not None)

    def _hours(self, asked: int) -> Condition:
        total, met_on = self.progress.ojt.credited, None
        if total >= asked:
            met_on = self.person.started_on
        for day, minutes in self.worked:
            total += minutes
            if met_on is None and total >= asked:
                met_on = day
        words = f"{format_hours(asked)} of work asked, {format_hours(total)} approved"
        missing, handed_in = max(0, asked - total), format_hours(self.submitted)
        if 0 < missing <= self.submitted:
            helps = f"{handed_in} are submitted and wait for {self.mentors}."
            return Condition(words, met_on, "others", helps, self.mentors, f"{handed_in} submitted")
        left = f"{format_hours(missing)} of work to go"
        helps = f"{left}. {handed_in} of it wait for {self.mentors}." if self.submitted else f"{left}."
        return Condition(words, met_on, "apprentice", helps, "you", left)

    def _months(self, asked: int) -> Condition:
        """Months since the start, without suspensions."""
        start = add_months(self.person.started_on, asked)
        day = start
        while (later := start + timedelta(days=self._suspended(until=day))) > day:
            day = later
        met_on = day if day <= self.today else None
        words = f"{asked} months, on {day_words(day)}"
        return Condition(
            words, met_on, "calendar", f"On {day_words(day)}.", day_words(day), count_of(asked, "month")
        )

    def _suspended(self, *, until: date) -> int:
        """Days of suspension so far: one that lasts has no end that could be waited for."""
        return self.person.suspended_days(until=min(until, self.today))

    def _competencies(self, asked: int) -> Condition:
        done = len(self.achieved)
        met_on = None if done < asked else self.achieved[asked - 1] if asked else self.person.started_on
        words = f"{count_of(asked, 'competency', 'competencies')} asked, {done} achieved"
        missing, codes = max(0, asked - done), ", ".join(self.asked_for)
        waiting = f"{codes} {'is' if len(self.asked_for) == 1 else 'are'} asked for"
        if 0 < missing <= len(self.asked_for):
            helps = f"{waiting} and wait{'s' if len(self.asked_for) == 1 else ''} for {self.mentors}."
            return Condition(words, met_on, "others", helps, self.mentors, f"sign-off of {codes}")
        left = f"{count_of(missing, 'competency', 'competencies')} to be signed"
        helps = f"{left}: ask for the work and a sign-off." + (f" {waiting} already." if codes else "")
        return Condition(words, met_on, "apprentice", helps, "you", left)


def reached_of(found: dict[int, Progress], *, now: datetime) -> dict[int, Reached]:
    """By apprentice id. Six queries."""
    ids = list(found)
    approved, submitted = (_worked(ids, state) for state in (State.APPROVED, State.SUBMITTED))
    passes = passes_of([one.apprentice for one in found.values()])
    mentors = reviewers_of(ids, on=authority_day(now))
    asked = SignOffRequest.objects.everyone().filter(apprentice__in=ids).lineages_unrated()
    return {
        pk: Reached(
            one,
            approved[pk],
            sum(minutes for _, minutes in submitted[pk]),
            tuple(_achieved_days(one, passes[pk])),
            tuple(each.code for each in _nearly_achieved(one) if (pk, each.competency.lineage) in asked),
            " or ".join(person.get_short_name() for person in mentors[pk, None]) or "somebody to be assigned",
            one.apprentice.user.today(now),
        )
        for pk, one in found.items()
    }


def _worked(ids: Sequence[int], state: str) -> dict[int, Worked]:
    """What somebody disputes waits for nobody: it is settled first, or returned."""
    rows = HoursEntry.objects.everyone().filter(apprentice__in=ids, kind="ojt", status=state)
    found: dict[int, Worked] = defaultdict(list)
    sums = rows.filter(disputed_at=None).order_by("date").values_list("apprentice_id", "date")
    for pk, day, minutes in sums.annotate(Sum("minutes")):
        found[pk].append((day, minutes))
    return found


def _achieved_days(found: Progress, passes: Passes) -> list[date]:
    """The days on which counted competencies were achieved, oldest first; credit from the first day on."""
    start, days = found.apprentice.started_on, []
    for one in (one for one in found.counted if one.achieved):
        settled = (
            each.set_aside_on if each.not_applicable else day_met(each, passes, start=start)
            for each in one.standards
        )
        days.append(max([start, *filter(None, settled)]))
    return sorted(days)


def _nearly_achieved(found: Progress) -> list[CompetencyProgress]:
    """Counted competencies that are not achieved, and are once what is open in them is passed on one day."""
    return [
        one
        for one in found.counted
        if not one.achieved
        and all(
            each.settled or each.demonstrations + 1 >= each.required_demonstrations for each in one.standards
        )
    ]
