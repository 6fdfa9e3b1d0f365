"""Courses being taught: their days and who attends.

Whose class it is decides who approves hours of related instruction, so days and roster are on the record: in
the program's chain what the class is, in each apprentice's chain that they attend it.
"""

import uuid
from collections.abc import Iterable
from datetime import date, datetime
from functools import partial
from typing import TYPE_CHECKING, Any

from django.db import models, transaction
from django.db.models import Case, Q, Value, When

from accounts.models import Consent, User
from accounts.models.people import Role
from apprenticeship.models.programs import Program, covers, holds_role, sponsors_of
from competencies.models import Course
from ledger import chain

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    from apprenticeship.models.apprentices import Apprentice


ATTENDING = "apprentice.class"
"""The act of the ledger, in an apprentice's chain: the class as it is, and whether they attend it."""


CLASS_STATES = {"now": "Now", "coming": "Coming", "over": "Over"}


class ClassQuerySet(models.QuerySet["Class"]):
    def begin(
        self,
        program: Program,
        course: Course,
        instructor: User,
        *,
        starts_on: date,
        by: User | None,
        now: datetime,
        ends_on: date | None = None,
        roster: Iterable["Apprentice"] = (),
    ) -> "Class":
        """Teach `course` to the `roster`, with an entry in the record of the program and of each of them.

        Raises ConsentNeeded.
        """
        Consent.objects.demand(by)
        with transaction.atomic():
            program.take()
            made = self.create(
                program=program, course=course, instructor=instructor, starts_on=starts_on, ends_on=ends_on
            )
            made._attend(roster, by=by, now=now)
        return made

    def visible_to(self, user: "User | AnonymousUser") -> "ClassQuerySet":
        """Classes of the programs one follows in office, and those that one teaches as instructor."""
        if not isinstance(user, User):
            return self.none()
        own = Class.objects.taught_by(user).values("pk")
        return self.filter(Q(pk__in=own) | Q(program__in=Program.objects.followed_by(user)))

    def taught_by(self, user: "User | AnonymousUser") -> "ClassQuerySet":
        """Classes that `user` teaches or taught, as somebody who is an instructor of the sponsor today."""
        if not isinstance(user, User):
            return self.none()
        sponsors = sponsors_of(user, roles=[Role.INSTRUCTOR.value])
        return self.filter(instructor=user, program__sponsor__in=sponsors)

    def managed_by(self, user: "User | AnonymousUser") -> "ClassQuerySet":
        """Classes that `user` may change: those of programs that one manages."""
        return self.filter(program__in=Program.objects.managed_by(user))

    def with_state(self, *, on: date) -> "ClassQuerySet":
        """With `state` on the day `on`, one of CLASS_STATES, and `place`: those that are over last."""
        over = Q(ends_on__lt=on)
        state = Case(
            When(over, then=Value("over")), When(starts_on__gt=on, then=Value("coming")), default=Value("now")
        )
        return self.annotate(state=state, place=Case(When(over, then=Value(1)), default=Value(0)))

    def in_force(self, *, on: date) -> "ClassQuerySet":
        """Taught on the day `on` by somebody who is an instructor of the sponsor then."""
        return self.filter(covers(on), holds_role("instructor", Role.INSTRUCTOR, "program__sponsor", on=on))


class Class(models.Model):
    """A course being taught: by whom, from when to when, with its roster."""

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    program = models.ForeignKey(Program, on_delete=models.PROTECT, related_name="classes")
    course = models.ForeignKey(Course, on_delete=models.PROTECT, related_name="classes")
    instructor = models.ForeignKey(User, on_delete=models.PROTECT, related_name="classes")
    starts_on = models.DateField()
    ends_on = models.DateField(null=True, blank=True)
    roster = models.ManyToManyField("apprenticeship.Apprentice", blank=True, related_name="classes")

    objects = ClassQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "classes"
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_on=None) | Q(ends_on__gte=models.F("starts_on")), name="class_dates"
            )
        ]

    def __str__(self) -> str:
        return f"{self.course} with {self.instructor}"

    def runs_on(self, day: date) -> bool:
        """Whether `day` is one of its days."""
        return self.starts_on <= day and (self.ends_on is None or day <= self.ends_on)

    def change(
        self,
        *,
        starts_on: date,
        ends_on: date | None,
        roster: Iterable["Apprentice"],
        by: User | None,
        now: datetime,
    ) -> None:
        """Set days and roster, with an entry in the record of the program and of each whom it concerns.

        Raises ConsentNeeded.
        """
        Consent.objects.demand(by)
        with transaction.atomic():
            self.program.take()
            self.starts_on, self.ends_on = starts_on, ends_on
            self.save(update_fields=["starts_on", "ends_on"])
            self._attend(roster, by=by, now=now)

    def _attend(self, roster: Iterable["Apprentice"], *, by: User | None, now: datetime) -> None:
        attending, before = set(roster), set(self.roster.all())
        concerned = sorted(attending | before, key=lambda one: one.user_id)
        users = User.objects.select_for_update().order_by("pk")
        list(users.filter(pk__in=[one.user_id for one in concerned]))
        self.roster.set(attending)
        chains = chain.lock([self.program.uid, *(one.uid for one in concerned)])
        tell = partial(chain.keep, actor=by.uid if by else None, object=self.uid, at=now)
        tell(chains[self.program.uid], act="program.class", payload=self.facts())
        for one in concerned:
            said = {**self.facts(), "registration": str(one.uid), "attends": one in attending}
            tell(chains[one.uid], act=ATTENDING, payload=said)

    def facts(self) -> dict[str, Any]:
        """What the ledger holds of this class, beside who attends."""
        return {
            "program": str(self.program.uid),
            "course": str(self.course.lineage),
            "instructor": str(self.instructor.uid),
            "starts_on": self.starts_on.isoformat(),
            "ends_on": self.ends_on.isoformat() if self.ends_on else None,
        }
