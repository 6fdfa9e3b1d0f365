"""What was decided about one registration, read from the ledger and told in plain words."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db.models import Q

from accounts.dates import day_words
from accounts.models import User
from apprenticeship.models import Apprentice, Employer
from apprenticeship.models.probation import Outcome
from apprenticeship.models.status import Status
from competencies.models import Competency, Course, JobFunction, WorkProcessSchedule
from ledger import chain
from ledger.models import Entry

Facts = Mapping[str, Any]
ERASED = "The words of this act were erased"


@dataclass(frozen=True)
class Step:
    """One act: what happened, a sentence each, the reason that was given, who and when."""

    sentences: Sequence[str]
    reason: str
    who: str
    at: datetime
    sequence: int


def history_of(apprentice: Apprentice) -> list[Step]:
    """Newest first. The number of queries does not grow with the record."""
    entries = list(chain.entries_of(apprentice.uid).filter(act__startswith="apprentice."))
    words = _Words(apprentice, entries)
    steps = [words.step(entry) for entry in entries]
    return [step for step in reversed(steps) if step.sentences]


class _Words:
    """The sentences, with the names behind the ids of the entries, and what each row said before."""

    def __init__(self, apprentice: Apprentice, entries: Iterable[Entry]) -> None:
        self.apprentice = apprentice
        self.before: dict[UUID | None, Facts] = {}
        said = [entry.payload.content or {} for entry in entries]
        people = {entry.actor for entry in entries if entry.actor} | _ids(
            said, "mentor", "instructor", "stands_in_for"
        )
        self.people = _names(User.objects.filter(uid__in=people).values_list("uid", "name"))
        employers = Employer.objects.filter(uid__in=_ids(said, "employer"))
        self.employers = _names(employers.values_list("uid", "name"))
        schedules = WorkProcessSchedule.objects.filter(uid__in=_ids(said, "schedule", "before", "after"))
        numbers = schedules.values_list("uid", "version")
        self.versions = {str(uid): f"version {number}" for uid, number in numbers}
        told = (apprentice.status_changes, apprentice.probation_decisions, apprentice.wage_decisions)
        self.reasons: dict[UUID | None, str] = dict(
            row for rows in told for row in rows.values_list("uid", "reason")
        )
        self._read_standards(said, _versions(apprentice))

    def _read_standards(self, said: Sequence[Facts], versions: set[int]) -> None:
        """What courses, functions and competencies are called in these versions, in the person's own if
        it has them. The same lineage may stand in schedules of other sponsors, which are nobody's here."""
        own, program = self.apprentice.schedule_id, self.apprentice.program_id
        courses = Course.objects.filter(
            Q(schedule__in=versions) | Q(classes__program=program), lineage__in=_ids(said, "course")
        )
        functions = JobFunction.objects.filter(
            schedule__in=versions, lineage__in=_ids(said, "elected_functions")
        )
        competencies = Competency.objects.filter(
            job_function__schedule__in=versions, lineage__in=_ids(said, "elected_competencies")
        ).select_related("job_function")
        self.courses = {
            str(row.lineage): str(row) for row in sorted(courses, key=lambda row: row.schedule_id == own)
        }
        self.elected = {
            str(row.lineage): f"job function {row}"
            for row in sorted(functions, key=lambda row: row.schedule_id == own)
        }
        self.elected |= {
            str(row.lineage): f"{row.code} {row.title}"
            for row in sorted(competencies, key=lambda row: row.job_function.schedule_id == own)
        }

    def step(self, entry: Entry) -> Step:
        facts: Facts | None = entry.payload.content
        before, self.before[entry.object] = self.before.get(entry.object, {}), facts or {}
        tell = getattr(self, f"_{entry.act.partition('.')[2]}", None)
        sentences = [ERASED] if facts is None else list(tell(facts, before)) if tell else []
        who = self.people.get(str(entry.actor), "")
        return Step(sentences, self.reasons.get(entry.object, ""), who, entry.at, entry.sequence)

    def _register(self, now: Facts, before: Facts) -> Iterator[str]:
        yield f"Registered from {_day(now['effective_on'])}"

    def _status(self, now: Facts, before: Facts) -> Iterator[str]:
        yield f"{Status(now['status']).label} from {_day(now['effective_on'])}"

    def _probation(self, now: Facts, before: Facts) -> Iterator[str]:
        until = f" until {_day(now['ends_on'])}" if now["ends_on"] else ""
        yield f"Probation {Outcome(now['outcome']).label.lower()}{until}"

    def _mentor(self, now: Facts, before: Facts) -> Iterator[str]:
        name = self.people.get(now["mentor"], "Somebody")
        if before:
            yield f"{name} is mentor {_days(now)}" if now["ends_on"] else f"{name} stays mentor"
            return
        stands_in = self.people.get(now["stands_in_for"] or "", "")
        place = f", standing in for {stands_in}" if stands_in else ""
        yield f"{name} assigned as mentor {_days(now)}{place}"

    def _facts(self, now: Facts, before: Facts) -> Iterator[str]:
        sponsor = self.apprentice.program.sponsor.name
        if now["employer"] != before.get("employer"):
            yield f"Employer: {self.employers.get(now['employer'], sponsor)}"
        if now["registration_number"] != before.get("registration_number", ""):
            yield f"Registration number: {now['registration_number'] or 'none'}"
        if now["expected_end_on"] != before.get("expected_end_on"):
            end = (
                _day(now["expected_end_on"]) if now["expected_end_on"] else "as the term of the program says"
            )
            yield f"Planned last day: {end}"
        if before and now.get("schedule") != before.get("schedule", now.get("schedule")):
            yield f"Learns by {self._version(now['schedule'])} of the schedule"
        yield from self._elections(now, before)

    def _amendment(self, now: Facts, before: Facts) -> Iterator[str]:
        change = f"from {self._version(now['before'])} of the schedule to {self._version(now['after'])}"
        if now.get("withdrawn_at"):
            yield f"The proposal to change {change} was taken back"
        elif now.get("acknowledged_at"):
            yield f"Agreed to change {change} from {_day(now['effective_on'])}"
        else:
            yield f"Asked to change {change} from {_day(now['effective_on'])}"

    def _wage_step(self, now: Facts, before: Facts) -> Iterator[str]:
        days = f", earned on {_day(now['earned_on'])}"
        paid = f", paid from {_day(now['effective_on'])}" if now["effective_on"] else ""
        yield f"Wage step {now['step']} {now['verdict']}{days}{paid}"

    def _credit(self, now: Facts, before: Facts) -> Iterator[str]:
        step = f", wage step {now['wage_step']}" if now["wage_step"] else ""
        if now["withdrawn_at"]:
            yield f"Credit taken back: {now['what']}"
        else:
            yield f"Credited, decided on {_day(now['decided_on'])}: {now['what']}{step}"

    def _no_work(self, now: Facts, before: Facts) -> Iterator[str]:
        days = f"from {_day(now['first_day'])} to {_day(now['last_day'])}"
        back = ", was taken back" if now["withdrawn_at"] else ""
        yield f"No work {days} ({now['why']}){back}"

    def _version(self, uid: str) -> str:
        return self.versions.get(uid, "another version")

    def _elections(self, now: Facts, before: Facts) -> Iterator[str]:
        chosen, earlier = _chosen(now), _chosen(before)
        for words, ids in (("Elected", chosen - earlier), ("No longer elected", earlier - chosen)):
            if ids:
                yield f"{words}: {', '.join(sorted(self.elected.get(one, one) for one in ids))}"

    def _class(self, now: Facts, before: Facts) -> Iterator[str]:
        course = self.courses.get(now["course"], "a class")
        if not now["attends"]:
            yield f"No longer on the roster of {course}"
        elif before.get("attends"):
            yield f"{course} is taught {_days(now)}"
        else:
            teacher = self.people.get(now["instructor"], "Somebody")
            yield f"On the roster of {course} with {teacher}, {_days(now)}"


def _versions(apprentice: Apprentice) -> set[int]:
    """Keys of the schedules that this registration has or had, was offered, or that its program uses now."""
    offered = apprentice.amendments.values_list("before", "after")
    return {apprentice.schedule_id, apprentice.program.schedule_id}.union(*offered)


def _ids(said: Iterable[Facts], *names: str) -> set[Any]:
    """Every id that the payloads have under these names, alone or in lists."""
    found = [facts.get(name) for facts in said for name in names]
    return {one for value in found if value for one in (value if isinstance(value, list) else [value])}


def _names(pairs: Iterable[tuple[UUID, str]]) -> dict[str, str]:
    return {str(uid): name for uid, name in pairs}


def _chosen(facts: Facts) -> set[str]:
    return {*facts.get("elected_functions", ()), *facts.get("elected_competencies", ())}


def _day(text: str) -> str:
    return day_words(date.fromisoformat(text))


def _days(facts: Facts) -> str:
    """“from Nov 20, 2026 to Dec 4, 2026” or “from Nov 20, 2026 on”."""
    first = _day(facts["starts_on"])
    return f"from {first} to {_day(facts['ends_on'])}" if facts["ends_on"] else f"from {first} on"
