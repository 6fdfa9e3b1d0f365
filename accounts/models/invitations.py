"""Nobody signs up by themselves: a sponsor (or the operator) invites."""

import hashlib
import secrets
import uuid
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any

from django.db import IntegrityError, models, transaction
from django.db.models import Case, Q, Value, When

from accounts.dates import day_words
from accounts.models.first_days import first_free_day, record
from accounts.models.people import Membership, Role, Sponsor, User, authority_day, check_printable
from accounts.refusals import Conflict, Refusal

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    from apprenticeship.models import Employer

LIFE = timedelta(days=7)
AUDITOR_DAYS = 60
"""An auditor's access always ends; after so many days unless another last day is said."""

STATES = {
    "waiting": "Waiting",
    "expired": "Link expired",
    "accepted": "Accepted",
    "withdrawn": "Withdrawn",
}


class InvitationQuerySet(models.QuerySet["Invitation"]):
    def visible_to(self, user: "User | AnonymousUser") -> "InvitationQuerySet":
        """Those to the sponsors that `user` coordinates or audits as a whole."""
        return self.filter(sponsor__in=Sponsor.objects.administered_by(user).values("pk"))

    def managed_by(self, user: "User | AnonymousUser") -> "InvitationQuerySet":
        """Those that `user` may send again or withdraw."""
        return self.filter(sponsor__in=Sponsor.objects.managed_by(user).values("pk"))

    def to_roles(self) -> "InvitationQuerySet":
        """Those that give a role; others let an enrolled apprentice choose a first password."""
        return self.exclude(role="")

    def waiting(self) -> "InvitationQuerySet":
        """Neither accepted nor withdrawn; perhaps too old to be used."""
        return self.filter(accepted_at=None, withdrawn_at=None)

    def with_state(self, *, now: datetime) -> "InvitationQuerySet":
        """With `state` at the moment `now`, one of STATES."""
        return self.annotate(
            state=Case(
                When(accepted_at__isnull=False, then=Value("accepted")),
                When(withdrawn_at__isnull=False, then=Value("withdrawn")),
                When(expires_at__lte=now, then=Value("expired")),
                default=Value("waiting"),
            )
        )

    def issue(
        self,
        email: str,
        *,
        now: datetime,
        sponsor: Sponsor | None = None,
        role: str = "",
        name: str = "",
        employer: "Employer | None" = None,
        starts_on: date | None = None,
        ends_on: date | None = None,
        invited_by: User | None = None,
        user: User | None = None,
    ) -> tuple["Invitation", str]:
        """A new invitation and its secret, which is shown once and stored only as a hash.

        The role will be held from `starts_on` (None: the day it is accepted) until `ends_on` (None: without
        an end), and limited to `employer`. A `user` was
        enrolled and has no password yet: the link lets them choose the first one. An auditor's role always
        ends.
        """
        if role == Role.AUDITOR and ends_on is None:
            ends_on = authority_day(now) + timedelta(days=AUDITOR_DAYS)
        token = secrets.token_urlsafe(32)
        invitation = self.create(
            email=email.strip().lower(),
            name=name,
            sponsor=sponsor,
            role=role,
            employer=employer,
            starts_on=starts_on,
            ends_on=ends_on,
            invited_by=invited_by,
            user=user,
            digest=digest(token),
            created_at=now,
            expires_at=now + LIFE,
        )
        return invitation, token

    def invited(self, token: str, *, now: datetime) -> "Invitation":
        """The invitation behind a link. Raises Refusal when it is unknown, used or too old."""
        invitation = self.filter(digest=digest(token)).select_related("user").first()
        if invitation is None:
            raise Refusal(
                "This invitation is not known. Ask whoever invited you for a new link.",
                code="invitation_unknown",
            )
        person = invitation.user
        if invitation.accepted_at or (person and person.has_usable_password()):
            raise Refusal("This invitation was used already. Sign in instead.", code="invitation_used")
        if invitation.withdrawn_at:
            raise Refusal(
                "This invitation was withdrawn. Ask whoever invited you whether it was replaced by another.",
                code="invitation_withdrawn",
            )
        if person and person.reaches_beyond(invitation.sponsor):
            raise Refusal(
                "This account holds more by now than this link was made for. "
                "Set a password by e-mail instead.",
                code="invitation_withdrawn",
            )
        if invitation.ends_on and invitation.ends_on < authority_day(now):
            raise Refusal(
                f"This invitation gave access until {day_words(invitation.ends_on)}. "
                "Ask whoever invited you for a new one.",
                code="invitation_expired",
            )
        if invitation.expires_at <= now:
            raise Refusal(
                "This invitation is older than seven days. Ask whoever invited you for a new one.",
                code="invitation_expired",
            )
        return invitation

    @transaction.atomic
    def accept(
        self, token: str, *, password: str, name: str, now: datetime, time_zone: str = "America/Chicago"
    ) -> User:
        """Make the account with its role from today, or open the one that enrolling made; works once."""
        invitation = self.invited(token, now=now)
        chosen: dict[str, Any] = {"name": name, "time_zone": time_zone}
        chosen["address_proved_at"] = now if invitation.by_mail_alone else None
        if invitation.user_id:
            user = User.objects.select_for_update().get(pk=invitation.user_id)
            self._take(invitation, now=now)
            return _opened(user, password, chosen)
        self._take(invitation, now=now)
        return _admit(_newcomer(invitation.email, password, chosen), invitation, now=now)

    @transaction.atomic
    def join(self, token: str, *, now: datetime) -> User:
        """Give the role to somebody who has an account already; works once. Raises as `User.check_proved`."""
        invitation = self.invited(token, now=now)
        user = User.objects.select_for_update().get(pk=User.objects.by_email(invitation.email).get().pk)
        if invitation.sponsor:
            user.check_proved(invitation.sponsor)
        self._take(invitation, now=now)
        # Whoever saw a link to the first password must not reach what another sponsor gives.
        self.filter(user=user).exclude(sponsor=invitation.sponsor).waiting().update(withdrawn_at=now)
        return _admit(user, invitation, now=now)

    def _take(self, invitation: "Invitation", *, now: datetime) -> None:
        """Use it up. Whose account it concerns is locked before, as when a sponsor enrolls or invites."""
        taken = self.filter(pk=invitation.pk).waiting().update(accepted_at=now)
        if not taken:
            raise Conflict(
                "This invitation was used or withdrawn a moment ago. Sign in instead.", code="invitation_used"
            )

    def withdraw(self, *, by: User, now: datetime) -> int:
        """Make the links of these invitations useless; how many still waited."""
        return self.waiting().update(withdrawn_at=now, withdrawn_by=by)


def _admit(user: User, invitation: "Invitation", *, now: datetime) -> User:
    """Give the invited role from its first day to its end, where it is not held so long already.

    The first day is today, or an earlier one that whoever invited said: of somebody else.
    """
    if invitation.sponsor and invitation.role:
        today, end = authority_day(now), invitation.ends_on
        same: dict[str, Any] = {
            "user": user,
            "sponsor": invitation.sponsor,
            "role": invitation.role,
            "employer": invitation.employer,
        }
        held = Membership.objects.lasting(end).filter(starts_on__lte=today, cut_short=False, **same)
        if not held.exists():
            again = {"ends_on": end, "cut_short": False, "ended_by": None, "ended_at": None}
            own = invitation.invited_by == user
            first = today if own else first_free_day(invitation.starts_on or today, today=today, **same)
            row, _ = Membership.objects.update_or_create(**same, starts_on=first, defaults=again)
            if first < today:
                record(row, by=invitation.invited_by, now=now)
    return user


def _opened(user: User, password: str, chosen: dict[str, Any]) -> User:
    """The first password of an account that has none; never a new one. Raises Conflict where there is one."""
    if user.has_usable_password():
        raise Conflict("This account has a password already. Sign in instead.", code="invitation_used")
    user.set_password(password)
    for field, value in {**chosen, "initials": ""}.items():
        setattr(user, field, value)
    user.save()
    return user


def _newcomer(email: str, password: str, chosen: dict[str, Any]) -> User:
    """A new account. Raises Conflict where there is one, perhaps through another link a moment ago."""
    try:
        with transaction.atomic():
            if not User.objects.by_email(email).exists():
                return User.objects.create_user(email, password, **chosen)
    except IntegrityError:
        pass
    raise Conflict(
        "An account with this address was made a moment ago. Open the link again to join with it.",
        code="invitation_overtaken",
    )


class Invitation(models.Model):
    """A single-use link, valid seven days, that lets one e-mail address in."""

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    email = models.EmailField("e-mail")
    name = models.CharField(max_length=120, blank=True, validators=[check_printable])
    sponsor = models.ForeignKey(Sponsor, null=True, blank=True, on_delete=models.CASCADE)
    role = models.CharField(max_length=16, choices=Role, blank=True)
    employer = models.ForeignKey(
        "apprenticeship.Employer", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    starts_on = models.DateField(
        null=True, blank=True, help_text="The first day of the role it gives, where that is past."
    )
    ends_on = models.DateField(null=True, blank=True, help_text="The last day of the role it gives.")
    digest = models.CharField(max_length=64, unique=True)
    user = models.ForeignKey(
        User,
        null=True,
        blank=True,
        on_delete=models.CASCADE,
        related_name="invitations",
        help_text="Somebody who was enrolled, and chooses a first password with it.",
    )
    invited_by = models.ForeignKey(
        User, null=True, blank=True, on_delete=models.PROTECT, related_name="invitations_sent"
    )
    by_mail_alone = models.BooleanField(
        default=False, help_text="The mail server took the link, and nobody else was shown it."
    )
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    accepted_at = models.DateTimeField(null=True, blank=True)
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    withdrawn_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")

    objects = InvitationQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(expires_at__gt=models.F("created_at")), name="invitation_life")
        ]

    def __str__(self) -> str:
        return f"invitation of {self.email}"

    def went_by_mail(self) -> None:
        """Note that the link was mailed, and is shown to nobody: whoever uses it reads that mailbox."""
        self.by_mail_alone = True
        self.save(update_fields=["by_mail_alone"])


def digest(token: str) -> str:
    """What is stored of a secret."""
    return hashlib.sha256(token.encode()).hexdigest()
