"""The progress report: one apprentice, or a program with a summary and a section for each.

Every figure is `ojt_logs.progress`'s, so that paper, page and API say the same.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property

from django.db.models import Q, Sum
from django.utils.safestring import SafeString

from apprenticeship.models import Apprentice, Program
from ojt_logs.forecast import Forecast, forecast_of
from ojt_logs.models import HoursEntry, SignOff
from ojt_logs.progress import Minutes, Progress, progress
from reports import signatures
from reports.charts import Bar, bar_chart, pace_chart
from reports.models import ReportRun
from reports.pace import pace_line

TITLE = "Progress report"
MOST_SIGN_OFFS = 400
MOST_APPRENTICES = 60
"""A section takes a good second of a core and joining grows faster than the pages: 300 apprentices (1,824
pages) were not joined in five minutes and 4.7 GB. More is asked for one by one."""
BARS_A_CHART = 25


@dataclass(frozen=True)
class Period:
    """Days, both included; None is open. Figures are as of `last`, lists are of the period."""

    first: date | None
    last: date | None


@dataclass(frozen=True)
class PersonReport:
    """One apprentice's section."""

    progress: Progress
    period: Period

    @property
    def apprentice(self) -> Apprentice:
        return self.progress.apprentice

    @cached_property
    def standing(self) -> list[SignOff]:
        return signatures.standing(self.apprentice, last=self.period.last)

    @property
    def listed(self) -> list[SignOff]:
        """Sign-offs of the period, newest first, at most MOST_SIGN_OFFS."""
        first = self.period.first
        found = [row for row in self.standing if first is None or row.observed_to >= first]
        return found[::-1][:MOST_SIGN_OFFS]

    @property
    def left_out(self) -> int:
        first = self.period.first
        found = sum(first is None or row.observed_to >= first for row in self.standing)
        return max(0, found - MOST_SIGN_OFFS)

    @property
    def signers(self) -> list[signatures.Signer]:
        return signatures.signers(self.listed)

    @property
    def chart(self) -> SafeString:
        return pace_chart(pace_line(self.progress, self.standing))

    @cached_property
    def forecast(self) -> Forecast | None:
        return forecast_of(self.progress)

    @property
    def has_hours(self) -> bool:
        """Whether the schedule states hours for any job function."""
        return any(one.function.ojt_words for one in self.progress.functions)

    @property
    def mentors(self) -> str:
        return ", ".join(one.name for one in self.apprentice.mentors(on=self.progress.as_of))

    @cached_property
    def in_period(self) -> dict[str, Minutes] | None:
        """Minutes worked in the period by kind, None when it has no first day."""
        if self.period.first is None:
            return None
        rows = HoursEntry.objects.everyone().filter(
            apprentice=self.apprentice, date__gte=self.period.first, date__lte=self.progress.as_of
        )
        columns = {
            "approved": Sum("minutes", filter=Q(status="approved"), default=0),
            "waiting": Sum("minutes", filter=Q(status="submitted"), default=0),
        }
        sums = rows.order_by().values_list("kind").annotate(**columns)
        found = {kind: Minutes(approved, waiting) for kind, approved, waiting in sums}
        return {kind: found.get(kind, Minutes(0, 0)) for kind in ("ojt", "ri")}


@dataclass(frozen=True)
class ProgramReport:
    """A program's summary page and its sections, by name; `scope` says whose, where not everybody's."""

    program: Program
    period: Period
    people: Sequence[PersonReport]
    about: str
    scope: str

    @property
    def as_of(self) -> date | None:
        return self.people[0].progress.as_of if self.people else self.period.last

    @property
    def charts(self) -> list[SafeString]:
        """Bars of everybody, cut so that each drawing fits a page."""
        people = self.people
        return [_bars(people[at : at + BARS_A_CHART]) for at in range(0, len(people), BARS_A_CHART)]

    @property
    def behind(self) -> int:
        return sum(one.progress.pace.behind for one in self.people)

    @property
    def complete(self) -> int:
        return sum(one.progress.complete for one in self.people)

    @property
    def has_competencies(self) -> bool:
        return any(one.progress.has_competencies for one in self.people)

    @property
    def has_standards(self) -> bool:
        return not all(one.progress.whole_competencies for one in self.people)

    @property
    def minutes(self) -> Minutes:
        """All minutes of the program on the record."""
        every = [minutes for one in self.people for minutes in (one.progress.ojt, one.progress.ri)]
        return Minutes(sum(one.approved for one in every), sum(one.waiting for one in every))


def of_apprentice(apprentice: Apprentice, period: Period) -> PersonReport:
    return PersonReport(progress([apprentice], as_of=period.last)[apprentice.pk], period)


def of_program(run: ReportRun, period: Period, *, today: date) -> ProgramReport:
    """Whom `run` is about, registered by the last day of the period; in a constant number of queries."""
    program = run.program
    assert program  # noqa: S101  (the check report_about_one)
    registered = run.people.filter(started_on__lte=period.last or today)
    people = list(registered.select_related("user").order_by("user__name", "pk"))
    found = progress(people, as_of=period.last)
    sections = [PersonReport(found[person.pk], period) for person in people]
    return ProgramReport(program, period, sections, run.about, run.scope)


def _bars(people: Sequence[PersonReport]) -> SafeString:
    bars = [Bar(_short(one.apprentice.user.name), one.progress.percent, _expected(one)) for one in people]
    told = "; ".join(f"{bar.label} {bar.percent} %" for bar in bars)
    return bar_chart(bars, title=f"Per cent done, with a tick where the plan expects it: {told}")


def _expected(one: PersonReport) -> int | None:
    return None if one.progress.pace.days is None else one.progress.pace.expected_percent


def _short(name: str) -> str:
    """A name that fits beside its bar."""
    return name if len(name) <= 28 else f"{name[:27]}…"
