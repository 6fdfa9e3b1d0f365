"""Who may review whose hours on a day: mentors the work, instructors the class hours of their course."""

from collections import defaultdict
from collections.abc import Collection
from datetime import date
from uuid import UUID

from django.db.models import F

from accounts.models import User
from apprenticeship.models import Class, Mentorship

Reviewers = dict[tuple[int, UUID | None], list[User]]
"""By apprentice id and, for class hours, the lineage of the course (None: work); by name."""


def reviewers_of(apprentices: Collection[int], *, on: date) -> Reviewers:
    """Everybody to whom hours of these apprentices (by id) go on the day `on`. Two queries.

    Only who is assigned and holds the role at the sponsor on that day; an assignment without it lets
    nobody review (models.hour_sets.reviewed_by).
    """
    found: Reviewers = defaultdict(list)
    mentorships = Mentorship.objects.in_force(on=on).filter(apprentice__in=apprentices)
    for row in mentorships.select_related("mentor").order_by("mentor__name", "pk"):
        found[(row.apprentice_id, None)].append(row.mentor)
    classes = Class.objects.in_force(on=on).filter(roster__in=apprentices).annotate(student=F("roster"))
    for taught in classes.select_related("course", "instructor").order_by("instructor__name", "pk"):
        found[(taught.student, taught.course.lineage)].append(taught.instructor)
    return found
