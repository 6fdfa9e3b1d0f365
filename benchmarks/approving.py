"""A mentor approves a week of one person: 20 entries with totals, ledger and what is told of it."""

from collections.abc import Iterator

from benchmarks.figures import Figure, beside
from drill.ground import Ground

ENTRIES, ROUNDS = 20, 50


def figures(ground: Ground) -> Iterator[Figure]:
    from django.utils import timezone

    from benchmarks.crowd import crowd
    from benchmarks.floors.approving import approve
    from ledger import chain
    from ojt_logs import rollup
    from ojt_logs.models import HoursEntry

    cast = ground.cast
    people = crowd(
        cast, "Coders whose week waits", people=2 * ROUNDS + 4, each=ENTRIES, waiting=ENTRIES
    ).apprentices
    half = len(people) // 2
    ours, least = iter(people[:half]), iter(people[half:])

    def move() -> None:
        HoursEntry.objects.filter(apprentice=next(ours)).move("approve", by=cast.marcus, now=timezone.now())

    yield beside(
        f"approve a week of {ENTRIES} entries",
        move,
        lambda: approve(next(least).pk, by=cast.marcus, now=timezone.now()),
        goal="<= 2",
        n=ROUNDS,
    )
    told = [chain.entries_of(one.uid).count() for one in people]
    assert told == [ENTRIES] * len(people), "not every approval is on the record"
    assert not [fault for one in people for fault in rollup.differences_of(one)]
    assert not list(chain.verify([one.uid for one in people])), "the floor writes other entries than we do"
