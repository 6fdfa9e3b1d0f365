"""Days without work: leave, a layoff, illness, a school break. Dated facts, so that nobody writes fake rows.

They explain gaps, stop reminders and move the expected pace. They refuse no hours: half a sick day, a
call-back or a class during a layoff are normal. They change no status.
"""

import uuid
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any

from django.db import models, transaction
from django.db.models import Q

from accounts.dates import day_words, short_day
from accounts.models import Consent, User
from accounts.models.people import authority_day
from accounts.models.words import Words
from accounts.refusals import NotAllowed, Refusal
from apprenticeship.models import Apprentice
from apprenticeship.models.apprentices import FURTHEST
from apprenticeship.models.programs import plain
from apprenticeship.models.status import Status
from apprenticeship.models.taken_back import take_back
from ledger import chain
from ledger.tombstones import digest

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

ACT = "apprentice.no_work"
"""The act of the ledger: a period as it stands from now on."""


class Why(models.TextChoices):
    LEAVE = "leave", "Leave"
    LAYOFF = "layoff", "Layoff"
    SICK = "sick", "Sick"
    SCHOOL = "school", "School break"
    OTHER = "other", "Other"


class NoWorkPeriodQuerySet(models.QuerySet["NoWorkPeriod"]):
    def visible_to(self, user: "User | AnonymousUser") -> "NoWorkPeriodQuerySet":
        """Those of registrations that `user` may read: one's own, and one's office's. A mentor reads no
        reason why somebody was away."""
        return self.filter(apprentice__in=Apprentice.objects.registration_visible_to(user))

    def withdrawable_by(self, user: "User | AnonymousUser") -> "NoWorkPeriodQuerySet":
        """What stands and `user` may take back: what one entered for oneself, and all of one's office's."""
        if not isinstance(user, User):
            return self.none()
        own = Q(entered_by=user, apprentice__user=user)
        return self.standing().filter(own | Q(apprentice__in=Apprentice.objects.decided_by(user)))

    def standing(self) -> "NoWorkPeriodQuerySet":
        """Those that nobody has taken back."""
        return self.filter(withdrawn_at=None)

    def within(self, first: date, last: date) -> "NoWorkPeriodQuerySet":
        """Those with a day from `first` to `last`, both included."""
        return self.filter(first_day__lte=last, last_day__gte=first)

    def record(
        self,
        apprentice: Apprentice,
        why: str,
        *,
        first_day: date,
        last_day: date,
        by: User,
        now: datetime,
        note: str = "",
    ) -> "NoWorkPeriod":
        """Note that there is no work from `first_day` to `last_day`, with its entry in the record.

        Raises NotAllowed for anybody but the apprentice and the coordinators; Refusal by field for the days;
        ConsentNeeded.
        """
        Consent.objects.demand(by)
        if not Apprentice.objects.own_or_decided_by(by).filter(pk=apprentice.pk).exists():
            raise NotAllowed("The apprentice or a coordinator enters this.", code="not_allowed")
        with transaction.atomic():
            User.objects.select_for_update().get(pk=apprentice.user_id)
            apprentice.refresh_from_db(fields=["started_on", "ended_on"])
            _check_days(apprentice, first_day, last_day, now=now)
            self._check_free(apprentice, first_day, last_day)
            row = self.create(
                apprentice=apprentice,
                why=why,
                first_day=first_day,
                last_day=last_day,
                note=note.strip(),
                entered_by=by,
                entered_at=now,
            )
            row.tell(by=by, now=now)
        return row

    def _check_free(self, apprentice: Apprentice, first: date, last: date) -> None:
        """Raise Refusal where one of these days is in a period already: then somebody was first."""
        there = self.standing().filter(apprentice=apprentice).within(first, last).first()
        if there:
            raise Refusal(
                f"There is an entry from {there.days} already. Choose other days, or take that one back.",
                code="overlaps",
                field="first_day",
            )


def _check_days(apprentice: Apprentice, first: date, last: date, *, now: datetime) -> None:
    if last < first:
        raise Refusal("It would end before it begins.", code="last_day", field="last_day")
    if first < apprentice.started_on:
        raise Refusal(
            f"The apprenticeship began on {day_words(apprentice.started_on)}. Choose that day or later.",
            code="first_day",
            field="first_day",
        )
    furthest = apprentice.ended_on or authority_day(now) + FURTHEST
    if last > furthest:
        raise Refusal(f"Choose {day_words(furthest)} or earlier.", code="last_day", field="last_day")


class NoWorkPeriod(models.Model):
    """Days on which an apprentice had no work, both ends included, and why. Taken back only with a reason."""

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    apprentice = models.ForeignKey(Apprentice, on_delete=models.PROTECT, related_name="no_work_periods")
    why = models.CharField(max_length=8, choices=Why)
    first_day = models.DateField()
    last_day = models.DateField()
    note = Words(max_length=500, blank=True)
    entered_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    entered_at = models.DateTimeField()
    withdrawn_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    withdrawn_why = Words(max_length=500, blank=True)

    objects = NoWorkPeriodQuerySet.as_manager()

    class Meta:
        ordering = ["-first_day", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(last_day__gte=models.F("first_day")), name="no_work_ends_after_it_begins"
            ),
            models.CheckConstraint(
                condition=Q(withdrawn_by=None, withdrawn_at=None, withdrawn_why="")
                | (Q(withdrawn_by__isnull=False, withdrawn_at__isnull=False) & ~Q(withdrawn_why="")),
                name="no_work_withdrawn_why",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_why_display()} {self.days}"

    @property
    def stands(self) -> bool:
        return self.withdrawn_at is None

    @property
    def days(self) -> str:
        """“Nov 2 to Nov 6, 2026”, or one day."""
        last = day_words(self.last_day)
        if self.first_day == self.last_day:
            return last
        same_year = self.first_day.year == self.last_day.year
        return f"{short_day(self.first_day) if same_year else day_words(self.first_day)} to {last}"

    def withdraw(self, *, by: User, now: datetime, reason: str) -> None:
        """Take it back: it stays on the record and counts no more.

        Raises Refusal without a reason, NotAllowed, Conflict when it was taken back, ConsentNeeded.
        """
        otherwise = NotAllowed("Who entered it, or a coordinator, takes it back.", code="not_yours")
        take_back(self, by=by, now=now, reason=reason, otherwise=otherwise)

    def tell(self, *, by: User, now: datetime) -> None:
        """Write the period as it stands into the apprentice's chain. Must run in a transaction."""
        subject, said = self.apprentice.uid, self.facts()
        chain.tell(subject, act=ACT, actor=by.uid, object=self.uid, at=now, payload=said)

    def facts(self) -> dict[str, Any]:
        """What the ledger holds of this period; of the words only hashes."""
        return {
            "registration": str(self.apprentice.uid),
            "why": str(self.why),
            "first_day": self.first_day.isoformat(),
            "last_day": self.last_day.isoformat(),
            "note_sha256": digest(self.note),
            "withdrawn_at": plain(self.withdrawn_at),
            "withdrawn_why_sha256": digest(self.withdrawn_why),
        }


def on_leave(apprentice: Apprentice, day: date) -> bool:
    """Whether nobody should remind this person on `day`: no work is noted, or they are suspended.

    Reads `no_work_periods` and `status_changes`; prefetch them for many.
    """
    return bool(days_without_work(apprentice, day, day))


def days_without_work(apprentice: Apprentice, first: date, last: date) -> set[date]:
    """The days from `first` to `last` on which no hours are missed: without work, or suspended."""
    spans = [(one.first_day, one.last_day) for one in apprentice.no_work_periods.all() if one.stands]
    length = (last - first).days + 1
    days = [first + timedelta(days=number) for number in range(max(0, length))]
    return {
        day
        for day in days
        if any(begin <= day <= end for begin, end in spans) or apprentice.status_on(day) == Status.SUSPENDED
    }
