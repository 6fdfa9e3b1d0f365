"""Friday afternoon: a third of all apprentices hand in a week within two hours, over HTTP on this machine."""

import queue
import statistics
import threading
import time
import uuid
from datetime import date, timedelta
from typing import Any

from benchmarks.figures import Figure, figure
from benchmarks.nation import APPRENTICES, PEOPLE
from drill.ground import Ground
from drill.people import Answer, Caller

SHARE, HOURS = 3, 2
SECONDS = 60
"""So long the peak is played, at the rate that it has."""
AT_ONCE = 8
"""Requests that are on their way at most."""
DRAFTS = 5


def rate(size: float) -> float:
    """Submissions a second of a country of that size."""
    return APPRENTICES * size / SHARE / (HOURS * 3600)


def peak(ground: Ground, *, size: float) -> tuple[dict[str, Any], list[Figure]]:
    """Play it at the rate of `size`, at least one a second and as many as the machine takes."""
    from django.db import connection

    wanted = max(rate(size), 1.0)
    count = round(wanted * SECONDS)
    people = prepared(count)
    ground.web()
    ground.worker()
    calls: queue.Queue[tuple[str, str]] = queue.Queue()
    answers: list[tuple[float, Answer]] = []
    begun = time.monotonic()

    def send() -> None:
        while (one := calls.get()) != ("", ""):
            secret, uid = one
            at = time.monotonic()
            answer = Caller(ground.port, secret).post(f"apprentices/{uid}/submit/", DAYS, key=f"peak-{uid}")
            answers.append((at - begun, answer))

    threads = [threading.Thread(target=send, daemon=True) for _ in range(AT_ONCE)]
    for one in threads:
        one.start()
    for number, person in enumerate(people):
        time.sleep(max(0.0, begun + number / wanted - time.monotonic()))
        calls.put(person)
    for _ in threads:
        calls.put(("", ""))
    for one in threads:
        one.join()
    seconds = time.monotonic() - begun
    accepted = sum(answer.status == 201 for _, answer in answers)
    drained = ground.wait(lambda: _queued(ground) == 0, "the queue is not drained")
    took = sorted(answer.seconds for _, answer in answers)
    connection.close()
    told = {
        "rate_wanted": round(wanted, 2),
        "rate_reached": round(accepted / seconds, 2),
        "sent": len(answers),
        "accepted": accepted,
        "p50_ms": round(1000 * statistics.median(took)),
        "p95_ms": round(1000 * took[int(0.95 * (len(took) - 1))]),
        "drained_after_s": round(drained, 1),
        "at_once": AT_ONCE,
    }
    reached = figure(
        "submissions of the Friday peak that were accepted", accepted, len(people), goal="= 1", unit=""
    )
    speed = figure(
        "submissions a second, beside those of the Friday peak",
        told["rate_reached"],
        wanted,
        goal=">= 0.95",
        unit="/s",
    )
    return told, [reached, speed]


MONDAY = date(2026, 11, 16)
DAYS = {"first": MONDAY.isoformat(), "last": (MONDAY + timedelta(6)).isoformat()}
WEEK = """
INSERT INTO ojt_logs_hoursentry
  (uid, apprentice_id, kind, date, minutes, job_function_id, note, status, external_id, source, taken_from,
   carried_over, correction_reason, created_by_id, created_at, updated_at, changed_at, is_late,
   dispute_reason, return_reason)
SELECT gen_random_uuid(), a.id, 'ojt', date '{monday}' + n, 480, {function}, '', 'draft', '', 'logged', '',
  false, '', a.user_id, now(), now(), now(), false, '', ''
FROM apprenticeship_apprentice a CROSS JOIN generate_series(0, {drafts} - 1) n
WHERE a.id >= {people} AND a.id < {people} + {count} * {step} AND (a.id - {people}) % {step} = 0
"""


def prepared(count: int) -> list[tuple[str, str]]:
    """Token and id of so many apprentices of the country, over all sponsors, each with a week of drafts."""
    from django.db import connection
    from django.utils import timezone

    from accounts.models import ApiToken
    from apprenticeship.models import Apprentice

    there = Apprentice.objects.everyone().filter(pk__gte=PEOPLE)
    count = min(count, there.count())
    step = max(1, there.count() // count)
    people = list(
        there.filter(pk__in=range(PEOPLE, PEOPLE + count * step, step)).select_related("user").order_by("pk")
    )
    function = people[0].schedule.job_functions.order_by("number")[0].pk
    words = {"monday": MONDAY, "function": function, "drafts": DRAFTS, "people": PEOPLE}
    with connection.cursor() as cursor:
        cursor.execute(WEEK.format(count=count, step=step, **words))
    now = timezone.now()
    found = []
    for one in people:
        _, secret = ApiToken.objects.issue(
            one.user, name=f"peak {uuid.uuid4().hex[:6]}", scopes=("read", "write"), days=1, now=now
        )
        found.append((secret, str(one.uid)))
    return found


def _queued(ground: Ground) -> int:
    """Tasks that no worker has taken."""
    import redis

    there: int = redis.Redis.from_url(ground.broker.url).llen("celery")  # type: ignore[assignment]
    return there
