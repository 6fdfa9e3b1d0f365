"""What mails say. They name nobody's work and no reason: a mailbox is not the record."""

from collections import Counter
from datetime import datetime

from django.conf import settings
from django.core.mail import EmailMessage
from django.db.models import Min
from django.db.models.functions import TruncWeek

from accounts import letters
from accounts.models import User
from accounts.numbers import count_of
from ojt_logs.models import HoursEntry, Notice
from ojt_logs.models.notices import wanted

NAMED = 20
"""So many apprentices are named in the mail about what waits."""


def mail_of(notice: Notice) -> EmailMessage | None:
    """The mail about one notice; None where the person wants none."""
    person = notice.person
    if not wanted(person, notice.about):
        return None
    return letters.compose(
        person.email,
        subject=f"{settings.ACCOUNT_EMAIL_SUBJECT_PREFIX}{notice.words.rstrip('.')}",
        template="ojt_logs/email/notices.txt",
        context={"person": person, "notices": [notice]},
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
