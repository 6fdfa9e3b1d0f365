"""Occupations and the work process schedules that say what is learned in them."""

import uuid

from django.contrib.auth.models import AnonymousUser
from django.db import models
from django.db.models import Q
from django.utils import timezone

from accounts.durations import format_span
from accounts.models import Membership, Sponsor, User
from accounts.models.people import authority_day
from competencies import codes
from competencies.models.scales import RatingScale
from competencies.models.source import IN_FORCE, LineageRow, SourceRow, Status, at_least, ordered


class Approach(models.TextChoices):
    """How an apprenticeship is completed (29 CFR 29.5(b)(2))."""

    TIME = "time", "Time-based"
    COMPETENCY = "competency", "Competency-based"
    HYBRID = "hybrid", "Hybrid"


class Level(models.TextChoices):
    BASIC = "basic", "Basic"
    INTERMEDIATE = "intermediate", "Intermediate"
    ADVANCED = "advanced", "Advanced"


class Occupation(models.Model):
    """A trade or profession that can be apprenticed, under its federal codes.

    The O*NET-SOC code is kept with the year of the taxonomy it belongs to, because codes move between
    editions. `rapids_code` is the plain occupation number ("1114"), without a program's approach suffix.
    """

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    title = models.CharField(max_length=200)
    onet_code = models.CharField("O*NET-SOC code", max_length=10, blank=True)
    onet_taxonomy = models.CharField("O*NET-SOC taxonomy year", max_length=4, blank=True)
    rapids_code = models.CharField("RAPIDS code", max_length=4, blank=True)

    class Meta:
        ordering = ["title"]
        constraints = [
            models.UniqueConstraint(
                fields=["title", "onet_code", "onet_taxonomy", "rapids_code"], name="occupation_once"
            )
        ]

    def __str__(self) -> str:
        return self.title


class ScheduleQuerySet(models.QuerySet["WorkProcessSchedule"]):
    def visible_to(self, user: User | AnonymousUser) -> "ScheduleQuerySet":
        """What `user` may read: every public published version, and the own sponsor's.

        A sponsor's copies and drafts are for the people who work there; its apprentices read what they
        are registered on, what their program uses and what they are asked to change to.
        """
        public = Q(sponsor=None, frozen=True)
        if not isinstance(user, User):
            return self.filter(public)
        member = Membership.objects.active(on=authority_day(timezone.now())).filter(user=user)
        # Lookups by name: apprentices and programs are known to a package above this one.
        learning = WorkProcessSchedule.objects.filter(
            Q(apprentices__user=user)
            | Q(programs__apprentices__user=user)
            | Q(amendments_to_it__apprentice__user=user)
        )
        own = Q(sponsor__in=member.values("sponsor")) | Q(pk__in=learning.values("pk"))
        return self.filter(public | own)

    def open_to(self, user: User | AnonymousUser) -> "ScheduleQuerySet":
        """Published schedules that `user` may start a program from: public ones and the own sponsor's."""
        mine = Sponsor.objects.managed_by(user).values("pk")
        if not isinstance(user, User):
            return self.none()
        offered = self.filter(Q(sponsor=None) | Q(sponsor__in=mine), frozen=True)
        return offered.filter(status__in=IN_FORCE)

    def replacing(self, schedule: "WorkProcessSchedule", *, sponsor: Sponsor) -> "ScheduleQuerySet":
        """Versions in force at `sponsor` to which whoever learns by `schedule` may change; also itself.

        Another approach is completed in another way, so it is another program.
        """
        same = self.filter(sponsor=sponsor, lineage=schedule.lineage, approach=schedule.approach)
        return same.filter(status__in=IN_FORCE)

    def drafts_of(self, user: User | AnonymousUser) -> "ScheduleQuerySet":
        """Drafts that `user` may change: those of the sponsors one runs."""
        return self.managed_by(user).filter(status=Status.DRAFT, frozen=False)

    def managed_by(self, user: User | AnonymousUser) -> "ScheduleQuerySet":
        """Versions of the sponsors that `user` runs, which one may submit, approve and retire."""
        return self.filter(sponsor__in=Sponsor.objects.managed_by(user).values("pk"))

    def coded(self, *, rapids: str = "", onet: str = "") -> "ScheduleQuerySet":
        """Those with the given codes in any spelling; a code that is none finds nothing.

        1114 finds the framework and every registration (1114CB, 1114HY); 1114CB finds those registered
        so and the framework that they come from.
        """
        found = self
        if rapids:
            code = codes.parse_rapids(rapids)
            if code is None:
                return self.none()
            same = Q(rapids_code__startswith=f"{code.digits}{code.suffix}")
            plain = Q(rapids_code__in=("", code.digits), occupation__rapids_code=code.digits)
            found = found.filter(same | plain)
        if onet:
            number = codes.parse_onet(onet)
            if number is None:
                return self.none()
            found = found.filter(Q(onet_code=str(number)) | Q(occupation__onet_code=str(number)))
        return found

    def search(self, text: str) -> "ScheduleQuerySet":
        """Those in whose titles and competencies every word of `text` occurs, or that bear it as a code."""
        text = codes.LABEL.sub("", text.strip())
        words = Q()
        for word in text.lower().split():
            words &= Q(search_text__contains=word)
        by_code = self.coded(rapids=text).values("pk"), self.coded(onet=text).values("pk")
        return self.filter(words | Q(pk__in=by_code[0]) | Q(pk__in=by_code[1])) if text else self

    def newest(self) -> "ScheduleQuerySet":
        """The latest version of each lineage, per owner; what only waits for the agency replaces nothing."""
        newer = WorkProcessSchedule.objects.filter(
            lineage=models.OuterRef("lineage"), version__gt=models.OuterRef("version"), status__in=IN_FORCE
        )
        public = models.Exists(newer.filter(sponsor=None))
        own = models.Exists(newer.filter(sponsor=models.OuterRef("sponsor")))
        return self.exclude(Q(sponsor=None) & public).exclude(Q(own))


class WorkProcessSchedule(SourceRow):
    """One version of the outline of what an apprentice learns: job functions, competencies, instruction.

    A national framework belongs to nobody (`sponsor` null) and may leave approach, hours and rating scale
    blank; a sponsor's own copy states them and is what a program pins. All versions and copies of the same
    document share `lineage`. Durations are minutes. A published version never changes: other content is
    another version. Term, ratio, wages, probation and selection are as the document prints them; a program
    states its own.
    """

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    lineage = models.UUIDField(default=uuid.uuid4, editable=False, db_index=True)
    occupation = models.ForeignKey(Occupation, on_delete=models.PROTECT, related_name="schedules")
    sponsor = models.ForeignKey(
        Sponsor, null=True, blank=True, on_delete=models.PROTECT, related_name="schedules"
    )
    title = models.CharField(max_length=200)
    version = models.PositiveIntegerField(default=1)
    status = models.CharField(max_length=12, choices=Status, default=Status.DRAFT)
    published_at = models.DateTimeField(null=True, blank=True, editable=False)
    approved_on = models.DateField(null=True, blank=True)
    content_hash = models.CharField(max_length=64, blank=True, editable=False)
    refused_lineages = models.JSONField(
        default=list,
        blank=True,
        editable=False,
        help_text="Pairs of lineages of which a person said that they do not ask the same.",
    )
    search_text = models.TextField(blank=True, editable=False)

    source = models.TextField(blank=True, help_text="The document this was taken from, as a citation.")
    source_read_on = models.DateField(null=True, blank=True)

    approach = models.CharField(max_length=12, choices=Approach, null=True, blank=True)  # noqa: DJ001
    onet_code = models.CharField("O*NET-SOC code", max_length=10, blank=True)
    rapids_code = models.CharField("RAPIDS code", max_length=16, blank=True)
    minimum_ojt_minutes = models.PositiveIntegerField(null=True, blank=True)
    maximum_ojt_minutes = models.PositiveIntegerField(null=True, blank=True)
    minimum_ri_minutes = models.PositiveIntegerField(null=True, blank=True)
    maximum_ri_minutes = models.PositiveIntegerField(null=True, blank=True)
    term_months = models.PositiveSmallIntegerField(null=True, blank=True)
    ratio = models.CharField("ratio of apprentices to journeyworkers", max_length=200, blank=True)
    wage_note = models.TextField(blank=True, help_text="What is said above the wage schedule.")
    wage_steps = models.JSONField(
        default=list, blank=True, help_text="Rows of step, condition and wage, as printed."
    )
    probation = models.TextField(blank=True)
    selection = models.TextField("selection procedures", blank=True)
    registration = models.JSONField(
        default=list, blank=True, help_text="Rows of label and value: sponsor, agency and dates, as printed."
    )
    notes = models.TextField(blank=True, help_text="What else the document says, a line for each paragraph.")
    rating_scale = models.ForeignKey(
        RatingScale, null=True, blank=True, on_delete=models.PROTECT, related_name="schedules"
    )
    job_title = models.CharField(max_length=200, blank=True, help_text="What the employer calls the job.")
    company_contact = models.CharField(max_length=200, blank=True)
    required_certifications = models.TextField(blank=True)
    blank_job_functions = models.PositiveSmallIntegerField(
        default=0, help_text="Empty rows printed at the end of the schedule for local additions."
    )

    job_titles = models.JSONField(default=list, blank=True)
    context = models.TextField(blank=True)
    purpose = models.TextField(blank=True)
    promotional_paths = models.JSONField(default=list, blank=True)
    transitional_paths = models.JSONField(default=list, blank=True)
    attitudes = models.TextField("attitudes and behaviors", blank=True)
    prerequisites = models.TextField(blank=True)
    associations = models.JSONField("trade associations and labor organizations", default=list, blank=True)
    accreditors = models.JSONField(default=list, blank=True)
    workforce = models.JSONField(default=list, blank=True, help_text="Rows of label and figure, as printed.")
    cross_cutting_note = models.TextField(blank=True)
    cross_cutting_scale = models.JSONField(
        default=dict, blank=True, help_text="Name, lowest and highest level, and what 0 means."
    )

    objects = ScheduleQuerySet.as_manager()

    class Meta:
        ordering = ["title", "-version"]
        constraints = [
            models.UniqueConstraint(
                fields=["lineage", "version"], condition=Q(sponsor=None), name="schedule_public_version_once"
            ),
            models.UniqueConstraint(
                fields=["lineage", "sponsor", "version"],
                condition=Q(sponsor__isnull=False),
                name="schedule_sponsor_version_once",
            ),
            models.CheckConstraint(condition=Q(status__in=Status.values), name="schedule_status"),
            models.CheckConstraint(
                condition=Q(approach=None) | Q(approach__in=Approach.values), name="schedule_approach"
            ),
            models.CheckConstraint(
                condition=Q(status__in=(Status.DRAFT, Status.SUBMITTED))
                | Q(published_at__isnull=False, frozen=True),
                name="schedule_published_is_frozen",
            ),
            models.CheckConstraint(
                condition=~Q(status=Status.APPROVED) | Q(approved_on__isnull=False),
                name="schedule_approved_has_date",
            ),
            models.CheckConstraint(
                condition=Q(approved_on=None) | Q(status__in=(Status.APPROVED, Status.RETIRED)),
                name="schedule_date_of_approval",
            ),
            at_least("schedule_version_from_one", version=1),
            ordered("schedule_ojt_range", "minimum_ojt_minutes", "maximum_ojt_minutes"),
            ordered("schedule_ri_range", "minimum_ri_minutes", "maximum_ri_minutes"),
        ]

    @property
    def ri_minutes(self) -> int | None:
        """Related instruction of the term as stated, else what the courses add up to; None without any."""
        return self.minimum_ri_minutes or sum(one.ri_minutes or 0 for one in self.courses.all()) or None

    def __str__(self) -> str:
        return f"{self.title}, version {self.version}"

    @property
    def ojt_words(self) -> str:
        """“at least 8,000 h”, “4,000 h to 4,500 h”, or "" where no hours on the job are stated."""
        return format_span(self.minimum_ojt_minutes, self.maximum_ojt_minutes)

    @property
    def ri_words(self) -> str:
        """As `ojt_words`, of related instruction."""
        return format_span(self.minimum_ri_minutes, self.maximum_ri_minutes)


class JobFunction(LineageRow):
    """A major work process of the occupation, numbered as printed; core, or optional until elected.

    `details` keeps what the source says of the work, a line for each task it lists. Time-based schedules
    print approximate hours, which are both the minimum and the maximum here; hybrid ones print a range, or
    one end of it.
    """

    schedule = models.ForeignKey(WorkProcessSchedule, on_delete=models.CASCADE, related_name="job_functions")
    number = models.PositiveSmallIntegerField()
    title = models.CharField(max_length=300)
    details = models.TextField(blank=True)
    core = models.BooleanField(default=True)
    ojt_minutes_min = models.PositiveIntegerField(null=True, blank=True)
    ojt_minutes_max = models.PositiveIntegerField(null=True, blank=True)
    ri_minutes_min = models.PositiveIntegerField(null=True, blank=True)
    ri_minutes_max = models.PositiveIntegerField(null=True, blank=True)

    class Meta:
        ordering = ["schedule", "number"]
        constraints = [
            models.UniqueConstraint(fields=["schedule", "number"], name="job_function_number_once"),
            models.UniqueConstraint(fields=["schedule", "lineage"], name="job_function_lineage_once"),
            models.CheckConstraint(condition=~Q(title=""), name="job_function_has_title"),
            at_least("job_function_from_one", number=1),
            ordered("job_function_ojt_range", "ojt_minutes_min", "ojt_minutes_max"),
            ordered("job_function_ri_range", "ri_minutes_min", "ri_minutes_max"),
        ]

    def __str__(self) -> str:
        return f"{self.number}. {self.title}"

    @property
    def tasks(self) -> list[str]:
        """The lines of the details."""
        return self.details.splitlines()

    @property
    def ojt_words(self) -> str:
        """“600 h to 800 h”, “up to 800 h”, or "" where the source states no hours on the job."""
        return format_span(self.ojt_minutes_min, self.ojt_minutes_max)

    @property
    def ri_words(self) -> str:
        """As `ojt_words`, of related instruction."""
        return format_span(self.ri_minutes_min, self.ri_minutes_max)


class Competency(LineageRow):
    """Something a worker in the occupation can do, e.g. 2e; signed through its performance standards.

    `heading` is the one it stands under within its job function, `details` what the source adds to it,
    `answers` the words by which the source would have it rated, where it prints any beside it.
    """

    job_function = models.ForeignKey(JobFunction, on_delete=models.CASCADE, related_name="competencies")
    position = models.PositiveSmallIntegerField()
    letter = models.CharField(max_length=3)
    code = models.CharField(max_length=8, editable=False)
    title = models.TextField()
    heading = models.CharField(max_length=200, blank=True)
    details = models.TextField(blank=True)
    answers = models.JSONField(default=list, blank=True)
    level = models.CharField(max_length=12, choices=Level, blank=True)
    required = models.BooleanField(default=True)

    class Meta:
        verbose_name_plural = "competencies"
        ordering = ["job_function", "position"]
        constraints = [
            models.UniqueConstraint(fields=["job_function", "letter"], name="competency_letter_once"),
            models.UniqueConstraint(fields=["job_function", "position"], name="competency_position_once"),
            models.UniqueConstraint(fields=["job_function", "lineage"], name="competency_lineage_once"),
            models.CheckConstraint(
                condition=Q(level="") | Q(level__in=Level.values), name="competency_level"
            ),
            models.CheckConstraint(condition=~Q(letter=""), name="competency_has_letter"),
            models.CheckConstraint(condition=~Q(title=""), name="competency_has_title"),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.title}"

    def save(self, *args: object, **kwargs: object) -> None:
        self.code = f"{self.job_function.number}{self.letter}"
        super().save(*args, **kwargs)  # type: ignore[arg-type]


class PerformanceStandard(LineageRow):
    """One observable statement by which a competency is judged; the thing a mentor signs.

    `required_demonstrations`: passing ratings on that many different dates make it met.
    """

    competency = models.ForeignKey(Competency, on_delete=models.CASCADE, related_name="standards")
    position = models.PositiveSmallIntegerField()
    text = models.TextField()
    required_demonstrations = models.PositiveSmallIntegerField(default=1)

    class Meta:
        ordering = ["competency", "position"]
        constraints = [
            models.UniqueConstraint(fields=["competency", "position"], name="standard_position_once"),
            models.UniqueConstraint(fields=["competency", "lineage"], name="standard_lineage_once"),
            models.CheckConstraint(condition=~Q(text=""), name="standard_has_text"),
            at_least("standard_demonstrations", required_demonstrations=1),
        ]

    def __str__(self) -> str:
        return self.text
