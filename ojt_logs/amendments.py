"""What another version of a schedule means for apprentices, and moving them to it.

Hours and signatures belong to what was asked when they were made, and are found again by lineage: whatever
the new version still asks is carried over, whatever it asks no longer stays on the record and counts nowhere.
"""

from collections.abc import Iterable
from copy import copy
from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction

from accounts.models import User
from accounts.refusals import Refusal
from apprenticeship.models import Amendment, Apprentice, Program
from apprenticeship.models.amendments import check_version
from apprenticeship.models.status import FINAL
from competencies.models import Competency, JobFunction, WorkProcessSchedule
from ojt_logs.models import HoursEntry
from ojt_logs.models.moves import UNREVIEWED
from ojt_logs.progress import Progress, StandardProgress, progress

AT_ONCE = 200
"""People who are asked with one press: each is locked until all are."""


@dataclass(frozen=True)
class Preview:
    """One apprentice under the version in force and under another one."""

    apprentice: Apprentice
    before: Progress
    after: Progress

    @property
    def carried(self) -> list[StandardProgress]:
        """Signed, and still asked."""
        asked = {one.lineage for one in _all(self.after)}
        return [one for one in _all(self.before) if one.met and one.lineage in asked]

    @property
    def newly_counted(self) -> list[StandardProgress]:
        """What counts only under the other version."""
        counted = {one.lineage for one in _counted(self.before)}
        return [one for one in _counted(self.after) if one.lineage not in counted]

    @property
    def no_longer_asked(self) -> list[StandardProgress]:
        """Signed, and no longer asked: it stays on the record."""
        asked = {one.lineage for one in _all(self.after)}
        return [one for one in _all(self.before) if one.met and one.lineage not in asked]

    @property
    def lost_minutes(self) -> int:
        """Approved minutes of job functions that the other version has not: in the total, in no function."""
        there = {one.function.lineage for one in self.after.functions}
        return sum(one.ojt.approved for one in self.before.functions if one.function.lineage not in there)


def preview(apprentices: Iterable[Apprentice], after: WorkProcessSchedule) -> list[Preview]:
    """What `after` would mean for each, in a constant number of queries; nothing is changed."""
    people = list(apprentices)
    before = progress(people)
    moved = []
    for person in people:
        other = copy(person)
        other.schedule = after
        other._prefetched_objects_cache = {}  # type: ignore[attr-defined]
        moved.append(other)
    then = progress(moved)
    return [Preview(person, before[person.pk], then[person.pk]) for person in people]


@transaction.atomic
def propose_to(
    program: Program,
    people: Iterable[Apprentice],
    after: WorkProcessSchedule,
    *,
    effective_on: date,
    newcomers: bool,
    by: User,
    now: datetime,
) -> None:
    """Propose `after` to everybody of `people`, all or none; with `newcomers` the program changes too.

    Locks as everywhere: the program, then the people by pk. Raises Refusal by field (`people`, and as
    `Amendment.objects.propose`), Conflict, ConsentNeeded.
    """
    program.take()
    chosen = sorted(people, key=lambda one: one.user_id)
    if len(chosen) > AT_ONCE:
        raise Refusal(
            f"Choose at most {AT_ONCE} people at once, and ask the others afterwards.",
            code="too_many",
            field="people",
        )
    users = User.objects.select_for_update().filter(pk__in=[one.user_id for one in chosen])
    list(users.order_by("pk"))
    for person in chosen:
        Amendment.objects.propose(person, after, effective_on=effective_on, by=by, now=now)
    if newcomers:
        set_program(program, after, by=by, now=now)


@transaction.atomic
def acknowledge(amendment: Amendment, *, by: User, now: datetime) -> None:
    """The apprentice agrees: from now on the registration is measured by the other version.

    Elections follow by lineage, and so does what an entry names that nobody has reviewed. Raises as
    `Amendment.acknowledge`.
    """
    amendment.acknowledge(by=by, now=now)
    person = amendment.apprentice
    person.schedule = amendment.after
    person.save(update_fields=["schedule"])
    functions, competencies = _elections(person, amendment.after)
    person.elected_functions.set(functions)
    person.elected_competencies.set(competencies)
    person.record("apprentice.facts", by=by, now=now)
    HoursEntry.objects.filter(apprentice=person, status__in=UNREVIEWED).follow(amendment.after_id)


@transaction.atomic
def set_program(program: Program, after: WorkProcessSchedule, *, by: User, now: datetime) -> None:
    """Let who joins from now on learn by `after`; whoever is registered stays as they are.

    What the program elects and `after` has no more stays elected for them. Raises Refusal (`schedule`).
    """
    program.take()
    program.refresh_from_db(fields=["schedule"])
    check_version(program.schedule, after, sponsor=program.sponsor)
    _keep_elected(program, after, by=by, now=now)
    functions, competencies = _elections(program, after)
    onet_code = after.onet_code or program.onet_code
    program.change(schedule=after, onet_code=onet_code, by=by, now=now)
    program.elect(functions, competencies, by=by, now=now)


def _keep_elected(program: Program, after: WorkProcessSchedule, *, by: User, now: datetime) -> None:
    """Ask of whoever is registered on another version what the program elects and `after` has no more."""
    kept = {row.lineage for rows in _elections(program, after) for row in rows}
    functions = [row for row in program.elected_functions.all() if row.lineage not in kept]
    competencies = [row for row in program.elected_competencies.all() if row.lineage not in kept]
    if not (functions or competencies):
        return
    for person in program.apprentices.exclude(status__in=FINAL).exclude(schedule=after).order_by("user_id"):
        person.elect(
            [*person.elected_functions.all(), *functions],
            [*person.elected_competencies.all(), *competencies],
            by=by,
            now=now,
        )


def _elections(
    owner: Apprentice | Program, after: WorkProcessSchedule
) -> tuple[list[JobFunction], list[Competency]]:
    """What is elected, as the other version has it."""
    functions = [row.lineage for row in owner.elected_functions.all()]
    competencies = [row.lineage for row in owner.elected_competencies.all()]
    return (
        list(JobFunction.objects.filter(schedule=after, lineage__in=functions)),
        list(Competency.objects.filter(job_function__schedule=after, lineage__in=competencies)),
    )


def _all(found: Progress) -> list[StandardProgress]:
    return [one for function in found.functions for each in function.competencies for one in each.standards]


def _counted(found: Progress) -> list[StandardProgress]:
    return [one for each in found.counted for one in each.standards]
