"""What a reviewer of the registration agency would find today in one record: gaps first, each with its page.

29 CFR 29.5(b)(6) and (23) ask for a record of progress that is complete; reviewers pick a few apprentices and
read. Nothing here is a judgement: it is what they would ask about.
"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from random import Random
from uuid import UUID

from django.db.models import Count, Min, Q, Sum
from django.urls import reverse

from accounts.dates import day_words
from accounts.durations import format_hours
from accounts.models import Consent, Membership
from accounts.models.people import Role, authority_day
from accounts.numbers import count_of
from apprenticeship.models import Apprentice, Class
from apprenticeship.models.status import FINAL
from competencies.models import IN_FORCE
from ojt_logs.due import unreported
from ojt_logs.models import HoursEntry, OutsideAttestation, PeriodicReview, SignOff, SignOffRequest, State
from ojt_logs.periodic_reviews import due_of
from ojt_logs.wages import wages_of

LATELY = timedelta(days=90)


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
    """What is open in the record of `person`, in the order in which a reviewer would ask. A constant number
    of queries."""
    found = (_registration, _people, _hours, _reviews, _disagreements, _signatures, _asked, _money)
    return [gap for part in found for gap in part(person, now)]


def _at(name: str, person: Apprentice, query: str = "") -> str:
    return reverse(name, args=[person.uid]) + query


def _registration(person: Apprentice, now: datetime) -> Iterator[Gap]:
    today = authority_day(now)
    if not Consent.objects.in_force(person.user):
        yield Gap("Has not agreed to electronic records.", _at("registration", person))
    if not person.registration_number:
        yield Gap("Has no registration number yet.", _at("registration", person))
    if person.schedule.status not in IN_FORCE:
        words = f"The schedule, {person.schedule}, is {person.schedule.get_status_display().lower()}."
        yield Gap(words, reverse("schedule", args=[person.schedule.uid]))
    if (amendment := person.amendments.open().first()) is not None:
        words = f"Has not answered the change to {amendment.after}."
        yield Gap(words, reverse("amendment", args=[amendment.uid]))
    if person.in_probation and person.probation_ends_on and person.probation_ends_on < today:
        ended = day_words(person.probation_ends_on)
        yield Gap(f"Probation ended on {ended} and nobody decided it.", _at("registration", person))


def _people(person: Apprentice, now: datetime) -> Iterator[Gap]:
    """Who mentors and teaches, and what their papers say of them."""
    today = authority_day(now)
    mentors = person.mentors(on=today)
    if not mentors and person.status not in FINAL:
        yield Gap("Nobody is assigned as mentor.", _at("registration", person))
    teaching = Class.objects.in_force(on=today).filter(roster=person).values("instructor")
    held = Membership.objects.active(on=today).filter(
        Q(user__in=mentors, role=Role.MENTOR) | Q(user__in=teaching, role=Role.INSTRUCTOR),
        sponsor=person.program.sponsor,
    )
    for role in held.select_related("user").order_by("-role", "user__name", "pk"):
        who, path = f"{role.user.name}, {role.get_role_display().lower()},", _membership(role)
        if not role.states_qualification:
            yield Gap(f"{who} states no title and no credential.", path)
        elif role.credential_expires and role.credential_expires < today:
            expired = day_words(role.credential_expires)
            yield Gap(f"{who} holds a credential that expired on {expired}.", path)


def _membership(role: Membership) -> str:
    return reverse("membership", args=[role.uid])


def _hours(person: Apprentice, now: datetime) -> Iterator[Gap]:
    hours = HoursEntry.objects.everyone().filter(apprentice=person)
    if missing := unreported(person, now=now):
        days = f"?from={missing[0].first}&to={missing[-1].last}"
        words = f"Nothing was handed in for {missing[0].name}, which was due {missing[0].due_words}."
        if len(missing) > 1:
            words = (
                f"Nothing was handed in for {len(missing)} reporting periods, the first {missing[0].name}."
            )
        yield Gap(words, _at("hours", person, days))
    said = hours.aggregate(
        waiting=Sum("minutes", filter=Q(status=State.SUBMITTED)),
        since=Min("submitted_at", filter=Q(status=State.SUBMITTED)),
        disputed=Count("pk", filter=Q(status=State.SUBMITTED, disputed_at__isnull=False)),
        returned=Count("pk", filter=Q(status=State.RETURNED)),
        late=Count("pk", filter=Q(is_late=True, submitted_at__gte=now - LATELY) & ~Q(status=State.DRAFT)),
    )
    if said["late"]:
        words = f"{count_of(said['late'], 'entry was', 'entries were')} handed in late in the last 90 days."
        yield Gap(words, _at("receipts", person))
    if said["waiting"]:
        since = day_words(said["since"].astimezone(person.user.zone).date())
        words = f"{format_hours(said['waiting'])} wait for approval, the oldest since {since}."
        yield Gap(words, _at("hours", person, "?state=submitted"))
    if said["disputed"]:
        words = f"{count_of(said['disputed'], 'entry is', 'entries are')} disputed and not settled."
        yield Gap(words, _at("hours", person, "?state=submitted"))
    if said["returned"]:
        words = f"{count_of(said['returned'], 'entry was', 'entries were')} returned and not mended."
        yield Gap(words, _at("hours", person, "?state=returned"))


def _reviews(person: Apprentice, now: datetime) -> Iterator[Gap]:
    """Periodic reviews: overdue, not answered, and a disagreement that none was held after."""
    (due,) = due_of([person], today=person.user.today(now))
    if due.state(person.user.today(now)) == "overdue":
        since = f"since {day_words(due.on)}" if due.on else ""
        worked = f"after {format_hours(due.minutes)} of work" if due.by_hours else ""
        yield Gap(f"A periodic review is overdue {worked or since}.", _at("periodic-reviews", person))
    held = PeriodicReview.objects.everyone().filter(apprentice=person).select_related("answer")
    for number, row in enumerate(held.order_by("-held_on")):
        path, day = reverse("periodic-review", args=[row.uid]), day_words(row.held_on)
        answer = getattr(row, "answer", None)
        if answer is None:
            yield Gap(f"The apprentice has not answered the periodic review of {day}.", path)
        elif number == 0 and not answer.agrees:
            yield Gap(f"The apprentice disagrees with the periodic review of {day}, the last one.", path)


def _disagreements(person: Apprentice, now: datetime) -> Iterator[Gap]:
    """Competencies of which a later rating says less than an earlier pass, and both stand."""
    rows = SignOff.objects.everyone().standing().filter(apprentice=person)
    about: dict[UUID, list[SignOff]] = defaultdict(list)
    for row in rows.select_related("performance_standard", "competency", "rating"):
        about[row.lineage].append(row)
    codes = {
        row.competency.code for same in about.values() for row in same if any(map(row.contradicts, same))
    }
    for code in sorted(codes):
        words = f"{code} was rated lower after it had passed, and both ratings stand."
        yield Gap(words, reverse("competency", args=[person.uid, code]))


def _signatures(person: Apprentice, now: datetime) -> Iterator[Gap]:
    """Competencies rated without approved work in their job function; not applicable needs none."""
    worked = HoursEntry.objects.everyone().filter(apprentice=person, kind="ojt", status=State.APPROVED)
    functions = set(worked.values_list("job_function__lineage", flat=True))
    rated = SignOff.objects.everyone().standing().filter(apprentice=person, rating__value__isnull=False)
    signed = rated.order_by().values_list("competency__code", "competency__job_function__lineage")
    codes = sorted({code for code, function in signed.distinct() if function not in functions})
    for code in codes:
        words = f"{code} is signed, and no approved hours are in its job function."
        yield Gap(words, reverse("competency", args=[person.uid, code]))


def _asked(person: Apprentice, now: datetime) -> Iterator[Gap]:
    """What waits for a mentor's signature."""
    asked = SignOffRequest.objects.everyone().open().filter(apprentice=person)
    for row in asked.prefetch_related("competencies"):
        day = day_words(row.asked_at.astimezone(person.user.zone).date())
        path = reverse("sign-off-request", args=[row.uid])
        yield Gap(f"A sign-off of {row.codes} was asked for on {day} and nobody answered.", path)
    for said in OutsideAttestation.objects.everyone().waiting().filter(apprentice=person):
        words = f"What {said.name} attested to waits for a mentor."
        yield Gap(words, reverse("attestation", args=[said.uid]))


def _money(person: Apprentice, now: datetime) -> Iterator[Gap]:
    for step in wages_of([person], now=now)[person.pk].proposed:
        if step.earned_on:
            words = (
                f"Wage step {step.number} was earned on {day_words(step.earned_on)} and nobody decided it."
            )
            yield Gap(words, _at("wages", person))
