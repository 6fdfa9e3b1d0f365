"""What hours can be about: the choices of one apprentice's schedule, for forms and addresses."""

import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property

from django.db.models import Q

from apprenticeship.models import Apprentice
from competencies.models import Competency, Course, JobFunction
from ojt_logs.models import HoursEntry
from ojt_logs.progress import Elections

RECENT = 6
LOOKED_AT = 60
"""So many of the newest entries are looked at for what was done lately."""

Choices = list[tuple[str, str | list[tuple[str, str]]]]


@dataclass(frozen=True)
class Subject:
    """One choice. `token` stands for it in a form or an address: "2g", "2", "other", "course-<uid>"."""

    token: str
    label: str
    kind: str
    job_function: JobFunction | None = None
    competency: Competency | None = None
    course: Course | None = None
    counts: bool = True

    @property
    def shown(self) -> str:
        """The label, saying of optional work that nobody elected it, before a narrow list cuts it off."""
        if self.counts:
            return self.label
        if self.competency:
            return f"{self.code} (not elected) {self.title}"
        return f"{self.label} (not elected)"

    @property
    def fields(self) -> dict[str, object]:
        """The columns of an hours entry that say this."""
        return {
            "kind": self.kind,
            "job_function": self.job_function,
            "competency": self.competency,
            "course": self.course,
        }

    @property
    def title(self) -> str:
        """The label without the code, for chips that show the code apart."""
        if self.competency:
            return self.competency.title
        return self.job_function.title if self.job_function and self.plain else self.label

    @property
    def plain(self) -> bool:
        """A job function that lists no competencies: it is the work itself, not the rest of something."""
        return self.job_function is not None and self.label == str(self.job_function)

    @property
    def code(self) -> str:
        """What a chip shows before the title: "2g", "6", or "" where the label says it all."""
        return self.competency.code if self.competency else self.token if self.plain else ""

    @property
    def filter_label(self) -> str:
        """What `condition` lets through, in words."""
        if self.job_function and not self.competency and not self.plain:
            return f"Job function {self.job_function.number}, all of it"
        return self.label

    @property
    def condition(self) -> Q:
        """Entries about this over all versions of the schedule; a job function with all its work."""
        if self.competency:
            return Q(competency__lineage=self.competency.lineage)
        if self.job_function:
            return Q(job_function__lineage=self.job_function.lineage)
        if self.course:
            return Q(course__lineage=self.course.lineage)
        return Q(kind="ojt", job_function=None)


OTHER = Subject("other", "Other supervised work", "ojt")


class Subjects:
    """Everything an entry of `apprentice` can be about. Seven queries, once."""

    def __init__(self, apprentice: Apprentice) -> None:
        self.apprentice = apprentice
        functions = apprentice.schedule.job_functions.order_by("number").prefetch_related("competencies")
        self.groups = _groups(list(functions), Elections.of(apprentice))
        courses = apprentice.schedule.courses.order_by("position")
        self.courses = [Subject(f"course-{row.uid}", str(row), "ri", course=row) for row in courses]
        everything = [subject for _, subjects in self.groups for subject in subjects]
        self._known = {subject.token: subject for subject in [*everything, OTHER, *self.courses]}
        self._by_lineage = {_lineage(subject): subject for subject in self._known.values()}

    def get(self, token: str) -> Subject | None:
        """The choice with this token, None for whatever is not in the apprentice's program."""
        return self._known.get(token)

    def of(self, entry: HoursEntry) -> Subject | None:
        """What an entry is about, found by lineage on the schedule that is pinned now."""
        target = entry.competency or entry.job_function or entry.course
        return self._by_lineage.get(target.lineage if target else None)

    @cached_property
    def lately(self) -> dict[str, int]:
        """What the newest entries were about, newest first, each once, with the minutes of the newest; by
        token. One query."""
        newest = self.apprentice.hours.select_related("competency", "job_function", "course")
        found: dict[str, int] = {}
        for entry in newest.order_by("-date", "-pk")[:LOOKED_AT]:
            if subject := self.of(entry):
                found.setdefault(subject.token, entry.minutes)
        return dict(list(found.items())[:RECENT])

    def recent(self) -> list[Subject]:
        """The same without the minutes."""
        return [self._known[token] for token in self.lately]

    @property
    def choices(self) -> Choices:
        """For a select: work by job function, other work, classes."""
        return self._grouped(lambda subject: subject.shown)

    @property
    def filters(self) -> Choices:
        """The same for a filter, where a job function stands for all its work."""
        return self._grouped(lambda subject: subject.filter_label)

    def _grouped(self, label: Callable[[Subject], str]) -> Choices:
        found: Choices = [(title, [(one.token, label(one)) for one in group]) for title, group in self.groups]
        found.append(("Work that fits nowhere above", [(OTHER.token, OTHER.label)]))
        if self.courses:
            found.append(("Classes (related instruction)", [(one.token, one.label) for one in self.courses]))
        return found


def _groups(functions: list[JobFunction], elected: Elections) -> list[tuple[str, list[Subject]]]:
    """A group for each job function; those that list no competencies stand together in one."""
    found: list[tuple[str, list[Subject]]] = []
    plain: list[Subject] = []
    for function in functions:
        if function.competencies.all():
            found.append((str(function), list(_of_function(function, elected))))
        else:
            counts = elected.counts_function(function)
            plain.append(Subject(str(function.number), str(function), "ojt", function, counts=counts))
    return [*found, ("Job functions", plain)] if plain else found


def _of_function(function: JobFunction, elected: Elections) -> Iterator[Subject]:
    for competency in function.competencies.all():
        counts = elected.counts(competency, of=function)
        yield Subject(competency.code, str(competency), "ojt", function, competency, counts=counts)
    words = f"Job function {function.number}, no single competency"
    counts = elected.counts_function(function)
    yield Subject(str(function.number), words, "ojt", function, counts=counts)


def _lineage(subject: Subject) -> uuid.UUID | None:
    target = subject.competency or subject.job_function or subject.course
    return target.lineage if target else None
