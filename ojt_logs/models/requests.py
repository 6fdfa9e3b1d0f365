"""An apprentice asks to be signed: for one competency or several, in one act that stays on the record."""

import uuid
from collections.abc import Collection, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from django.db import models, transaction
from django.db.models import Exists, F, OuterRef, Q
from django.urls import reverse
from django.utils import timezone

from accounts.models import Consent, User
from accounts.models.people import authority_day
from accounts.models.words import Words
from accounts.refusals import Conflict, NotAllowed, Refusal
from apprenticeship.models import Apprentice
from apprenticeship.models.programs import plain
from apprenticeship.models.status import FINAL
from competencies.models import Competency, PerformanceStandard, RatingLevel
from ledger import chain
from ledger.tombstones import digest
from ojt_logs.models.hours import HoursEntry
from ojt_logs.models.moves import State
from ojt_logs.models.notices import About, Notice
from ojt_logs.models.ratings import LONGEST_REASON, Rating, check_rating

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

SHOWS_WORK = (State.SUBMITTED, State.APPROVED)
"""Hours in these states may be named as what shows the work."""


class Asked(models.TextChoices):
    """Where a request stands."""

    OPEN = "open", "Waiting"
    ANSWERED = "answered", "Answered"
    DECLINED = "declined", "Declined"
    WITHDRAWN = "withdrawn", "Taken back"


class SignOffRequestQuerySet(models.QuerySet["SignOffRequest"]):
    def everyone(self) -> "SignOffRequestQuerySet":
        """All requests, for commands that answer to nobody in particular."""
        return self.all()

    def visible_to(self, user: "User | AnonymousUser") -> "SignOffRequestQuerySet":
        """Requests on every record that `user` may read."""
        return self.filter(apprentice__in=Apprentice.objects.record_visible_to(user).values("pk"))

    def open(self) -> "SignOffRequestQuerySet":
        """Neither answered, declined nor taken back."""
        return self.filter(state=Asked.OPEN)

    def lineages_unrated(self) -> set[tuple[int, uuid.UUID]]:
        """Apprentice id and lineage of every competency that an open one of these names and that nobody has
        rated since. One query."""
        rated = Apprentice.objects.filter(
            pk=OuterRef("apprentice"),
            sign_offs__withdraws=None,
            sign_offs__signed_at__gte=OuterRef("asked_at"),
            sign_offs__competency__lineage=OuterRef("lineage"),
        )
        named = self.open().order_by().annotate(lineage=F("competencies__lineage"))
        return set(named.exclude(Exists(rated)).values_list("apprentice", "lineage"))

    def asked_by(self, user: "User | AnonymousUser") -> "SignOffRequestQuerySet":
        """One's own."""
        return self.filter(apprentice__user=user) if isinstance(user, User) else self.none()

    def addressed_to(self, user: "User | AnonymousUser") -> "SignOffRequestQuerySet":
        """Those of whoever `user` mentors today: a stand-in finds them, and who has left does not."""
        mentored = Apprentice.objects.mentored_by(user, on=authority_day(timezone.now()))
        return self.filter(apprentice__in=mentored.values("pk"))

    def ask(
        self,
        apprentice: Apprentice,
        *,
        by: User,
        now: datetime,
        competencies: Collection[Competency],
        note: str = "",
        ratings: Sequence[Rating] = (),
        evidence: Collection[HoursEntry] = (),
    ) -> "SignOffRequest":
        """Ask the mentors assigned today to sign these, with one entry in the record.

        `ratings` are the apprentice's own, `evidence` hours of theirs. Raises NotAllowed for anybody but the
        apprentice, Refusal by field, Conflict where one of them is asked for already, ConsentNeeded.
        """
        if by.pk != apprentice.user_id:
            raise NotAllowed("Only the apprentice asks for a sign-off.", code="not_yours")
        Consent.objects.demand(by)
        with transaction.atomic():
            User.objects.select_for_update().get(pk=apprentice.user_id)
            _check(apprentice, competencies, ratings, now=now)
            self._check_new(apprentice, competencies)
            _check_evidence(apprentice, evidence)
            row = self.create(
                apprentice=apprentice,
                note=note.strip(),
                evidence=sorted(str(entry.uid) for entry in evidence),
                asked_at=now,
                time_zone=by.time_zone,
            )
            row.competencies.set(competencies)
            SelfRating.objects.bulk_create(SelfRating.of(row, rating) for rating in ratings)
            row.record("request.ask", by=by, now=now)
            Notice.objects.tell(
                About.ASKED,
                apprentice.mentors(on=authority_day(now)),
                words=f"{apprentice} asks for a sign-off.",
                path=reverse("sign-off-request", args=[row.uid]),
                key=str(row.uid),
                by=by,
                apprentice=apprentice,
                now=now,
            )
        return row

    def _check_new(self, apprentice: Apprentice, competencies: Collection[Competency]) -> None:
        """Raise Conflict where an open request names one of them."""
        asked = {one.lineage for one in competencies}
        waiting = self.open().filter(apprentice=apprentice, competencies__lineage__in=asked)
        if code := waiting.values_list("competencies__code", flat=True).first():
            raise Conflict(
                f"You have asked for {code} already, and it waits. Take that request back to ask anew.",
                code="asked_already",
                field="of",
            )

    def close_rated(self, apprentice: Apprentice, *, by: User, now: datetime) -> None:
        """Mark as answered what `by` has just rated the last competency of. Call under the person's lock."""
        for row in self.open().filter(apprentice=apprentice).order_by("pk"):
            if not row.unrated():
                row.close(Asked.ANSWERED, act="request.answer", by=by, now=now)


def _check(
    apprentice: Apprentice, competencies: Collection[Competency], ratings: Sequence[Rating], *, now: datetime
) -> None:
    """Raise Refusal where nobody could answer, or what is asked for is not the apprentice's to ask."""
    if not competencies:
        raise Refusal("Choose at least one competency.", code="nothing_chosen", field="of")
    apprentice.refresh_from_db(fields=["status", "schedule"])
    if apprentice.status in FINAL:
        raise Conflict("This apprenticeship has ended.", code="ended")
    if any(one.job_function.schedule_id != apprentice.schedule_id for one in competencies):
        raise Refusal("Choose competencies of your own schedule.", code="off_schedule", field="of")
    if apprentice.scale is None:
        raise Refusal(
            "The program has chosen no rating scale, so nothing can be signed. Ask your coordinator.",
            code="no_scale",
        )
    if not apprentice.mentors(on=authority_day(now)):
        raise Refusal(
            "Nobody is your mentor today. Ask your coordinator to assign one.", code="nobody_to_ask"
        )
    asked = {one.pk for one in competencies}
    for rating in ratings:
        check_rating(apprentice, rating)
        target = rating.target
        if (target.competency_id if isinstance(target, PerformanceStandard) else target.pk) not in asked:
            raise Refusal("Rate only what you ask for.", code="off_schedule", field="rating")


def _check_evidence(apprentice: Apprentice, evidence: Collection[HoursEntry]) -> None:
    """Raise Refusal unless these are submitted or approved hours of the apprentice."""
    for entry in evidence:
        if entry.apprentice_id != apprentice.pk or entry.status not in SHOWS_WORK:
            raise Refusal(
                "Name hours of your own that are submitted or approved.", code="evidence", field="evidence"
            )


class SignOffRequest(models.Model):
    """What an apprentice asked their mentors to look at and sign, and what came of it.

    It is addressed to whoever mentors the apprentice on the day it is read. Rows get an end and are never
    changed otherwise: `answered` once every competency was rated, `declined` with the mentor's reason,
    `withdrawn` by the apprentice.
    """

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    apprentice = models.ForeignKey(Apprentice, on_delete=models.PROTECT, related_name="sign_off_requests")
    competencies = models.ManyToManyField(Competency, related_name="+")
    evidence = models.JSONField(
        default=list,
        blank=True,
        help_text="Ids of hours entries; one taken back and deleted later stays named.",
    )
    note = Words(max_length=1000, blank=True)
    asked_at = models.DateTimeField()
    time_zone = models.CharField(max_length=64)
    state = models.CharField(max_length=10, choices=Asked, default=Asked.OPEN)
    closed_at = models.DateTimeField(null=True, blank=True)
    closed_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    reason = Words(max_length=LONGEST_REASON, blank=True)

    objects = SignOffRequestQuerySet.as_manager()

    class Meta:
        ordering = ["asked_at", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(state=Asked.OPEN, closed_at=None) | ~Q(state=Asked.OPEN) & ~Q(closed_at=None),
                name="request_closed_when",
            ),
            models.CheckConstraint(
                condition=~Q(state=Asked.DECLINED) | ~Q(reason=""), name="request_declined_why"
            ),
        ]
        indexes = [models.Index(fields=["apprentice", "state"], name="request_waiting")]

    def __str__(self) -> str:
        return f"{self.apprentice} asks for {self.codes}"

    @property
    def codes(self) -> str:
        """“2c, 2g”."""
        return ", ".join(sorted(one.code for one in self.competencies.all()))

    def unrated(self) -> list[Competency]:
        """The competencies that nobody has rated since they were asked for, in the schedule's order."""
        since = self.apprentice.sign_offs.filter(withdraws=None, signed_at__gte=self.asked_at)
        rated = set(since.values_list("competency__lineage", flat=True))
        named = self.competencies.select_related("job_function").order_by("job_function__number", "position")
        return [one for one in named if one.lineage not in rated]

    def withdraw(self, *, by: User, now: datetime) -> None:
        """The apprentice takes it back. Raises NotAllowed, Conflict where it is closed, ConsentNeeded."""
        if by.pk != self.apprentice.user_id:
            raise NotAllowed("Only the apprentice takes a request back.", code="not_yours")
        Consent.objects.demand(by)
        with transaction.atomic():
            User.objects.select_for_update().get(pk=self.apprentice.user_id)
            self.close(Asked.WITHDRAWN, act="request.withdraw", by=by, now=now)

    def decline(self, *, by: User, now: datetime, reason: str) -> None:
        """A mentor assigned today says no, and why.

        Raises NotAllowed for anybody else, Refusal without a reason, Conflict where it is closed,
        ConsentNeeded.
        """
        if not reason.strip():
            raise Refusal(
                "Say why, so that the apprentice knows what to do.", code="reason_required", field="reason"
            )
        Consent.objects.demand(by)
        with transaction.atomic():
            User.objects.select_for_update().get(pk=self.apprentice.user_id)
            mentored = Apprentice.objects.mentored_by(by, on=authority_day(now))
            if not mentored.filter(pk=self.apprentice_id).exists():
                raise NotAllowed("Only a mentor assigned today declines a request.", code="not_assigned")
            self.close(Asked.DECLINED, act="request.decline", by=by, now=now, reason=reason.strip())
            Notice.objects.tell(
                About.SIGNED,
                [self.apprentice.user],
                words=f"{by} answered your request for a sign-off.",
                path=reverse("sign-off-request", args=[self.uid]),
                key=str(self.uid),
                by=by,
                apprentice=self.apprentice,
                now=now,
            )

    def close(self, state: str, *, act: str, by: User, now: datetime, reason: str = "") -> None:
        """Give it its end, with an entry. Call under the lock of the apprentice's User row."""
        ended: dict[str, Any] = {"state": state, "closed_at": now, "closed_by": by, "reason": reason}
        if not SignOffRequest.objects.open().filter(pk=self.pk).update(**ended):
            raise Conflict("This request was answered or taken back already.", code="request_closed")
        self.refresh_from_db(fields=list(ended))
        self.record(act, by=by, now=now)

    def record(self, act: str, *, by: User, now: datetime) -> None:
        """Write the request as it stands into the apprentice's chain. Must run in a transaction."""
        chain.tell(self.apprentice.uid, act=act, actor=by.uid, object=self.uid, at=now, payload=self.facts())

    def facts(self) -> dict[str, Any]:
        """What the ledger holds of this request; note and reason only as hashes."""
        ratings = self.self_ratings.select_related("performance_standard", "competency", "rating")
        return {
            "competencies": sorted(str(one.lineage) for one in self.competencies.all()),
            "codes": self.codes,
            "evidence": self.evidence,
            "self_ratings": {str(one.lineage): one.rating.answer for one in ratings},
            "note_sha256": digest(self.note),
            "asked_at": self.asked_at.astimezone(UTC).isoformat(),
            "time_zone": self.time_zone,
            "state": str(self.state),
            "closed_at": plain(self.closed_at),
            "reason_sha256": digest(self.reason),
        }


class SelfRatingQuerySet(models.QuerySet["SelfRating"]):
    def visible_to(self, user: "User | AnonymousUser") -> "SelfRatingQuerySet":
        """Those on every record that `user` may read."""
        return self.filter(request__in=SignOffRequest.objects.visible_to(user).values("pk"))


class SelfRating(models.Model):
    """How an apprentice rates themselves on one standard. Stands beside the mentors', in no figure."""

    request = models.ForeignKey(SignOffRequest, on_delete=models.PROTECT, related_name="self_ratings")
    performance_standard = models.ForeignKey(
        PerformanceStandard, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    competency = models.ForeignKey(Competency, on_delete=models.PROTECT, related_name="+")
    rating = models.ForeignKey(RatingLevel, on_delete=models.PROTECT, related_name="+")

    objects = SelfRatingQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["request", "performance_standard"], name="self_rating_once"),
            models.UniqueConstraint(
                fields=["request", "competency"],
                condition=Q(performance_standard=None),
                name="self_rating_once_whole",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.request.apprentice} on {self.competency.code}: {self.rating}"

    @classmethod
    def of(cls, request: SignOffRequest, rating: Rating) -> "SelfRating":
        """What `rating` says, as a row of the request; not saved."""
        target = rating.target
        if isinstance(target, PerformanceStandard):
            return cls(
                request=request,
                performance_standard=target,
                competency=target.competency,
                rating=rating.level,
            )
        return cls(request=request, competency=target, rating=rating.level)

    @property
    def lineage(self) -> uuid.UUID:
        """The requirement that was rated, across schedule versions."""
        return (self.performance_standard or self.competency).lineage
