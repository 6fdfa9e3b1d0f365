"""The same thing a hundred times in one moment, and people who get in each other's way."""

import threading
import uuid
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from drill.figures import Figure, none_of
from drill.ground import Ground
from drill.people import Browser, Caller, token
from drill.writing import ledger_stands, newcomers, together

TITLE = "Races"
SECONDS = 240
DATABASES = ("postgresql", "sqlite")
NOT_RUN = (
    "That of fifty mentors who sign one standard only one signs: by the rules of the record each may, and "
    "each signature stands and is counted once.",
)

AT_ONCE = 100
MENTORS = 50
ATTEMPTS = 5000
AT_THE_END_SECONDS = 30


def figures(ground: Ground) -> Iterator[Figure]:
    ground.web()
    yield from once_with_a_key(ground)
    yield from once_by_a_form(ground)
    yield from two_editors(ground)
    yield from fifty_mentors(ground)
    yield from full_days(ground)
    yield from ledger_stands()


def line(apprentice: Any, **changes: Any) -> dict[str, Any]:
    from tests.cast import TODAY

    body = {"apprentice": str(apprentice.uid), "kind": "ojt", "date": TODAY.isoformat(), "minutes": 45}
    return body | {"job_function": 2, "competency": "2g"} | changes


def once_with_a_key(ground: Ground) -> Iterator[Figure]:
    """A phone that sends again and again because it hears nothing."""
    from ledger.models import Entry
    from ojt_logs.models import HoursEntry

    ana = Caller(ground.port, token(ground.cast.ana_user))
    answers = together(AT_ONCE, lambda _: ana.post("hours/", line(ground.cast.ana), key="once"))
    rows = HoursEntry.objects.everyone().filter(apprentice=ground.cast.ana)
    yield _equal("equal answers to a hundred equal requests", answers)
    yield _one("rows of them", rows.count())
    path = f"hours/{rows.get().uid}/submit/"
    answers = together(AT_ONCE, lambda _: ana.post(path, key="once more"))
    yield _equal("equal answers to a hundred equal submissions", answers)
    yield _one("ledger entries of them", Entry.objects.filter(act="hours.submit").count())


def _equal(name: str, answers: list[Any]) -> Figure:
    """By status and body; an answer that is no success, or broke off, counts as another one."""
    kinds = Counter((answer.status, answer.body) for answer in answers if answer.well)
    most = max(kinds.values(), default=0)
    slowest = max(answer.seconds for answer in answers)
    odd = Counter(answer.status for answer in answers if not answer.well)
    note = f"slowest {slowest:.1f} s" + (f", others {dict(odd)}" if odd else "")
    return Figure(name, str(len(answers)), str(most), most == len(answers), note=note)


def _one(name: str, found: int) -> Figure:
    return Figure(name, "1", str(found), found == 1)


def once_by_a_form(ground: Ground) -> Iterator[Figure]:
    """A button pressed again and again on a page without JavaScript."""
    from django.urls import reverse

    from ojt_logs.models import HoursEntry
    from tests.cast import TODAY

    day = TODAY - timedelta(days=1)
    path = reverse("day", args=[ground.cast.ben.uid, day])
    form = {"lines": "1", "line-0-about": "2g", "line-0-minutes": "7:30", "line-0-note": ""}
    form |= {"line-0-entry_uid": "", "line-0-client_uid": str(uuid.uuid4())}
    browsers = [Browser(ground.port, ground.cast.ben_user) for _ in range(AT_ONCE)]
    answers = together(AT_ONCE, lambda place: browsers[place].post(path, form))
    odd = [str(answer.status) for answer in answers if answer.status != 302]
    yield none_of("forms sent again that were not answered as the first", odd, among=AT_ONCE)
    rows = HoursEntry.objects.everyone().filter(apprentice=ground.cast.ben, date=day)
    yield _one("rows of a form sent a hundred times", rows.count())


def two_editors(ground: Ground) -> Iterator[Figure]:
    """Two devices of one apprentice change what both have read, ten times."""
    ben, spoiled = Caller(ground.port, token(ground.cast.ben_user)), []
    for number in range(10):
        read = ben.post("hours/", line(ground.cast.ben, minutes=10)).json()
        path = f"hours/{read['id']}/"
        changes = [
            {"minutes": 20 + number, "seen": read["changed_at"]},
            {"minutes": 40, "seen": read["changed_at"]},
        ]
        answers = together(2, lambda place: ben.ask("PATCH", path, changes[place]))  # noqa: B023
        if sorted(answer.status for answer in answers) != [200, 409]:
            spoiled.append(str([answer.status for answer in answers]))
    yield none_of("of two editors not exactly one wrote and the other was told", spoiled, among=10)


def fifty_mentors(ground: Ground) -> Iterator[Figure]:
    """All of them approve the same hours in one moment."""
    from django.db import transaction

    from apprenticeship.models import Mentorship
    from ledger.models import Entry
    from tests.cast import NOW, STARTED, _join, _user

    cast = ground.cast
    callers = []
    for number in range(MENTORS):
        with transaction.atomic():
            mentor = _join(_user(f"Lena{number} Fox"), cast.lakeside, "mentor", "Senior coder", "CPC")
        Mentorship.objects.assign(cast.ben, mentor, starts_on=STARTED, by=cast.nora, now=NOW)
        callers.append(Caller(ground.port, token(mentor)))
    (entry,) = cast.submitted(cast.ben, cast.ojt(minutes=30, day=STARTED))
    answers = together(MENTORS, lambda place: callers[place].post(f"hours/{entry.uid}/approve/"))
    yield _one("of fifty mentors who approve the same hours at once: approvals", sum(a.well for a in answers))
    told = sum(answer.status == 409 for answer in answers)
    yield Figure("of them told that another was first", "49", str(told), told == MENTORS - 1)
    yield _one("ledger entries of it", Entry.objects.filter(act="hours.approve", object=entry.uid).count())


def full_days(ground: Ground) -> Iterator[Figure]:
    """Eight threads fill the same days of the same people: no day may hold more than 24 hours."""
    from django.db.models import Sum

    from ojt_logs.models import HoursEntry

    people, tried = newcomers(ground, 2), Counter[str]()
    threads = [threading.Thread(target=_fill, args=(ground, people, number, tried)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    attempts = sum(tried.values())
    note = f"{tried['written']} were written, {tried['refused']} refused"
    yield Figure(
        "racing attempts to fill a day",
        f"at least {ATTEMPTS}",
        str(attempts),
        attempts >= ATTEMPTS,
        note=note,
    )
    days = HoursEntry.objects.everyone().values("apprentice__user", "date").annotate(sum=Sum("minutes"))
    over = [f"{day['sum']} minutes" for day in days if day["sum"] > 24 * 60]
    yield none_of("days of more than 24 hours", over, among=len(days))
    yield none_of("attempts that broke off", [""] * tried["broken"], among=attempts)


def _fill(ground: Ground, people: list[Any], number: int, tried: "Counter[str]") -> None:
    from django.core.exceptions import ValidationError
    from django.db import DatabaseError, connections
    from django.utils import timezone

    from accounts.refusals import Refusal
    from ojt_logs.models import HoursEntry
    from tests.cast import TODAY

    for turn in range(ATTEMPTS // 8):
        if ground.left() < AT_THE_END_SECONDS:
            break
        who, day = people[turn % len(people)], TODAY - timedelta(days=1 + turn // 100)
        lines = [ground.cast.ojt(minutes=40 + number, day=day)]
        try:
            HoursEntry.objects.log(who, by=who.user, now=timezone.now(), lines=lines)
            tried["written"] += 1
        except (ValidationError, Refusal):
            tried["refused"] += 1
        except DatabaseError:
            tried["broken"] += 1
    connections.close_all()
