"""Who let hours wait: the apprentice, or whoever reviews them. Read from the record, where every move stands.

A raise that is held up by a reviewer is not the apprentice's delay, so the two are never added up.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from uuid import UUID

from apprenticeship.models import Apprentice
from ledger.models import Entry
from ojt_logs.models import HoursEntry
from ojt_logs.models.requests import SignOffRequest

APPRENTICE, REVIEWER = "apprentice", "reviewer"
WAITS_FOR = {
    "hours.submit": REVIEWER,
    "hours.undo": REVIEWER,
    "hours.import": REVIEWER,
    "hours.recall": APPRENTICE,
    "hours.return": APPRENTICE,
    "hours.approve": "",
    "hours.supersede": "",
    "hours.attest": "",
    "hours.undo_import": "",
}
"""For whom an entry waits after each act; "" for nobody."""


@dataclass(frozen=True)
class Span:
    """Some time in which one entry waited for somebody."""

    waits_for: str
    begin: datetime
    end: datetime


@dataclass(frozen=True)
class Delay:
    """How long hours waited for each; times in which several entries waited count once."""

    own: timedelta
    """For the apprentice: from the end of the day worked, and from a return, to handing in."""
    others: timedelta
    """For whoever reviews: from handing in to approval or return."""
    waits_for: str = ""
    """For whom something waits now, APPRENTICE before REVIEWER; "" for nobody."""

    @property
    def own_days(self) -> int:
        return self.own.days

    @property
    def others_days(self) -> int:
        return self.others.days


def delay_of(apprentice: Apprentice, *, entries: Collection[HoursEntry], now: datetime) -> Delay:
    """How long these entries of one apprentice waited for whom, until `now`. One query.

    For a wage step: hand in the entries that its condition needs; `others` is what held it up.
    """
    acts = _acts(apprentice, {entry.uid for entry in entries})
    spans = [span for entry in entries for span in _spans(apprentice, entry, acts[entry.uid], now=now)]
    open_now = {span.waits_for for span in spans if span.end == now}
    waits_for = next((who for who in (APPRENTICE, REVIEWER) if who in open_now), "")
    own, others = (
        _together(span for span in spans if span.waits_for == who) for who in (APPRENTICE, REVIEWER)
    )
    return Delay(own, others, waits_for)


def delay_of_requests(requests: Iterable[SignOffRequest], *, now: datetime) -> Delay:
    """How long requests of one apprentice for sign-offs waited for whoever mentors them, until `now`.

    From asking to the answer, also one that declines; what the apprentice took back waited until then.
    """
    spans = [Span(REVIEWER, row.asked_at, row.closed_at or now) for row in requests]
    waits_for = REVIEWER if any(span.end == now for span in spans) else ""
    return Delay(timedelta(), _together(spans), waits_for)


def _acts(apprentice: Apprentice, wanted: Collection[UUID]) -> dict[UUID, list[tuple[str, datetime]]]:
    """What happened to these entries, the oldest act first."""
    found: dict[UUID, list[tuple[str, datetime]]] = defaultdict(list)
    told = Entry.objects.filter(chain__subject=apprentice.uid, act__in=WAITS_FOR).order_by("sequence")
    for thing, act, at in told.values_list("object", "act", "at"):
        if thing and thing in wanted:
            found[thing].append((act, at))
    return found


def _spans(
    apprentice: Apprentice, entry: HoursEntry, acts: Sequence[tuple[str, datetime]], *, now: datetime
) -> Iterable[Span]:
    handed_in_by_others = bool(entry.batch_id)
    since = entry.created_at if handed_in_by_others else _end_of(entry.date, apprentice)
    waits_for = "" if handed_in_by_others else APPRENTICE
    for act, at in acts:
        if waits_for and at > since:
            yield Span(waits_for, since, at)
        waits_for, since = WAITS_FOR[act], max(at, since)
    if waits_for and now > since:
        yield Span(waits_for, since, now)


def _end_of(day: date, apprentice: Apprentice) -> datetime:
    """The midnight after a day worked, at the apprentice's place: before, nobody is late."""
    return datetime.combine(day + timedelta(days=1), time.min, tzinfo=apprentice.user.zone)


def _together(spans: Iterable[Span]) -> timedelta:
    """The length of these spans, what they have in common once."""
    total, until = timedelta(), None
    for span in sorted(spans, key=lambda one: one.begin):
        begin = max(span.begin, until) if until else span.begin
        if span.end > begin:
            total += span.end - begin
            until = span.end
    return total
