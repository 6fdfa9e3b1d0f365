"""An intruder with the database and without the key: a thousand tamperings, each undone before the next."""

from collections.abc import Iterator

from drill.figures import Figure, none_of
from drill.ground import Ground

TITLE = "A ledger that somebody tampers with"
SECONDS = 300
DATABASES = ("postgresql", "sqlite")
NOT_RUN = ("tampering by somebody who has the key: it cannot be found but by a checkpoint kept elsewhere",)

TAMPERINGS = 1000
HONEST = 100
AT_ONCE = 100
"""Between two looks at the clock."""


def figures(ground: Ground) -> Iterator[Figure]:
    from tests.ledger.intruder import honest

    alarms = honest(HONEST)
    yield none_of("false alarms on honest histories", alarms, among=HONEST)
    missed, tried = attacked(ground)
    yield none_of(
        "tamperings that were not found, or not named with their first bad entry", missed, among=tried
    )
    yield Figure("tamperings tried", str(TAMPERINGS), str(tried), tried == TAMPERINGS)


def attacked(ground: Ground) -> tuple[list[str], int]:
    """What was not found, and how many there was time for. The triggers are off meanwhile."""
    from django.db import connection

    from ledger import triggers
    from tests.ledger.intruder import attack

    triggers.remove(connection)
    missed: list[str] = []
    tried = 0
    while tried < TAMPERINGS and ground.left() > 0:
        missed += attack(AT_ONCE, seed=tried)
        tried += AT_ONCE
    triggers.install(connection)
    return missed, tried
