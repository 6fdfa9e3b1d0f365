"""Two hundred people with hours by chance: what a paper adds up to is what SQL and REST say."""

import random
import re
import subprocess
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from drill.figures import Figure, none_of
from drill.ground import Ground
from drill.people import Caller, token

TITLE = "Totals of two hundred people on paper, over REST and by SQL"
SECONDS = 420
DATABASES = ("postgresql", "sqlite")

PEOPLE, MOST_LINES = 200, 8
SUMS = """
SELECT coalesce(sum(CASE WHEN kind = 'ojt' AND status = 'approved' THEN minutes END), 0),
  coalesce(sum(CASE WHEN kind = 'ojt' AND status = 'submitted' THEN minutes END), 0),
  coalesce(sum(CASE WHEN kind = 'ri' AND status = 'approved' THEN minutes END), 0),
  coalesce(sum(CASE WHEN kind = 'ri' AND status = 'submitted' THEN minutes END), 0)
FROM ojt_logs_hoursentry WHERE apprentice_id = %s
"""
TIME = r"((?:[\d,]+ h)?(?: ?\d+ min)?)"
PRINTED = re.compile(
    rf"{TIME} on-the-job learning approved(?: of [^,]+)?, {TIME} waiting "
    rf"{TIME} related instruction approved(?: of [^,]+)?, {TIME} waiting"
)
"""The hours at the top of a progress report."""
Totals = tuple[int, ...]
"""Minutes of work approved and waiting, of class approved and waiting."""


def figures(ground: Ground) -> Iterator[Figure]:
    ground.web()
    chance = random.Random(24)
    caller = Caller(ground.port, token(ground.cast.nora))
    wrong, empty = [], 0
    for one in people(ground.cast):
        live(ground.cast, one, chance)
        told = {"SQL": by_sql(one), "REST": over_rest(caller, one), "paper": on_paper(ground.cast, one)}
        if len(set(told.values())) > 1:
            wrong.append(f"{one.user.name}: {told}")
        empty += not any(told["SQL"])
    note = f"{empty} of them with nothing yet"
    yield none_of("people whose totals are not the same in all three", wrong, among=PEOPLE, note=note)


def people(cast: Any) -> list[Any]:
    """They have Marcus as mentor and Priya as instructor."""
    from apprenticeship.models import Class
    from benchmarks.crowd import crowd
    from tests.cast import NOW, STARTED

    made = crowd(cast, "Coders by chance", people=PEOPLE, each=0)
    everybody, course = list(made.apprentices), cast.klass.course
    Class.objects.begin(
        made.program, course, cast.priya, starts_on=STARTED, roster=everybody, by=cast.nora, now=NOW
    )
    return everybody


def live(cast: Any, one: Any, chance: random.Random) -> None:
    """Up to so many entries of work and class; some stay drafts, some wait, some are approved or returned."""
    from ojt_logs.models import HoursEntry
    from tests.cast import NOW, TODAY

    def line(ago: int) -> Any:
        day, minutes = TODAY - timedelta(days=ago), chance.randint(1, 600)
        if chance.random() < 0.2:
            return cast.ri(day=day, minutes=minutes)
        return cast.ojt(chance.choice(("1a", "2g", "3b")), day=day, minutes=minutes)

    days = chance.sample(range(1, 60), chance.randint(0, MOST_LINES))
    for entry in HoursEntry.objects.log(one, by=one.user, now=NOW, lines=[line(ago) for ago in days]):
        this = HoursEntry.objects.filter(pk=entry.pk)
        reviewer = cast.marcus if entry.kind == "ojt" else cast.priya
        if chance.random() < 0.8:
            this.move("submit", by=one.user, now=NOW)
            if chance.random() < 0.7:
                name = chance.choice(("approve", "approve", "return"))
                this.move(name, by=reviewer, now=NOW, reason="Which day was it?" if name == "return" else "")


def by_sql(one: Any) -> Totals:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(SUMS, [one.pk])
        return tuple(int(minutes) for minutes in cursor.fetchone())


def over_rest(caller: Caller, one: Any) -> Totals:
    said = caller.get(f"apprentices/{one.uid}/progress/").json()
    return tuple(
        said[f"{kind}_minutes"][state] for kind in ("ojt", "ri") for state in ("approved", "waiting")
    )


def on_paper(cast: Any, one: Any) -> Totals:
    """Read from the letters of the PDF, as whoever holds the paper does."""
    from django.utils import timezone

    from reports.models import ReportRun
    from tests.reports.building import built, file_of

    run = ReportRun.objects.start(by=cast.nora, now=timezone.now(), document="progress", apprentice=one)
    path = file_of(built(run))
    command = ["pdftotext", "-raw", "-l", "1", str(path), "-"]
    text = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    found = PRINTED.search(" ".join(text.split()))
    return tuple(_minutes(words) for words in found.groups()) if found else ()


def _minutes(words: str) -> int:
    """Of “1,204 h 5 min”."""
    hours, minutes = re.search(r"([\d,]+) h", words), re.search(r"(\d+) min", words)
    return 60 * int(hours[1].replace(",", "") if hours else 0) + int(minutes[1] if minutes else 0)
