"""What somebody says of a standard, and every rule that it must keep before it can be signed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any

from accounts.dates import day_words
from accounts.models import User
from accounts.models.people import Role
from accounts.refusals import NotAllowed, Refusal
from apprenticeship.models import Apprentice
from apprenticeship.models.programs import covers
from apprenticeship.models.status import Status
from competencies.models import Competency, PerformanceStandard, RatingLevel
from ojt_logs.models.attestations import Method

if TYPE_CHECKING:
    from ojt_logs.models.outside import OutsideAttestation

FRESH = timedelta(minutes=5)
"""How old a password check may be when something is signed in the browser (21 CFR 11.200 as yardstick)."""

LONGEST_REASON = 500
"""Characters."""


@dataclass(frozen=True)
class Authentication:
    """How and when the signer proved who they are: a check in the browser, or a token with scope sign."""

    method: str
    at: datetime

    def check(self, *, now: datetime) -> None:
        """Raise NotAllowed when the check was too long ago; a token stands for the moment it was made."""
        if self.method != "token" and now - self.at > FRESH:
            raise NotAllowed("Enter your password again to sign.", code="stale_authentication")


@dataclass(frozen=True)
class Rating:
    """What the signer says of one standard, or of a competency that lists none."""

    target: PerformanceStandard | Competency
    level: RatingLevel
    reason: str = ""


@dataclass(frozen=True)
class Origin:
    """Where ratings come from that their signer does not give from what they saw.

    `attested`: what a journeyworker attested to, which a mentor accepts. `original_at`: where the sheet of
    paper is. `ink`: whose ink it is, where a coordinator copies it and not the mentor who signed it.
    """

    attested: "OutsideAttestation | None" = None
    original_at: str = ""
    ink: str = ""

    @property
    def fields(self) -> dict[str, Any]:
        """The columns of a sign-off."""
        return {
            "attested": self.attested,
            "original_at": self.original_at.strip(),
            "ink": self.ink.strip(),
        }

    @property
    def role(self) -> Role:
        """As what somebody signs: a sheet of somebody else's is copied by the coordinator."""
        return Role.COORDINATOR if self.ink.strip() else Role.MENTOR

    def check(self, method: str) -> None:
        """Raise Refusal, by field, unless `method` says the same."""
        if (method == Method.ACCEPTED) != (self.attested is not None):
            raise Refusal("Choose how you saw this work.", code="method", field="method")
        if method == Method.PAPER and not self.original_at.strip():
            raise Refusal(
                "Say where the original is kept, so that somebody finds it.",
                code="original_at",
                field="original_at",
            )
        if method != Method.PAPER and (self.original_at.strip() or self.ink.strip()):
            raise Refusal("Only a sheet of paper has an original.", code="method", field="method")


FIRST_HAND = Origin()
"""What the signer saw, reviewed or tested themselves."""


def check(
    apprentice: Apprentice,
    *,
    by: User,
    now: datetime,
    method: str,
    first: date,
    last: date,
    ratings: Sequence[Rating],
    origin: Origin = FIRST_HAND,
) -> None:
    """Raise NotAllowed or Refusal, by field, when `by` may not sign this, or not so.

    `first` and `last` are the days on which the work was seen.
    """
    if origin.role == Role.COORDINATOR:
        check_office(apprentice, by=by)
    else:
        check_signer(apprentice, by=by, first=first, last=last)
    check_dates(apprentice, by=by, now=now, first=first, last=last)
    if method not in Method.values:
        raise Refusal("Choose how you saw this work.", code="method", field="method")
    origin.check(method)
    if not ratings:
        raise Refusal("Rate at least one performance standard.", code="nothing_rated", field="rating")
    for rating in ratings:
        check_rating(apprentice, rating)


def check_signer(apprentice: Apprentice, *, by: User, first: date, last: date) -> None:
    """Raise NotAllowed for one's own work, and unless one was the assigned mentor on each of these days."""
    if apprentice.user_id == by.pk:
        raise NotAllowed("Nobody signs for themselves.", code="own_work")
    today = Apprentice.objects.mentored_by(by, on=first).filter(pk=apprentice.pk)
    missing = apprentice.day_without(by, first=first, last=last) if today.exists() else first
    if missing:
        sponsor = apprentice.program.sponsor
        assigned = apprentice.mentorships.filter(covers(missing), mentor=by).exists()
        held = by.memberships.filter(covers(missing), sponsor=sponsor, role=Role.MENTOR).exists()
        what = f"no mentor of {sponsor}" if assigned and not held else f"not assigned to {apprentice}"
        raise NotAllowed(
            f"You were {what} on {day_words(missing)}. "
            "Choose dates on which you were, or ask the coordinator.",
            code="not_assigned",
            field="observed_from" if missing == first else "observed_to",
        )


def check_office(apprentice: Apprentice, *, by: User) -> None:
    """Raise NotAllowed for one's own work, and unless one coordinates the sponsor."""
    if apprentice.user_id == by.pk:
        raise NotAllowed("Nobody signs for themselves.", code="own_work")
    if not Apprentice.objects.decided_by(by).filter(pk=apprentice.pk).exists():
        raise NotAllowed(
            "Only a coordinator copies a sheet that somebody else signed.", code="not_coordinator"
        )


def check_dates(apprentice: Apprentice, *, by: User, now: datetime, first: date, last: date) -> None:
    """Raise Refusal, by field, for dates seen that cannot be."""
    if last < first:
        raise Refusal("The last day seen is before the first.", code="dates", field="observed_to")
    if last > by.today(now):
        raise Refusal(
            "Nobody has seen tomorrow's work. Choose today or earlier.", code="dates", field="observed_to"
        )
    _check_in_force(apprentice, last, "observed_to")
    _check_in_force(apprentice, first, "observed_from")
    if first < apprentice.started_on:
        raise Refusal(
            f"The apprenticeship began on {day_words(apprentice.started_on)}. Choose that day or later.",
            code="dates",
            field="observed_from",
        )


def _check_in_force(apprentice: Apprentice, day: date, field: str) -> None:
    """Raise Refusal for a day on which the apprenticeship was suspended, or after its end."""
    if apprentice.ended_on and day > apprentice.ended_on:
        raise Refusal(
            "The apprenticeship had ended by then. Choose an earlier day.", code="dates", field=field
        )
    if apprentice.status_on(day) == Status.SUSPENDED:
        raise Refusal(
            "The apprenticeship was suspended on this day. Choose another day, or ask the coordinator.",
            code="dates",
            field=field,
        )


def check_rating(apprentice: Apprentice, rating: Rating) -> None:
    """Raise Refusal when the target is not this apprentice's, or the rating is off the scale."""
    target = rating.target
    competency = target.competency if isinstance(target, PerformanceStandard) else target
    if competency.job_function.schedule_id != apprentice.schedule_id:
        raise Refusal(
            "This standard is not in the apprentice's schedule.",
            code="off_schedule",
            field="performance_standard",
        )
    if isinstance(target, Competency) and target.standards.exists():
        raise Refusal(
            "This competency is signed by its performance standards.", code="off_schedule", field="competency"
        )
    scale = apprentice.scale
    if scale is None or rating.level.scale_id != scale.pk:
        raise Refusal("Choose a rating of the program's scale.", code="off_scale", field="rating")
    if rating.level.needs_reason and not rating.reason.strip():
        given = "Not applicable" if rating.level.not_applicable else f"A rating of {rating.level.value}"
        raise Refusal(
            f"{given} needs a reason: say why.",
            code="reason_required",
            field="reason",
        )
    if len(rating.reason) > LONGEST_REASON:
        raise Refusal("Keep the reason under 500 characters.", code="too_long", field="reason")
