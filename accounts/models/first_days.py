"""The first day of a role that signs: a mentor may have worked with apprentices before the site existed.

Work is signed for days from the start of the role, so a coordinator may set it back, for others alone, and
the record keeps who did.
"""

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Any

from accounts.dates import EARLIEST, day_words
from accounts.models.people import Membership, Role, User, authority_day
from accounts.refusals import Refusal
from ledger import chain

SIGNING = (Role.MENTOR, Role.INSTRUCTOR)
"""The roles whose first day decides for which days somebody may sign."""
ACT = "membership.since"


def check_first_day(day: date, *, role: str, now: datetime) -> None:
    """Raise Refusal, by field, for a first day that the role may not be given."""
    today = authority_day(now)
    if role not in SIGNING:
        raise Refusal(
            "Only mentors and instructors sign for days before they came here. Leave it empty for others.",
            code="starts_on",
            field="starts_on",
        )
    if not EARLIEST <= day <= today:
        raise Refusal(
            f"Choose a day between {day_words(EARLIEST)} and today, {day_words(today)}.",
            code="starts_on",
            field="starts_on",
        )


def check_others(addresses: Iterable[str], *, by: User) -> None:
    """Raise Refusal, by field, where `by` is among the people, by address, whose first day is set."""
    if by.email.lower() in {address.lower() for address in addresses}:
        raise Refusal(
            "Nobody sets the first day of their own role. Ask another coordinator.",
            code="own_role",
            field="starts_on",
        )


def first_free_day(wanted: date, *, today: date, **same: Any) -> date:
    """`wanted`, or the day after an earlier time in the `same` role, today at the latest."""
    ends = Membership.objects.filter(starts_on__lte=today, **same).values_list("ends_on", flat=True)
    free = [min(end, today) + timedelta(days=1) if end else today for end in ends]
    return min(max([wanted, *free]), today)


def record(membership: Membership, *, by: User | None, now: datetime) -> None:
    """Write the first day of a role into the record of its person. Must run in a transaction."""
    person = membership.user
    chain.tell(
        person.uid,
        act=ACT,
        actor=by.uid if by else None,
        object=membership.uid,
        at=now,
        payload=facts(membership)
        | {"employer": str(membership.employer.uid) if membership.employer else None},
    )


def facts(membership: Membership) -> dict[str, Any]:
    """What stays as the ledger told it until the first day is set anew; the employer may change without."""
    return {
        "sponsor": str(membership.sponsor.uid),
        "role": str(membership.role),
        "starts_on": membership.starts_on.isoformat(),
    }
