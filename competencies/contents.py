"""What the page of a document shows, counted and grouped once. Read in a constant number of queries."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date

from accounts.numbers import count_of
from competencies.models import (
    Competency,
    Course,
    Credential,
    CrossCuttingCompetency,
    Framework,
    FrameworkStatement,
    JobFunction,
    PerformanceStandard,
    RatingLevel,
    RelatedInstructionTopic,
    StatementKind,
    TopicKind,
    WorkProcessSchedule,
)
from competencies.models.source import SourceRow


@dataclass(frozen=True)
class FunctionContents:
    """A job function with everything under it."""

    row: JobFunction
    competencies: list[tuple[Competency, list[PerformanceStandard]]]
    topics: list[tuple[str, list[RelatedInstructionTopic]]]

    @property
    def standard_count(self) -> int:
        return sum(len(standards) for _, standards in self.competencies)


@dataclass(frozen=True)
class ScheduleContents:
    """A schedule's page: job functions, what stands beside them, and what its source left unclear."""

    functions: list[FunctionContents]
    courses: list[Course]
    credentials: list[Credential]
    tiers: list[tuple[str, list[CrossCuttingCompetency]]]
    tier_levels: range
    levels: list[RatingLevel]
    repaired: int
    to_review: int

    @property
    def review_words(self) -> str:
        """What the pill says, e.g. "22 places need review"."""
        return count_of(self.to_review, "place needs review", "places need review")

    @property
    def core_count(self) -> int:
        return sum(function.row.core for function in self.functions)

    @property
    def competency_count(self) -> int:
        return sum(len(function.competencies) for function in self.functions)

    @property
    def standard_count(self) -> int:
        return sum(function.standard_count for function in self.functions)

    @property
    def function_minutes(self) -> int:
        """What the hours of the job functions add up to, each at its most; 0 where none are stated."""
        rows = [function.row for function in self.functions]
        return sum(row.ojt_minutes_max or row.ojt_minutes_min or 0 for row in rows)

    @property
    def course_minutes(self) -> int:
        """Minutes of all courses; 0 where none are stated."""
        return sum(course.ri_minutes or 0 for course in self.courses)


def schedule_contents(schedule: WorkProcessSchedule) -> ScheduleContents:
    """Nine queries at most, however long the schedule is."""
    rows = schedule.job_functions.order_by("number").prefetch_related("topics", "competencies__standards")
    functions = [_function(row) for row in rows]
    courses, credentials = list(schedule.courses.all()), list(schedule.credentials.all())
    skills = list(schedule.cross_cutting.all())
    scale = schedule.rating_scale
    texts = [schedule, *_rows(functions), *courses, *credentials, *skills]
    return ScheduleContents(
        functions=functions,
        courses=courses,
        credentials=credentials,
        tiers=_tiers(skills),
        tier_levels=_levels(schedule.cross_cutting_scale),
        levels=list(scale.levels.all()) if scale else [],
        repaired=sum(bool(text.repair) for text in texts),
        to_review=sum(text.needs_review for text in texts),
    )


def _function(row: JobFunction) -> FunctionContents:
    competencies = [(competency, list(competency.standards.all())) for competency in row.competencies.all()]
    topics = defaultdict(list)
    for topic in row.topics.all():
        topics[topic.kind].append(topic)
    named = [(str(kind.label), topics[kind.value]) for kind in TopicKind if topics[kind.value]]
    return FunctionContents(row, competencies, named)


def _rows(functions: list[FunctionContents]) -> Iterator[SourceRow]:
    for function in functions:
        yield function.row
        for _, topics in function.topics:
            yield from topics
        for competency, standards in function.competencies:
            yield competency
            yield from standards


def _tiers(rows: list[CrossCuttingCompetency]) -> list[tuple[str, list[CrossCuttingCompetency]]]:
    tiers: dict[str, list[CrossCuttingCompetency]] = defaultdict(list)
    for row in rows:
        tiers[row.tier_title].append(row)
    return list(tiers.items())


def _levels(scale: dict[str, object]) -> range:
    lowest, highest = scale.get("lowest"), scale.get("highest")
    if isinstance(lowest, int) and isinstance(highest, int):
        return range(lowest, highest + 1)
    return range(0)


@dataclass(frozen=True)
class Branch:
    """A node of a framework with what grows under it and the resources listed there."""

    row: FrameworkStatement
    children: "list[Branch]"

    @property
    def subdomains(self) -> "list[Branch]":
        return [child for child in self.children if child.row.kind == StatementKind.SUBDOMAIN]

    @property
    def statements(self) -> "list[Branch]":
        """Those right below, under no sub-domain."""
        return [child for child in self.children if child.row.kind == StatementKind.STATEMENT]

    @property
    def resource_total(self) -> int:
        return (self.row.resource_count or 0) + sum(child.resource_total for child in self.children)

    @property
    def statement_count(self) -> int:
        own = self.row.kind == StatementKind.STATEMENT
        return int(own) + sum(child.statement_count for child in self.children)


@dataclass(frozen=True)
class FrameworkContents:
    """A framework's page: its domains, when the resources were counted, and what was mended, by rule."""

    domains: list[Branch]
    counted_on: date | None
    repairs: list[tuple[str, int]]

    @property
    def resource_total(self) -> int:
        return sum(domain.resource_total for domain in self.domains)

    @property
    def statement_count(self) -> int:
        return sum(domain.statement_count for domain in self.domains)


def branches(rows: Iterable[FrameworkStatement]) -> list[Branch]:
    """The tree of a framework's rows, from its domains."""
    under: dict[int | None, list[FrameworkStatement]] = defaultdict(list)
    for row in rows:
        under[row.parent_id].append(row)

    def grow(row: FrameworkStatement) -> Branch:
        return Branch(row, [grow(child) for child in under[row.pk]])

    return [grow(row) for row in under[None]]


def framework_contents(framework: Framework) -> FrameworkContents:
    """One query, however large the tree is."""
    rows = list(framework.statements.order_by("position"))

    mended = Counter(line for row in rows for line in row.repair.splitlines())
    counted = [row.counted_on for row in rows if row.counted_on]
    return FrameworkContents(
        domains=branches(rows),
        counted_on=max(counted, default=None),
        repairs=mended.most_common(),
    )
