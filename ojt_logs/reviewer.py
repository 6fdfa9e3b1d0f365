"""What a reviewer of the registration agency would find today in one record: gaps first, each with its page.

29 CFR 29.5(b)(6) and (23) ask for a record of progress that is complete; reviewers pick a few apprentices and
read. Nothing here is a judgement: it is what they would ask about.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from random import Random

from django.db.models import Min, Sum
from django.urls import reverse

from accounts.dates import day_words
from accounts.durations import format_hours
from accounts.models import Consent, Membership
from accounts.models.people import Role, authority_day
from accounts.numbers import count_of
from apprenticeship.models import Apprentice
from apprenticeship.models.status import FINAL
from ojt_logs.models import HoursEntry, SignOff, State
from ojt_logs.wages import wages_of


@dataclass(frozen=True)
class Gap:
    """One thing a reviewer would ask about, and the page where it is looked at or mended."""

    words: str
    path: str


def picked(people: list[Apprentice], *, today: date, another: int) -> Apprentice | None:
    """One of them by chance: the same all day, and somebody else for each `another`, everybody once."""
    if not people:
        return None
    order = sorted(people, key=lambda one: one.pk)
    Random(today.isoformat()).shuffle(order)  # noqa: S311 - nobody's secret hangs on it
    return order[another % len(order)]


def gaps_of(person: Apprentice, *, now: datetime) -> list[Gap]:
    """What is open in the record of `person`, in the order in which a reviewer would ask."""
    found = (_registration, _mentors, _hours, _signatures, _money)
    return [gap for part in found for gap in part(person, now)]


def _at(name: str, person: Apprentice, query: str = "") -> str:
    return reverse(name, args=[person.uid]) + query


def _registration(person: Apprentice, now: datetime) -> Iterator[Gap]:
    today = authority_day(now)
    if not Consent.objects.in_force(person.user):
        yield Gap("Has not agreed to electronic records.", _at("registration", person))
    if not person.registration_number:
        yield Gap("Has no registration number yet.", _at("registration", person))
    if person.in_probation and person.probation_ends_on and person.probation_ends_on < today:
        ended = day_words(person.probation_ends_on)
        yield Gap(f"Probation ended on {ended} and nobody decided it.", _at("registration", person))


def _mentors(person: Apprentice, now: datetime) -> Iterator[Gap]:
    today = authority_day(now)
    mentors = person.mentors(on=today)
    if not mentors and person.status not in FINAL:
        yield Gap("Nobody is assigned as mentor.", _at("registration", person))
    held = Membership.objects.active(on=today).filter(
        user__in=mentors, sponsor=person.program.sponsor, role=Role.MENTOR
    )
    for role in held.select_related("user"):
        name, path = role.user.name, reverse("membership", args=[role.uid])
        if not role.states_qualification:
            yield Gap(f"{name}, mentor, states no title and no credential.", path)
        elif role.credential_expires and role.credential_expires < today:
            yield Gap(f"{name}’s credential expired on {day_words(role.credential_expires)}.", path)


def _hours(person: Apprentice, now: datetime) -> Iterator[Gap]:
    hours = HoursEntry.objects.everyone().filter(apprentice=person)
    waiting = hours.filter(status=State.SUBMITTED).aggregate(
        minutes=Sum("minutes"), since=Min("submitted_at")
    )
    if waiting["minutes"]:
        since = day_words(waiting["since"].astimezone(person.user.zone).date())
        words = f"{format_hours(waiting['minutes'])} wait for approval, the oldest since {since}."
        yield Gap(words, _at("hours", person, "?state=submitted"))
    returned = hours.filter(status=State.RETURNED).count()
    if returned:
        words = f"{count_of(returned, 'entry was', 'entries were')} returned and not mended."
        yield Gap(words, _at("hours", person, "?state=returned"))


def _signatures(person: Apprentice, now: datetime) -> Iterator[Gap]:
    """Competencies signed without any approved work that names them or their job function."""
    worked = HoursEntry.objects.everyone().filter(apprentice=person, kind="ojt", status=State.APPROVED)
    functions = set(worked.values_list("job_function__lineage", flat=True))
    rows = SignOff.objects.everyone().filter(apprentice=person, withdraws=None, withdrawals=None)
    signed = rows.order_by().values_list("competency__code", "competency__job_function__lineage")
    codes = sorted({code for code, function in signed.distinct() if function not in functions})
    for code in codes:
        words = f"{code} is signed, and no approved hours are in its job function."
        yield Gap(words, reverse("competency", args=[person.uid, code]))


def _money(person: Apprentice, now: datetime) -> Iterator[Gap]:
    for step in wages_of([person], now=now)[person.pk].proposed:
        if step.earned_on:
            words = (
                f"Wage step {step.number} was earned on {day_words(step.earned_on)} and nobody decided it."
            )
            yield Gap(words, _at("wages", person))
