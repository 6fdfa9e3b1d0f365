"""Documents that were asked for: the row is the record of it, the task queue only a hint."""

import re
import uuid
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any

from django.db import models, transaction
from django.db.models import F, Q

from accounts.models import Sponsor, User
from accounts.refusals import Conflict, NotAllowed, Refusal
from apprenticeship.models import Apprentice, Employer, Program
from apprenticeship.models.apprentices import ApprenticeQuerySet
from apprenticeship.storages import kept
from competencies.models import WorkProcessSchedule
from ledger import chain
from reports.beats import Beat

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

__all__ = ["Beat", "DocumentKind", "Lane", "ReportRun", "State"]

LEASE = timedelta(minutes=5)
"""A worker that has shown no progress for so long is taken for dead. Joining the sections of 60 people shows
none, and took 160 seconds on a machine that had other work."""
MOST_AT_ONCE = 10
"""Unfinished reports of one person: the workers are everybody's."""
MAX_ATTEMPTS = 3
"""A document that ends its worker is not tried for ever."""
ASKED = ("document", "apprentice", "program", "schedule", "employer", "for_each", "from_day", "to_day")


class DocumentKind(models.TextChoices):
    SCHEDULE = "schedule", "Work process schedule"
    HOURS = "hours", "Hours log"
    PROGRESS = "progress", "Progress report"
    TRANSCRIPT = "transcript", "Transcript"
    SUMMARY = "summary", "Program summary"
    WORKBOOK = "workbook", "Everything, as a workbook"
    RECORD = "record", "Whole record, to check elsewhere"


WHOLE = (DocumentKind.SUMMARY, DocumentKind.WORKBOOK)
"""What only a program has."""
OF_A_PROGRAM = (DocumentKind.SCHEDULE, DocumentKind.PROGRESS, *WHOLE)
"""What a program has as one paper; of the others it has one file for each apprentice."""
OF_AN_APPRENTICE = tuple(kind for kind in DocumentKind if kind not in WHOLE)
WITHOUT_FIRST_DAY = (
    DocumentKind.SCHEDULE,
    DocumentKind.TRANSCRIPT,
    DocumentKind.WORKBOOK,
    DocumentKind.RECORD,
)
"""They show everything up to the last day."""
WITHOUT_DAYS = (DocumentKind.WORKBOOK, DocumentKind.RECORD)
"""They show everything there is."""


KEPT_AS = re.compile(r"reports/([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})\.")
"""How names of files of reports begin, with the uid of theirs; see ReportRun.kept_as."""


class State(models.TextChoices):
    QUEUED = "queued", "Queued"
    RUNNING = "running", "Being built"
    DONE = "done", "Ready"
    FAILED = "failed", "Failed"


class Lane(models.TextChoices):
    """The queues of reports: a long one never stands before a short one."""

    INTERACTIVE = "interactive", "One paper about one person"
    BULK = "bulk", "A whole program"


class ReportQuerySet(models.QuerySet["ReportRun"]):
    def everyone(self) -> "ReportQuerySet":
        """All reports, for workers and commands that answer to nobody in particular."""
        return self.all()

    def visible_to(self, user: "User | AnonymousUser") -> "ReportQuerySet":
        """One's own while one may still read what they are about, and those about one's programs or, in
        them, about the apprentices of one's employer."""
        if not isinstance(user, User):
            return self.none()
        readable = Apprentice.objects.record_visible_to(user).values("pk")
        about_programs = Q(program__in=Program.objects.coordinated_by(user).values("pk"))
        about_employers = Q(
            program__in=Program.objects.followed_by(user).values("pk"),
            employer__in=Employer.objects.visible_to(user).values("pk"),
        )
        papers = WorkProcessSchedule.objects.visible_to(user).values("pk")
        mine = Q(requested_by=user) & (Q(apprentice__in=readable) | Q(schedule__in=papers))
        return self.filter(mine | about_programs | about_employers)

    def wanted(
        self,
        *,
        by: User,
        document: str,
        now: datetime,
        apprentice: Apprentice | None = None,
        program: Program | None = None,
        schedule: WorkProcessSchedule | None = None,
        employer: Employer | None = None,
        for_each: bool = False,
        from_day: date | None = None,
        to_day: date | None = None,
    ) -> "ReportRun":
        """A report as `by` asks for it, not saved: about one apprentice, about one program, or `for_each`
        apprentice of a program a file; with an `employer` about its apprentices in the program alone; or the
        blank paper of a `schedule` that `by` may see.

        Schedules and transcripts have no first day: they show everything up to `to_day`; a workbook and a
        whole record have no days, they show everything there is. Raises Refusal by field (`document`,
        `apprentice`, `employer`, `from`, `to`), NotAllowed when `by` may not read the whole record or
        program.
        """
        _check_subject(document, apprentice, program, schedule, for_each=for_each)
        _check_employer(document, program, employer, for_each=for_each)
        _check_days(from_day, to_day, today=by.today(now))
        _check_permission(by, apprentice, program, schedule, employer)
        return ReportRun(
            requested_by=by,
            document=document,
            apprentice=apprentice,
            program=program,
            schedule=schedule,
            employer=employer,
            for_each=for_each,
            from_day=None if document in WITHOUT_FIRST_DAY else from_day,
            to_day=None if schedule or document in WITHOUT_DAYS else to_day,
            created_at=now,
        )

    def start(self, *, by: User, now: datetime, **what: Any) -> "ReportRun":
        """Ask for a document; the caller puts it into the queue. `what` and what is raised: see `wanted`.

        Asked twice while the first is not finished: the first. Raises Conflict beyond MOST_AT_ONCE
        unfinished ones.
        """
        run = self.wanted(by=by, now=now, **what)
        with transaction.atomic():
            User.objects.select_for_update().get(pk=by.pk)
            unfinished = self.filter(state__in=[State.QUEUED, State.RUNNING], requested_by=by)
            if same := unfinished.filter(**run.asked).first():
                return same
            if len(unfinished[:MOST_AT_ONCE]) == MOST_AT_ONCE:
                raise Conflict(
                    f"{MOST_AT_ONCE} of your reports are not finished yet. Ask again when one is.",
                    code="too_many_reports",
                )
            run.line_up()
            run.save(force_insert=True)
        return run

    def waiting(self, lane: str) -> "ReportQuerySet":
        """Queued reports of a lane, in the order in which they are built."""
        return self.filter(lane=lane, state=State.QUEUED).order_by("turn", "pk")

    def claim_next(self, lane: str, *, now: datetime) -> "ReportRun | None":
        """Take the report of this lane whose turn it is; None when none waits."""
        while pk := self.waiting(lane).values_list("pk", flat=True).first():
            if run := self.claim(pk, now=now):
                return run
        return None

    def claim(self, pk: int, *, now: datetime) -> "ReportRun | None":
        """Take a queued report for building; None when another worker has it or it is finished."""
        taken = self.filter(pk=pk, state=State.QUEUED).update(
            state=State.RUNNING,
            attempt=F("attempt") + 1,
            percent=0,
            reason="",
            started_at=now,
            lease_until=now + LEASE,
        )
        people = ("requested_by", "apprentice__user", "employer")
        related = (*people, "apprentice__program__sponsor", "program__sponsor", "schedule__sponsor")
        return self.select_related(*related).get(pk=pk) if taken else None

    def reap(self, *, now: datetime) -> None:
        """Queue again what its worker left behind; what ended its worker too often has failed."""
        dead = Q(state=State.RUNNING, lease_until__lt=now)
        self.filter(dead, attempt__gte=F("last_attempt")).update(
            state=State.FAILED,
            lease_until=None,
            finished_at=now,
            reason=f"The worker stopped {MAX_ATTEMPTS} times while it built this. Try a shorter period, or "
            "tell the operator of this site.",
        )
        self.filter(dead).update(state=State.QUEUED, lease_until=None, percent=0, enqueued_at=None)

    def never_begun(self, *, before: datetime) -> bool:
        """Whether a report that was asked for before then still waits for its first worker."""
        return self.filter(state=State.QUEUED, attempt=0, created_at__lt=before).exists()


class ReportRun(models.Model):
    """One document that somebody asked for, from the request to the file.

    queued -> running -> done or failed; failed -> queued when it is asked for again. `from_day` and
    `to_day` (both included, null: open) bound what is listed; figures are as of `to_day`. `percent` is
    sections done of sections known, `for_each` files of files. A worker holds a running report until
    `lease_until`; every claim is another `attempt`, and after `last_attempt` no more is made.

    Within a `lane` the lowest `turn` is built first. The first that waits of each `party` have the same turn,
    then the second of each, and so on, so that nobody waits for all that another one asked for.
    """

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    document = models.CharField(max_length=12, choices=DocumentKind)
    apprentice = models.ForeignKey(
        Apprentice, null=True, blank=True, on_delete=models.PROTECT, related_name="reports"
    )
    program = models.ForeignKey(
        Program, null=True, blank=True, on_delete=models.PROTECT, related_name="reports"
    )
    schedule = models.ForeignKey(
        WorkProcessSchedule, null=True, blank=True, on_delete=models.CASCADE, related_name="reports"
    )
    employer = models.ForeignKey(
        Employer,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="reports",
        help_text="Of a program, only the apprentices whom it employs.",
    )
    for_each = models.BooleanField(
        default=False, help_text="One file for each apprentice of the program, together in a ZIP."
    )
    from_day = models.DateField(null=True, blank=True)
    to_day = models.DateField(null=True, blank=True)
    requested_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="reports")
    state = models.CharField(max_length=8, choices=State, default=State.QUEUED)
    lane = models.CharField(max_length=11, choices=Lane, default=Lane.INTERACTIVE)
    party = models.UUIDField(
        null=True, help_text="The sponsor, or who asks for a paper that belongs to no sponsor."
    )
    turn = models.PositiveIntegerField(default=0)
    percent = models.PositiveSmallIntegerField(default=0)
    attempt = models.PositiveSmallIntegerField(default=0)
    last_attempt = models.PositiveSmallIntegerField(default=MAX_ATTEMPTS)
    lease_until = models.DateTimeField(null=True, blank=True)
    reason = models.CharField(max_length=300, blank=True)
    file_name = models.CharField(max_length=200, blank=True)
    sha256 = models.CharField(max_length=64, blank=True)
    bytes = models.PositiveIntegerField(null=True, blank=True)
    created_at = models.DateTimeField()
    enqueued_at = models.DateTimeField(null=True, blank=True)
    started_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)

    objects = ReportQuerySet.as_manager()

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(apprentice=None, schedule=None, program__isnull=False)
                | Q(apprentice__isnull=False, schedule=None, program=None)
                | Q(apprentice=None, schedule__isnull=False, program=None),
                name="report_about_one",
            ),
            models.CheckConstraint(
                condition=Q(for_each=False) | Q(program__isnull=False), name="report_for_each_of_a_program"
            ),
            models.CheckConstraint(
                condition=Q(employer=None) | Q(program__isnull=False), name="report_of_employer_of_a_program"
            ),
            models.CheckConstraint(
                condition=Q(from_day=None) | Q(to_day=None) | Q(to_day__gte=F("from_day")),
                name="report_period",
            ),
            models.CheckConstraint(condition=Q(percent__lte=100), name="report_percent"),
            models.CheckConstraint(
                condition=Q(state=State.QUEUED, lease_until=None, finished_at=None)
                | Q(state=State.RUNNING, lease_until__isnull=False, finished_at=None)
                | Q(state=State.DONE, lease_until=None, finished_at__isnull=False, percent=100, reason="")
                & ~Q(file_name="")
                & ~Q(sha256="")
                & Q(bytes__isnull=False)
                | Q(state=State.FAILED, lease_until=None, finished_at__isnull=False) & ~Q(reason=""),
                name="report_state",
            ),
        ]
        indexes = [
            models.Index(
                fields=["state", "lease_until"],
                condition=Q(state__in=["queued", "running"]),
                name="report_unfinished",
            ),
            models.Index(
                fields=["lane", "turn", "id"], condition=Q(state="queued"), name="report_next_in_lane"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_document_display()}: {self.about}"

    @property
    def subject(self) -> Apprentice | Program | WorkProcessSchedule:
        subject = self.apprentice or self.program or self.schedule
        assert subject, "report_about_one"  # noqa: S101
        return subject

    @property
    def scope(self) -> str:
        """Whom of a program it is about, where that is not everybody: “apprentices at North Clinic”."""
        return f"apprentices at {self.employer}" if self.employer else ""

    @property
    def about(self) -> str:
        """The subject as pages and papers name it: “Medical coders, apprentices at North Clinic”."""
        return ", ".join(part for part in (str(self.subject), self.scope) if part)

    @property
    def people(self) -> ApprenticeQuerySet:
        """Whom a report about a program is about."""
        people = Apprentice.objects.everyone().filter(program=self.program)
        return people.filter(employer=self.employer) if self.employer else people

    @property
    def asked(self) -> dict[str, Any]:
        """The columns in which two requests of one person differ."""
        return {name: getattr(self, name) for name in ASKED}

    @property
    def is_blank(self) -> bool:
        """A schedule that is about nobody's record."""
        return self.document == DocumentKind.SCHEDULE and self.apprentice is None and not self.for_each

    def line_up(self) -> None:
        """Take a turn behind what waits for the same party, and before the second of every other one.

        Two that ask at the same moment may get the same turn: then the first that was saved is built first.
        """
        self.lane = Lane.BULK if self.program and not self.is_blank else Lane.INTERACTIVE
        sponsor = self._sponsor
        self.party = sponsor.uid if sponsor else self.requested_by.uid
        waiting = ReportRun.objects.waiting(self.lane)
        first = waiting.values_list("turn", flat=True).first()
        last = waiting.filter(party=self.party).values_list("turn", flat=True).last()
        self.turn = max(first or 1, 1 + (last or 0))

    @property
    def _sponsor(self) -> Sponsor | None:
        """Whose it is; a paper of the library is nobody's."""
        if self.schedule:
            return self.schedule.sponsor
        program = self.program or (self.apprentice and self.apprentice.program)
        return program.sponsor if program else None

    @property
    def ending(self) -> str:
        """What kind of file it is: one PDF, a ZIP of several, or a workbook."""
        if self.document == DocumentKind.WORKBOOK:
            return "xlsx"
        return "zip" if self.for_each or self.document == DocumentKind.RECORD else "pdf"

    @property
    def is_paper(self) -> bool:
        """One document of pages, which can be previewed."""
        return self.ending == "pdf"

    @property
    def kept_as(self) -> str:
        """The name of the file of this attempt; another attempt writes another file."""
        return self._kept_as(self.attempt)

    def _kept_as(self, attempt: int) -> str:
        return f"reports/{self.uid}.{attempt}.{self.ending}"

    def forget_files(self, *, but: int = 0) -> None:
        """Delete what attempts have written, but the file of one. Raises OSError."""
        for attempt in range(1, self.attempt + 1):
            if attempt != but:
                kept().delete(self._kept_as(attempt))

    @property
    def unfinished(self) -> bool:
        return self.state in (State.QUEUED, State.RUNNING)

    def _held(self) -> ReportQuerySet:
        """This row, while the attempt that claimed it still has it."""
        return ReportRun.objects.filter(pk=self.pk, state=State.RUNNING, attempt=self.attempt)

    def advance(self, percent: int, *, now: datetime) -> bool:
        """Note how far it is and renew the lease; False when the report was given to another worker."""
        return bool(self._held().update(percent=percent, lease_until=now + LEASE))

    def finish(
        self, *, file_name: str, sha256: str, size: int, told: Mapping[uuid.UUID, str], now: datetime
    ) -> bool:
        """The file is in place: done, with an entry in the record of everybody it tells about.

        `told` has, by uid of the apprentice, the SHA-256 of the file that tells about them: this one, or
        theirs in the ZIP. False, and nothing changed, when the report was given to another worker meanwhile.
        """
        with transaction.atomic():
            mine = self._held().update(
                state=State.DONE,
                percent=100,
                lease_until=None,
                file_name=file_name,
                sha256=sha256,
                bytes=size,
                finished_at=now,
            )
            if mine:
                self._record(told, now=now)
        return bool(mine)

    def _record(self, told: Mapping[uuid.UUID, str], *, now: datetime) -> None:
        chains = chain.lock(told)
        for subject in sorted(chains):
            chain.append(
                chains[subject],
                act="report.export",
                actor=self.requested_by.uid,
                object=self.uid,
                at=now,
                payload={
                    "document": str(self.document),
                    "from": self.from_day.isoformat() if self.from_day else None,
                    "to": self.to_day.isoformat() if self.to_day else None,
                    "sha256": told[subject],
                },
            )

    def fail(self, reason: str, *, now: datetime) -> bool:
        """Give up with a sentence for people; False when it was given to another worker meanwhile."""
        return bool(
            self._held().update(state=State.FAILED, lease_until=None, reason=reason[:300], finished_at=now)
        )

    def retry(self, *, by: User, now: datetime) -> None:
        """Queue a failed report again, for `by`. Raises Conflict unless it failed, NotAllowed as start()."""
        _check_permission(by, self.apprentice, self.program, self.schedule, self.employer)
        self.requested_by = by
        self.line_up()
        again = ReportRun.objects.filter(pk=self.pk, state=State.FAILED).update(
            state=State.QUEUED,
            requested_by=by,
            lane=self.lane,
            party=self.party,
            turn=self.turn,
            percent=0,
            last_attempt=F("attempt") + MAX_ATTEMPTS,
            reason="",
            enqueued_at=None,
            started_at=None,
            finished_at=None,
        )
        if not again:
            raise Conflict(
                "Only a report that failed can be built again. Ask for a new one instead.",
                code="not_failed",
            )
        self.refresh_from_db()


def _check_subject(
    document: str,
    apprentice: Apprentice | None,
    program: Program | None,
    schedule: WorkProcessSchedule | None,
    *,
    for_each: bool,
) -> None:
    if document not in DocumentKind.values:
        raise Refusal(
            f"Choose the document: {', '.join(DocumentKind.values)}.", code="document", field="document"
        )
    if sum(map(bool, (apprentice, program, schedule))) != 1 or (for_each and not program):
        raise Refusal("Name one apprentice or one program.", code="subject", field="apprentice")
    if schedule and document != DocumentKind.SCHEDULE:
        raise Refusal("A schedule has one paper: itself.", code="about_a_schedule", field="document")
    if program and not for_each and document not in OF_A_PROGRAM:
        raise Refusal(
            "This document is about one person. Choose an apprentice, or a file for each of them.",
            code="about_one_person",
            field="document",
        )
    if for_each and document == DocumentKind.RECORD:
        raise Refusal(
            "A whole record is taken away of one person. Choose an apprentice.",
            code="about_one_person",
            field="document",
        )
    if (apprentice or for_each) and document not in OF_AN_APPRENTICE:
        raise Refusal(
            "This document is about a whole program. Choose a program.",
            code="about_a_program",
            field="document",
        )


def _check_days(first: date | None, last: date | None, *, today: date) -> None:
    if first and first > (last or today):
        raise Refusal("The first day is after the last. Swap them.", code="period", field="from")
    if last and last > today:
        raise Refusal("The last day is in the future. Choose today or earlier.", code="period", field="to")


def _check_employer(
    document: str, program: Program | None, employer: Employer | None, *, for_each: bool
) -> None:
    if employer is None:
        return
    if program is None or employer.sponsor_id != program.sponsor_id:
        raise Refusal("Name an employer of the program's sponsor.", code="employer", field="employer")
    if document == DocumentKind.SCHEDULE and not for_each:
        raise Refusal(
            "The blank schedule belongs to the whole program. Choose another document, or a file for each.",
            code="about_a_program",
            field="document",
        )


def _check_permission(
    by: User,
    apprentice: Apprentice | None,
    program: Program | None,
    schedule: WorkProcessSchedule | None,
    employer: Employer | None,
) -> None:
    """Apprentices and those who read their whole record; for a program its coordinators and auditors, for
    the apprentices of an employer also those who are limited to it; for a schedule who sees it."""
    if schedule and WorkProcessSchedule.objects.visible_to(by).filter(pk=schedule.pk).exists():
        return
    if apprentice and Apprentice.objects.record_visible_to(by).filter(pk=apprentice.pk).exists():
        return
    if program and Program.objects.coordinated_by(by).filter(pk=program.pk).exists():
        return
    if program and employer and Employer.objects.visible_to(by).filter(pk=employer.pk).exists():
        return
    raise NotAllowed(
        "Reports are for the apprentice, the mentors, and the coordinators and auditors of the program.",
        code="not_allowed",
    )
