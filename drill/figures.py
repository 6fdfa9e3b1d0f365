"""A figure: what was to be reached and what was found. Written by a subject, read by the page."""

import json
from dataclasses import asdict, dataclass


@dataclass(frozen=True)
class Figure:
    """One line of docs/drill.md. `goal` and `found` are as they are to be read, `unit` stands behind both."""

    name: str
    goal: str
    found: str
    met: bool
    unit: str = ""
    note: str = ""

    def as_line(self) -> str:
        return json.dumps(asdict(self))

    @classmethod
    def of_line(cls, line: str) -> "Figure":
        return cls(**json.loads(line))


WORDS = 200
"""Characters that are told of one case that went wrong."""


def none_of(name: str, found: list[str], *, among: int, note: str = "") -> Figure:
    """Nothing of `among` cases may have gone wrong; `found` has a few words for each that did."""
    few = "; ".join(one[:WORDS] for one in found[:3])
    return Figure(name, f"0 of {among}", f"{len(found)} of {among}", not found, note=few or note)


def at_most(name: str, limit: float, found: float, *, unit: str = "s", note: str = "") -> Figure:
    """A measure that may not be larger than its limit."""
    return Figure(name, f"at most {limit:g}", f"{found:.2f}", found <= limit, unit, note)


def at_least(name: str, limit: float, found: float, *, unit: str = "", note: str = "") -> Figure:
    return Figure(name, f"at least {limit:g}", f"{found:g}", found >= limit, unit, note)


def quantile(values: list[float], share: float) -> float:
    """The value that `share` of all do not exceed; 0 when there is none."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else 0.0
