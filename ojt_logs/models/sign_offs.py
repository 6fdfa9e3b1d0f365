"""Signed ratings of performance standards: rows are only ever added, a withdrawal is another row."""

import uuid
from collections.abc import Sequence
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from django.db import models, transaction
from django.db.models import Exists, OuterRef, Q
from django.urls import reverse

from accounts.models import Consent, User
from accounts.models.people import Role
from accounts.models.words import Words
from accounts.numbers import count_of
from accounts.refusals import Conflict
from apprenticeship.models import Apprentice
from apprenticeship.models.programs import sponsors_of
from competencies.models import Competency, PerformanceStandard, RatingLevel
from ledger import chain
from ledger.tombstones import digest
from ojt_logs.models.attestations import Attestation, Method
from ojt_logs.models.notices import About, Notice
from ojt_logs.models.ratings import FIRST_HAND, Authentication, Origin, Rating, check
from ojt_logs.models.requests import SignOffRequest
from ojt_logs.models.signers import Signed, check_taking_back, signer_facts

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser


class SignOffQuerySet(models.QuerySet["SignOff"]):
    def everyone(self) -> "SignOffQuerySet":
        """All sign-offs, for commands and workers that answer to nobody in particular."""
        return self.all()

    def visible_to(self, user: "User | AnonymousUser") -> "SignOffQuerySet":
        """Sign-offs of everybody whose record `user` may read, and one's own while still a mentor there."""
        if not isinstance(user, User):
            return self.none()
        readable = Q(apprentice__in=Apprentice.objects.record_visible_to(user).values("pk"))
        mentoring = sponsors_of(user, roles=[Role.MENTOR.value])
        return self.filter(readable | Q(signer=user, apprentice__program__sponsor__in=mentoring))

    def withdrawable_by(self, user: "User | AnonymousUser") -> "SignOffQuerySet":
        """Standing sign-offs that `user` gave; only the signer takes a signature back."""
        if not isinstance(user, User):
            return self.none()
        return self.visible_to(user).standing().filter(signer=user)

    def commentable_by(self, user: "User | AnonymousUser") -> "SignOffQuerySet":
        """Every act on one's own record as an apprentice."""
        return self.filter(apprentice__user=user) if isinstance(user, User) else self.none()

    def given_by(self, user: "User | AnonymousUser") -> "SignOffQuerySet":
        """What `user` signed, withdrawals too."""
        return self.filter(signer=user) if isinstance(user, User) else self.none()

    def ratings(self) -> "SignOffQuerySet":
        return self.filter(withdraws=None)

    def standing(self) -> "SignOffQuerySet":
        """Ratings that nobody has withdrawn."""
        return self.ratings().filter(~_withdrawn())

    def with_fate(self) -> "SignOffQuerySet":
        """Each with `is_withdrawn`: whether it was taken back since."""
        return self.annotate(is_withdrawn=_withdrawn())

    def record(
        self,
        apprentice: Apprentice,
        *,
        by: User,
        now: datetime,
        authentication: Authentication,
        method: str,
        observed_from: date,
        observed_to: date,
        ratings: Sequence[Rating],
        note: str = "",
        origin: Origin = FIRST_HAND,
    ) -> list["SignOff"]:
        """Sign one row per rating, all or none, each with its ledger entry. A request that has nothing left
        to rate is answered by it.

        Raises NotAllowed when `by` was not the assigned mentor on the observation dates (or is the
        apprentice) or the authentication is stale, ConsentNeeded; Refusal by field for dates, method and
        ratings. All but consent and authentication is checked under the lock of the apprentice's User row.
        """
        Consent.objects.demand(by)
        authentication.check(now=now)
        with transaction.atomic():
            User.objects.select_for_update().get(pk=apprentice.user_id)
            check(
                apprentice,
                by=by,
                now=now,
                method=method,
                first=observed_from,
                last=observed_to,
                ratings=ratings,
                origin=origin,
            )
            common = dict(
                apprentice=apprentice,
                attestation=Attestation.objects.current(method),
                method=method,
                observed_from=observed_from,
                observed_to=observed_to,
                note=note.strip(),
                **origin.fields,
                **signer_facts(by, apprentice, role=origin.role, now=now, authentication=authentication),
            )
            Notice.objects.tell(
                About.SIGNED,
                [apprentice.user],
                words=f"{by} signed {count_of(len(ratings), 'rating')} of your work.",
                path=reverse("sign-offs", args=[apprentice.uid]),
                by=by,
                apprentice=apprentice,
                now=now,
            )
            signed = [self._add("sign_off.sign", **common, **rating_facts(rating)) for rating in ratings]
            SignOffRequest.objects.close_rated(apprentice, by=by, now=now)
        return signed

    def withdraw(
        self, sign_off: "SignOff", *, by: User, now: datetime, authentication: Authentication, reason: str
    ) -> "SignOff":
        """Take a rating back by another row with a reason. Raises Conflict when it is withdrawn already."""
        check_taking_back(
            sign_off.signer_id, by=by, now=now, authentication=authentication, reason=reason, noun="signature"
        )
        with transaction.atomic():
            User.objects.select_for_update().get(pk=sign_off.apprentice.user_id)
            if sign_off.withdraws_id or self.filter(withdraws=sign_off).exists():
                raise Conflict("This sign-off was withdrawn already.", code="already_withdrawn")
            return self._add(
                "sign_off.withdraw",
                apprentice=sign_off.apprentice,
                withdraws=sign_off,
                performance_standard=sign_off.performance_standard,
                competency=sign_off.competency,
                method=sign_off.method,
                attestation=sign_off.attestation,
                observed_from=sign_off.observed_from,
                observed_to=sign_off.observed_to,
                reason=reason.strip(),
                attested=sign_off.attested,
                original_at=sign_off.original_at,
                ink=sign_off.ink,
                **signer_facts(
                    by,
                    sign_off.apprentice,
                    role=Role(sign_off.signer_role),
                    now=now,
                    authentication=authentication,
                ),
            )

    def _add(self, act: str, **fields: Any) -> "SignOff":
        row = SignOff(**fields)
        row.save(force_insert=True)
        chains = chain.lock([row.apprentice.uid])
        chain.append(
            chains[row.apprentice.uid],
            act=act,
            actor=row.signer.uid,
            object=row.uid,
            at=row.signed_at,
            payload=row.facts(),
        )
        return row


def _withdrawn() -> Exists:
    return Exists(SignOff.objects.filter(withdraws=OuterRef("pk")))


class SignOff(Signed):
    """One signed act on one performance standard (or on a competency that lists none).

    A rating, or the withdrawal of one (`withdraws`). The signer's name, initials, role and qualification
    are kept as they were at signing, so that every print-out shows who put their name to it.
    """

    apprentice = models.ForeignKey(Apprentice, on_delete=models.PROTECT, related_name="sign_offs")
    performance_standard = models.ForeignKey(
        PerformanceStandard, null=True, blank=True, on_delete=models.PROTECT, related_name="sign_offs"
    )
    competency = models.ForeignKey(Competency, on_delete=models.PROTECT, related_name="sign_offs")
    rating = models.ForeignKey(RatingLevel, null=True, blank=True, on_delete=models.PROTECT)
    passed = models.BooleanField(default=False)
    method = models.CharField(max_length=12, choices=Method)
    attestation = models.ForeignKey(Attestation, on_delete=models.PROTECT)
    observed_from = models.DateField()
    observed_to = models.DateField()
    note = Words(max_length=1000, blank=True)
    reason = Words(max_length=500, blank=True)
    attested = models.ForeignKey(
        "ojt_logs.OutsideAttestation",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="sign_offs",
        help_text="What a journeyworker attested to, and the signer accepted.",
    )
    original_at = models.CharField(
        max_length=200, blank=True, help_text="Where the sheet is that these ratings were copied from."
    )
    ink = models.CharField(
        max_length=120, blank=True, help_text="Who signed the sheet, where the signer copied it."
    )
    withdraws = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="withdrawals"
    )
    signer = models.ForeignKey(User, on_delete=models.PROTECT, related_name="sign_offs_given")

    objects = SignOffQuerySet.as_manager()

    class Meta:
        ordering = ["-signed_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(withdraws=None, rating__isnull=False) | Q(withdraws__isnull=False, rating=None),
                name="sign_off_rates_or_withdraws",
            ),
            models.CheckConstraint(
                condition=Q(withdraws=None) | ~Q(reason=""), name="sign_off_withdrawn_why"
            ),
            models.CheckConstraint(
                condition=Q(observed_to__gte=models.F("observed_from")), name="sign_off_dates"
            ),
            models.UniqueConstraint(fields=["withdraws"], name="sign_off_withdrawn_once"),
            models.CheckConstraint(
                condition=Q(method=Method.ACCEPTED, attested__isnull=False)
                | ~Q(method=Method.ACCEPTED) & Q(attested=None),
                name="sign_off_accepted_what",
            ),
            models.CheckConstraint(
                condition=Q(method=Method.PAPER) & ~Q(original_at="")
                | ~Q(method=Method.PAPER) & Q(original_at="", ink=""),
                name="sign_off_original_at",
            ),
        ]
        indexes = [models.Index(fields=["apprentice", "competency"], name="sign_off_by_competency")]

    def __str__(self) -> str:
        return f"{self.signer_initials} {self.record_id}"

    @property
    def lineage(self) -> uuid.UUID:
        """The requirement that was rated, across schedule versions."""
        return (self.performance_standard or self.competency).lineage

    @property
    def statement(self) -> str:
        """The text that was rated, as printed in the schedule."""
        return self.performance_standard.text if self.performance_standard else self.competency.title

    @property
    def not_applicable(self) -> bool:
        """Whether it says that the requirement is not asked of this apprentice."""
        return self.rating is not None and self.rating.not_applicable

    @property
    def is_copied(self) -> bool:
        """Whether it is a rating that was copied from a sheet of paper."""
        return self.method == Method.PAPER and not self.withdraws_id

    @property
    def may_have_sheet(self) -> bool:
        """Whether a photo of the sheet that it was copied from may be attached."""
        return self.is_copied and self.apprentice.program.takes_files

    def contradicts(self, earlier: "SignOff") -> bool:
        """Whether this later rating says less than an earlier pass. “Not yet seen” says nothing against it.

        Both rate the same requirement and stand; the pass counts until it is withdrawn.
        """
        if not earlier.passed or self.passed or self.rating is None or self.rating.needs_reason:
            return False
        return (self.signed_at, self.pk) > (earlier.signed_at, earlier.pk)

    def facts(self) -> dict[str, Any]:
        """What the ledger holds of this act; the exact statement signed is in it, notes only as hashes."""
        rating = self.rating
        attested = {"attested": str(self.attested.uid)} if self.attested else {}
        paper = {"original_at": self.original_at, "ink": self.ink} if self.original_at or self.ink else {}
        return {
            **attested,
            **paper,
            "competency": self.competency.code,
            "statement": self.statement,
            "lineage": str(self.lineage),
            "rating": rating.answer if rating else None,
            "rating_label": rating.label if rating else None,
            "passed": self.passed,
            "method": str(self.method),
            "attestation": self.attestation.text,
            "attestation_version": self.attestation.version,
            "observed_from": self.observed_from.isoformat(),
            "observed_to": self.observed_to.isoformat(),
            **self.signed_facts(),
            "note_sha256": digest(self.note),
            "reason_sha256": digest(self.reason),
            "withdraws": str(self.withdraws.uid) if self.withdraws else None,
        }


def rating_facts(rating: Rating) -> dict[str, Any]:
    target = rating.target
    standard = target if isinstance(target, PerformanceStandard) else None
    competency = target.competency if isinstance(target, PerformanceStandard) else target
    return {
        "performance_standard": standard,
        "competency": competency,
        "rating": rating.level,
        "passed": rating.level.passing,
        "reason": rating.reason.strip(),
    }
