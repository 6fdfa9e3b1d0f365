"""What people are told when a mentor who leaves hands apprentices over, and how much that moves."""

from collections.abc import Sequence
from datetime import datetime

from django.db.models.functions import TruncWeek
from django.urls import reverse

from accounts.dates import day_words
from accounts.models import User
from accounts.numbers import count_of
from apprenticeship.models import Mentorship
from ojt_logs.models import Notice
from ojt_logs.models.hour_sets import HoursQuerySet
from ojt_logs.models.notices import About


def weeks_in(waiting: HoursQuerySet) -> int:
    """How many person-weeks these entries are, as the queue counts them."""
    weeks = waiting.order_by().annotate(monday=TruncWeek("date")).values("apprentice", "monday", "kind")
    return weeks.distinct().count()


def tell_handed_over(
    made: Sequence[Mentorship], *, leaving: User, weeks: int, by: User, now: datetime
) -> None:
    """Tell each apprentice who mentors them now, and the new mentor what came along."""
    for row in made:
        Notice.objects.tell(
            About.ENDING,
            [row.apprentice.user],
            words=f"{row.mentor} mentors you from {day_words(row.starts_on)}, in the place of {leaving}.",
            path=reverse("progress", args=[row.apprentice.uid]),
            apprentice=row.apprentice,
            by=by,
            now=now,
        )
    if made:
        are, since = "is" if len(made) == 1 else "are", day_words(made[0].starts_on)
        waits = f" {count_of(weeks, 'week')} of hours came along." if weeks else ""
        Notice.objects.tell(
            About.ENDING,
            [made[0].mentor],
            words=f"{count_of(len(made), 'apprentice')} of {leaving} {are} yours from {since}.{waits}",
            path=reverse("review"),
            by=by,
            now=now,
        )
