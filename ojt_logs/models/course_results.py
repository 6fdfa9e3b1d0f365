"""Whether a course was passed, as its instructor signs it: rows are only ever added, as with sign-offs.

Related instruction is complete when every required course is passed and stated hours are met (29 CFR
29.5(b)(4) asks for the instruction, the application for completion for a signed transcript of it).
"""

import uuid
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from django.db import models, transaction
from django.db.models import Exists, OuterRef, Q, prefetch_related_objects

from accounts.dates import day_words
from accounts.models import Consent, User
from accounts.models.people import Role, authority_day
from accounts.models.words import Words
from accounts.refusals import Conflict, NotAllowed, Refusal
from apprenticeship.models import Apprentice, Class
from apprenticeship.models.programs import covers, sponsors_of
from apprenticeship.models.status import Status
from competencies.models import Course
from ledger import chain
from ledger.tombstones import digest
from ojt_logs.models.ratings import Authentication
from ojt_logs.models.signers import Signed, check_taking_back, signer_facts

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser


@dataclass(frozen=True)
class Outcome:
    """What an instructor says of one apprentice's course; the grade as the school writes it, or ""."""

    apprentice: Apprentice
    passed: bool
    grade: str = ""
    note: str = ""


class CourseResultQuerySet(models.QuerySet["CourseResult"]):
    def everyone(self) -> "CourseResultQuerySet":
        """All results, for commands and workers that answer to nobody in particular."""
        return self.all()

    def visible_to(self, user: "User | AnonymousUser") -> "CourseResultQuerySet":
        """Results on every record that `user` may read, of the classes that one teaches or taught, and one's
        own while still an instructor there."""
        if not isinstance(user, User):
            return self.none()
        readable = Q(apprentice__in=Apprentice.objects.record_visible_to(user).values("pk"))
        own = Class.objects.taught_by(user).filter(
            roster=OuterRef("apprentice"), course__lineage=OuterRef("course__lineage")
        )
        teaching = sponsors_of(user, roles=[Role.INSTRUCTOR.value])
        given = Q(signer=user, apprentice__program__sponsor__in=teaching)
        return self.filter(readable | Exists(own) | given)

    def withdrawable_by(self, user: "User | AnonymousUser") -> "CourseResultQuerySet":
        """Standing results that `user` gave; only who gave one takes it back."""
        return self.visible_to(user).standing().given_by(user)

    def given_by(self, user: "User | AnonymousUser") -> "CourseResultQuerySet":
        """What `user` recorded, withdrawals too."""
        return self.filter(signer=user) if isinstance(user, User) else self.none()

    def standing(self) -> "CourseResultQuerySet":
        """Results that nobody has withdrawn."""
        return self.filter(~Exists(CourseResult.objects.filter(withdraws=OuterRef("pk"))), withdraws=None)

    def of(self, apprentices: Iterable[Apprentice]) -> dict[tuple[int, uuid.UUID], "CourseResult"]:
        """By apprentice id and lineage of the course, the pass that stands, else the newest failure."""
        rows = self.standing().filter(apprentice__in=[one.pk for one in apprentices])
        ordered = rows.select_related("course").order_by("passed", "completed_on", "pk")
        return {(row.apprentice_id, row.course.lineage): row for row in ordered}

    def record(
        self,
        taught: Class,
        *,
        by: User,
        now: datetime,
        authentication: Authentication,
        completed_on: date,
        outcomes: Collection[Outcome],
    ) -> list["CourseResult"]:
        """Sign what these apprentices of a class have achieved in its course, all or none, an entry each.

        Raises NotAllowed for anybody but the instructor, for oneself, and when the authentication is stale;
        ConsentNeeded; Refusal by field for the day; Conflict where a pass stands already.
        """
        Consent.objects.demand(by)
        authentication.check(now=now)
        if not outcomes:
            raise Refusal("Choose passed or not passed for somebody.", code="nothing_chosen")
        with transaction.atomic():
            people = [one.apprentice.user_id for one in outcomes]
            list(User.objects.select_for_update().filter(pk__in=people).order_by("pk"))
            _check_instructor(taught, outcomes, by=by, now=now, on=completed_on)
            _check_day(outcomes, by=by, now=now, on=completed_on)
            self._check_open(taught.course, outcomes)
            rows = [
                CourseResult(
                    apprentice=one.apprentice,
                    course=taught.course,
                    passed=one.passed,
                    completed_on=completed_on,
                    grade=one.grade.strip(),
                    note=one.note.strip(),
                    **signer_facts(
                        by, one.apprentice, role=Role.INSTRUCTOR, now=now, authentication=authentication
                    ),
                )
                for one in outcomes
            ]
            return self._add("course.record", rows)

    def withdraw(
        self, result: "CourseResult", *, by: User, now: datetime, authentication: Authentication, reason: str
    ) -> "CourseResult":
        """Take a result back by another row with a reason. Raises Conflict when it is withdrawn already."""
        check_taking_back(
            result.signer_id, by=by, now=now, authentication=authentication, reason=reason, noun="result"
        )
        with transaction.atomic():
            User.objects.select_for_update().get(pk=result.apprentice.user_id)
            if result.withdraws_id or self.filter(withdraws=result).exists():
                raise Conflict("This result was withdrawn already.", code="already_withdrawn")
            row = CourseResult(
                apprentice=result.apprentice,
                course=result.course,
                withdraws=result,
                completed_on=result.completed_on,
                reason=reason.strip(),
                **signer_facts(
                    by, result.apprentice, role=Role.INSTRUCTOR, now=now, authentication=authentication
                ),
            )
            return self._add("course.withdraw", [row])[0]

    def _check_open(self, course: Course, outcomes: Iterable[Outcome]) -> None:
        """Raise Conflict where a pass stands: it is withdrawn before something else is said."""
        asked = [one.apprentice for one in outcomes]
        passes = self.standing().filter(apprentice__in=asked, course__lineage=course.lineage, passed=True)
        if earlier := passes.select_related("apprentice__user").first():
            raise Conflict(
                f"{earlier.apprentice} passed on {day_words(earlier.completed_on)} already. "
                "Withdraw that result first.",
                code="already_passed",
            )

    def _add(self, act: str, rows: list["CourseResult"]) -> list["CourseResult"]:
        chains = chain.lock({row.apprentice.uid for row in rows})
        for row in rows:
            row.save(force_insert=True)
            chain.append(
                chains[row.apprentice.uid],
                act=act,
                actor=row.signer.uid,
                object=row.uid,
                at=row.signed_at,
                payload=row.facts(),
            )
        return rows


class CourseResult(Signed):
    """That an apprentice passed a course, or did not, on a day; or that this was taken back (`withdraws`).

    Who recorded it is kept as they were then. A pass stands until it is withdrawn.
    """

    apprentice = models.ForeignKey(Apprentice, on_delete=models.PROTECT, related_name="course_results")
    course = models.ForeignKey(Course, on_delete=models.PROTECT, related_name="+")
    passed = models.BooleanField(null=True, blank=True)
    completed_on = models.DateField()
    grade = models.CharField(max_length=20, blank=True)
    note = Words(max_length=1000, blank=True)
    reason = Words(max_length=500, blank=True)
    withdraws = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="withdrawals"
    )
    signer = models.ForeignKey(User, on_delete=models.PROTECT, related_name="course_results_given")

    objects = CourseResultQuerySet.as_manager()

    class Meta:
        ordering = ["-signed_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(withdraws=None, passed__isnull=False) | Q(withdraws__isnull=False, passed=None),
                name="course_result_says_or_withdraws",
            ),
            models.CheckConstraint(
                condition=Q(withdraws=None) | ~Q(reason=""), name="course_result_withdrawn_why"
            ),
            models.UniqueConstraint(fields=["withdraws"], name="course_result_withdrawn_once"),
        ]

    def __str__(self) -> str:
        return f"{self.course}: {self.words}"

    @property
    def words(self) -> str:
        """“passed on Nov 20, 2026, grade A”."""
        if self.passed is None:
            return "result withdrawn"
        grade = f", grade {self.grade}" if self.grade else ""
        return f"{'passed' if self.passed else 'not passed'} on {day_words(self.completed_on)}{grade}"

    def facts(self) -> dict[str, Any]:
        """What the ledger holds of this act; notes and reasons only as hashes."""
        return {
            "course": str(self.course),
            "lineage": str(self.course.lineage),
            "passed": self.passed,
            "completed_on": self.completed_on.isoformat(),
            "grade": self.grade,
            **self.signed_facts(),
            "note_sha256": digest(self.note),
            "reason_sha256": digest(self.reason),
            "withdraws": str(self.withdraws.uid) if self.withdraws else None,
        }


def _check_instructor(
    taught: Class, outcomes: Collection[Outcome], *, by: User, now: datetime, on: date
) -> None:
    """Raise NotAllowed unless `by` teaches all of them, none being `by`; Refusal for a day that is not the
    class's, or on which `by` was no instructor of the sponsor."""
    if any(one.apprentice.user_id == by.pk for one in outcomes):
        raise NotAllowed("Nobody records a result for themselves.", code="own_work")
    asked = {one.apprentice.pk for one in outcomes}
    own = Class.objects.taught_by(by).filter(pk=taught.pk).exists()
    if not own or len(asked) != taught.roster.filter(pk__in=asked).count():
        raise NotAllowed(
            "Only the instructor of a class records results, for those on its roster.", code="not_your_class"
        )
    if not any(taught.runs_on(day) for day in (on, authority_day(now))):
        last = f" to {day_words(taught.ends_on)}" if taught.ends_on else " on"
        raise Refusal(
            f"The class runs from {day_words(taught.starts_on)}{last}. Choose one of its days, or ask the "
            "coordinator to change them.",
            code="completed_on",
            field="completed_on",
        )
    sponsor = taught.program.sponsor
    if not by.memberships.filter(covers(on), sponsor=sponsor, role=Role.INSTRUCTOR).exists():
        raise Refusal(
            f"You were no instructor of {sponsor} on {day_words(on)}. Choose a day on which you were, or ask "
            "the coordinator to set the first day of your role.",
            code="completed_on",
            field="completed_on",
        )


def _check_day(outcomes: Iterable[Outcome], *, by: User, now: datetime, on: date) -> None:
    """Raise Refusal for a day that has not come, outside somebody's apprenticeship, or in a suspension."""
    if on > by.today(now):
        raise Refusal(
            "This day has not come. Choose today or earlier.", code="completed_on", field="completed_on"
        )
    people = [one.apprentice for one in outcomes]
    prefetch_related_objects(people, "status_changes")
    for person in people:
        if person.status_on(on) == Status.SUSPENDED:
            raise Refusal(
                f"The apprenticeship of {person} was suspended on this day. Choose another day, or ask the "
                "coordinator.",
                code="completed_on",
                field="completed_on",
            )
        if on < person.started_on or (person.ended_on and on > person.ended_on):
            raise Refusal(
                f"The apprenticeship of {person} does not reach to this day. Choose another.",
                code="completed_on",
                field="completed_on",
            )
