"""A coordinator brings 5,000 hours in from a file."""

import csv
import io
from collections.abc import Iterator
from datetime import date, timedelta

from benchmarks.figures import Figure, beside
from drill.ground import Ground

ROWS, PEOPLE, ROUNDS = 5_000, 500, 3
SECONDS = 60
"""An import takes seconds, so that its rounds are few."""


def figures(ground: Ground) -> Iterator[Figure]:
    from benchmarks.crowd import crowd
    from benchmarks.floors.importing import bring as least
    from ledger import chain
    from ojt_logs import rollup
    from ojt_logs.imports import bringing
    from ojt_logs.imports.uploads import read
    from tests.cast import NOW, STARTED

    cast = ground.cast
    people = crowd(cast, "Coders of a file", people=PEOPLE, each=1).apprentices
    emails = [one.user.email for one in people]
    days = iter(STARTED + timedelta(10 * turn) for turn in range(2 * ROUNDS + 4))

    def file() -> bytes:
        return written(emails, next(days))

    def ours() -> None:
        upload = read(file(), name="payroll.csv", kind="hours")
        plan = bringing.plan_for(upload, sponsor=cast.lakeside)
        result = bringing.bring(upload, plan, sponsor=cast.lakeside, by=cast.nora, now=NOW)
        assert result.batch and result.batch.rows == ROWS

    def floor() -> None:
        least(file(), cast=cast, now=NOW)

    yield beside(f"import {ROWS:,} hours", ours, floor, goal="<= 10", n=ROUNDS)
    assert not rollup.differences_of(people[0])
    assert not list(chain.verify([one.uid for one in people[:20]])), (
        "the floor writes other entries than we do"
    )


def written(emails: list[str], first: date) -> bytes:
    """A file of hours, a row for each of these people on each of ten days."""
    text = io.StringIO()
    table = csv.writer(text)
    table.writerow(["E-mail", "Date", "Hours", "Job function", "Competency", "Course", "Notes"])
    for number in range(ROWS):
        day = first + timedelta(number // PEOPLE)
        table.writerow([emails[number % PEOPLE], day.isoformat(), "1", 1 + number % 3, "", "", ""])
    return text.getvalue().encode()
