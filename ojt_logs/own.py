"""What is one's own, of a page and over REST: 404 for what one may not see, 403 for what one may only see."""

from collections.abc import Callable
from datetime import date, datetime
from uuid import UUID

from django.db.models import QuerySet
from django.http import Http404

from accounts.access import M, get_or_deny
from accounts.models import User
from apprenticeship.models import Apprentice
from ojt_logs.dates import monday_of
from ojt_logs.models import Evidence, HoursEntry


def registration_of(person: User, uid: UUID | str) -> Apprentice:
    """One's own registration."""
    own = person.apprenticeships.select_related("user", "program", "schedule")
    return _one_of(own, Apprentice.objects.visible_to, person, uid)


def entry_of(person: User, uid: UUID | str) -> HoursEntry:
    """An entry of one's own."""
    related = ("apprentice__user", "apprentice__program", "apprentice__schedule", "reviewed_by")
    own = HoursEntry.objects.worked_by(person).select_related(*related)
    return _one_of(own, HoursEntry.objects.visible_to, person, uid)


def _one_of(own: QuerySet[M], seen_by: Callable[[User], QuerySet[M]], person: User, uid: UUID | str) -> M:
    """What is one's own is looked for first: that is found by its column, and who else may see it by many
    conditions. Raises as `get_or_deny`."""
    try:
        return get_or_deny(own, uid=uid)
    except Http404:
        return get_or_deny(seen_by(person), own, uid=uid)


def file_of(person: User, uid: UUID | str) -> Evidence:
    """A file of an entry of one's own."""
    visible = Evidence.objects.visible_to(person).select_related("entry__apprentice__program")
    return get_or_deny(visible, visible.filter(entry__apprentice__user=person), uid=uid)


def monday_within(apprentice: Apprentice, day: date, *, now: datetime) -> date:
    """The Monday of the week of `day`; 404 outside of the apprenticeship."""
    monday = monday_of(day)
    if not monday_of(apprentice.started_on) <= monday <= monday_of(apprentice.user.today(now)):
        raise Http404
    return monday
