"""The matcher: which lines of a framework ask what a line of a schedule asks. Knows texts alone, no rows.

Measured on a list made by hand: `make bench`, benchmarks/crosswalk.py.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from competencies.wording import Vocabulary, words

CONFIDENT = 0.65
"""From this likeness on two lines are taken to ask the same, if each is the other's best."""
LISTED = {"competency": 0.25, "topic": 0.4, "cross_cutting": 0.4}
"""From this likeness on a person is asked, by kind. Topics are a few words: one in common says little."""
AT_MOST = 3
"""So many lines are suggested for one part of a schedule."""


@dataclass(frozen=True)
class Part:
    """A line of a schedule: what it is (a key of LISTED), by what it is known, what it says."""

    kind: str
    key: Any
    text: str


@dataclass(frozen=True)
class Line:
    """A line of a framework; competencies are compared with statements, the others with headings too."""

    key: Any
    text: str
    heading: bool = False


@dataclass(frozen=True)
class Match:
    """Two lines that have something in common; `score` is 0 to 1."""

    part: Part
    line: Line
    score: float
    confident: bool

    @property
    def kind(self) -> str:
        """What a person is asked to confirm: exact, close or related."""
        if words(self.part.text) == words(self.line.text):
            return "exact"
        return "close" if self.confident and not self.line.heading else "related"


def matches(parts: Sequence[Part], lines: Sequence[Line]) -> list[Match]:
    """What is worth asking a person about, part by part as given, the best first.

    The same texts always give the same answer. Of near-duplicates one is confident for each part: the
    pair most alike is taken first, and neither of its ends again.
    """
    known = Vocabulary(line.text for line in lines)
    scored: dict[Part, list[tuple[float, Line]]] = {}
    for part in parts:
        met = [line for line in lines if not line.heading or part.kind != "competency"]
        likeness = [(round(known.likeness(part.text, line.text), 3), line) for line in met]
        scored[part] = sorted(likeness, key=lambda pair: -pair[0])[:AT_MOST]
    paired = _pairs(scored)
    return [
        Match(part, line, score, confident=(part, line) in paired)
        for part, pairs in scored.items()
        for score, line in pairs
        if score >= LISTED[part.kind]
    ]


def _pairs(scored: dict[Part, list[tuple[float, Line]]]) -> set[tuple[Part, Line]]:
    """The confident pairs: a part and the line most like it, unless that goes to a part more like it."""
    best = [(*pairs[0], part) for part, pairs in scored.items() if pairs and pairs[0][0] >= CONFIDENT]
    taken: dict[tuple[str, Line], Part] = {}
    for _, line, part in sorted(best, key=lambda one: -one[0]):
        taken.setdefault((part.kind, line), part)
    return {(part, line) for (_, line), part in taken.items()}
