"""The hours of an apprentice of the demo: logged, submitted, reviewed, now and then returned or corrected."""

from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from functools import partial
from typing import Any

from ojt_logs.demo.diary import Diary
from ojt_logs.demo.stage import Stage
from ojt_logs.models import HoursEntry, Kind, Line, State
from ojt_logs.models.hour_sets import HoursQuerySet

Act = tuple[datetime, Callable[[datetime], object]]
"""Something that happens: when, and what to call with that moment."""

MORNING = "07:50"
LATER = timedelta(minutes=20)


def acts_of_work(stage: Stage, one: dict[str, Any]) -> Iterator[Act]:
    """Everything this apprentice's hours go through, in no particular order."""
    diary = Diary(stage, one)
    work = Work(stage, one, diary)
    for weeks_ago in range(one["weeks_ago"], -1, -1):
        week = diary.week(weeks_ago)
        yield from work.written(week)
        if week and weeks_ago:
            yield from work.rhythm(weeks_ago)
    for days, clock, name in one.get("this_week", ()):
        act = work.submit_until_yesterday if name == "submit" else work.approve
        yield work.moment(0, days, clock), act
    for returned in one.get("returned", ()):
        yield from work.returned(returned)
    for corrected in one.get("corrected", ()):
        yield work.moment(corrected["weeks_ago"], 13, "17:00"), partial(work.correct, corrected)


class Work:
    """Acts on the hours of one apprentice, each called with the moment it happens."""

    def __init__(self, stage: Stage, one: dict[str, Any], diary: Diary) -> None:
        self.stage = stage
        self.one = one
        self.diary = diary
        self.apprentice = stage.registration(one)
        self.mentor = stage.people[one["mentors"][0]["name"]]

    def written(self, week: list[list[Line]]) -> Iterator[Act]:
        """The days of a week, each written down in its evening, or all in that of the last."""
        if self.one.get("weekly") and week:
            lines = [line for day in week for line in day]
            yield self.evening(lines[-1].date), partial(self.log, lines)
            return
        yield from ((self.evening(lines[0].date), partial(self.log, lines)) for lines in week)

    @property
    def hours(self) -> HoursQuerySet:
        return HoursEntry.objects.filter(apprentice=self.apprentice)

    def moment(self, weeks_ago: int, days: int, clock: str) -> datetime:
        return self.stage.at(self.stage.monday(weeks_ago) + timedelta(days=days), clock)

    def evening(self, day: date) -> datetime:
        """When the hours of `day` are written down. On a Monday in the demo's own week: in the morning."""
        if day == self.stage.today and day.weekday() == 0:
            return min(self.stage.at(day, MORNING), self.stage.now)
        return self.stage.at(day, "16:05") + timedelta(minutes=self.diary.chance.randrange(55))

    def rhythm(self, weeks_ago: int) -> Iterator[Act]:
        yield self.moment(weeks_ago, *self.one["submit"]), self.submit
        if weeks_ago > self.one.get("unreviewed_weeks", 0):
            yield self.moment(weeks_ago, *self.one["review"]), self.approve

    def log(self, lines: list[Line], at: datetime) -> None:
        HoursEntry.objects.log(self.apprentice, by=self.apprentice.user, now=at, lines=lines)

    def submit(self, at: datetime) -> None:
        self.hours.filter(status=State.DRAFT).move("submit", by=self.apprentice.user, now=at)

    def submit_until_yesterday(self, at: datetime) -> None:
        drafts = self.hours.filter(status=State.DRAFT, date__lt=at.astimezone(self.stage.zone).date())
        drafts.move("submit", by=self.apprentice.user, now=at)

    def approve(self, at: datetime) -> None:
        """Everything that waits: the mentor the work, the instructor a little later the class."""
        waiting = self.hours.filter(status=State.SUBMITTED)
        waiting.filter(kind=Kind.OJT).move("approve", by=self.mentor, now=at)
        if waiting.filter(kind=Kind.RI).exists():
            instructor = self.stage.only("instructor", self.apprentice.program)
            waiting.filter(kind=Kind.RI).move("approve", by=instructor, now=at + LATER)

    def returned(self, facts: dict[str, Any]) -> Iterator[Act]:
        """Shortly before a week is approved its last piece of work goes back; perhaps it returns mended."""
        reviewed = self.moment(facts["weeks_ago"], *self.one["review"])
        yield reviewed - LATER, partial(self.send_back, facts)
        if facts["mended"]:
            yield reviewed + timedelta(days=1), partial(self.mend, facts)

    def send_back(self, facts: dict[str, Any], at: datetime) -> None:
        self._last(facts, State.SUBMITTED).move("return", by=self.mentor, now=at, reason=facts["reason"])

    def mend(self, facts: dict[str, Any], at: datetime) -> None:
        entry = self._last(facts, State.RETURNED)
        entry.change(by=self.apprentice.user, now=at, note="Named the competency after asking.")
        entry.move("submit", by=self.apprentice.user, now=at + LATER)

    def correct(self, facts: dict[str, Any], at: datetime) -> None:
        """Replace approved work by a correction; the next review approves it."""
        wrong = self._last(facts, State.APPROVED)
        line = self.diary.line(wrong.date, facts["code"], wrong.minutes)
        mended = wrong.correct(by=self.apprentice.user, now=at, reason=facts["reason"], line=line)
        mended.move("submit", by=self.apprentice.user, now=at + LATER)

    def _last(self, facts: dict[str, Any], state: str) -> HoursEntry:
        monday = self.stage.monday(facts["weeks_ago"])
        week = self.hours.filter(kind=Kind.OJT, status=state).of_days(monday, monday + timedelta(days=6))
        return week.order_by("date", "pk")[week.count() - 1]
