"""What apprentices said of themselves, as counts without names; small ones are not told."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from apprenticeship.models import Confided
from apprenticeship.models.private import QUESTIONS

FEW = 5
"""A smaller count could name somebody."""


@dataclass(frozen=True)
class Cell:
    """One answer and how many gave it; None for “fewer than five”, and for what would give it away."""

    label: str
    count: int | None


@dataclass(frozen=True)
class Counted:
    """One question: its cells. Who names two races counts in both, so cells may exceed people."""

    title: str
    cells: list[Cell]


def counts_of(rows: Iterable[Confided]) -> list[Counted]:
    """The counts of every question over these rows."""
    found: dict[str, Counter[str]] = {name: Counter() for name in QUESTIONS}
    for row in rows:
        for name, given in row.open_answers().items():
            found[name].update(given if isinstance(given, list) else [given])
    return [Counted(title, _cells(choices, found[name])) for name, (title, choices) in QUESTIONS.items()]


def _cells(choices: list[tuple[str, str]], found: Counter[str]) -> list[Cell]:
    """One small count alone follows from the total and the others: then the next larger one is hidden too."""
    hidden = {value for value, _ in choices if 0 < found[value] < FEW}
    others = sorted((found[value], value) for value, _ in choices if found[value] >= FEW)
    if len(hidden) == 1 and others:
        hidden.add(others[0][1])
    return [Cell(label, None if value in hidden else found[value]) for value, label in choices]
