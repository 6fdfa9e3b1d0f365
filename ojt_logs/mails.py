"""What mails say. They name nobody's work and no reason: a mailbox is not the record."""

from django.conf import settings
from django.core.mail import EmailMessage

from accounts import letters
from accounts.durations import format_hours
from accounts.numbers import count_of
from ojt_logs.models import HoursEntry, ReturnNotice, State


def returned_mail(notice: ReturnNotice) -> EmailMessage | None:
    """The mail about returned hours; None when nothing is left to fix, or the person wants none."""
    person = notice.apprentice.user
    if not (person.is_active and person.mails_returned):
        return None
    entries = list(
        HoursEntry.objects.everyone()
        .filter(apprentice=notice.apprentice, reviewed_by=notice.reviewer, reviewed_at=notice.at)
        .filter(status=State.RETURNED)
        .order_by("date")
    )
    if not entries:
        return None
    return letters.compose(
        person.email,
        subject=f"{settings.ACCOUNT_EMAIL_SUBJECT_PREFIX}{notice.reviewer} returned hours to you",
        template="ojt_logs/email/returned.txt",
        context={
            "person": person,
            "reviewer": notice.reviewer,
            "entries": count_of(len(entries), "entry", "entries"),
            "hours": format_hours(sum(entry.minutes for entry in entries)),
            "apprentice": notice.apprentice,
            "day": entries[0].date.isoformat(),
        },
    )
