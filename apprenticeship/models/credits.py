"""Credit for what somebody learned or did before the agreement: granted on evidence, kept apart from earned.

Offered equally to all and with the wage that its place in the term pays (29 CFR 29.5(b)(12)); decided by the
end of probation, and at least six months of on-the-job training stay (form ETA 671).
"""

import uuid
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from django.db import models, transaction
from django.db.models import Q, Sum

from accounts.dates import day_words
from accounts.durations import format_hours
from accounts.models import Consent, User
from accounts.models.people import authority_day
from accounts.models.words import Words
from accounts.refusals import Conflict, NotAllowed, Refusal
from apprenticeship.models.apprentices import Apprentice
from apprenticeship.models.programs import plain
from apprenticeship.models.status import FINAL
from apprenticeship.models.taken_back import take_back
from competencies.models import Competency, Course, JobFunction
from ledger import chain
from ledger.tombstones import digest

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

ACT = "apprentice.credit"
"""The act of the ledger: a credit as it stands from now on."""
MONTHS_LEFT = 6
"""So many months of on-the-job training stay to be done, whatever is credited."""


@dataclass(frozen=True)
class CreditLine:
    """One thing to credit: minutes of work at a job function (or of other work), minutes of a course, or a
    competency whole."""

    minutes: int | None = None
    job_function: JobFunction | None = None
    course: Course | None = None
    competency: Competency | None = None

    @property
    def is_work(self) -> bool:
        return self.course is None and self.competency is None


class CreditQuerySet(models.QuerySet["Credit"]):
    def everyone(self) -> "CreditQuerySet":
        """All credits, for what answers to nobody in particular."""
        return self.all()

    def visible_to(self, user: "User | AnonymousUser") -> "CreditQuerySet":
        """Those of registrations that `user` may read: they name the wage step, which is no mentor's."""
        return self.filter(apprentice__in=Apprentice.objects.registration_visible_to(user))

    def withdrawable_by(self, user: "User | AnonymousUser") -> "CreditQuerySet":
        """What stands and `user` may take back."""
        return self.standing().filter(apprentice__in=Apprentice.objects.decided_by(user))

    def standing(self) -> "CreditQuerySet":
        return self.filter(withdrawn_at=None)

    def grant(
        self,
        apprentice: Apprentice,
        lines: Collection[CreditLine],
        *,
        evidence: str,
        decided_on: date,
        wage_step: int | None,
        by: User,
        now: datetime,
    ) -> list["Credit"]:
        """Credit these, all or none, with an entry each. `decided_on` may be earlier: on paper it was.

        Raises NotAllowed for anybody but a coordinator, and for oneself; Refusal by field (`evidence`,
        `decided_on`, `wage_step`); Conflict after the end of the registration; ConsentNeeded.
        """
        Consent.objects.demand(by)
        if not Apprentice.objects.decided_by(by).filter(pk=apprentice.pk).exists():
            raise NotAllowed("Credit is granted by a coordinator.", code="not_allowed")
        if not lines:
            raise Refusal("Say what is credited: hours, a course or a competency.", code="nothing_chosen")
        if not evidence.strip():
            raise Refusal("Say which evidence was seen.", code="evidence_required", field="evidence")
        with transaction.atomic():
            User.objects.select_for_update().get(pk=apprentice.user_id)
            person = Apprentice.objects.select_related("program", "schedule", "user").get(pk=apprentice.pk)
            _check_day(person, decided_on, now=now)
            _check_step(person, wage_step)
            self._check_lines(person, lines)
            said: dict[str, Any] = {
                "evidence": evidence.strip(),
                "decided_on": decided_on,
                "wage_step": wage_step,
            }
            rows: list[Credit] = [
                self.create(apprentice=person, **vars(line), **said, granted_by=by, granted_at=now)
                for line in lines
            ]
            for row in rows:
                row.tell(by=by, now=now)
        return rows

    def _check_lines(self, person: Apprentice, lines: Collection[CreditLine]) -> None:
        there = self.standing().filter(apprentice=person)
        for line in lines:
            _check_place(person, line)
            if line.competency and there.filter(competency__lineage=line.competency.lineage).exists():
                raise Conflict(f"{line.competency.code} is credited already.", code="credited_already")
        required = person.program.ojt_required(person.schedule)
        if required is None:
            return
        before = there.filter(course=None).aggregate(minutes=Sum("minutes"))["minutes"] or 0
        new = sum(line.minutes or 0 for line in lines if line.is_work)
        stays = required * min(1, MONTHS_LEFT / max(1, person.program.term_months))
        if before + new > required - stays:
            most = int(required - stays) // 60
            raise Refusal(
                f"At least {MONTHS_LEFT} months of on-the-job training stay to be done: at most {most:,} h "
                f"of the {format_hours(required)} can be credited in all (form ETA 671).",
                code="too_much_credit",
            )


def _check_place(person: Apprentice, line: CreditLine) -> None:
    row = line.job_function or line.course
    schedule = line.competency.job_function.schedule_id if line.competency else row and row.schedule_id
    if schedule not in (None, person.schedule_id):
        raise Refusal("This is not in the apprentice's schedule.", code="schedule")
    if not line.competency and not line.minutes:
        raise Refusal("Say how many hours are credited.", code="minutes")


def _check_day(person: Apprentice, day: date, *, now: datetime) -> None:
    """Raise Refusal for a day to come or after the probation; Conflict where the registration has ended."""
    if person.status in FINAL:
        raise Conflict(f"The registration of {person} has ended.", code="ended")
    if day > authority_day(now):
        raise Refusal("Choose today or an earlier day.", code="decided_on", field="decided_on")
    passed = person.probation_decisions.filter(outcome="passed").first()
    ends = [authority_day(passed.at)] if passed else []
    last = min([*ends, *([person.probation_ends_on] if person.probation_ends_on else [])], default=None)
    if last and day > last:
        raise Refusal(
            f"Credit is decided by the end of probation: {day_words(last)}. If it was, on paper, enter that "
            "day (form ETA 671).",
            code="after_probation",
            field="decided_on",
        )


def _check_step(person: Apprentice, number: int | None) -> None:
    steps = set(person.program.wage_steps.values_list("number", flat=True))
    if steps and number not in steps:
        raise Refusal("Name the wage step that the credit reaches.", code="wage_step", field="wage_step")
    if number and not steps:
        raise Refusal("The program states no wage steps.", code="wage_step", field="wage_step")


class Credit(models.Model):
    """One thing that counts although it was not done under the agreement. Taken back only with a reason."""

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    apprentice = models.ForeignKey(Apprentice, on_delete=models.PROTECT, related_name="credits")
    minutes = models.PositiveIntegerField(null=True, blank=True)
    job_function = models.ForeignKey(JobFunction, null=True, blank=True, on_delete=models.PROTECT)
    course = models.ForeignKey(Course, null=True, blank=True, on_delete=models.PROTECT)
    competency = models.ForeignKey(Competency, null=True, blank=True, on_delete=models.PROTECT)
    evidence = Words(max_length=1000)
    decided_on = models.DateField()
    wage_step = models.PositiveSmallIntegerField(null=True, blank=True)
    granted_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    granted_at = models.DateTimeField()
    withdrawn_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    withdrawn_why = Words(max_length=500, blank=True)

    objects = CreditQuerySet.as_manager()

    class Meta:
        ordering = ["-decided_on", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(competency__isnull=False, minutes=None, job_function=None, course=None)
                | Q(competency=None, minutes__gte=1) & (Q(job_function=None) | Q(course=None)),
                name="credit_of_one_thing",
            ),
            models.CheckConstraint(condition=~Q(evidence=""), name="credit_on_evidence"),
            models.CheckConstraint(
                condition=Q(withdrawn_by=None, withdrawn_at=None, withdrawn_why="")
                | (Q(withdrawn_by__isnull=False, withdrawn_at__isnull=False) & ~Q(withdrawn_why="")),
                name="credit_withdrawn_why",
            ),
        ]

    def __str__(self) -> str:
        return self.what

    @property
    def stands(self) -> bool:
        return self.withdrawn_at is None

    @property
    def what(self) -> str:
        """“400 h at job function 2 Codes …”, “2g Resolves …”, “40 h in MC 101 …”."""
        if self.competency:
            return f"{self.competency.code} {self.competency.title}"
        time = format_hours(self.minutes or 0)
        if self.course:
            return f"{time} in {self.course}"
        return f"{time} at job function {self.job_function}" if self.job_function else f"{time} of other work"

    def withdraw(self, *, by: User, now: datetime, reason: str) -> None:
        """Take it back: it stays on the record and counts no more.

        Raises Refusal without a reason, NotAllowed, Conflict when it was taken back, ConsentNeeded.
        """
        otherwise = NotAllowed("Credit is taken back by a coordinator.", code="not_allowed")
        take_back(self, by=by, now=now, reason=reason, otherwise=otherwise)

    def tell(self, *, by: User, now: datetime) -> None:
        """Write the credit as it stands into the apprentice's chain. Must run in a transaction."""
        subject, said = self.apprentice.uid, self.facts()
        chain.tell(subject, act=ACT, actor=by.uid, object=self.uid, at=now, payload=said)

    def facts(self) -> dict[str, Any]:
        """What the ledger holds of this credit; evidence and reason only as hashes."""
        thing = self.competency or self.course or self.job_function
        return {
            "registration": str(self.apprentice.uid),
            "what": self.what,
            "minutes": self.minutes,
            "lineage": str(thing.lineage) if thing else None,
            "evidence_sha256": digest(self.evidence) or "",
            "decided_on": self.decided_on.isoformat(),
            "wage_step": self.wage_step,
            "withdrawn_at": plain(self.withdrawn_at),
            "withdrawn_why_sha256": digest(self.withdrawn_why) or "",
        }


@dataclass(frozen=True)
class Credited:
    """What stands credited to one person, by lineage; minutes of work that name no job function by None."""

    work: dict[uuid.UUID | None, int]
    courses: dict[uuid.UUID, int]
    competencies: frozenset[uuid.UUID]


def credited(rows: Iterable[Credit], *, as_of: date) -> Credited:
    """Add up the standing ones of `rows` that were decided by `as_of`."""
    work: dict[uuid.UUID | None, int] = {}
    courses: dict[uuid.UUID, int] = {}
    competencies = set()
    for row in (one for one in rows if one.stands and one.decided_on <= as_of):
        if row.competency:
            competencies.add(row.competency.lineage)
        elif row.course:
            courses[row.course.lineage] = courses.get(row.course.lineage, 0) + (row.minutes or 0)
        else:
            key = row.job_function.lineage if row.job_function else None
            work[key] = work.get(key, 0) + (row.minutes or 0)
    return Credited(work, courses, frozenset(competencies))
