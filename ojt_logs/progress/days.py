"""When it was reached: the days on which standards were met and minutes came to count."""

import uuid
from collections.abc import Iterable, Iterator
from datetime import date
from math import inf

from ojt_logs.progress.counting import Passes, StandardProgress
from ojt_logs.progress.result import Progress


def day_met(one: StandardProgress, passes: Passes, *, start: date) -> date | None:
    """The day of the last demonstration that a standard needed; credit counts from the first day on."""
    if one.credited:
        return start
    days = sorted(passes.get(one.lineage, ()))
    return days[one.required_demonstrations - 1] if len(days) >= one.required_demonstrations else None


def met_days(progress: Progress, passes: Passes) -> Iterator[date]:
    """For each counted standard that is met, the day on which it was."""
    for competency in progress.counted:
        for one in competency.standards:
            if day := day_met(one, passes, start=progress.apprentice.started_on):
                yield day


def countable(
    progress: Progress, worked: Iterable[tuple[date, uuid.UUID | None, int]]
) -> Iterator[tuple[date, int]]:
    """Day and minutes of OJT that count to the term, of approved (day, lineage, minutes), oldest first;
    credit counts from the first day on.

    They add up to `progress.countable_minutes`: hybrid leaves out what exceeds a function's maximum.
    """
    most = {one.function.lineage: one.function.ojt_minutes_max for one in progress.functions}
    room = {lineage: inf if minutes is None else minutes for lineage, minutes in most.items()}
    first = progress.apprentice.started_on
    before: list[tuple[date, uuid.UUID | None, int]] = [
        (first, one.function.lineage, one.ojt.credited) for one in progress.functions if one.ojt.credited
    ]
    if progress.other_work.credited:
        before.append((first, None, progress.other_work.credited))
    for day, lineage, minutes in [*before, *sorted(worked, key=lambda one: one[0])]:
        if lineage is None or progress.approach != "hybrid":
            yield day, minutes
            continue
        counts = int(min(minutes, room.get(lineage, 0)))
        room[lineage] = room.get(lineage, 0) - counts
        yield day, counts
