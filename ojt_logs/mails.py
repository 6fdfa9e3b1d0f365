"""What mails say. They name nobody's work and no reason: a mailbox is not the record."""

from collections import Counter
from datetime import datetime

from django.conf import settings
from django.core.mail import EmailMessage
from django.db.models import Min
from django.db.models.functions import TruncWeek

from accounts import letters
from accounts.durations import format_hours
from accounts.models import User
from accounts.numbers import count_of
from ojt_logs.models import HoursEntry, Notice, SignOff, State
from ojt_logs.models.notices import About, wanted

NAMED = 20
"""So many apprentices are named in the mail about what waits."""


def mail_of(notice: Notice) -> EmailMessage | None:
    """The mail about what a reviewer did; None when it was undone, or the person wants none."""
    if not wanted(notice.apprentice.user, notice.about):
        return None
    return _signed(notice) if notice.about == About.SIGNED else _reviewed(notice)


def _reviewed(notice: Notice) -> EmailMessage | None:
    state = State.RETURNED if notice.about == About.RETURNED else State.APPROVED
    entries = list(
        HoursEntry.objects.everyone()
        .filter(apprentice=notice.apprentice, reviewed_by=notice.reviewer, reviewed_at=notice.at)
        .filter(status=state)
        .order_by("date")
    )
    if not entries:
        return None
    context: dict[str, object] = {
        "entries": count_of(len(entries), "entry", "entries"),
        "hours": format_hours(sum(entry.minutes for entry in entries)),
        "day": entries[0].date.isoformat(),
    }
    preposition = "to you" if state == State.RETURNED else "of yours"
    return _to_apprentice(notice, f"{notice.about} hours {preposition}", context)


def _signed(notice: Notice) -> EmailMessage | None:
    rows = SignOff.objects.standing().filter(apprentice=notice.apprentice, signer=notice.reviewer)
    number = rows.filter(signed_at=notice.at).count()
    if not number:
        return None
    return _to_apprentice(notice, "rated and signed work of yours", {"ratings": count_of(number, "rating")})


def _to_apprentice(notice: Notice, did: str, context: dict[str, object]) -> EmailMessage:
    person = notice.apprentice.user
    common = {"person": person, "reviewer": notice.reviewer, "apprentice": notice.apprentice}
    return letters.compose(
        person.email,
        subject=f"{settings.ACCOUNT_EMAIL_SUBJECT_PREFIX}{notice.reviewer} {did}",
        template=f"ojt_logs/email/{notice.about}.txt",
        context=common | context,
    )


def digest_mail(person: User) -> EmailMessage | None:
    """What waits for this person to review: how many weeks, of whom, since when; None when nothing waits."""
    waiting = HoursEntry.objects.reviewable_by(person).annotate(monday=TruncWeek("date")).order_by()
    weeks = waiting.values_list("apprentice__user__name", "apprentice", "monday", "kind")
    rows = list(weeks.annotate(since=Min("submitted_at")).order_by("since", "apprentice__user__name"))
    if not rows:
        return None
    names = Counter(row[0] for row in rows)
    since: datetime = rows[0][-1]
    return letters.compose(
        person.email,
        subject=f"{settings.ACCOUNT_EMAIL_SUBJECT_PREFIX}{_weeks(len(rows))} for you to review",
        template="ojt_logs/email/waiting.txt",
        context={
            "person": person,
            "weeks": f"{_weeks(len(rows))} of hours {'waits' if len(rows) == 1 else 'wait'}",
            "since": since.astimezone(person.zone),
            "people": [f"{name}, {_weeks(number)}" for name, number in names.items()][:NAMED],
            "more": max(0, len(names) - NAMED),
        },
    )


def _weeks(number: int) -> str:
    return count_of(number, "week")
