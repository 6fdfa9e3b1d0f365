"""Users, sponsors and memberships."""

import unicodedata
import uuid
import zoneinfo
from datetime import date, datetime, time
from functools import cache
from typing import TYPE_CHECKING, Any, ClassVar

from allauth.mfa.models import Authenticator
from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Case, Exists, OuterRef, Q, Value, When
from django.db.models.functions import Lower
from django.utils import timezone

from accounts.refusals import Conflict
from accounts.spelling import all_words, fold
from ledger import chain

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    from apprenticeship.models import Employer


@cache
def time_zones() -> frozenset[str]:
    """Every name in the IANA database of this machine, read from its files once in a process."""
    return frozenset(zoneinfo.available_timezones())


def check_time_zone(name: str) -> None:
    """Refuse a name that is not in the IANA database."""
    if name not in time_zones():
        raise ValidationError(f"“{name}” is not a time zone. Use a name such as America/Chicago.")


UNPRINTABLE = frozenset({"Cc", "Cf", "Cn", "Co", "Cs", "Zl", "Zp"})
"""Unicode categories that stand for no letter: controls, marks of direction, what is not assigned."""


def check_printable(name: str) -> None:
    """Refuse a name with a character that papers cannot print or that makes it read as another."""
    if any(unicodedata.category(letter) in UNPRINTABLE for letter in name):
        raise ValidationError("This holds an invisible character. Type it in instead of pasting it.")


def authority_day(now: datetime) -> date:
    """The day that decides which memberships and assignments are in force, for everybody alike.

    Not a person's own day: whoever may choose a time zone must not choose when an assignment ends.
    """
    return now.astimezone(zoneinfo.ZoneInfo(settings.AUTHORITY_TIME_ZONE)).date()


class UserManager(BaseUserManager["User"]):
    def create_user(self, email: str, password: str | None = None, **fields: Any) -> "User":
        user = self.model(email=email.strip().lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str, **fields: Any) -> "User":
        return self.create_user(email, password, is_staff=True, is_superuser=True, **fields)

    def by_email(self, email: str) -> "models.QuerySet[User]":
        """Who signs in with this address, in any spelling: one person or nobody.

        Small letters are compared: in capitals PostgreSQL takes the “ı” of another address for an “i”.
        """
        return self.alias(small=Lower("email")).filter(small=email.strip().lower())

    def take_digest(self, pk: int, *, day: date) -> bool:
        """Whether the one mail of that day is the caller's to send: it is sent once."""
        fresh = Q(digest_on=None) | Q(digest_on__lt=day)
        return bool(self.filter(fresh, pk=pk).update(digest_on=day))

    def get_by_natural_key(self, username: str | None) -> "User":
        return self.by_email(username or "").get()


class User(AbstractBaseUser, PermissionsMixin):
    """One person, who signs in with an e-mail address and may have several roles at several sponsors."""

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    email = models.EmailField("e-mail", unique=True)
    name = models.CharField("name as printed", max_length=120, validators=[check_printable])
    initials = models.CharField(max_length=6, blank=True, validators=[check_printable])
    time_zone = models.CharField(max_length=64, default="America/Chicago", validators=[check_time_zone])
    search_text = models.CharField(max_length=160, blank=True, editable=False)
    mails = models.BooleanField(
        "Send me mails",
        default=True,
        help_text="Links that you ask for yourself, such as a new password, come in any case.",
    )
    quiet_from = models.TimeField("No mails from", default=time(20))
    quiet_until = models.TimeField("until", default=time(7))
    digest_on = models.DateField(null=True, blank=True, editable=False)
    is_active = models.BooleanField(default=True)
    is_staff = models.BooleanField(default=False)
    date_joined = models.DateTimeField(default=timezone.now)
    address_proved_at = models.DateTimeField(
        "mailbox proved",
        null=True,
        blank=True,
        help_text="When the password was set through a link that went to the mailbox of this address alone. "
        "Without it no second sponsor gives anything to an account that has a password.",
    )

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS = ["name"]
    objects: ClassVar[UserManager] = UserManager()

    class Meta:
        constraints = [models.UniqueConstraint(Lower("email"), name="user_email_once")]

    def __str__(self) -> str:
        return self.name or self.email

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.initials = self.initials or "".join(word[0] for word in self.name.split()[:3]).upper()[:6]
        self.search_text = fold(self.name)[:160]
        if "name" in (kwargs.get("update_fields") or ()):
            kwargs["update_fields"] = {*kwargs["update_fields"], "search_text"}
        super().save(*args, **kwargs)

    @property
    def only_operates(self) -> bool:
        """Whoever runs the site, and has no part in any record on it."""
        return self.is_superuser and not (self.memberships.exists() or self.apprenticeships.exists())

    def get_short_name(self) -> str:
        return self.name.split()[0] if self.name else self.email

    def get_full_name(self) -> str:
        return self.name

    def is_quiet(self, now: datetime) -> bool:
        """Whether it is in the hours without mails at this person's place; they may go over midnight."""
        clock, first, last = now.astimezone(self.zone).time(), self.quiet_from, self.quiet_until
        return first <= clock < last if first <= last else clock >= first or clock < last

    def digest_due(self, now: datetime) -> date | None:
        """The day at this person's place for which the one mail of a day is due now; None for none.

        From the end of the quiet hours on, and once a day.
        """
        local = now.astimezone(self.zone)
        told = self.digest_on is not None and self.digest_on >= local.date()
        due = local.time() >= self.quiet_until and not self.is_quiet(now) and not told
        return local.date() if due else None

    @property
    def zone(self) -> zoneinfo.ZoneInfo:
        return zoneinfo.ZoneInfo(self.time_zone)

    def known_to(self, sponsor: "Sponsor") -> bool:
        """Whether this person has or had a role or a registration at `sponsor`."""
        held = self.memberships.filter(sponsor=sponsor)
        return held.exists() or self.apprenticeships.filter(program__sponsor=sponsor).exists()

    def reaches_beyond(self, sponsor: "Sponsor | None") -> bool:
        """Whether who signs in reaches what is not this sponsor's: another one's, or the site itself."""
        if self.is_staff or self.is_superuser or self.memberships.exclude(sponsor=sponsor).exists():
            return True
        return self.apprenticeships.exclude(program__sponsor=sponsor).exists()

    def may_be_given_to(self, sponsor: "Sponsor") -> bool:
        """Whether what `sponsor` gives this account reaches whom the sponsor means.

        Whoever chose its password may have got the link from another sponsor's coordinator, and not hold the
        mailbox. A password set by e-mail settles that, and ends what others hold of the account. The operator
        answers for accounts that run the site.
        """
        if self.address_proved_at or self.is_staff or self.is_superuser:
            return True
        opens = self.has_usable_password() or Authenticator.objects.filter(user=self).exists()
        return not opens or not self.reaches_beyond(sponsor)

    def check_proved(self, sponsor: "Sponsor") -> None:
        """Raise Conflict where `sponsor` may not give this account anything yet."""
        if not self.may_be_given_to(sponsor):
            raise Conflict(
                f"Whoever uses the account {self.email} has not shown yet that they read mails to that "
                "address. First they set a new password by e-mail, from the page where people sign in; where "
                "the account has a second step, they take it off before, and set it up again after.",
                code="mailbox_unproved",
                field="email",
            )

    def today(self, now: datetime) -> date:
        """The calendar day at this person's place at the moment `now`: 23:30 in Hawaii is not tomorrow."""
        return now.astimezone(self.zone).date()


SECOND_STEPS = (Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN)
"""What makes a second step at sign-in; recovery codes only stand in for one."""
RETENTION_YEARS = 5
"""29 CFR 29.5(b)(23) and 30.12: the least, which no setting shortens."""


class SponsorQuerySet(models.QuerySet["Sponsor"]):
    def visible_to(self, user: "User | AnonymousUser") -> "SponsorQuerySet":
        """Sponsors at which `user` holds a role today, or is or was an apprentice."""
        if not isinstance(user, User):
            return self.none()
        held = Membership.objects.active(on=authority_day(timezone.now())).filter(user=user)
        # A lookup by name: programs are known to a package above this one.
        learning = Sponsor.objects.filter(programs__apprentices__user=user)
        return self.filter(Q(pk__in=held.values("sponsor")) | Q(pk__in=learning.values("pk")))

    def administered_by(self, user: "User | AnonymousUser") -> "SponsorQuerySet":
        """Where `user` may read who works there and what is set: coordinators and auditors of the whole."""
        return self._held(user, [Role.COORDINATOR, Role.AUDITOR])

    def managed_by(self, user: "User | AnonymousUser") -> "SponsorQuerySet":
        """Where `user` may invite, set and change: coordinators of the whole sponsor."""
        return self._held(user, [Role.COORDINATOR])

    def confided_by(self, user: "User | AnonymousUser") -> "SponsorQuerySet":
        """Where `user` may read what apprentices say of themselves (29 CFR part 30): equal opportunity
        officers, nobody else, whatever they run."""
        return self._held(user, [Role.OFFICER])

    def counted_by(self, user: "User | AnonymousUser") -> "SponsorQuerySet":
        """Where `user` may read it as counts without names: the office and the officers."""
        return self._held(user, [Role.COORDINATOR, Role.AUDITOR, Role.OFFICER])

    def _held(self, user: "User | AnonymousUser", roles: "list[Role]") -> "SponsorQuerySet":
        if not isinstance(user, User):
            return self.none()
        held = Membership.objects.active(on=authority_day(timezone.now())).whole()
        return self.filter(pk__in=held.filter(user=user, role__in=roles).values("sponsor"))


class Sponsor(models.Model):
    """The organisation in whose name programs are registered; the boundary of who sees what."""

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    name = models.CharField(max_length=160, unique=True, validators=[check_printable])
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    first_steps_put_away_at = models.DateTimeField(null=True, blank=True, editable=False)
    retention_years = models.PositiveSmallIntegerField(
        default=RETENTION_YEARS,
        editable=False,
        help_text="How long a record is kept after the registration ended; see apprenticeship.retention.",
    )
    second_step_from = models.DateField(
        null=True,
        blank=True,
        editable=False,
        help_text="From this day on whoever coordinates, mentors, teaches or reads what is confided signs in "
        "with a second step.",
    )

    objects = SponsorQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(retention_years__gte=RETENTION_YEARS), name="sponsor_keeps_five_years"
            )
        ]

    def __str__(self) -> str:
        return self.name

    def second_step_facts(self) -> dict[str, Any]:
        """What the sponsor’s own chain holds of the second step that it demands."""
        day = self.second_step_from
        return {"second_step_from": day.isoformat() if day else None}


QUALIFICATION = "qualification.state"
"""The act of the ledger, in the person's chain: what they are qualified as from now on."""


class Role(models.TextChoices):
    COORDINATOR = "coordinator", "Coordinator"
    MENTOR = "mentor", "Mentor"
    INSTRUCTOR = "instructor", "Instructor"
    AUDITOR = "auditor", "Auditor"
    OFFICER = "officer", "Equal opportunity officer"


def check_employer(employer: "Employer | None", *, sponsor: Sponsor) -> None:
    """Raise ValidationError for an employer that takes part at another sponsor."""
    if employer and employer.sponsor_id != sponsor.pk:
        raise ValidationError({"employer": f"Choose an employer of {sponsor}."})


HELD_STATES = {"held": "In force", "coming": "Not yet", "ended": "Ended"}


class MembershipQuerySet(models.QuerySet["Membership"]):
    def matching(self, text: str) -> "MembershipQuerySet":
        """Those of people in whose name every word of `text` occurs, in any spelling."""
        return self.filter(all_words(text, "user__search_text"))

    def active(self, *, on: date) -> "MembershipQuerySet":
        """Memberships in force on the day `on`; also on their last, unless they were cut short on it."""
        running = Q(ends_on=None) | Q(ends_on__gt=on) | Q(ends_on=on, cut_short=False)
        return self.filter(running, starts_on__lte=on, user__is_active=True)

    def visible_to(self, user: "User | AnonymousUser") -> "MembershipQuerySet":
        """Those of the sponsors that `user` coordinates or audits as a whole."""
        return self.filter(sponsor__in=Sponsor.objects.administered_by(user).values("pk"))

    def managed_by(self, user: "User | AnonymousUser") -> "MembershipQuerySet":
        """Those that `user` may change and end."""
        return self.filter(sponsor__in=Sponsor.objects.managed_by(user).values("pk"))

    def lasting(self, end: date | None) -> "MembershipQuerySet":
        """Memberships that do not end before `end`, for None those without an end."""
        endless = Q(ends_on=None)
        return self.filter(endless | Q(ends_on__gte=end) if end else endless)

    def whole(self) -> "MembershipQuerySet":
        """Memberships that are not limited to one employer."""
        return self.filter(employer=None)

    def with_second_step(self) -> "MembershipQuerySet":
        """With `second_step`: whether the person has a second step at sign-in, and nothing more about it."""
        factors = Authenticator.objects.filter(type__in=SECOND_STEPS)
        return self.annotate(second_step=Exists(factors.filter(user=OuterRef("user"))))

    def with_state(self, *, on: date) -> "MembershipQuerySet":
        """With `state` on the day `on`, one of HELD_STATES, and `place`: the role's, ended ones last."""
        ended = Q(cut_short=True) | Q(ends_on__lt=on)
        state = Case(
            When(ended, then=Value("ended")),
            When(starts_on__gt=on, then=Value("coming")),
            default=Value("held"),
        )
        roles = [When(role=role, then=Value(place)) for place, role in enumerate(Role)]
        return self.annotate(
            state=state, place=Case(When(ended, then=Value(len(Role))), *roles, default=Value(len(Role)))
        )

    def in_order(self) -> "MembershipQuerySet":
        """By sponsor and role, the newest of each first: the order wherever several are read."""
        return self.order_by("sponsor__name", "role", "-starts_on", "-pk")


class Membership(models.Model):
    """What somebody is at a sponsor, from when to when, with the qualification that papers print.

    With an `employer`, a coordinator or auditor sees the apprentices of that employer alone; for mentors and
    instructors, who see only those assigned to them, it says where they work.
    """

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="memberships")
    sponsor = models.ForeignKey(Sponsor, on_delete=models.PROTECT, related_name="memberships")
    employer = models.ForeignKey(
        "apprenticeship.Employer",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="memberships",
        help_text="Limits a coordinator or auditor to the apprentices of this employer.",
    )
    role = models.CharField(max_length=16, choices=Role)
    title = models.CharField(max_length=80, blank=True)
    credential = models.CharField(max_length=80, blank=True)
    credential_number = models.CharField(max_length=40, blank=True)
    credential_expires = models.DateField(null=True, blank=True, help_text="Its last day.")
    starts_on = models.DateField()
    ends_on = models.DateField(null=True, blank=True)
    cut_short = models.BooleanField(default=False, editable=False, help_text="It ended within its last day.")
    ended_by = models.ForeignKey(
        User, null=True, blank=True, editable=False, on_delete=models.PROTECT, related_name="+"
    )
    ended_at = models.DateTimeField(null=True, blank=True, editable=False)

    objects = MembershipQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["user", "sponsor", "role", "starts_on"],
                condition=Q(employer=None),
                name="membership_once",
            ),
            models.UniqueConstraint(
                fields=["user", "sponsor", "role", "employer", "starts_on"],
                name="membership_of_employer_once",
            ),
            models.CheckConstraint(
                condition=Q(ends_on=None) | Q(ends_on__gte=models.F("starts_on")), name="membership_dates"
            ),
            models.CheckConstraint(
                condition=Q(cut_short=False) | Q(ends_on__isnull=False), name="membership_cut_short_has_end"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user}, {self.get_role_display().lower()} at {self.sponsor}"

    def over(self, *, on: date) -> bool:
        """Whether it has ended by the day `on`."""
        return self.cut_short or (self.ends_on is not None and self.ends_on < on)

    def clean(self) -> None:
        """The operator's own page asks as an enrollment and an invitation do."""
        check_employer(self.employer, sponsor=self.sponsor)
        if self.user_id and not Membership.objects.filter(pk=self.pk, sponsor=self.sponsor_id).exists():
            try:
                self.user.check_proved(self.sponsor)
            except Conflict as refusal:
                raise ValidationError(refusal.message, code=refusal.code) from None

    def record(self, *, by: "User | None", now: datetime) -> None:
        """Write the qualification as it is into the person's own chain, unless the chain says so.

        Must run in a transaction.
        """
        subject = self.user.uid
        chain.keep(
            chain.lock([subject])[subject],
            act=QUALIFICATION,
            actor=by.uid if by else None,
            object=self.uid,
            at=now,
            payload=self.facts(),
        )

    def facts(self) -> dict[str, Any]:
        """What the ledger holds of this qualification, and where it holds."""
        expires = self.credential_expires
        return {
            "sponsor": str(self.sponsor.uid),
            "role": str(self.role),
            "title": self.title,
            "credential": self.credential,
            "credential_number": self.credential_number,
            "credential_expires": expires.isoformat() if expires else None,
        }

    @property
    def states_qualification(self) -> bool:
        """Whether anything is stated that the person's record must tell of."""
        return bool(self.title or self.credential or self.credential_number or self.credential_expires)

    def qualification(self, *, on: date) -> str:
        """As printed behind a signature of the day `on`, e.g. “Coding supervisor, CCS”.

        A credential that had expired by then is left out; on its last day it still holds.
        """
        holds = self.credential_expires is None or self.credential_expires >= on
        return ", ".join(part for part in (self.title, self.credential if holds else "") if part)
