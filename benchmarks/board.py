"""The page of a program with its chart: 500 apprentices, with a year of history and with fourteen."""

from collections.abc import Iterator

from benchmarks.figures import Figure, beside
from drill.ground import Ground

PEOPLE, YEAR = 500, 74
ROUNDS = 10
"""The page takes seconds; the medians of so many stand still."""
COVERING = """
CREATE INDEX bench_covering ON ojt_logs_hoursentry
  (apprentice_id, kind, job_function_id, course_id, status, minutes)
"""


def figures(ground: Ground) -> Iterator[Figure]:
    from django.db import connection

    from benchmarks.asking import Stack
    from benchmarks.crowd import analyze, crowd
    from ojt_logs.models import HoursEntry
    from ojt_logs.progress.reading import _minutes

    cast = ground.cast
    short = crowd(cast, "Coders of a year", people=PEOPLE, each=YEAR).program
    long = crowd(cast, "Coders of fourteen years", people=PEOPLE, each=14 * YEAR)
    nora = Stack.by_session(cast.nora)
    yield beside(
        f"program page with its chart, {PEOPLE} apprentices, 14 times the history",
        lambda: nora.get(f"/programs/{long.program.uid}/"),
        lambda: nora.get(f"/programs/{short.uid}/"),
        goal="<= 1.1",
        n=ROUNDS,
    )
    with connection.cursor() as cursor:
        cursor.execute(COVERING)
    analyze()
    people = long.apprentices
    entries = HoursEntry.objects.everyone().filter(apprentice__in=[one.pk for one in people])
    yield beside(
        "hours of a program page added up over a covering index, beside the rollup",
        entries.sums,
        lambda: _minutes(people, None),
        goal=">= 30",
        n=ROUNDS,
    )
    with connection.cursor() as cursor:
        cursor.execute("DROP INDEX bench_covering")
