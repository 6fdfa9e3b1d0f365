"""What a sponsor's courses cover: statements, the competencies that they are linked to, and gaps."""

from collections import defaultdict
from dataclasses import dataclass
from uuid import UUID

from accounts.models import User
from competencies import crosswalk
from competencies.models import (
    AlignmentStatus,
    Competency,
    Course,
    Framework,
    FrameworkStatement,
    Lesson,
    Place,
    StatementKind,
    Taught,
    WorkProcessSchedule,
)


@dataclass(frozen=True)
class Covered:
    """A statement: the courses that teach it, where it is learned, the competencies it is linked to."""

    statement: FrameworkStatement
    courses: list[Course]
    place: str
    competencies: list[Competency]

    @property
    def place_word(self) -> str:
        """“Both”, "" while nobody said."""
        return str(Place(self.place).label) if self.place else ""

    @property
    def gap(self) -> bool:
        """Whether no course teaches it although it is not for the job alone."""
        return not self.courses and self.place != Place.JOB


@dataclass(frozen=True)
class Coverage:
    """What the courses of one schedule cover of one framework."""

    schedule: WorkProcessSchedule
    groups: list[tuple[FrameworkStatement, list[Covered]]]
    untaught: list[Competency]

    @property
    def rows(self) -> list[Covered]:
        return [row for _, rows in self.groups for row in rows]

    @property
    def taught(self) -> int:
        return sum(bool(row.courses) for row in self.rows)

    @property
    def gaps(self) -> int:
        return sum(row.gap for row in self.rows)


def coverage(schedule: WorkProcessSchedule, framework: Framework, *, user: User) -> Coverage:
    """Of a sponsor's schedule, through the links that were confirmed there. Constant queries."""
    found = crosswalk.read(schedule, user=user, framework=framework)
    courses = {course.lineage: course for course in schedule.courses.all()}
    teaching: dict[UUID, list[Course]] = defaultdict(list)
    lessons = Lesson.objects.visible_to(user).filter(sponsor=schedule.sponsor, course__in=courses)
    for course, statement in lessons.values_list("course", "statement"):
        teaching[statement].append(courses[course])
    said = Taught.objects.visible_to(user).filter(sponsor=schedule.sponsor)
    places = dict(said.values_list("statement", "place"))
    linked: dict[UUID, list[Competency]] = defaultdict(list)
    for link in found.links:
        if link.status == AlignmentStatus.CONFIRMED and isinstance(link.target.row, Competency):
            linked[link.statement.lineage].append(link.target.row)
    groups: dict[int, tuple[FrameworkStatement, list[Covered]]] = {}
    for row in found.statements:
        if row.kind == StatementKind.SUBDOMAIN:
            groups[row.pk] = (row, [])
        elif row.kind == StatementKind.STATEMENT and row.parent_id in groups:
            by = sorted(teaching[row.lineage], key=lambda course: course.position)
            place = places.get(row.lineage, "")
            groups[row.parent_id][1].append(Covered(row, by, place, linked[row.lineage]))
    reached = {
        one.pk for _, rows in groups.values() for row in rows if row.courses for one in row.competencies
    }
    every = [one.target.row for one in found.competencies]
    untaught = [row for row in every if isinstance(row, Competency) and row.pk not in reached]
    return Coverage(schedule, list(groups.values()), untaught)
