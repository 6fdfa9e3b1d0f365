"""A figure: how much ours costs beside the least that does the same, measured in turn in one process.

Seconds of a machine say little; two things measured turn by turn on it can be compared.
"""

import gc
import json
import statistics
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from typing import Any

ROUNDS = 50
"""The least number of rounds whose medians are compared, unless a figure says another `n`."""


@dataclass(frozen=True)
class Figure:
    """One line of `make bench`. `ratio` is ours / floor, `n` how often each of the two was measured.

    `goal` is "<= 1.5" or ">= 30", of the ratio.
    """

    name: str
    ours: float
    floor: float
    ratio: float
    goal: str
    met: bool
    unit: str
    n: int

    def as_line(self) -> str:
        return json.dumps(asdict(self), ensure_ascii=False)

    @classmethod
    def of_line(cls, line: str) -> "Figure":
        return cls(**json.loads(line))

    def of(self, database: str) -> "Figure":
        """The same, named for the database it was measured on."""
        return replace(self, name=f"{self.name} ({database})")


def broken(name: str) -> Figure:
    """Stands for figures that could not be had: never met, measured no times."""
    return Figure(name, 0, 0, 0, "<= 0", False, "", 0)


def figure(name: str, ours: float, floor: float, *, goal: str, unit: str = "ms", n: int = 1) -> Figure:
    """A figure of two measures that are known."""
    ratio = ours / floor
    return Figure(name, round(ours, 3), round(floor, 3), round(ratio, 3), goal, met(ratio, goal), unit, n)


def met(ratio: float, goal: str) -> bool:
    """Raises ValueError for a goal that is not "<= number", ">= number" or "= number"."""
    word, _, limit = goal.partition(" ")
    if word not in ("<=", ">=", "="):
        raise ValueError(f"{goal} is no goal")
    most = float(limit)
    return {"<=": ratio <= most, ">=": ratio >= most, "=": ratio == most}[word]


def beside(
    name: str, ours: Callable[[], Any], floor: Callable[[], Any], *, goal: str, n: int = ROUNDS
) -> Figure:
    """Medians of `n` rounds in milliseconds; in each round both run, first one and then the other in turn."""
    mine, least = in_turn(ours, floor, n=n)
    return figure(name, statistics.median(mine), statistics.median(least), goal=goal, n=n)


def in_turn(*acts: Callable[[], Any], n: int = ROUNDS) -> list[list[float]]:
    """Milliseconds of each act in `n` rounds after two that do not count; every round begins with another."""
    taken: list[list[float]] = [[] for _ in acts]
    order = list(range(len(acts)))
    gc.collect()
    gc.freeze()
    for turn in range(n + 2):
        for place in (*order[turn % len(acts) :], *order[: turn % len(acts)]):
            begun = time.perf_counter()
            acts[place]()
            seconds = time.perf_counter() - begun
            if turn >= 2:
                taken[place].append(seconds * 1000)
    gc.unfreeze()
    return taken
