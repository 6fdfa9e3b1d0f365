"""Patterns in reviews and signatures that are worth a coordinator's look. Nothing is blocked by them.

Each is stated as the facts that the record holds. There may be a good reason for each: a backlog that was
talked through before, work that is alike, hours logged on another competency. So the words say what is there,
and never what somebody did wrong.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple
from urllib.parse import urlencode
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import Count, Max, Min
from django.urls import reverse

from accounts.dates import day_words
from accounts.models import User
from accounts.numbers import count_of
from apprenticeship.models import Program
from ojt_logs.models import HoursEntry, SignOff, Source, State
from ojt_logs.models.hour_sets import HoursQuerySet
from ojt_logs.models.sign_offs import SignOffQuerySet

LATELY = timedelta(days=90)
QUICK = timedelta(seconds=30)
MANY_DAYS = 30
"""So many days of work, approved within QUICK, are worth a look."""
MANY_RATINGS = 15
"""From so many ratings on, all alike are worth a look."""
NAMED = 6


@dataclass(frozen=True)
class Finding:
    """One pattern: what kind, the facts as a sentence, when, and where the rows are."""

    kind: str
    words: str
    on: date
    links: tuple[tuple[str, str], ...]


class Press(NamedTuple):
    """What one reviewer approved of one apprentice at one moment."""

    reviewer: int
    name: str
    at: datetime
    apprentice: int
    days: int
    first: date
    last: date


def findings_of(program: Program, *, viewer: User, now: datetime) -> list[Finding]:
    """Everything worth a look in the last 90 days of a program, the newest first. Five queries."""
    since = now - LATELY
    hours = HoursEntry.objects.on_record_for(viewer).filter(apprentice__program=program)
    acts = SignOff.objects.visible_to(viewer).standing().filter(apprentice__program=program)
    recent = acts.filter(signed_at__gte=since)
    found = [
        *_many_days_at_once(program, hours.filter(reviewed_at__gte=since)),
        *_all_alike(program, recent, since=since),
        *_before_any_hours(recent, hours),
    ]
    return sorted(found, key=lambda one: (one.on, one.words), reverse=True)


def _many_days_at_once(program: Program, hours: HoursQuerySet) -> Iterator[Finding]:
    reviewed = hours.exclude(source=Source.PAPER)  # a batch from paper is attested as a whole
    approved = reviewed.filter(status__in=(State.APPROVED, State.SUPERSEDED)).order_by()
    rows = approved.values_list("reviewed_by", "reviewed_by__name", "reviewed_at", "apprentice")
    told = rows.annotate(days=Count("date", distinct=True), first=Min("date"), last=Max("date"))
    by_person: dict[int, list[Press]] = defaultdict(list)
    for row in told:
        press = Press(*row)
        by_person[press.reviewer].append(press)
    for presses in by_person.values():
        for some in _bursts(presses):
            days = sum(one.days for one in some)
            if days >= MANY_DAYS:
                yield _burst(program, some, days)


def _bursts(presses: Iterable[Press]) -> Iterator[list[Press]]:
    """Presses that follow one another within QUICK of the first, in turn."""
    some: list[Press] = []
    for press in sorted(presses, key=lambda one: one.at):
        if some and press.at - some[0].at > QUICK:
            yield some
            some = []
        some.append(press)
    if some:
        yield some


def _burst(program: Program, some: Sequence[Press], days: int) -> Finding:
    seconds = max(1, round((some[-1].at - some[0].at).total_seconds()))
    people = count_of(len({one.apprentice for one in some}), "apprentice")
    on = some[0].at.astimezone(ZoneInfo(program.time_zone)).date()
    words = (
        f"{some[0].name} approved {days} days of work of {people} within {count_of(seconds, 'second')} "
        f"on {day_words(on)}."
    )
    query = urlencode(
        {
            "state": State.APPROVED.value,
            "from": min(one.first for one in some).isoformat(),
            "to": max(one.last for one in some).isoformat(),
        }
    )
    link = ("The hours of these days", f"{reverse('program-hours', args=[program.uid])}?{query}")
    return Finding("Many days at once", words, on, (link,))


def _all_alike(program: Program, acts: SignOffQuerySet, *, since: datetime) -> Iterator[Finding]:
    """A scale with two levels, or none, says nothing here: most ratings pass."""
    if not program.scale or program.scale.levels.count() < 3:
        return
    rated = acts.exclude(rating__value=None).order_by().values("signer", "signer__uid", "signer__name")
    told = rated.annotate(
        number=Count("pk"),
        least=Min("rating__value"),
        most=Max("rating__value"),
        label=Max("rating__label"),
        competencies=Count("competency__lineage", distinct=True),
        newest=Max("signed_at"),
    )
    for row in told:
        if row["number"] < MANY_RATINGS or row["competencies"] < 2 or row["least"] != row["most"]:
            continue
        words = (
            f"All {row['number']} ratings that {row['signer__name']} signed since {day_words(since.date())}, "
            f"on {row['competencies']} competencies, are “{row['most']} {row['label']}”."
        )
        path = f"{reverse('program-sign-offs', args=[program.uid])}?signer={row['signer__uid']}"
        on = row["newest"].astimezone(ZoneInfo(program.time_zone)).date()
        yield Finding("Ratings all alike", words, on, (("Their signatures", path),))


class Signed(NamedTuple):
    """A competency as one person signed it of one apprentice for the first time lately."""

    apprentice: int
    uid: UUID
    name: str
    signer: str
    competency: UUID
    function: UUID
    code: str
    seen: date


def _before_any_hours(acts: SignOffQuerySet, hours: HoursQuerySet) -> Iterator[Finding]:
    """What was signed as seen by a day up to which no hours name it, nor its job function alone."""
    columns = (
        "apprentice",
        "apprentice__uid",
        "apprentice__user__name",
        "signer__name",
        "competency__lineage",
        "competency__job_function__lineage",
        "competency__code",
    )
    rows = acts.order_by().values_list(*columns).annotate(seen=Min("observed_to"))
    signed = [Signed(*row) for row in rows]
    people = {one.apprentice for one in signed}
    first = _first_days(hours.filter(apprentice__in=people)) if people else {}
    groups: dict[tuple[UUID, str, str], list[Signed]] = defaultdict(list)
    for one in signed:
        days = [first.get((one.apprentice, key)) for key in (one.competency, one.function)]
        if not any(day and day <= one.seen for day in days):
            groups[one.uid, one.name, one.signer].append(one)
    for (uid, name, signer), some in groups.items():
        yield _unlogged(uid, name, signer, some)


def _first_days(hours: HoursQuerySet) -> dict[tuple[int, UUID], date]:
    """The first day by apprentice and lineage: of competencies, and of functions where none is named."""
    named = hours.exclude(competency=None).order_by().values_list("apprentice", "competency__lineage")
    plain = hours.filter(competency=None).exclude(job_function=None).order_by()
    whole = plain.values_list("apprentice", "job_function__lineage")
    found: dict[tuple[int, UUID], Any] = {}
    for rows in (named, whole):
        found |= {(person, key): day for person, key, day in rows.annotate(day=Min("date"))}
    return found


def _unlogged(uid: UUID, name: str, signer: str, some: Sequence[Signed]) -> Finding:
    codes = sorted({one.code for one in some})
    listed = ", ".join(codes[:NAMED]) + (f" and {len(codes) - NAMED} more" if len(codes) > NAMED else "")
    seen = max(one.seen for one in some)
    words = (
        f"{signer} signed {listed} of {name} as seen by {day_words(seen)}; "
        f"no hours on {'it' if len(codes) == 1 else 'them'} are logged up to then."
    )
    links = (
        ("The hours", reverse("hours", args=[uid])),
        ("The signatures", reverse("sign-offs", args=[uid])),
    )
    return Finding("Signed before any hours", words, seen, links)
