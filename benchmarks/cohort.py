"""Signed schedules of one version: all of a program's, and one more, beside each by itself."""

import statistics
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from itertools import product
from typing import Any

from benchmarks.figures import Figure, figure
from benchmarks.papers import bare
from drill.ground import Ground

DATABASES = ("postgresql",)
PEOPLE, ROUNDS, SINGLE = 200, 3, 5
"""Apprentices, how often all of them are written, and papers that are laid out singly in each round."""
FIRST = ("Ana", "Łukasz", "Zoë", "José María", "D’Angelo", "Fiona", "Mai", "Anne-Sophie", "Bo", "Ngọc Hân")
LAST = ("Reyes", "O’Brien", "Nguyễn", "Müller", "Affleck", "van der Berg", "Smith", "Ñandú", "Li", "Kowalska")
LAST += (
    "Walker",
    "Young",
    "Ortiz",
    "Fitzgerald",
    "Washington",
    "Yilmaz",
    "Håland",
    "Åkesson",
    "Tóth",
    "Park",
)


def figures(ground: Ground) -> Iterator[Figure]:
    papers = signed_schedules(ground.cast)
    whole, single, more = [], [], []
    for number in range(ROUNDS):
        single += [took(bare(html)) for html in papers[number :: PEOPLE // SINGLE]]
        whole.append(took(lambda: written(papers)))
        more += one_more(papers[number::7])
    alone = 1 / statistics.median(single)
    name = f"{PEOPLE} signed schedules of one version a second, beside single ones"
    at_once = PEOPLE / statistics.median(whole)
    yield figure(name, at_once, alone, goal=">= 40", unit="/s", n=ROUNDS)
    name = "one signed schedule with a template at hand, a second"
    yield figure(name, 1 / statistics.median(more), alone, goal=">= 4", unit="/s", n=len(more))


def took(act: Callable[[], Any]) -> float:
    """Seconds of the processor: neighbours on the machine do not count, and each act has one thread."""
    begun = time.process_time()
    act()
    return time.process_time() - begun


def written(papers: list[str]) -> list[bytes]:
    """All of them, from nothing: with laying out what has to be."""
    from reports.cohort import Cohort

    cohort = Cohort()
    found = [cohort.render(html) for html in papers]
    assert len(set(found)) == len(papers)
    return found


def one_more(papers: list[str]) -> list[float]:
    from reports.cohort import Cohort

    cohort = Cohort()
    for html in papers[:2]:
        cohort.render(html)
    return [took(lambda html=html: cohort.render(html)) for html in papers[2:]]


def signed_schedules(cast: Any) -> list[str]:
    """The HTML of each, as the product makes it: other names, days and ratings, half to all of it signed."""
    from django.utils import timezone

    from benchmarks.crowd import crowd
    from ojt_logs.models import SignOff
    from reports import documents
    from reports.models import ReportRun

    people = crowd(cast, "Coders with signed schedules", people=PEOPLE, each=1, waiting=0).apprentices
    signed = signed_by_ana(cast)
    for (last, first), person in zip(product(LAST, FIRST), people, strict=True):
        person.user.name = f"{first} {last}"
        person.user.save()
        cast.sign(person, "1b")
    rows = [row for number, person in enumerate(people) for row in anew(signed, number, person)]
    SignOff.objects.bulk_create(rows, batch_size=500)
    now = timezone.now()
    run = ReportRun(document="schedule", requested_by=cast.nora, created_at=now)
    return [documents.of_one(run, person, now=now).sections[0]() for person in people]


def signed_by_ana(cast: Any) -> list[Any]:
    """Rows of every competency but the one that is signed by each person."""
    from competencies.models import Competency

    of_schedule = Competency.objects.filter(job_function__schedule=cast.program.schedule)
    codes = of_schedule.exclude(code="1b").order_by("code").values_list("code", flat=True)
    return [row for code in codes for row in cast.sign(cast.ben, code)]


def anew(signed: list[Any], number: int, person: Any) -> Iterator[Any]:
    """The first of these rows for another person, each on another day."""
    from benchmarks import crowd

    for place, row in enumerate(signed[: len(signed) * (10 + number % 11) // 20]):
        day = row.observed_to - timedelta((number + place) % 90)
        yield crowd.like(row, apprentice=person, observed_from=day, observed_to=day)
