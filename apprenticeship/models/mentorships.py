"""Who may review and sign for an apprentice, from when to when."""

import uuid
from collections.abc import Collection
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any

from django.db import models, transaction
from django.db.models import Q

from accounts.dates import day_words
from accounts.models import Consent, Membership, User
from accounts.models.people import Role, authority_day
from accounts.refusals import Conflict, Refusal
from apprenticeship.models.programs import covers, holds_role
from ledger import chain

if TYPE_CHECKING:
    from apprenticeship.models.apprentices import Apprentice

ACT = "apprentice.mentor"
"""The act of the ledger: an assignment as it is from now on."""
FARTHEST = timedelta(days=366)
"""An assignment that begins later than so is a slip of the pen."""


class MentorshipQuerySet(models.QuerySet["Mentorship"]):
    def in_force(self, *, on: date) -> "MentorshipQuerySet":
        """Assigned on the day `on`, to somebody who is a mentor of the sponsor then."""
        at = "apprentice__program__sponsor"
        return self.filter(covers(on), holds_role("mentor", Role.MENTOR, at, on=on))

    def overlapping(self, *, first: date, last: date | None) -> "MentorshipQuerySet":
        """Assignments with a day in common with `first` to `last` (None: open)."""
        before_the_end = Q(starts_on__lte=last) if last else Q()
        return self.filter(before_the_end, Q(ends_on=None) | Q(ends_on__gte=first))

    def assign(
        self,
        apprentice: "Apprentice",
        mentor: User,
        *,
        starts_on: date,
        by: User | None,
        now: datetime,
        ends_on: date | None = None,
        stands_in_for: User | None = None,
    ) -> "Mentorship":
        """Let `mentor` review and sign for `apprentice` from `starts_on`, with an entry in the record.

        Raises Refusal by field (`mentor`, `starts_on`, `ends_on`), Conflict for days assigned already,
        ConsentNeeded.
        """
        Consent.objects.demand(by)
        with transaction.atomic():
            User.objects.select_for_update().get(pk=apprentice.user_id)
            row = self.model(
                apprentice=apprentice,
                mentor=mentor,
                starts_on=starts_on,
                ends_on=ends_on,
                stands_in_for=stands_in_for,
            )
            row.check_sense(now=now)
            row.save(force_insert=True)
            row.record(by=by, now=now)
        return row

    def stand_in(
        self,
        substitute: User,
        apprentices: "Collection[Apprentice]",
        *,
        stands_in_for: User,
        starts_on: date,
        ends_on: date,
        by: User,
        now: datetime,
    ) -> list["Mentorship"]:
        """Assign `substitute` to each of these for the days that `stands_in_for` is away, all or none.

        Whoever has them as mentor on some of these days already is left as it is. Raises as `assign`, and
        Refusal (`mentor`) for who would stand in for themselves.
        """
        if substitute == stands_in_for:
            raise Refusal(
                "Nobody stands in for themselves. Choose somebody else.", code="own_place", field="mentor"
            )
        days = {"starts_on": starts_on, "ends_on": ends_on}
        made = []
        with transaction.atomic():
            for apprentice in sorted(apprentices, key=lambda one: one.user_id):
                mine = self.filter(apprentice=apprentice, mentor=substitute)
                if not mine.overlapping(first=starts_on, last=ends_on).exists():
                    made.append(
                        self.assign(
                            apprentice, substitute, stands_in_for=stands_in_for, by=by, now=now, **days
                        )
                    )
        return made

    def hand_over(
        self,
        leaving: User,
        apprentices: "Collection[Apprentice]",
        *,
        to: User,
        on: date,
        by: User,
        now: datetime,
    ) -> list["Mentorship"]:
        """Make `on` the last day of `leaving` with each of these and the first of `to`, all or none.

        From that day on everything of them that waits is in the queue of `to`. Returns the assignments made:
        none for who has `to` already without an end. Raises as `assign` and `Mentorship.end`, and Refusal
        (`mentor`) for a mentor who would take over from themselves.
        """
        if leaving == to:
            raise Refusal("Choose somebody else.", code="own_place", field="mentor")
        made, today = [], authority_day(now)
        with transaction.atomic():
            for apprentice in sorted(apprentices, key=lambda one: one.user_id):
                User.objects.select_for_update().get(pk=apprentice.user_id)
                going_on = self.filter(apprentice=apprentice, mentor=leaving)
                for row in going_on.filter(Q(ends_on=None) | Q(ends_on__gt=on, ends_on__gte=today)):
                    row.end(on=on, by=by, now=now)
                first = self._free_from(apprentice, to, max(on, apprentice.started_on))
                if first:
                    made.append(self.assign(apprentice, to, starts_on=first, by=by, now=now))
        return made

    def _free_from(self, apprentice: "Apprentice", mentor: User, first: date) -> date | None:
        """From which day on, `first` or later, an assignment without an end has room; None for none."""
        there = self.filter(apprentice=apprentice, mentor=mentor).overlapping(first=first, last=None)
        ends = list(there.values_list("ends_on", flat=True))
        if None in ends:
            return None
        return max([first, *(end + timedelta(days=1) for end in ends if end)])


class Mentorship(models.Model):
    """Who may review and sign for an apprentice, from when to when; rows are added and get an end."""

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    apprentice = models.ForeignKey(
        "apprenticeship.Apprentice", on_delete=models.PROTECT, related_name="mentorships"
    )
    mentor = models.ForeignKey(User, on_delete=models.PROTECT, related_name="mentorships")
    starts_on = models.DateField()
    ends_on = models.DateField(null=True, blank=True)
    stands_in_for = models.ForeignKey(
        User, null=True, blank=True, on_delete=models.PROTECT, related_name="stood_in_for"
    )

    objects = MentorshipQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["apprentice", "mentor", "starts_on"], name="mentorship_once"),
            models.CheckConstraint(
                condition=Q(ends_on=None) | Q(ends_on__gte=models.F("starts_on")), name="mentorship_dates"
            ),
            models.CheckConstraint(
                condition=Q(stands_in_for=None) | Q(ends_on__isnull=False), name="stand_in_has_an_end"
            ),
            models.CheckConstraint(
                condition=Q(stands_in_for=None) | ~Q(stands_in_for=models.F("mentor")),
                name="stand_in_for_another",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.mentor} for {self.apprentice}"

    def end(self, *, on: date, by: User, now: datetime) -> None:
        """Make `on` the last day.

        Raises Refusal by field `ends_on`, Conflict when it has ended already, ConsentNeeded.
        """
        Consent.objects.demand(by)
        with transaction.atomic():
            User.objects.select_for_update().get(pk=self.apprentice.user_id)
            self.refresh_from_db(fields=["ends_on"])
            if self.ends_on and self.ends_on < authority_day(now):
                raise Conflict(
                    f"This assignment ended on {day_words(self.ends_on)} already.", code="assignment_ended"
                )
            self.ends_on = on
            self._check_days()
            self._check_overlap()
            self.save(update_fields=["ends_on"])
            self.record(by=by, now=now)

    def check_sense(self, *, now: datetime) -> None:
        """Raise Refusal or Conflict where this assignment makes no sense; says the remedy, by field."""
        self._check_person()
        self._check_days()
        if self.starts_on > authority_day(now) + FARTHEST:
            raise Refusal("That is more than a year away. Check the year.", code="too_far", field="starts_on")
        self._check_overlap()

    def _check_overlap(self) -> None:
        same = Mentorship.objects.filter(apprentice=self.apprentice, mentor=self.mentor).exclude(pk=self.pk)
        earlier = same.overlapping(first=self.starts_on, last=self.ends_on).order_by("starts_on").first()
        if earlier:
            raise Conflict(
                f"{self.mentor.name} is assigned already {earlier.days}. "
                "Choose other days, or end that assignment first.",
                code="assigned_already",
                field="starts_on",
            )

    def _check_person(self) -> None:
        if self.apprentice.user_id == self.mentor_id:
            raise Refusal(
                "Nobody can be their own mentor. Choose somebody else.", code="own_mentor", field="mentor"
            )
        sponsor = self.apprentice.program.sponsor
        held = Membership.objects.filter(user=self.mentor, sponsor=sponsor, role=Role.MENTOR)
        if not held.filter(Q(ends_on=None) | Q(ends_on__gte=self.starts_on), user__is_active=True).exists():
            raise Refusal(
                f"{self.mentor.name} is no mentor of {sponsor.name} on {day_words(self.starts_on)}. "
                "Give them that role first, or choose somebody else.",
                code="no_mentor",
                field="mentor",
            )

    def _check_days(self) -> None:
        if self.ends_on and self.ends_on < self.starts_on:
            raise Refusal(
                f"It would end before it begins. Choose {day_words(self.starts_on)} or later.",
                code="ends_before",
                field="ends_on",
            )
        begun, ended = self.apprentice.started_on, self.apprentice.ended_on
        if self.starts_on < begun:
            raise Refusal(
                f"The apprenticeship began on {day_words(begun)}. Choose that day or later.",
                code="before_start",
                field="starts_on",
            )
        if ended and self.starts_on > ended:
            raise Refusal(
                f"The apprenticeship ended on {day_words(ended)}. Choose that day or earlier.",
                code="after_end",
                field="starts_on",
            )

    @property
    def role_since(self) -> date | None:
        """The first day on which the person is a mentor of the sponsor at all."""
        held = self.mentor.memberships.filter(sponsor=self.apprentice.program.sponsor_id, role=Role.MENTOR)
        return held.order_by("starts_on").values_list("starts_on", flat=True).first()

    @property
    def days(self) -> str:
        """“since Nov 20, 2026” or “from Nov 20, 2026 to Dec 4, 2026”."""
        first = day_words(self.starts_on)
        return f"from {first} to {day_words(self.ends_on)}" if self.ends_on else f"since {first}"

    def record(self, *, by: User | None, now: datetime) -> None:
        """Write the assignment as it is into the apprentice's chain. Must run in a transaction."""
        chain.tell(
            self.apprentice.uid,
            act=ACT,
            actor=by.uid if by else None,
            object=self.uid,
            at=now,
            payload=self.facts(),
        )

    def facts(self) -> dict[str, Any]:
        """What the ledger holds of this assignment."""
        return {
            "registration": str(self.apprentice.uid),
            "mentor": str(self.mentor.uid),
            "starts_on": self.starts_on.isoformat(),
            "ends_on": self.ends_on.isoformat() if self.ends_on else None,
            "stands_in_for": str(self.stands_in_for.uid) if self.stands_in_for else None,
        }
