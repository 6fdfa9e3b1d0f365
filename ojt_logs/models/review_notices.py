"""What apprentices are told of a review of their hours, and how it is unsaid when the review is undone."""

from collections import defaultdict
from collections.abc import Collection
from datetime import datetime
from typing import TYPE_CHECKING

from django.urls import reverse

from accounts.durations import format_hours
from accounts.models import User
from accounts.numbers import count_of
from ojt_logs.models.moves import State
from ojt_logs.models.notices import About, Notice

if TYPE_CHECKING:
    from ojt_logs.models.hours import HoursEntry

TOLD = {"return": About.RETURNED, "approve": About.APPROVED}
STILL = {About.RETURNED: State.RETURNED, About.APPROVED: State.APPROVED}


def tell_review(name: str, entries: "Collection[HoursEntry]", *, by: User, now: datetime) -> None:
    """Tell each apprentice what `by` did to their entries with one press, all of one move."""
    about = TOLD[name]
    groups: dict[int, list[HoursEntry]] = defaultdict(list)
    for entry in entries:
        groups[entry.apprentice_id].append(entry)
    for own in groups.values():
        apprentice = own[0].apprentice
        Notice.objects.tell(
            about,
            [apprentice.user],
            words=_words(about, own, by=by),
            path=_place(own),
            key=_key(apprentice.pk, by.pk, now),
            by=by,
            apprentice=apprentice,
            now=now,
        )


def unsay_review(entries: "Collection[HoursEntry]", *, now: datetime) -> None:
    """After these left the state of their last review: what was told of it says what is left of it.

    Nothing left of an approval: it is gone. Nothing left of a return: it is mailed no more, and read in
    the list. Call in the act's transaction.
    """
    reviews = {
        (entry.apprentice_id, entry.reviewed_by_id, entry.reviewed_at)
        for entry in entries
        if entry.reviewed_at
    }
    for person, reviewer, at in reviews:
        told = Notice.objects.filter(key=_key(person, reviewer, at), about__in=STILL)
        for notice in told.select_related("by"):
            same = type(next(iter(entries))).objects.filter(
                apprentice=person, reviewed_by=reviewer, reviewed_at=at, status=STILL[About(notice.about)]
            )
            left = list(same.order_by("date", "pk"))
            if left and notice.by:
                notice.words = _words(notice.about, left, by=notice.by)
                notice.save(update_fields=["words"])
            elif notice.about == About.APPROVED:
                notice.delete()
            else:
                notice.taken_at, notice.read_at = notice.taken_at or now, notice.read_at or now
                notice.save(update_fields=["taken_at", "read_at"])


def _key(apprentice: int, reviewer: int | None, at: datetime) -> str:
    return f"{apprentice} {reviewer} {at.isoformat()}"


def _words(about: str, entries: "Collection[HoursEntry]", *, by: User) -> str:
    number = count_of(len(entries), "entry", "entries")
    hours = format_hours(sum(entry.minutes for entry in entries))
    if about == About.RETURNED:
        return f"{by} returned {number} of your hours ({hours}) with a reason."
    return f"{by} approved {number} of your hours ({hours})."


def _place(entries: "Collection[HoursEntry]") -> str:
    first = min(entries, key=lambda entry: entry.date)
    return f"{reverse('week', args=[first.apprentice.uid])}?of={first.date.isoformat()}"
