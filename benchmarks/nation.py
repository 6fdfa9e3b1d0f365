"""All active apprentices of a country beside the people of the cast, written by a statement a table.

Sponsors have 25 apprentices, each apprentice 74 entries of a year, in the order of their days as they would
have come in. The ledger is not filled: how it grows is measured on what the product writes
(benchmarks/scaling.py).
"""

import os
import threading
import time
from collections.abc import Callable

from django.db import connection

from machine.programs import say
from tests.cast import STARTED, Cast

APPRENTICES, EACH, AT_A_SPONSOR, A_MENTOR = 680_000, 74, 25, 5
PEOPLE = 10_000_000
"""Ids of the country begin here, so that those of the cast and of what is written later are others."""


def load(cast: Cast, *, size: float) -> dict[str, float]:
    """Fill the database with `size` of the country (1 is all of it); seconds by step."""
    people = max(AT_A_SPONSOR, round(APPRENTICES * size / AT_A_SPONSOR) * AT_A_SPONSOR)
    taken: dict[str, float] = {}
    for name, step in _steps(cast, people=people):
        begun = time.monotonic()
        step()
        taken[name] = round(time.monotonic() - begun, 1)
        say(f"  {name}: {taken[name]} s")
    return taken


def _steps(cast: Cast, *, people: int) -> list[tuple[str, Callable[[], None]]]:
    return [
        ("people and programs", lambda: _people(cast, people)),
        ("hours", lambda: _hours(cast)),
        ("indexes of hours", lambda: _indexes()),
        ("totals", lambda: _totals()),
        ("statistics", lambda: run("ANALYZE")),
    ]


def run(*statements: str) -> None:
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)


def together(statements: list[str], *first: str) -> None:
    """Run these on as many connections as there are cores here, each taking the next that is left."""
    waiting = iter(statements)
    lock = threading.Lock()
    broken: list[Exception] = []

    def work() -> None:
        try:
            run(*first)
            while not broken:
                with lock:
                    one = next(waiting, None)
                if one is None:
                    break
                run(one)
        except Exception as error:
            broken.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=work) for _ in range(os.cpu_count() or 1)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if broken:
        raise broken[0]


def _like(table: str, source: int, count: int, **other: str) -> str:
    """`count` rows with the columns of row `source`, but for `other` expressions of n (0, 1, ...)."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT column_name FROM information_schema.columns WHERE table_schema = 'public' AND "
            "table_name = %s AND is_generated = 'NEVER' ORDER BY ordinal_position",
            [table],
        )
        columns = [row[0] for row in cursor.fetchall()]
    if "uid" in columns:
        other.setdefault("uid", "gen_random_uuid()")
    if "id" in columns and "id" not in other:
        columns.remove("id")
    values = [other.get(column, f"s.{column}") for column in columns]
    return (
        f"INSERT INTO {table} ({', '.join(columns)}) SELECT {', '.join(values)} "
        f"FROM {table} s CROSS JOIN generate_series(0, {count} - 1) n WHERE s.id = {source}"
    )


def _people(cast: Cast, people: int) -> None:
    from accounts.models import Consent, Membership
    from apprenticeship.models import Mentorship
    from apprenticeship.models.status import StatusChange

    sponsors, mentors = people // AT_A_SPONSOR, people // A_MENTOR
    run("SET session_replication_role = replica")
    run(_like("accounts_sponsor", cast.lakeside.pk, sponsors, id=f"{PEOPLE} + n", name="'Sponsor ' || n"))
    program = {"id": f"{PEOPLE} + n", "sponsor_id": f"{PEOPLE} + n"}
    run(_like("apprenticeship_program", cast.program.pk, sponsors, **program))
    for first, count, word in _blocks(people, mentors, sponsors):
        same = {
            "id": f"{first} + n",
            "email": f"'{word}' || n || '@example.org'",
            "password": "'!'",
        }
        names = {"name": f"'{word.title()} ' || n", "search_text": f"'{word} ' || n"}
        run(_like("accounts_user", cast.ana_user.pk, count, **same, **names))
        consent = Consent.objects.filter(user=cast.ana_user).latest("pk")
        run(_like("accounts_consent", consent.pk, count, user_id=f"{first} + n"))
    (_, _, _), (mentor, _, _), (office, _, _) = _blocks(people, mentors, sponsors)
    held = Membership.objects.filter(user=cast.nora).latest("pk").pk
    run(_like("accounts_membership", held, sponsors, user_id=f"{office} + n", sponsor_id=f"{PEOPLE} + n"))
    held = Membership.objects.filter(user=cast.marcus).latest("pk").pk
    at = f"{PEOPLE} + n / {AT_A_SPONSOR // A_MENTOR}"
    run(_like("accounts_membership", held, mentors, user_id=f"{mentor} + n", sponsor_id=at))
    one = {"id": f"{PEOPLE} + n", "user_id": f"{PEOPLE} + n", "program_id": f"{PEOPLE} + n / {AT_A_SPONSOR}"}
    run(_like("apprenticeship_apprentice", cast.ana.pk, people, **one))
    begun = StatusChange.objects.filter(apprentice=cast.ana).earliest("pk").pk
    run(_like("apprenticeship_statuschange", begun, people, apprentice_id=f"{PEOPLE} + n"))
    assigned = Mentorship.objects.filter(apprentice=cast.ana).earliest("pk").pk
    by = f"{mentor} + n / {A_MENTOR}"
    run(_like("apprenticeship_mentorship", assigned, people, apprentice_id=f"{PEOPLE} + n", mentor_id=by))
    run("SET session_replication_role = DEFAULT")


def _blocks(people: int, mentors: int, sponsors: int) -> list[tuple[int, int, str]]:
    """First id and number of apprentices, mentors and coordinators."""
    first = PEOPLE + people
    return [(PEOPLE, people, "eli"), (first, mentors, "mo"), (first + mentors, sponsors, "cleo")]


INDEXES = """
SELECT indexname, indexdef FROM pg_indexes i
WHERE tablename = 'ojt_logs_hoursentry' AND schemaname = 'public'
  AND NOT EXISTS (SELECT 1 FROM pg_constraint c WHERE c.conname = i.indexname)
"""
UNIQUE = """
SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint
WHERE conrelid = 'ojt_logs_hoursentry'::regclass AND contype IN ('u', 'p', 'f') ORDER BY contype DESC
"""
HOURS = """
INSERT INTO ojt_logs_hoursentry
  (uid, apprentice_id, kind, date, minutes, job_function_id, competency_id, note, status, external_id, source,
   taken_from, carried_over, correction_reason, created_by_id, created_at, updated_at, changed_at, is_late,
   submitted_at, reviewed_by_id, reviewed_at, dispute_reason, return_reason)
SELECT gen_random_uuid(), a.id, 'ojt', d.day, 60 * (1 + n % 8), p.function, p.competency,
  CASE WHEN n % 3 = 0 THEN 'Coded outpatient encounters from the morning list.' ELSE '' END,
  CASE WHEN n = {each} - 1 THEN 'submitted' ELSE 'approved' END, '', 'logged', '', false, '',
  a.user_id, d.at, d.at, d.at, false, d.at,
  CASE WHEN n < {each} - 1 THEN m.mentor_id END, CASE WHEN n < {each} - 1 THEN d.at END, '', ''
FROM generate_series(0, {each} - 1) n
CROSS JOIN LATERAL (SELECT date '{first}' + n * 290 / {each} AS day,
  (date '{first}' + n * 290 / {each} + time '23:00') AT TIME ZONE 'UTC' AS at) d
CROSS JOIN apprenticeship_apprentice a
JOIN apprenticeship_mentorship m ON m.apprentice_id = a.id
JOIN (VALUES {places}) p(place, function, competency) ON p.place = (n + a.id) % {count}
WHERE a.id >= {people} AND n = {turn}
"""
_dropped: list[str] = []


def _hours(cast: Cast) -> None:
    """Without indexes, which are made after."""
    with connection.cursor() as cursor:
        cursor.execute(INDEXES)
        indexes = cursor.fetchall()
        cursor.execute(UNIQUE)
        bound = cursor.fetchall()
        others = _referring(cursor)
    _dropped[:] = [definition for _, definition in indexes]
    _dropped.extend(f"ALTER TABLE ojt_logs_hoursentry ADD CONSTRAINT {name} {words}" for name, words in bound)
    _dropped.extend(f"ALTER TABLE {table} ADD CONSTRAINT {name} {words}" for table, name, words in others)
    run(*(f"ALTER TABLE {table} DROP CONSTRAINT {name}" for table, name, _ in others))
    run(*(f"DROP INDEX {name}" for name, _ in indexes))
    run(*(f"ALTER TABLE ojt_logs_hoursentry DROP CONSTRAINT {name}" for name, _ in reversed(bound)))
    functions = cast.program.schedule.job_functions.order_by("number").prefetch_related("competencies")
    pairs = [(one.pk, min(row.pk for row in one.competencies.all())) for one in functions]
    places = ", ".join(f"({place}, {one}, {other})" for place, (one, other) in enumerate(pairs))
    given = {"each": EACH, "first": STARTED, "people": PEOPLE, "count": len(pairs), "places": places}
    run("ANALYZE apprenticeship_apprentice, apprenticeship_mentorship")
    together([HOURS.format(turn=turn, **given) for turn in range(EACH)])


def _referring(cursor: object) -> list[tuple[str, str, str]]:
    """Foreign keys of other tables to hours: they lean on its primary key."""
    cursor.execute(  # type: ignore[attr-defined]
        "SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid) FROM pg_constraint "
        "WHERE confrelid = 'ojt_logs_hoursentry'::regclass AND contype = 'f' "
        "AND conrelid <> 'ojt_logs_hoursentry'::regclass"
    )
    return cursor.fetchall()  # type: ignore[attr-defined,no-any-return]


def _indexes() -> None:
    """Keys before the foreign keys that need them; those are taken on trust."""
    memory = ("SET maintenance_work_mem = '768MB'", "SET max_parallel_maintenance_workers = 0")
    plain = [one.replace(" ON public.", " ON ") for one in _dropped if one.startswith("CREATE")]
    keys = [one for one in _dropped if one.startswith("ALTER") and "FOREIGN KEY" not in one]
    trusted = [f"{one} NOT VALID" for one in _dropped if "FOREIGN KEY" in one]
    run(*memory, *keys)
    together(plain, *memory)
    run(*trusted)


def _totals() -> None:
    from benchmarks.crowd import TOTALS

    run("SET work_mem = '256MB'", TOTALS.format(those=f"a.id >= {PEOPLE}"), "RESET work_mem")
