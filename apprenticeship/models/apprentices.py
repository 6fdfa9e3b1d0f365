"""Registrations: one person in one program."""

import uuid
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any

from django.db import models, transaction
from django.db.models import F, Q
from django.utils import timezone

from accounts.dates import EARLIEST, add_months, day_words
from accounts.models import Consent, User
from accounts.models.among import Among, any_of
from accounts.models.people import Role, authority_day
from accounts.refusals import Conflict, Refusal
from accounts.spelling import all_words
from apprenticeship.models.classes import Class
from apprenticeship.models.mentorships import Mentorship
from apprenticeship.models.programs import (
    OFFICES,
    Employer,
    Program,
    covers,
    elected,
    first_gap,
    holds_office,
    sponsors_of,
)
from apprenticeship.models.status import FINAL, MOVES, Status, StatusChange
from apprenticeship.standing import standing_of
from competencies.models import IN_FORCE, Competency, JobFunction, RatingScale, WorkProcessSchedule
from ledger import chain

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser


FURTHEST = timedelta(days=366)


def check_start(day: date, *, now: datetime) -> None:
    """Raise Refusal, for the field, for a start that is mistyped: charts and weeks reach back to it."""
    last = authority_day(now) + FURTHEST
    if not EARLIEST <= day <= last:
        raise Refusal(
            f"An apprenticeship begins between {day_words(EARLIEST)} and {day_words(last)}. "
            "Look at the year.",
            code="started_on",
            field="started_on",
        )


def near(user: User) -> models.QuerySet[Any, Any]:
    """Ids of all whom `user` may have to do with: oneself, everybody at the sponsors where one has an office,
    whom one ever mentored or taught. Each part is found through an index, so that the work does not grow with
    everybody's apprentices; who may see what is decided by what is asked besides."""
    everyone, standing = Apprentice.objects.order_by(), standing_of(user)
    found: list[models.QuerySet[Any, Any]] = []
    if standing.learns:
        found.append(everyone.filter(user=user).values("pk"))
    if standing.has(OFFICES):
        found.append(everyone.filter(program__sponsor__in=sponsors_of(user, roles=OFFICES)).values("pk"))
    if standing.mentors:
        found.append(Mentorship.objects.order_by().filter(mentor=user).values("apprentice"))
    if standing.teaches:
        roster = Class.roster.through.objects.order_by().filter(class__instructor=user)
        found.append(roster.values("apprentice"))
    return found[0].union(*found[1:]) if len(found) > 1 else found[0]


def _record_readers(user: User) -> list[Q]:
    """As what `user` reads whole records: their own, as mentor of today, in an office."""
    standing, parts = standing_of(user), list[Q]()
    if standing.learns:
        parts.append(Q(user=user))
    if standing.mentors:
        on = authority_day(timezone.now())
        assigned = Mentorship.objects.filter(covers(on), mentor=user).values("apprentice")
        parts.append(Q(pk__in=assigned, program__sponsor__in=sponsors_of(user, roles=[Role.MENTOR.value])))
    if standing.has(OFFICES):
        parts.append(holds_office(user))
    return parts


def _taught_by(user: User) -> list[Q]:
    """As what `user` knows people besides: as instructor of a class of today."""
    if not standing_of(user).teaches:
        return []
    taught = Class.objects.filter(covers(authority_day(timezone.now())), instructor=user)
    sponsors = sponsors_of(user, roles=[Role.INSTRUCTOR.value])
    return [Q(pk__in=taught.values("roster"), program__sponsor__in=sponsors)]


class ApprenticeQuerySet(models.QuerySet["Apprentice"]):
    def everyone(self) -> "ApprenticeQuerySet":
        """All registrations, for commands and workers that answer to nobody in particular."""
        return self.all()

    def visible_to(self, user: "User | AnonymousUser") -> "ApprenticeQuerySet":
        """Whose existence `user` may know: oneself, whom one mentors or teaches today, one's programs'
        (limited to an employer: those whom it employs)."""
        if not isinstance(user, User):
            return self.none()
        return self._of(user, [*_taught_by(user), *_record_readers(user)])

    def record_visible_to(self, user: "User | AnonymousUser") -> "ApprenticeQuerySet":
        """Whose whole record `user` may read: as `visible_to`, without those one only teaches."""
        if not isinstance(user, User):
            return self.none()
        return self._of(user, _record_readers(user))

    def _of(self, user: User, parts: list[Q]) -> "ApprenticeQuerySet":
        """Whom one of these holds: no index serves an “or”, so several are asked of `near` alone."""
        found = self.filter(Among(F("pk"), near(user))) if len(parts) > 1 else self
        return found.filter(any_of(parts))

    def attending(self, taught: Class, *, seen_by: User) -> "ApprenticeQuerySet":
        """The roster of a class as far as `seen_by` may know it; its instructor knows all of it, also when
        the class is over: results come then."""
        teaches = Class.objects.taught_by(seen_by).filter(pk=taught.pk).exists()
        return (self if teaches else self.visible_to(seen_by)).filter(classes=taught)

    def registration_visible_to(self, user: "User | AnonymousUser") -> "ApprenticeQuerySet":
        """Whose registration (status, mentors, reasons) `user` may read: one's own, and one's office's."""
        if not isinstance(user, User):
            return self.none()
        return self.filter(Q(user=user) | holds_office(user))

    def managed_by(self, user: "User | AnonymousUser") -> "ApprenticeQuerySet":
        """Whose registration `user` may change: those of the programs one coordinates, not audits."""
        if not isinstance(user, User):
            return self.none()
        return self.filter(program__in=Program.objects.managed_by(user))

    def decided_by(self, user: "User | AnonymousUser") -> "ApprenticeQuerySet":
        """About whose registration `user` may decide: those one manages, never oneself."""
        return self.managed_by(user).exclude(user=user.pk)

    def own_or_decided_by(self, user: "User | AnonymousUser") -> "ApprenticeQuerySet":
        """One's own registrations, and those that one decides about."""
        if not isinstance(user, User):
            return self.none()
        return self.filter(Q(user=user) | Q(program__in=Program.objects.managed_by(user)))

    def mentored_by(self, user: "User | AnonymousUser", *, on: date) -> "ApprenticeQuerySet":
        """Whom `user` is assigned to as mentor on the day `on`, never oneself."""
        if not isinstance(user, User):
            return self.none()
        assigned = Mentorship.objects.filter(covers(on), mentor=user).values("apprentice")
        sponsors = sponsors_of(user, roles=[Role.MENTOR.value])
        return self.filter(pk__in=assigned, program__sponsor__in=sponsors).exclude(user=user)

    def signable_by(self, user: "User | AnonymousUser") -> "ApprenticeQuerySet":
        """For whom `user` may open the pages of signing: assigned on some day up to today, never oneself.

        Who rates reads what stands beside, so the record must be readable today. Whether the assignment
        covers the days on which the work was seen is the rule of the signature itself.
        """
        if not isinstance(user, User):
            return self.none()
        assigned = Mentorship.objects.filter(mentor=user, starts_on__lte=authority_day(timezone.now()))
        sponsors = sponsors_of(user, roles=[Role.MENTOR.value])
        readable = self.record_visible_to(user).exclude(user=user)
        return readable.filter(pk__in=assigned.values("apprentice"), program__sponsor__in=sponsors)

    def matching(self, text: str) -> "ApprenticeQuerySet":
        """Those in whose name every word of `text` occurs, in any spelling, or with that number."""
        numbered = Q(registration_number__iexact=text.strip()) if text.strip() else Q()
        return self.filter(all_words(text, "user__search_text") | numbered)

    def active(self) -> "ApprenticeQuerySet":
        return self.filter(status=Status.ACTIVE)

    def register(
        self, program: Program, user: User, *, started_on: date, by: User | None, now: datetime, **fields: Any
    ) -> "Apprentice":
        """Register `user` in `program`; pins the program's schedule and opens the person's record.

        Raises Refusal for a schedule that is still a draft: records hang on what cannot change; and, by
        field, for a day on which nothing can begin. Raises ConsentNeeded.
        """
        Consent.objects.demand(by)
        check_start(started_on, now=now)
        if not program.schedule.frozen:
            raise Refusal(
                "The program's schedule is a draft. Publish it before somebody joins.", code="draft_schedule"
            )
        if program.schedule.status not in IN_FORCE:
            raise Refusal(
                "The program's schedule is not in force: it is retired or waits for the agency. "
                "Set the program to a version in force.",
                code="schedule_not_in_force",
            )
        with transaction.atomic():
            User.objects.select_for_update().get(pk=user.pk)
            months = program.probation_months
            probation = {
                "probation_ends_on": add_months(started_on, months) if months else None,
                "probation_minutes": program.probation_minutes,
            }
            apprentice = self.create(
                program=program,
                user=user,
                schedule=program.schedule,
                started_on=started_on,
                **probation,
                **fields,
            )
            StatusChange.objects.record(
                apprentice, act="apprentice.register", effective_on=started_on, by=by, now=now
            )
            apprentice.record("apprentice.facts", by=by, now=now)
        return apprentice


class Apprentice(models.Model):
    """One person's registration in one program; a User may have several, one after another or at once."""

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="apprenticeships")
    program = models.ForeignKey(Program, on_delete=models.PROTECT, related_name="apprentices")
    employer = models.ForeignKey(Employer, null=True, blank=True, on_delete=models.PROTECT)
    schedule = models.ForeignKey(WorkProcessSchedule, on_delete=models.PROTECT, related_name="apprentices")
    registration_number = models.CharField(max_length=32, blank=True)
    started_on = models.DateField()
    expected_end_on = models.DateField(null=True, blank=True)
    ended_on = models.DateField(null=True, blank=True)
    status = models.CharField(max_length=12, choices=Status, default=Status.ACTIVE)
    probation_ends_on = models.DateField(null=True, blank=True)
    probation_minutes = models.PositiveIntegerField(null=True, blank=True)
    disposed_at = models.DateTimeField(
        null=True, blank=True, editable=False, help_text="Its words were taken out; see ojt_logs.disposing."
    )
    elected_functions = models.ManyToManyField(JobFunction, blank=True, related_name="+")
    elected_competencies = models.ManyToManyField(Competency, blank=True, related_name="+")

    objects = ApprenticeQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["program", "user"], name="registered_once"),
            models.CheckConstraint(
                condition=Q(ended_on=None) | Q(ended_on__gte=models.F("started_on")), name="apprentice_dates"
            ),
        ]

    def __str__(self) -> str:
        return self.user.name

    @property
    def scale(self) -> RatingScale | None:
        """The rating scale of the pinned schedule, or the one the program chose where it prints none."""
        return self.schedule.rating_scale or self.program.rating_scale

    @property
    def has_probation(self) -> bool:
        """Whether the program had a probation when this person was registered."""
        return self.probation_ends_on is not None or self.probation_minutes is not None

    @property
    def in_probation(self) -> bool:
        """A probation that nobody has decided to be passed, also after its end."""
        if not self.has_probation or self.status in FINAL:
            return False
        return not any(row.outcome == "passed" for row in self.probation_decisions.all())

    def status_on(self, day: date) -> str | None:
        """The status in force on `day`, None before the registration. Newest effective change wins."""
        changes = [change for change in self.status_changes.all() if change.effective_on <= day]
        return max(changes, key=lambda change: (change.effective_on, change.pk)).status if changes else None

    @property
    def status_since(self) -> date:
        """The day from which the present status holds."""
        same = [row.effective_on for row in self.status_changes.all() if row.status == self.status]
        return max(same, default=self.started_on)

    def suspensions(self, *, until: date) -> list[tuple[date, date]]:
        """First and last day of each suspension, as far as `until`."""
        changes = sorted(self.status_changes.all(), key=lambda change: (change.effective_on, change.pk))
        found = []
        for change, following in zip(changes, [*changes[1:], None], strict=True):
            end = following.effective_on - timedelta(days=1) if following else until
            last = min(end, until)
            if change.status == Status.SUSPENDED and last >= change.effective_on:
                found.append((change.effective_on, last))
        return found

    def suspended_days(self, *, until: date) -> int:
        """Days of suspension up to and including `until`; they are taken out of pace and term."""
        return sum((last - first).days + 1 for first, last in self.suspensions(until=until))

    def change_status(
        self, status: str, *, effective_on: date, reason: str, by: User | None, now: datetime
    ) -> None:
        """Move to `status` from `effective_on`, a day up to today and not before the last change.

        An end withdraws the amendment that nobody has answered yet.
        Raises Refusal by field (`reason`, `effective_on`), ConsentNeeded, Conflict for an illegal move.
        """
        Consent.objects.demand(by)
        if not reason.strip():
            raise Refusal("Say why, in a few words.", code="reason_required", field="reason")
        with transaction.atomic():
            User.objects.select_for_update().get(pk=self.user_id)
            self.refresh_from_db(fields=["status", "ended_on"])
            if status not in MOVES[self.status]:
                raise Conflict(
                    f"From {self.get_status_display().lower()} this cannot become {status}.",
                    code="status_move",
                    field="status",
                )
            self.check_effective(effective_on, now=now)
            self.status = status
            if status in FINAL:
                self.ended_on = effective_on
            self.save(update_fields=["status", "ended_on"])
            StatusChange.objects.record(
                self, act="apprentice.status", effective_on=effective_on, by=by, now=now, reason=reason
            )
            if status in FINAL:
                for proposal in self.amendments.open().select_related("before", "after"):
                    proposal.withdraw(by=by, now=now)

    def change(
        self,
        *,
        employer: Employer | None,
        registration_number: str,
        expected_end_on: date | None,
        by: User | None,
        now: datetime,
    ) -> None:
        """Set employer, number and planned end, with an entry in the record. Raises ConsentNeeded."""
        Consent.objects.demand(by)
        with transaction.atomic():
            User.objects.select_for_update().get(pk=self.user_id)
            self.employer, self.registration_number = employer, registration_number
            self.expected_end_on = expected_end_on
            self.save(update_fields=["employer", "registration_number", "expected_end_on"])
            self.record("apprentice.facts", by=by, now=now)

    def elect(
        self, functions: Iterable[JobFunction], competencies: Iterable[Competency], *, by: User, now: datetime
    ) -> None:
        """Let these optional ones count for this person beyond the program's, with an entry in the record.

        Raises ConsentNeeded.
        """
        Consent.objects.demand(by)
        with transaction.atomic():
            User.objects.select_for_update().get(pk=self.user_id)
            self.elected_functions.set(functions)
            self.elected_competencies.set(competencies)
            self.record("apprentice.elections", by=by, now=now)

    def record(self, act: str, *, by: User | None, now: datetime) -> None:
        """Write what may change of the registration into its chain, unless it says so. In a transaction.

        The row is read anew: this object may be older than what others did.
        """
        row = Apprentice.objects.select_related("user", "program", "employer", "schedule").get(pk=self.pk)
        chain.keep(
            chain.lock([self.uid])[self.uid],
            act=act,
            actor=by.uid if by else None,
            object=self.uid,
            at=now,
            payload=row.facts(),
        )

    def facts(self) -> dict[str, Any]:
        """What the ledger holds of this registration, beside its status."""
        return {
            "registration": str(self.uid),
            "person": str(self.user.uid),
            "program": str(self.program.uid),
            "employer": str(self.employer.uid) if self.employer else None,
            "registration_number": self.registration_number,
            "expected_end_on": self.expected_end_on.isoformat() if self.expected_end_on else None,
            "schedule": str(self.schedule.uid),
            "probation_ends_on": self.probation_ends_on.isoformat() if self.probation_ends_on else None,
            "probation_minutes": self.probation_minutes,
            **elected(self),
        }

    def check_effective(self, day: date, *, now: datetime) -> None:
        """Raise Refusal for a day on which the status cannot begin: then `status_on` would say otherwise."""
        if day > authority_day(now):
            raise Refusal(
                "A status begins today or earlier. Come back on that day.",
                code="effective_on",
                field="effective_on",
            )
        last = max(self.status_changes.values_list("effective_on", flat=True), default=self.started_on)
        if day < last:
            raise Refusal(
                f"The status changed last on {day_words(last)}. Choose that day or later.",
                code="effective_on",
                field="effective_on",
            )

    def day_without(self, mentor: User, *, first: date, last: date) -> date | None:
        """The first day of these on which `mentor` was not assigned, or no mentor of the sponsor yet."""
        columns = ("starts_on", "ends_on")
        assigned = self.mentorships.filter(mentor=mentor).values_list(*columns)
        held = mentor.memberships.filter(sponsor=self.program.sponsor_id, role=Role.MENTOR)
        gaps = [first_gap(spans, first=first, last=last) for spans in (assigned, held.values_list(*columns))]
        return min((day for day in gaps if day), default=None)

    def mentors(self, *, on: date) -> list[User]:
        """Who may review and sign as mentor on the day `on`, by name."""
        rows = self.mentorships.in_force(on=on).select_related("mentor").order_by("mentor__name")
        return [row.mentor for row in rows]
