"""Reading progress from the database: a set of apprentices in a constant number of queries."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from django.db.models import Prefetch, prefetch_related_objects
from django.utils import timezone

from accounts.dates import add_months
from apprenticeship.models import Apprentice, Credit, Program
from apprenticeship.models.credits import Credited, credited
from competencies.models import Competency, Course, JobFunction, WorkProcessSchedule
from ojt_logs.models import CourseResult, HoursEntry, HoursTotal, SignOff
from ojt_logs.models.totals import OTHER_WORK
from ojt_logs.progress.counting import (
    CourseProgress,
    Elections,
    Minutes,
    Passes,
    Results,
    Signatures,
    Totals,
    function_progress,
)
from ojt_logs.progress.plan import Pace, elapsed_days, plan_days
from ojt_logs.progress.result import Progress


def progress_of(apprentice: Apprentice, *, as_of: date | None = None) -> Progress:
    """The progress of one apprentice; see `progress`."""
    return progress([apprentice], as_of=as_of)[apprentice.pk]


def progress(apprentices: Iterable[Apprentice], *, as_of: date | None = None) -> dict[int, Progress]:
    """Progress by apprentice id, in a constant number of queries.

    Without `as_of`: as things stand today, hours from the rollup. With a day: approved and waiting hours
    worked, standing sign-offs observed and courses passed, up to and including that day.
    """
    people = list(apprentices)
    prefetch_related_objects(people, *_everything_needed())
    today = timezone.now()
    minutes = _minutes(people, as_of)
    signed = _signed(people, as_of)
    results = CourseResult.objects.everyone()
    if as_of:
        results = results.filter(completed_on__lte=as_of)
    found = results.of(people)
    return {
        person.pk: _build(
            person, as_of or person.user.today(today), minutes[person.pk], signed[person.pk], found
        )
        for person in people
    }


def _everything_needed() -> list[str | Prefetch]:
    tree = Prefetch("schedule", WorkProcessSchedule.objects.select_related("rating_scale"))
    return [
        "user",
        Prefetch("program", Program.objects.select_related("sponsor", "rating_scale")),
        "program__elected_functions",
        "program__elected_competencies",
        "elected_functions",
        "elected_competencies",
        "status_changes",
        "no_work_periods",
        Prefetch("credits", Credit.objects.everyone().select_related("job_function", "course", "competency")),
        tree,
        Prefetch("schedule__job_functions", JobFunction.objects.order_by("number")),
        Prefetch("schedule__job_functions__competencies", Competency.objects.order_by("position")),
        "schedule__job_functions__competencies__standards",
        "schedule__courses",
    ]


def _minutes(people: list[Apprentice], as_of: date | None) -> dict[int, Totals]:
    """Minutes by apprentice and (kind, lineage): from the rollup, or added up as of an earlier day."""
    found: dict[int, Totals] = defaultdict(dict)
    ids = [person.pk for person in people]
    if as_of is None:
        kept = HoursTotal.objects.filter(apprentice__in=ids)
        rows = kept.values_list("apprentice_id", "kind", "lineage", "approved", "waiting")
        for apprentice, kind, lineage, approved, waiting in rows:
            found[apprentice][(kind, lineage)] = Minutes(approved, waiting)
        return found
    hours = HoursEntry.objects.everyone().filter(apprentice__in=ids, date__lte=as_of)
    for (apprentice, kind, lineage), (waiting, approved) in hours.sums().items():
        found[apprentice][(kind, lineage)] = Minutes(approved, waiting)
    return found


def passes_of(people: Iterable[Apprentice], *, as_of: date | None = None) -> dict[int, Passes]:
    """Dates of standing passing ratings, by apprentice and lineage of what was rated."""
    found: dict[int, Passes] = defaultdict(dict)
    found.update((apprentice, signed.passes) for apprentice, signed in _signed(people, as_of).items())
    return found


def _signed(people: Iterable[Apprentice], as_of: date | None) -> dict[int, Signatures]:
    """Standing ratings by apprentice, of what was seen up to `as_of`; the newest word is read last."""
    rows = SignOff.objects.everyone().standing().filter(apprentice__in=[p.pk for p in people])
    if as_of:
        rows = rows.filter(observed_to__lte=as_of)
    found: dict[int, Signatures] = defaultdict(lambda: Signatures(defaultdict(set), {}))
    columns = (
        "performance_standard__lineage",
        "competency__lineage",
        "observed_to",
        "passed",
        "rating__value",
    )
    for apprentice, standard, competency, seen_on, passed, value in rows.order_by(
        "signed_at", "pk"
    ).values_list("apprentice_id", *columns):
        signed, lineage = found[apprentice], standard or competency
        signed.set_aside.pop(lineage, None)
        if passed:
            signed.passes[lineage].add(seen_on)
        elif value is None:
            signed.set_aside[lineage] = seen_on
    return found


def _build(
    person: Apprentice, as_of: date, minutes: Totals, signed: Signatures, results: Results
) -> Progress:
    program = person.program
    elected = Elections.of(person)
    credit = credited(person.credits.all(), as_of=as_of)
    functions = tuple(
        function_progress(function, elected, minutes, signed, credit)
        for function in person.schedule.job_functions.all()
    )
    suspended = person.suspended_days(until=as_of)
    built = Progress(
        apprentice=person,
        as_of=as_of,
        approach=program.approach,
        functions=functions,
        ojt=_sum(minutes, "ojt", program.ojt_required(person.schedule), credit.work),
        ri=_sum(minutes, "ri", program.ri_required(person.schedule), credit.courses),
        courses=tuple(
            _course(course, minutes, credit, results.get((person.pk, course.lineage)))
            for course in person.schedule.courses.all()
        ),
        other_work=_other_work(person, minutes, credit),
        months_end_on=add_months(person.started_on, program.minimum_months) + timedelta(days=suspended),
        pace=Pace(None, 0),
    )
    return _with_pace(built)


def _course(course: Course, minutes: Totals, credit: Credited, result: CourseResult | None) -> CourseProgress:
    attended = minutes.get(("ri", course.lineage), Minutes(0, 0))
    before = credit.courses.get(course.lineage, 0)
    return CourseProgress(
        course, Minutes(attended.approved, attended.waiting, course.ri_minutes, before), result
    )


def _other_work(person: Apprentice, minutes: Totals, credit: Credited) -> Minutes:
    """Work in no job function; credit for a function that the version has no more is in none either."""
    worked = minutes.get(("ojt", OTHER_WORK), Minutes(0, 0))
    named = {function.lineage for function in person.schedule.job_functions.all()}
    before = sum(amount for lineage, amount in credit.work.items() if lineage not in named)
    return Minutes(worked.approved, worked.waiting, None, before)


def _with_pace(built: Progress) -> Progress:
    person = built.apprentice
    whole, gone = plan_days(person), elapsed_days(person, on=built.as_of)
    if gone <= 0:
        return built
    expected = min(1.0, gone / whole)
    pace = Pace(round((built.pace_fraction - expected) * whole), int(100 * expected))
    return replace(built, pace=pace)


def _sum(minutes: Totals, kind: str, required: int | None, before: Mapping[Any, int]) -> Minutes:
    rows = [one for (one_kind, _), one in minutes.items() if one_kind == kind]
    return Minutes(
        sum(row.approved for row in rows), sum(row.waiting for row in rows), required, sum(before.values())
    )
