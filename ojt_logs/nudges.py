"""What each person is reminded of in their own morning: what waits for them, and what is about to end.

Reminders are notices like any other, so that the list, the mails and their settings are the same. Nobody is
reminded while away: an apprentice who is suspended or without work, a mentor for whom somebody stands in.
"""

from collections import Counter
from datetime import date, datetime, timedelta

from django.db.models import Q
from django.urls import reverse

from accounts.dates import day_words
from accounts.models import User
from accounts.models.people import authority_day
from accounts.numbers import count_of
from apprenticeship.models import Apprentice, Mentorship
from apprenticeship.models.mentorships import MentorshipQuerySet
from apprenticeship.models.programs import covers
from apprenticeship.models.status import Status
from ojt_logs import queue
from ojt_logs.due import dues_of
from ojt_logs.models import Notice, NoWorkPeriod
from ojt_logs.models.notices import About

NAMED = 5
"""So many people are named in one sentence."""
ENDS_WITHIN = timedelta(days=7)
DUE_WITHIN = timedelta(days=2)


def is_away(person: User, *, now: datetime) -> bool:
    """Whether this person is on leave: somebody stands in for them today, or they are an apprentice alone
    and suspended, or without work today."""
    on = authority_day(now)
    if Mentorship.objects.filter(covers(on), stands_in_for=person).exists():
        return True
    current = person.apprenticeships.filter(status__in=(Status.ACTIVE, Status.SUSPENDED))
    off = NoWorkPeriod.objects.standing().within(on, on).values("apprentice")
    working = current.filter(status=Status.ACTIVE).exclude(pk__in=off)
    if not current.exists() or working.exists():
        return False
    return not person.memberships.active(on=on).exists()


def remind(person: User, *, now: datetime) -> None:
    """Note everything that somebody who is not away is to be reminded of today; the same day again adds
    nothing."""
    for reminder in (_waiting, _unsubmitted, _ending):
        reminder(person, now=now)


def _waiting(person: User, *, now: datetime) -> None:
    """What waits for a reviewer. The reminder of another day has been overtaken."""
    earlier = Notice.objects.filter(person=person, about=About.WAITING)
    weeks = sorted(queue.weeks_of(person), key=lambda week: (week.since, week.name))
    today = person.today(now).isoformat()
    earlier.exclude(key=today).read(now=now)
    if not weeks:
        return
    names = Counter(week.name for week in weeks)
    counted = (f"{name} {number}" for name, number in names.most_common(NAMED))
    named = weeks[0].name if len(weeks) == 1 else ", ".join(counted)
    more = f" and {count_of(len(names) - NAMED, 'more person', 'more people')}" if len(names) > NAMED else ""
    since = day_words(weeks[0].since.astimezone(person.zone).date())
    number = f"{count_of(len(weeks), 'week')} of hours {'waits' if len(weeks) == 1 else 'wait'}"
    Notice.objects.tell(
        About.WAITING,
        [person],
        words=f"{number} for you ({named}{more}), the oldest since {since}.",
        path=reverse("review"),
        key=today,
        now=now,
    )


def _unsubmitted(person: User, *, now: datetime) -> None:
    """Reporting periods with drafts in them: once when they are due soon, once when they were due.

    Days without any entry are no news here: nobody is nudged to fill them. They stand beside in the words.
    """
    mine = Apprentice.objects.visible_to(person).filter(user=person, status=Status.ACTIVE)
    for apprentice in mine.select_related("user", "program"):
        for due in dues_of(apprentice, now=now):
            soon = due.period.due_before - now <= DUE_WITHIN
            if not due.drafts or not soon:
                continue
            first = max(due.period.first, apprentice.started_on)
            Notice.objects.tell(
                About.PERIOD,
                [person],
                words=f"{due.says}.",
                path=f"{reverse('week', args=[apprentice.uid])}?of={first.isoformat()}",
                key=f"{apprentice.pk} {due.period.first} {'over' if due.is_overdue else 'soon'}",
                apprentice=apprentice,
                now=now,
            )


def _ending(person: User, *, now: datetime) -> None:
    """Assignments that end within a week and that concern this person, once each."""
    on = authority_day(now)
    for row in _ends(on).filter(_concerns(person)).select_related("mentor", "apprentice__user").distinct():
        apprentice, last = row.apprentice, row.ends_on or date.max
        after = apprentice.mentorships.in_force(on=last + timedelta(days=1)).exclude(pk=row.pk)
        alone = "" if after.exists() else " Nobody is assigned after that day."
        Notice.objects.tell(
            About.ENDING,
            [person],
            words=f"{row.mentor} mentors {apprentice.user} until {day_words(last)}.{alone}",
            path=_place(row, person),
            key=f"{row.pk} {last}",
            apprentice=apprentice,
            now=now,
        )


def _ends(on: date) -> MentorshipQuerySet:
    within = Mentorship.objects.in_force(on=on).filter(ends_on__lte=on + ENDS_WITHIN)
    return within.filter(apprentice__status=Status.ACTIVE)


def _concerns(person: User) -> Q:
    managed = Apprentice.objects.managed_by(person).values("pk")
    return Q(mentor=person) | Q(apprentice__user=person) | Q(apprentice__in=managed)


def _place(row: Mentorship, person: User) -> str:
    if row.mentor_id == person.pk:
        return reverse("review")
    return reverse(
        "progress" if row.apprentice.user_id == person.pk else "registration", args=[row.apprentice.uid]
    )
