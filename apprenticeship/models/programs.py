"""Programs, the employers that take part in them, and the classes that are taught."""

import uuid
from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any

from django.core.validators import MaxValueValidator
from django.db import models, transaction
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from accounts.models import Membership, Sponsor, User
from accounts.models.among import any_of
from accounts.models.people import Role, authority_day, check_time_zone
from accounts.refusals import Refusal
from apprenticeship.standing import standing_of
from competencies import codes
from competencies.imports.outline import CourseOutline
from competencies.models import (
    Approach,
    Competency,
    JobFunction,
    RatingScale,
    WorkProcessSchedule,
)
from competencies.versions import adopt
from ledger import chain

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    from apprenticeship.models.wage_steps import WageStep


OFFICES = [Role.COORDINATOR.value, Role.AUDITOR.value]
"""The roles that see people by their sponsor or employer, without being assigned to them."""


def sponsors_of(user: User, *, roles: list[str]) -> models.QuerySet[Membership, Any] | list[int]:
    """Ids of the sponsors at which `user` holds one of `roles` today, as a subquery or as they are known."""
    held = standing_of(user).held
    if held is not None:
        return sorted({one.sponsor for one in held if one.role in roles})
    on = authority_day(timezone.now())
    return Membership.objects.active(on=on).filter(user=user, role__in=roles).values("sponsor")


class Reporting(models.TextChoices):
    """For which days hours are handed in together."""

    WEEK = "week", "A week, Monday to Sunday"
    TWO_WEEKS = "two_weeks", "Two weeks"
    HALF_MONTH = "half_month", "Half a month: to the 15th, and to its end"
    MONTH = "month", "A month"


class ProgramQuerySet(models.QuerySet["Program"]):
    def everyone(self) -> "ProgramQuerySet":
        """All programs, for commands that answer to nobody in particular."""
        return self.all()

    def visible_to(self, user: "User | AnonymousUser") -> "ProgramQuerySet":
        """Programs of one's sponsors for everybody who works there, and those one is an apprentice in."""
        if not isinstance(user, User):
            return self.none()
        mine = sponsors_of(user, roles=[role.value for role in Role])
        own = Program.objects.filter(apprentices__user=user).values("pk")
        return self.filter(Q(sponsor__in=mine) | Q(pk__in=own))

    def followed_by(self, user: "User | AnonymousUser") -> "ProgramQuerySet":
        """Programs whose board `user` opens: coordinators and auditors, also those of one employer.

        On the board they find only those whose record they may read (Apprentice.record_visible_to).
        """
        if not isinstance(user, User):
            return self.none()
        return self.filter(sponsor__in=sponsors_of(user, roles=OFFICES))

    def coordinated_by(self, user: "User | AnonymousUser") -> "ProgramQuerySet":
        """Programs of which `user` may have what concerns everybody, e.g. papers: coordinators and auditors
        of the whole sponsor, not of one employer."""
        return self.filter(sponsor__in=Sponsor.objects.administered_by(user).values("pk"))

    def managed_by(self, user: "User | AnonymousUser") -> "ProgramQuerySet":
        """Programs that `user` runs (enrols, assigns, decides, sets): coordinators of the whole sponsor."""
        return self.filter(sponsor__in=Sponsor.objects.managed_by(user).values("pk"))

    def matching(self, text: str) -> "ProgramQuerySet":
        """Those in whose name every word of `text` occurs, or that bear it as a code or number."""
        text = codes.LABEL.sub("", text.strip())
        words = Q()
        for word in text.split():
            words &= Q(name__icontains=word)
        if number := codes.parse_onet(text):
            words |= Q(onet_code=str(number))
        if code := codes.parse_rapids(text):
            words |= Q(rapids_code__startswith=f"{code.digits}{code.suffix}")
        return self.filter(words | Q(program_number__iexact=text)) if text else self

    @transaction.atomic
    def start(
        self,
        sponsor: Sponsor,
        schedule: WorkProcessSchedule,
        *,
        by: User | None,
        now: datetime,
        name: str,
        approach: str,
        rapids_code: str = "",
        rating_scale: RatingScale | None = None,
        courses: Sequence[CourseOutline] = (),
        **fields: Any,
    ) -> "Program":
        """A program of `sponsor` on its own published copy of `schedule`, made where there is none yet; its
        record begins.

        The copy states approach, code, scale and courses; hours of the term stay with the program. Raises
        Refusal for a draft and for a schedule of another sponsor.
        """
        if not schedule.frozen or schedule.sponsor_id not in (None, sponsor.pk):
            raise Refusal("Choose a published schedule, public or your own.", code="schedule")
        changes: dict[str, Any] = {
            "approach": approach,
            "rapids_code": rapids_code or schedule.rapids_code,
            "rating_scale": rating_scale or schedule.rating_scale,
        }
        copy = schedule
        if courses or not schedule.sponsor_id or any(getattr(schedule, k) != v for k, v in changes.items()):
            copy = adopt(schedule, sponsor=sponsor, now=now, courses=courses, **changes)
        fields.setdefault("takes_files", not codes.is_health(copy.onet_code))
        program = self.create(
            sponsor=sponsor,
            schedule=copy,
            name=name,
            approach=approach,
            rapids_code=rapids_code,
            onet_code=copy.onet_code,
            **fields,
        )
        program.record("program.start", by=by, now=now)
        return program


class RaisesFrom(models.TextChoices):
    EARNED = "earned", "The day it is earned"
    PAY_PERIOD = "pay_period", "The next pay period"
    MONTH = "month", "The next month"


class Program(models.Model):
    """One occupation that a sponsor trains for, with the schedule it pins and the rules it chose."""

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    sponsor = models.ForeignKey(Sponsor, on_delete=models.PROTECT, related_name="programs")
    name = models.CharField(max_length=120)
    schedule = models.ForeignKey(WorkProcessSchedule, on_delete=models.PROTECT, related_name="programs")
    approach = models.CharField(max_length=12, choices=Approach)
    rapids_code = models.CharField("RAPIDS code", max_length=16, blank=True)
    onet_code = models.CharField("O*NET code", max_length=12, blank=True)
    program_number = models.CharField(max_length=32, blank=True)
    registered_on = models.DateField(null=True, blank=True)
    rating_scale = models.ForeignKey(RatingScale, null=True, blank=True, on_delete=models.PROTECT)
    term_months = models.PositiveSmallIntegerField(default=12, help_text="The planned length, in months.")
    minimum_months = models.PositiveSmallIntegerField(
        default=12, help_text="Months of on-the-job training that completion needs (29 CFR 29.5(b)(2))."
    )
    ojt_minutes_required = models.PositiveIntegerField(null=True, blank=True)
    ri_minutes_required = models.PositiveIntegerField(null=True, blank=True)
    function_hours_bind = models.BooleanField(
        "hours of each job function are required",
        default=False,
        help_text="Time-based programs: otherwise they are a plan, and only the total is required.",
    )
    time_zone = models.CharField(max_length=64, default="America/Chicago", validators=[check_time_zone])
    takes_files = models.BooleanField(
        "photos and files may be attached to hours",
        default=False,
        help_text="Off at first for health occupations: a photo can show a patient's name or chart.",
    )
    reporting_period = models.CharField(max_length=12, choices=Reporting, default=Reporting.WEEK)
    reporting_first_day = models.DateField(
        null=True, blank=True, help_text="Of two weeks: the first day of any such period."
    )
    reporting_due_days = models.PositiveSmallIntegerField(
        default=3, validators=[MaxValueValidator(60)], help_text="Hours are due at the end of this day."
    )
    reporting_grace_days = models.PositiveSmallIntegerField(
        default=4, validators=[MaxValueValidator(60)], help_text="After that they are marked late."
    )
    figures_note = models.CharField(max_length=120, blank=True, help_text="Printed beside the figures.")
    registration_agency = models.CharField(
        max_length=160, blank=True, help_text="Federal Office of Apprenticeship, or the state's agency."
    )
    ratio_apprentices = models.PositiveSmallIntegerField(null=True, blank=True)
    ratio_journeyworkers = models.PositiveSmallIntegerField(null=True, blank=True)
    ratio_note = models.CharField(max_length=200, blank=True, help_text="Where it holds: per job site, ...")
    probation_months = models.PositiveSmallIntegerField(
        null=True, blank=True, help_text="At most a quarter of the term and a year (29 CFR 29.5(b)(8))."
    )
    probation_minutes = models.PositiveIntegerField(
        null=True, blank=True, help_text="On-the-job training of the probation, in minutes."
    )
    review_months = models.PositiveSmallIntegerField(
        null=True, blank=True, help_text="A periodic review every so many months (29 CFR 29.5(b)(6))."
    )
    review_minutes = models.PositiveIntegerField(
        null=True, blank=True, help_text="A periodic review after so much work, in minutes."
    )
    journeyworker_wage_cents = models.PositiveIntegerField(null=True, blank=True, help_text="Cents an hour.")
    journeyworker_wage_on = models.DateField(null=True, blank=True, help_text="The day it was stated for.")
    raises_from = models.CharField(
        "raises are paid from", max_length=10, choices=RaisesFrom, default=RaisesFrom.EARNED
    )
    pay_period_starts_on = models.DateField(
        "first day of a pay period", null=True, blank=True, help_text="Any one; the others follow from it."
    )
    pay_period_days = models.PositiveSmallIntegerField("days of a pay period", default=14)
    selection_procedure = models.TextField(blank=True)
    ri_provider = models.CharField(max_length=200, blank=True)
    elected_functions = models.ManyToManyField(JobFunction, blank=True, related_name="+")
    elected_competencies = models.ManyToManyField(Competency, blank=True, related_name="+")

    objects = ProgramQuerySet.as_manager()

    class Meta:
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(fields=["sponsor", "name"], name="program_name_once"),
            models.CheckConstraint(
                condition=Q(ratio_apprentices=None, ratio_journeyworkers=None)
                | Q(ratio_apprentices__isnull=False, ratio_journeyworkers__isnull=False)
                & Q(ratio_apprentices__gte=1, ratio_journeyworkers__gte=1),
                name="program_ratio",
            ),
            models.CheckConstraint(
                condition=Q(reporting_period__in=Reporting.values), name="program_reporting_period"
            ),
            models.CheckConstraint(condition=Q(pay_period_days__gte=1), name="program_pay_period"),
            models.CheckConstraint(
                condition=~Q(raises_from="pay_period") | Q(pay_period_starts_on__isnull=False),
                name="program_raises_from_a_pay_period",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def scale(self) -> RatingScale | None:
        """The schedule's own rating scale, or the one the sponsor chose where it prints none."""
        return self.schedule.rating_scale or self.rating_scale

    def ojt_required(self, schedule: WorkProcessSchedule) -> int | None:
        """Minutes of on-the-job training in the term of who is pinned to `schedule`: the program's own, else
        the schedule's; None where neither states any."""
        return self.ojt_minutes_required or schedule.minimum_ojt_minutes

    def ri_required(self, schedule: WorkProcessSchedule) -> int | None:
        """As `ojt_required`, of related instruction; where only courses are stated, what they add up to."""
        return self.ri_minutes_required or schedule.ri_minutes

    def change(
        self, *, by: User | None, now: datetime, steps: "Sequence[WageStep] | None" = None, **fields: Any
    ) -> None:
        """Set these columns, and with `steps` the whole wage schedule, with an entry in its record."""
        with transaction.atomic():
            self.take()
            for name, value in fields.items():
                setattr(self, name, value)
            self.save(update_fields=fields)
            if steps is not None:
                self.wage_steps.all().delete()
                self.wage_steps.bulk_create(steps)
            self.record("program.settings", by=by, now=now)

    def elect(
        self, functions: Iterable[JobFunction], competencies: Iterable[Competency], *, by: User, now: datetime
    ) -> None:
        """Ask these optional job functions and competencies of everybody, with an entry in the record."""
        with transaction.atomic():
            self.take()
            self.elected_functions.set(functions)
            self.elected_competencies.set(competencies)
            self.record("program.elections", by=by, now=now)

    def take(self) -> None:
        """Lock the row: acts on one program's record wait for each other. Must run in a transaction."""
        Program.objects.select_for_update(no_key=True).get(pk=self.pk)

    def record(self, act: str, *, by: User | None, now: datetime) -> None:
        """Write what the program states into its own chain, unless the chain says so. In a transaction.

        The row is read anew: this object may be older than what others did.
        """
        row = Program.objects.select_related("sponsor", "schedule", "rating_scale").get(pk=self.pk)
        chain.keep(
            chain.lock([self.uid])[self.uid],
            act=act,
            actor=by.uid if by else None,
            object=self.uid,
            at=now,
            payload=row.facts(),
        )

    def facts(self) -> dict[str, Any]:
        """What the ledger holds of this program: every column, what it elects by lineage, its wage steps."""
        columns = [field.name for field in self._meta.concrete_fields if not field.is_relation]
        said = {name: plain(getattr(self, name)) for name in columns if name not in ("id", "uid")}
        return {
            **said,
            "program": str(self.uid),
            "sponsor": str(self.sponsor.uid),
            "schedule": str(self.schedule.uid),
            "rating_scale": self.rating_scale.name if self.rating_scale else None,
            **elected(self),
            "wage_steps": [step.facts() for step in self.wage_steps.all()],
        }


class EmployerQuerySet(models.QuerySet["Employer"]):
    def visible_to(self, user: "User | AnonymousUser") -> "EmployerQuerySet":
        """Employers of the sponsors that `user` coordinates or audits; limited to one, that one."""
        if not isinstance(user, User):
            return self.none()
        held = Membership.objects.active(on=authority_day(timezone.now())).filter(
            user=user, role__in=OFFICES, sponsor=OuterRef("sponsor")
        )
        return self.filter(Exists(held.filter(Q(employer=None) | Q(employer=OuterRef("pk")))))

    def managed_by(self, user: "User | AnonymousUser") -> "EmployerQuerySet":
        """Employers that `user` may rename: coordinators of the whole sponsor."""
        return self.filter(sponsor__in=Sponsor.objects.managed_by(user).values("pk"))


class Employer(models.Model):
    """Who employs the apprentice; often the sponsor, not always."""

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    sponsor = models.ForeignKey(Sponsor, on_delete=models.PROTECT, related_name="employers")
    name = models.CharField(max_length=160)

    objects = EmployerQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["sponsor", "name"], name="employer_once")]

    def __str__(self) -> str:
        return self.name


def plain(value: Any) -> Any:
    """A column's value as the ledger spells it and its words are read again."""
    return value.isoformat() if isinstance(value, date) else value


def elected(row: Any) -> dict[str, list[str]]:
    """What a program or a registration elects, by lineage: it stays the same in a new version."""
    return {
        "elected_functions": sorted(str(one.lineage) for one in row.elected_functions.all()),
        "elected_competencies": sorted(str(one.lineage) for one in row.elected_competencies.all()),
    }


def holds_office(user: User) -> Q:
    """Apprentices at whose sponsor or employer `user` is coordinator or auditor today."""
    known = standing_of(user).held
    if known is not None:
        offices = [one for one in known if one.role in OFFICES]
        return any_of(
            Q(program__sponsor=one.sponsor) & (Q(employer=one.employer) if one.employer else Q())
            for one in offices
        )
    held = Membership.objects.active(on=authority_day(timezone.now())).filter(
        user=user, role__in=OFFICES, sponsor=OuterRef("program__sponsor")
    )
    return Q(Exists(held.filter(Q(employer=None) | Q(employer=OuterRef("employer")))))


def covers(day: date | OuterRef) -> Q:
    """Rows whose starts_on and ends_on (null: open) contain `day`, a date or a column of the outer query."""
    return Q(starts_on__lte=day) & (Q(ends_on=None) | Q(ends_on__gte=day))


def first_gap(spans: Iterable[tuple[date, date | None]], *, first: date, last: date) -> date | None:
    """The first day of `first` to `last` that no span of starts_on and ends_on contains, None without one."""
    day = first
    for starts, ends in sorted(spans, key=lambda span: span[0]):
        if starts > day:
            return day
        if ends is None or ends >= last:
            return None
        day = max(day, ends + timedelta(days=1))
    return day if day <= last else None


def holds_role(person: str, role: str, sponsor: str, *, on: date) -> Exists:
    """Rows whose column `person` is somebody with `role` at the row's `sponsor` on the day `on`."""
    held = Membership.objects.active(on=on).filter(role=role)
    return Exists(held.filter(user=OuterRef(person), sponsor=OuterRef(sponsor)))
