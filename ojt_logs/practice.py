"""Class and work side by side: when a competency is taught in class, and who of a class practises it now."""

from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import Count

from apprenticeship.models import Apprentice, Class
from competencies.models import Alignment, Competency, Lesson
from ojt_logs.models import HoursEntry

LATELY = timedelta(days=28)
"""Who logged work on a competency in so many days practises it now."""


@dataclass(frozen=True)
class Practice:
    """Of a class: how many practise a competency that its course touches."""

    competency: Competency
    practising: int
    attending: int


def in_class(apprentice: Apprentice, competency: Competency) -> list[Class]:
    """The classes of this apprentice whose course teaches a statement that is linked to the competency."""
    sponsor = apprentice.program.sponsor_id
    linked = Alignment.objects.holding(sponsor).filter(target=competency.lineage)
    lessons = Lesson.objects.filter(sponsor=sponsor, statement__in=linked.values("statement"))
    classes = Class.objects.filter(roster=apprentice, course__lineage__in=lessons.values("course"))
    return list(classes.select_related("course").order_by("starts_on", "pk"))


def practice_of(taught: Class, people: list[Apprentice], *, on: date) -> list[Practice]:
    """For each competency that the course of a class touches: who of `people` logged work on it lately."""
    sponsor = taught.program.sponsor_id
    lessons = Lesson.objects.filter(sponsor=sponsor, course=taught.course.lineage)
    linked = Alignment.objects.holding(sponsor).filter(statement__in=lessons.values("statement"))
    touched = Competency.objects.filter(
        job_function__schedule=taught.program.schedule, lineage__in=linked.values("target")
    )
    rows = list(touched.order_by("job_function__number", "position"))
    work = HoursEntry.objects.filter(
        apprentice__in=people,
        kind="ojt",
        status__in=("submitted", "approved"),
        date__gt=on - LATELY,
        competency__lineage__in=[row.lineage for row in rows],
    )
    by_lineage = work.values_list("competency__lineage").annotate(people=Count("apprentice", distinct=True))
    counts = dict(by_lineage.order_by())
    return [Practice(row, counts.get(row.lineage, 0), len(people)) for row in rows]
