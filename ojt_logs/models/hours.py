"""Hours of on-the-job training and related instruction, and their life from draft to approved."""

import uuid
from datetime import UTC, datetime
from datetime import date as calendar_day
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.db.models import Q
from django.utils import timezone

from accounts.dates import short_day
from accounts.models import User
from accounts.models.words import Words
from accounts.refusals import NotAllowed, Refusal
from apprenticeship.models import Apprentice
from competencies.models import Competency, Course, JobFunction
from ledger.tombstones import Tombstone, digest
from ojt_logs.dates import monday_of
from ojt_logs.models.hour_sets import HoursQuerySet
from ojt_logs.models.lines import Kind, Line, Source
from ojt_logs.models.moves import UNDO_WINDOW, InvalidTransition, Move, State
from ojt_logs.models.provenance import Columns, Provenance, provenance_of
from ojt_logs.models.rules import LONGEST_MONTH, problems
from ojt_logs.models.totals import OTHER_WORK

FIRST_HAND: dict[str, Any] = {
    "source": Source.LOGGED,
    "copied_from": None,
    "taken_from": "",
    "device_at": None,
}
"""The columns of an entry that says of no file, copy or device that it came from there."""
WITHHELD = "The note of this entry was hidden because of patient information. Leave it empty."


class HoursEntry(models.Model):
    """Minutes of one day that an apprentice worked at one job function or learned in one course."""

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    apprentice = models.ForeignKey(Apprentice, on_delete=models.PROTECT, related_name="hours", db_index=False)
    kind = models.CharField(max_length=3, choices=Kind)
    date = models.DateField()
    minutes = models.PositiveIntegerField()
    job_function = models.ForeignKey(JobFunction, null=True, blank=True, on_delete=models.PROTECT)
    competency = models.ForeignKey(Competency, null=True, blank=True, on_delete=models.PROTECT)
    course = models.ForeignKey(Course, null=True, blank=True, on_delete=models.PROTECT, db_index=False)
    note = Words(max_length=1000, blank=True)
    status = models.CharField(max_length=10, choices=State, default=State.DRAFT)
    client_uid = models.UUIDField(null=True, blank=True)
    external_id = models.CharField(
        max_length=64, blank=True, help_text="The number that another program gave it."
    )
    source = models.CharField(max_length=10, choices=Source, default=Source.LOGGED)
    copied_from = models.DateField(null=True, blank=True, help_text="The day of which it is a copy.")
    taken_from = models.CharField(max_length=200, blank=True, help_text="The file and row, or the paper.")
    device_at = models.DateTimeField(
        null=True, blank=True, help_text="Written offline: the moment by the device's own clock."
    )
    batch = models.ForeignKey(
        "ojt_logs.HoursBatch",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="entries",
        db_index=False,
    )
    carried_over = models.BooleanField(
        default=False, help_text="The total of a month, from paper: it may exceed a day."
    )
    batch_row = models.PositiveIntegerField(null=True, blank=True, help_text="The row of the file.")
    corrects = models.ForeignKey(
        "self",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="corrections",
        db_index=False,
    )
    correction_reason = Words(max_length=500, blank=True)
    created_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)
    updated_at = models.DateTimeField(default=timezone.now)
    changed_at = models.DateTimeField(
        null=True, blank=True, help_text="When anything of it changed, its state too; null: long ago."
    )
    is_late = models.BooleanField(
        "submitted late", default=False, help_text="After the due day and grace of its reporting period."
    )
    submitted_at = models.DateTimeField(null=True, blank=True)
    reviewed_by = models.ForeignKey(
        User,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="reviewed_hours",
        db_index=False,
    )
    reviewed_at = models.DateTimeField(null=True, blank=True)
    paid = models.BooleanField(null=True, blank=True, help_text="Class hours: whether they were paid.")
    regular_hours = models.BooleanField(
        null=True, blank=True, help_text="Class hours: whether they were in regular working hours."
    )
    disputed_at = models.DateTimeField(null=True, blank=True)
    dispute_reason = Words(max_length=500, blank=True)
    return_reason = Words(max_length=500, blank=True)

    objects = HoursQuerySet.as_manager()

    class Meta:
        # Foreign keys have no index of their own where another one begins with them, or where they are
        # mostly empty: what an index says of the entries of years is carried for as long as those are kept.
        verbose_name_plural = "hours entries"
        constraints = [
            models.CheckConstraint(
                condition=Q(minutes__gte=1, minutes__lte=1440)
                | Q(carried_over=True, minutes__gte=1, minutes__lte=LONGEST_MONTH),
                name="hours_minutes",
            ),
            models.CheckConstraint(
                condition=Q(kind="ojt", course=None)
                | Q(kind="ri", job_function=None, competency=None, course__isnull=False),
                name="hours_ojt_or_ri",
            ),
            models.CheckConstraint(
                condition=Q(competency=None) | Q(job_function__isnull=False),
                name="hours_competency_in_function",
            ),
            models.CheckConstraint(condition=Q(status__in=State.values), name="hours_status"),
            models.CheckConstraint(
                condition=~Q(status__in=["approved", "superseded"])
                | Q(reviewed_by__isnull=False, reviewed_at__isnull=False),
                name="hours_approved_by_somebody",
            ),
            models.CheckConstraint(
                condition=~Q(status="returned") | ~Q(return_reason=""), name="hours_returned_with_reason"
            ),
            models.UniqueConstraint(
                fields=["apprentice", "client_uid"],
                condition=Q(client_uid__isnull=False),
                name="hours_written_once",
            ),
            models.CheckConstraint(
                condition=Q(disputed_at=None, dispute_reason="")
                | Q(disputed_at__isnull=False) & ~Q(dispute_reason="") & ~Q(status="approved"),
                name="hours_disputed_why",
            ),
            models.UniqueConstraint(
                fields=["apprentice", "external_id"], condition=~Q(external_id=""), name="hours_external_id"
            ),
            models.CheckConstraint(
                condition=Q(kind="ri") | Q(paid=None, regular_hours=None), name="hours_paid_class"
            ),
            models.CheckConstraint(condition=Q(source__in=Source.values), name="hours_source"),
            models.CheckConstraint(
                condition=Q(batch=None, batch_row=None) | Q(batch__isnull=False, batch_row__isnull=False),
                name="hours_row_of_a_batch",
            ),
            models.UniqueConstraint(
                fields=["batch", "batch_row"], condition=Q(batch__isnull=False), name="hours_row_once"
            ),
            models.CheckConstraint(
                condition=Q(source="copied", copied_from__isnull=False)
                | ~Q(source="copied") & Q(copied_from=None),
                name="hours_copied_from_a_day",
            ),
        ]
        indexes = [
            models.Index(fields=["apprentice", "-date", "-id"], name="hours_by_day"),
            models.Index(
                fields=["apprentice", "date"], condition=Q(status="submitted"), name="hours_waiting"
            ),
            models.Index(
                fields=["apprentice", "date"],
                condition=Q(status__in=["draft", "returned"]),
                name="hours_unfinished",
            ),
            models.Index(
                fields=["reviewed_by", "reviewed_at"],
                condition=Q(reviewed_by__isnull=False),
                name="hours_by_reviewer",
            ),
            models.Index(fields=["course"], condition=Q(course__isnull=False), name="hours_of_course"),
            models.Index(fields=["corrects"], condition=Q(corrects__isnull=False), name="hours_corrections"),
        ]

    def __str__(self) -> str:
        return f"{self.apprentice} {self.date} {self.minutes} min {self.kind}"

    @property
    def lineage(self) -> uuid.UUID:
        """The key of the total this entry counts in."""
        target = self.job_function or self.course
        return target.lineage if target else OTHER_WORK

    @property
    def week_begins(self) -> calendar_day:
        """The first day of its week."""
        return monday_of(self.date)

    @property
    def subject(self) -> str:
        """What the hours were spent on, for lists: “2g Resolves …”, a course, or other supervised work."""
        return str(self.competency or self.job_function or self.course or "Other supervised work")

    @property
    def provenance(self) -> Provenance:
        """Where it came from, in words. Reads `apprentice.user` and, for what others wrote, `created_by`."""
        return provenance_of(Columns.of(self))

    def check_sense(self, *, now: datetime) -> None:
        """Raise ValidationError, by field, when these hours make no sense; see rules.py."""
        found = problems(self, now=now)
        if found:
            raise ValidationError(found)

    def check_state(self, move: Move) -> None:
        if self.status not in move.sources:
            raise InvalidTransition(
                f"The entry of {short_day(self.date)} is {self.get_status_display().lower()}, so it "
                f"cannot be {move.past}. Reload the page to see how it stands.",
                code="invalid_transition",
            )

    def check_seen(self, seen: datetime | None) -> None:
        """Raise InvalidTransition when it was submitted after `seen`, what the reviewer read of it."""
        if seen and self.submitted_at and self.submitted_at > seen:
            raise InvalidTransition(
                f"The entry of {short_day(self.date)} was submitted again after you opened it. "
                "Read it as it is now.",
                code="changed_since",
            )

    def check_disputable(self) -> None:
        """Raise InvalidTransition for hours that the apprentice wrote: those are taken back instead."""
        if not self.is_on_behalf:
            raise InvalidTransition(
                "You logged these hours yourself. Take them back to change them.", code="own_hours"
            )

    def check_recallable(self) -> None:
        """Raise InvalidTransition for hours that somebody else wrote down: those are disputed instead."""
        if self.is_on_behalf:
            raise InvalidTransition(
                f"{self.created_by.name} wrote down the entry of {short_day(self.date)} for you. "
                "Dispute it with a reason.",
                code="others_hours",
            )

    def check_undisputed(self) -> None:
        """Raise InvalidTransition while the apprentice says that these hours are not right."""
        if self.disputed_at:
            raise InvalidTransition(
                f"{self.apprentice.user.get_short_name()} disputes the entry of {short_day(self.date)}: "
                f"“{self.dispute_reason}” Return it, or settle it with them first.",
                code="disputed",
            )

    @property
    def is_on_behalf(self) -> bool:
        """Whether somebody else wrote it down for the apprentice."""
        return self.created_by_id != self.apprentice.user_id

    def check_undo(self, *, by: User, now: datetime) -> None:
        if self.corrects_id:
            raise InvalidTransition(
                "An approved correction has replaced the earlier entry, which is final. "
                "Ask the apprentice to log another correction.",
                code="undo_of_correction",
            )
        if self.corrections.exists():
            raise InvalidTransition(
                "The apprentice has begun to correct these hours, so the approval stays. "
                "Review the correction when it comes.",
                code="correction_open",
            )
        fresh = self.reviewed_at is not None and now - self.reviewed_at <= UNDO_WINDOW
        if self.reviewed_by_id != by.pk or not fresh:
            raise InvalidTransition(
                "An approval can be undone for one minute, by the person who gave it. "
                "Ask the apprentice to log a correction instead.",
                code="undo_too_late",
            )

    def move(
        self, name: str, *, by: User, now: datetime, reason: str = "", seen: datetime | None = None
    ) -> None:
        """One move on this entry; see HoursQuerySet.move."""
        moved = HoursEntry.objects.filter(pk=self.pk).move(name, by=by, now=now, reason=reason, seen=seen)
        if not moved:
            raise gone()
        self.refresh_from_db()

    def change(self, *, by: User, now: datetime, seen: datetime | None = None, **fields: Any) -> None:
        """Write other values into one's own draft or returned entry. Approved hours are never edited.

        `seen` is the `changed_at` of what the writer read: InvalidTransition when it was changed since. What
        somebody else wrote down is theirs no more once it says something else.
        """
        with transaction.atomic():
            current = self._mine_unreviewed(by)
            if seen and current.changed_at and current.changed_at > seen:
                raise InvalidTransition(
                    "This entry was changed since you opened it. Read it again, then change it.",
                    code="changed_since",
                )
            if isinstance(current.note, Tombstone) and fields.pop("note", ""):
                raise ValidationError({"note": [WITHHELD]})
            if current.is_on_behalf and any(getattr(current, name) != fields[name] for name in fields):
                fields |= {"created_by": by, "created_at": now, **FIRST_HAND}
            for name, value in fields.items():
                setattr(current, name, value)
            current.updated_at = current.changed_at = now
            current.check_sense(now=now)
            current.save(update_fields=[*fields, "updated_at", "changed_at"])
        self.refresh_from_db()

    @property
    def is_deletable(self) -> bool:
        """A draft that nobody has reviewed or spoken of; the rest stays on the record."""
        untouched = self.status == State.DRAFT and self.reviewed_at is None
        return untouched and not self.comments.exists()

    def remove(self, *, by: User) -> None:
        """Delete one's own draft. What was reviewed once stays on the record."""
        with transaction.atomic():
            current = self._mine_unreviewed(by)
            if not current.is_deletable:
                raise InvalidTransition(
                    "An entry that was reviewed or spoken of stays on the record. "
                    "Change it and submit it again.",
                    code="invalid_transition",
                )
            named = [current.uid, *current.evidence.values_list("uid", flat=True)]
            if current.apprentice.privacy_reports.filter(row__in=named).exists():
                raise InvalidTransition(
                    "Something of this entry was reported as patient information, so it stays on the record.",
                    code="reported",
                )
            for file in current.evidence.all():
                file.forget_file()
                file.delete()
            current.delete()

    def correct(self, *, by: User, now: datetime, reason: str, line: Line) -> "HoursEntry":
        """Draft a correction of one's own approved entry; its approval will replace this one."""
        if self.apprentice.user_id != by.pk:
            raise NotAllowed("Hours are corrected by the apprentice.", code="not_your_hours")
        if not reason.strip():
            raise Refusal("Say what was wrong.", code="reason_required", field="correction_reason")
        with transaction.atomic():
            User.objects.select_for_update().get(pk=by.pk)
            self.refresh_from_db()
            self.check_correctable()
            entry = HoursEntry(
                apprentice=self.apprentice,
                corrects=self,
                carried_over=self.carried_over,
                correction_reason=reason.strip(),
                created_by=by,
                created_at=now,
                updated_at=now,
                changed_at=now,
                **vars(line),
            )
            entry.check_sense(now=now)
            entry.save(force_insert=True)
        return entry

    def check_correctable(self) -> None:
        """Raise InvalidTransition unless these hours are approved and nobody corrects them yet."""
        if self.status != State.APPROVED:
            raise InvalidTransition("Only approved hours need a correction.", code="invalid_transition")
        if self.corrections.exists():
            raise InvalidTransition(
                "These hours have a correction already. Change that one, or take it back and delete it.",
                code="correction_open",
            )

    def _mine_unreviewed(self, by: User) -> "HoursEntry":
        if self.apprentice.user_id != by.pk:
            raise NotAllowed("Hours are changed by the apprentice.", code="not_your_hours")
        User.objects.select_for_update().get(pk=by.pk)
        same = HoursEntry.objects.select_related("apprentice__user", "apprentice__program")
        current = same.filter(pk=self.pk).first()
        if current is None:
            raise gone()
        current.check_changeable()
        return current

    def check_changeable(self) -> None:
        """Raise InvalidTransition unless this is a draft or was returned."""
        if self.status not in (State.DRAFT, State.RETURNED):
            raise InvalidTransition(
                "Submitted hours are taken back before they are changed; approved hours are never edited: "
                "log a correction with its reason.",
                code="invalid_transition",
            )

    def facts(self) -> dict[str, Any]:
        """What the ledger holds of this entry: numbers and names of things, and only a hash of the note."""
        return {
            "kind": str(self.kind),
            "date": self.date.isoformat(),
            "minutes": self.minutes,
            "job_function": self.job_function.number if self.job_function else None,
            "competency": self.competency.code if self.competency else None,
            "course": self.course.title if self.course else None,
            "lineage": str(self.lineage),
            "note_sha256": digest(self.note),
            "evidence": sorted(one.sha256 for one in self.evidence.all() if one.removed_at is None) or None,
            "corrects": str(self.corrects.uid) if self.corrects else None,
            "written_by": str(self.created_by.uid),
            "written_at": self.created_at.astimezone(UTC).isoformat(),
            "late": self.is_late,
            "source": str(self.source),
            "copied_from": self.copied_from.isoformat() if self.copied_from else None,
            "taken_from_sha256": digest(self.taken_from),
            "batch": str(self.batch.uid) if self.batch else None,
            "batch_row": self.batch_row,
            "paid": self.paid,
            "regular_hours": self.regular_hours,
            "carried_over": self.carried_over or None,
            "device_at": self.device_at.astimezone(UTC).isoformat() if self.device_at else None,
        }


def gone() -> InvalidTransition:
    """The refusal of an act on a draft that was deleted a moment before."""
    return InvalidTransition("This entry was deleted a moment ago, so nothing was done.", code="deleted")
