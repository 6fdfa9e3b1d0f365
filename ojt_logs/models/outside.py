"""What a journeyworker without an account attests to: by a single-use link, for one apprentice.

An attestation says that somebody who works beside the apprentice has seen standards done. Nobody has checked
who they are, but for the mailbox a link went to; it counts once a mentor accepts it and signs.
"""

import secrets
import uuid
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any

from django.db import models, transaction
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone

from accounts.dates import day_words
from accounts.models import Consent, User
from accounts.models.invitations import digest as digest_of
from accounts.models.people import authority_day, check_printable
from accounts.models.words import LongWords, Words
from accounts.refusals import Conflict, NotAllowed, Refusal
from apprenticeship.models import Apprentice
from apprenticeship.models.apprentices import ApprenticeQuerySet
from apprenticeship.models.programs import plain
from apprenticeship.models.status import FINAL
from competencies.models import Competency, PerformanceStandard, RatingLevel
from ledger import chain
from ledger.tombstones import digest
from ojt_logs.models.attestations import ATTESTATIONS, OFFERED, Method
from ojt_logs.models.notices import About, Notice
from ojt_logs.models.ratings import LONGEST_REASON, Rating, check_dates, check_rating

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

LIFE = timedelta(days=7)
CONSENT = "I agree that this is kept under my name as an electronic record, which I cannot change."


class Way(models.TextChoices):
    """How the link came to the journeyworker."""

    MAIL = "mail", "By e-mail"
    CODE = "code", "By a printed code"


class AttestationLinkQuerySet(models.QuerySet["AttestationLink"]):
    def everyone(self) -> "AttestationLinkQuerySet":
        """All links, for commands that answer to nobody in particular."""
        return self.all()

    def visible_to(self, user: "User | AnonymousUser") -> "AttestationLinkQuerySet":
        """Links about every record that `user` may read."""
        return self.filter(apprentice__in=Apprentice.objects.record_visible_to(user).values("pk"))

    def waiting(self) -> "AttestationLinkQuerySet":
        """Neither used nor revoked; perhaps too old to be used."""
        return self.filter(used_at=None, revoked_at=None)

    def issue(
        self,
        apprentice: Apprentice,
        *,
        by: User,
        now: datetime,
        competencies: Collection[Competency],
        way: str,
        email: str = "",
    ) -> tuple["AttestationLink", str]:
        """A new link and its secret, which is shown once and stored only as a hash; an entry tells of it.

        Raises NotAllowed unless `by` mentors the apprentice today or coordinates the sponsor, never for
        oneself; Refusal by field; ConsentNeeded.
        """
        Consent.objects.demand(by)
        if not askable_by(by, on=authority_day(now)).filter(pk=apprentice.pk).exists():
            raise NotAllowed(
                "Only a mentor of today or a coordinator asks somebody to attest.", code="not_assigned"
            )
        email = email.strip().lower()
        _check_asked(apprentice, competencies, way=way, email=email, by=by)
        token = secrets.token_urlsafe(32)
        with transaction.atomic():
            User.objects.select_for_update().get(pk=apprentice.user_id)
            row = self.create(
                apprentice=apprentice,
                asked_by=by,
                way=way,
                email=email,
                digest=digest_of(token),
                created_at=now,
                expires_at=now + LIFE,
            )
            row.competencies.set(competencies)
            row.record("attestation.ask", by=by, now=now)
        return row, token

    def opened(self, token: str, *, now: datetime) -> "AttestationLink":
        """The link behind a secret. Raises Refusal where it is unknown, used, revoked or too old."""
        related = (
            "apprentice__user",
            "apprentice__program__rating_scale",
            "apprentice__schedule",
            "asked_by",
        )
        link = self.filter(digest=digest_of(token)).select_related(*related).first()
        if link is None:
            raise Refusal("This link is not known. Ask whoever gave it to you.", code="link_unknown")
        if link.used_at:
            raise Refusal("This link was used: what it asked for is on the record.", code="link_used")
        if link.revoked_at:
            raise Refusal("This link was taken back. Ask whoever gave it to you.", code="link_revoked")
        if link.expires_at <= now or link.apprentice.status in FINAL:
            raise Refusal(
                "This link is too old. Ask whoever gave it to you for a new one.", code="link_expired"
            )
        return link


def askable_by(user: User, *, on: date) -> ApprenticeQuerySet:
    """For whom `user` may ask a journeyworker: whom one mentors on the day `on` or coordinates, never
    oneself."""
    mentored = Apprentice.objects.mentored_by(user, on=on).values("pk")
    managed = Apprentice.objects.decided_by(user).values("pk")
    return Apprentice.objects.filter(Q(pk__in=mentored) | Q(pk__in=managed))


def _check_asked(
    apprentice: Apprentice, competencies: Collection[Competency], *, way: str, email: str, by: User
) -> None:
    if not competencies:
        raise Refusal("Choose at least one competency.", code="nothing_chosen", field="of")
    if any(one.job_function.schedule_id != apprentice.schedule_id for one in competencies):
        raise Refusal("Choose competencies of the apprentice's schedule.", code="off_schedule", field="of")
    if apprentice.scale is None:
        raise Refusal("The program has chosen no rating scale, so nothing can be attested.", code="no_scale")
    if way not in Way.values:
        raise Refusal("Choose how the link gets there.", code="way", field="way")
    if way == Way.MAIL and not email:
        raise Refusal("Write the journeyworker's e-mail address.", code="email", field="email")
    if email in (apprentice.user.email.lower(), by.email.lower()):
        raise Refusal(
            "Choose the address of somebody else: neither yours nor the apprentice's.",
            code="own_work",
            field="email",
        )


class AttestationLink(models.Model):
    """That a mentor or coordinator asked a journeyworker to attest, once, for named competencies.

    Of the secret only a hash is kept. `way` says what stands behind the name: a link that was mailed was
    opened from that mailbox; behind a printed code stands nothing but the paper.
    """

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    apprentice = models.ForeignKey(Apprentice, on_delete=models.PROTECT, related_name="attestation_links")
    competencies = models.ManyToManyField(Competency, related_name="+")
    asked_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    way = models.CharField(max_length=4, choices=Way)
    email = models.EmailField("e-mail", blank=True)
    digest = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)
    revoked_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")

    objects = AttestationLinkQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(expires_at__gt=models.F("created_at")), name="attestation_link_life"
            ),
            models.CheckConstraint(condition=~Q(way=Way.MAIL) | ~Q(email=""), name="attestation_link_to"),
            models.CheckConstraint(
                condition=Q(used_at=None) | Q(revoked_at=None), name="attestation_link_one_end"
            ),
        ]

    def __str__(self) -> str:
        return f"link for {self.apprentice}: {self.codes}"

    @property
    def codes(self) -> str:
        return ", ".join(sorted(one.code for one in self.competencies.all()))

    def state(self, *, now: datetime) -> str:
        """One of used, revoked, expired, waiting."""
        if self.used_at:
            return "used"
        if self.revoked_at:
            return "revoked"
        return "expired" if self.expires_at <= now else "waiting"

    def revoke(self, *, by: User, now: datetime) -> None:
        """Make it useless. Raises NotAllowed, Conflict where it was used or revoked, ConsentNeeded."""
        Consent.objects.demand(by)
        if not askable_by(by, on=authority_day(now)).filter(pk=self.apprentice_id).exists():
            raise NotAllowed(
                "Only a mentor of today or a coordinator takes a link back.", code="not_assigned"
            )
        with transaction.atomic():
            User.objects.select_for_update().get(pk=self.apprentice.user_id)
            taken = AttestationLink.objects.waiting().filter(pk=self.pk)
            if not taken.update(revoked_at=now, revoked_by=by):
                raise Conflict("This link was used or taken back already.", code="link_closed")
            self.refresh_from_db(fields=["revoked_at", "revoked_by"])
            self.record("attestation.revoke", by=by, now=now)

    def use(self, *, now: datetime) -> None:
        """Use it up, with an entry. Call under the lock of the apprentice's User row. Raises Conflict."""
        taken = AttestationLink.objects.waiting().filter(pk=self.pk, expires_at__gt=now)
        if not taken.update(used_at=now):
            raise Conflict("This link was used or taken back a moment ago.", code="link_closed")
        self.refresh_from_db(fields=["used_at"])
        self.record("attestation.use", by=None, now=now)

    def record(self, act: str, *, by: User | None, now: datetime) -> None:
        """Write the link as it stands into the apprentice's chain. Must run in a transaction."""
        actor = by.uid if by else None
        chain.tell(self.apprentice.uid, act=act, actor=actor, object=self.uid, at=now, payload=self.facts())

    def facts(self) -> dict[str, Any]:
        """What the ledger holds of this link: nothing of its secret, of the address a hash."""
        return {
            "competencies": sorted(str(one.lineage) for one in self.competencies.all()),
            "codes": self.codes,
            "asked_by": str(self.asked_by.uid),
            "way": str(self.way),
            "email_sha256": digest(self.email),
            "expires_at": plain(self.expires_at),
            "used_at": plain(self.used_at),
            "revoked_at": plain(self.revoked_at),
        }


@dataclass(frozen=True)
class Journeyworker:
    """Who attests, as they say themselves."""

    name: str
    title: str
    employer: str
    email: str


@dataclass(frozen=True)
class Seen:
    """What a journeyworker says: how and when it was seen, and the ratings."""

    method: str
    first: date
    last: date
    ratings: Sequence[Rating]


def words_of(apprentice: Apprentice, person: Journeyworker, seen: Seen) -> str:
    """The text that is read before it is attested, kept, and hashed: exactly this."""
    days = day_words(seen.first)
    if seen.last != seen.first:
        days += f" to {day_words(seen.last)}"
    lines = [
        f"I, {person.name}, {person.title} at {person.employer} ({person.email}), say of {apprentice}:",
        f"{ATTESTATIONS[seen.method]} Seen: {days}.",
    ]
    for number, rating in enumerate(seen.ratings, start=1):
        target = rating.target
        standard = isinstance(target, PerformanceStandard)
        text = target.text if isinstance(target, PerformanceStandard) else target.title
        code = target.competency.code if isinstance(target, PerformanceStandard) else target.code
        reason = f" Reason: {rating.reason.strip()}" if rating.reason.strip() else ""
        kind = "" if standard else " (as a whole)"
        lines.append(f"{number}. {code}{kind}: “{text}” — {rating.level}.{reason}")
    return "\n".join([*lines, CONSENT])


class OutsideAttestationQuerySet(models.QuerySet["OutsideAttestation"]):
    def everyone(self) -> "OutsideAttestationQuerySet":
        """All attestations, for commands that answer to nobody in particular."""
        return self.all()

    def visible_to(self, user: "User | AnonymousUser") -> "OutsideAttestationQuerySet":
        """Those on every record that `user` may read."""
        return self.filter(apprentice__in=Apprentice.objects.record_visible_to(user).values("pk"))

    def waiting(self) -> "OutsideAttestationQuerySet":
        """Those that no mentor has answered."""
        return self.filter(answer=None)

    def answerable_by(self, user: "User | AnonymousUser") -> "OutsideAttestationQuerySet":
        """Those of whoever `user` mentors today."""
        mentored = Apprentice.objects.mentored_by(user, on=authority_day(timezone.now()))
        return self.filter(apprentice__in=mentored.values("pk"))

    def attest(
        self, token: str, *, person: Journeyworker, seen: Seen, time_zone: str, now: datetime
    ) -> "OutsideAttestation":
        """Use the link up and keep what was attested, all or none, with its entries.

        A mailed link attests under the address it went to. Raises Refusal by field and where the link cannot
        be used, Conflict where it was used a moment ago.
        """
        link = AttestationLink.objects.opened(token, now=now)
        person = named(link, person)
        check_said(link, person, seen, now=now)
        with transaction.atomic():
            User.objects.select_for_update().get(pk=link.apprentice.user_id)
            link.use(now=now)
            row = self.create(
                link=link,
                apprentice=link.apprentice,
                name=person.name,
                title=person.title,
                employer=person.employer,
                email=person.email,
                method=seen.method,
                observed_from=seen.first,
                observed_to=seen.last,
                text=words_of(link.apprentice, person, seen),
                attested_at=now,
                time_zone=time_zone,
            )
            OutsideRating.objects.bulk_create(OutsideRating.of(row, rating) for rating in seen.ratings)
            chain.tell(
                link.apprentice.uid,
                act="attestation.give",
                actor=None,
                object=row.uid,
                at=now,
                payload=row.facts(),
            )
            Notice.objects.tell(
                About.ATTESTED,
                {link.asked_by, *link.apprentice.mentors(on=authority_day(now))},
                words=f"A journeyworker attested work of {link.apprentice}.",
                path=reverse("attestation", args=[row.uid]),
                key=str(row.uid),
                apprentice=link.apprentice,
                now=now,
            )
        return row


def named(link: AttestationLink, person: Journeyworker) -> Journeyworker:
    """The person under the address that the link went to, where it went to one."""
    email = link.email if link.way == Way.MAIL else person.email.strip().lower()
    return Journeyworker(person.name.strip(), person.title.strip(), person.employer.strip(), email)


def check_said(link: AttestationLink, person: Journeyworker, seen: Seen, *, now: datetime) -> None:
    """Raise Refusal, by field, for what cannot be attested with this link."""
    apprentice = link.apprentice
    for field in ("name", "title", "employer", "email"):
        if not getattr(person, field):
            raise Refusal("This is needed: it stands on the record.", code="required", field=field)
    if person.email == apprentice.user.email.lower():
        raise Refusal("Nobody attests their own work.", code="own_work", field="email")
    if person.email == link.asked_by.email.lower():
        raise Refusal(
            "Who asked signs under their own account. Write the address of the journeyworker.",
            code="own_work",
            field="email",
        )
    if seen.method not in OFFERED:
        raise Refusal("Choose how you saw this work.", code="method", field="method")
    check_dates(apprentice, by=apprentice.user, now=now, first=seen.first, last=seen.last)
    if not seen.ratings:
        raise Refusal("Rate at least one performance standard.", code="nothing_rated", field="rating")
    asked = set(link.competencies.values_list("pk", flat=True))
    for rating in seen.ratings:
        check_rating(apprentice, rating)
        target = rating.target
        if (target.competency_id if isinstance(target, PerformanceStandard) else target.pk) not in asked:
            raise Refusal("The link does not ask for this.", code="off_schedule", field="rating")


class OutsideAttestation(models.Model):
    """What a journeyworker attested to, under the name they gave. It counts nowhere by itself.

    `text` is what they read and agreed to, word for word.
    """

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    link = models.OneToOneField(AttestationLink, on_delete=models.PROTECT, related_name="attestation")
    apprentice = models.ForeignKey(Apprentice, on_delete=models.PROTECT, related_name="outside_attestations")
    name = models.CharField(max_length=120, validators=[check_printable])
    title = models.CharField(max_length=120, validators=[check_printable])
    employer = models.CharField(max_length=160, validators=[check_printable])
    email = models.EmailField("e-mail")
    method = models.CharField(max_length=12, choices=Method)
    observed_from = models.DateField()
    observed_to = models.DateField()
    text = LongWords()
    attested_at = models.DateTimeField()
    time_zone = models.CharField(max_length=64)

    objects = OutsideAttestationQuerySet.as_manager()

    class Meta:
        ordering = ["attested_at", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(observed_to__gte=models.F("observed_from")), name="outside_attestation_dates"
            )
        ]

    def __str__(self) -> str:
        return f"{self.name} on {self.apprentice}"

    @property
    def proof(self) -> str:
        """What stands behind the name, in words."""
        if self.link.way == Way.MAIL:
            return "e-mail-verified only: the link went to this mailbox, and nothing else was checked"
        return "by a printed code: nobody checked the name or the address"

    def facts(self) -> dict[str, Any]:
        """What the ledger holds of it: of the very text the hash."""
        return {
            "link": str(self.link.uid),
            "way": str(self.link.way),
            "text_sha256": digest(self.text),
            "ratings": {str(one.lineage): one.rating.answer for one in self.ratings.all()},
            "attested_at": self.attested_at.astimezone(UTC).isoformat(),
            "time_zone": self.time_zone,
        }


class OutsideRating(models.Model):
    """One rating of an attestation."""

    attestation = models.ForeignKey(OutsideAttestation, on_delete=models.PROTECT, related_name="ratings")
    performance_standard = models.ForeignKey(
        PerformanceStandard, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    competency = models.ForeignKey(Competency, on_delete=models.PROTECT, related_name="+")
    rating = models.ForeignKey(RatingLevel, on_delete=models.PROTECT, related_name="+")
    reason = Words(max_length=LONGEST_REASON, blank=True)

    class Meta:
        ordering = ["pk"]

    def __str__(self) -> str:
        return f"{self.competency.code}: {self.rating}"

    @classmethod
    def of(cls, attestation: OutsideAttestation, rating: Rating) -> "OutsideRating":
        """What `rating` says, as a row of the attestation; not saved."""
        target = rating.target
        standard = target if isinstance(target, PerformanceStandard) else None
        competency = target.competency if isinstance(target, PerformanceStandard) else target
        return cls(
            attestation=attestation,
            performance_standard=standard,
            competency=competency,
            rating=rating.level,
            reason=rating.reason.strip(),
        )

    @property
    def target(self) -> PerformanceStandard | Competency:
        return self.performance_standard or self.competency

    @property
    def lineage(self) -> uuid.UUID:
        return self.target.lineage


class AttestationAnswer(models.Model):
    """That a mentor accepted an attestation, by signing, or declined it with a reason."""

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    attestation = models.OneToOneField(OutsideAttestation, on_delete=models.PROTECT, related_name="answer")
    accepted = models.BooleanField()
    reason = Words(max_length=LONGEST_REASON, blank=True)
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(accepted=True) | ~Q(reason=""), name="attestation_declined_why"
            )
        ]

    def __str__(self) -> str:
        return f"{'accepted' if self.accepted else 'declined'} by {self.by}"

    def facts(self) -> dict[str, Any]:
        """What the ledger holds of the answer."""
        return {
            "attestation": str(self.attestation.uid),
            "accepted": self.accepted,
            "reason_sha256": digest(self.reason),
        }
