"""How well the matcher finds what two published documents have in common, against a list made by hand.

`python -m benchmarks.crosswalk` tells all of it, `make bench` one figure.
The documents are those of fixtures/standards, the list is crosswalk_gold.json beside this file. Nothing but
the Python of this repository is needed: no database, no settings.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rapidfuzz import fuzz

from benchmarks.figures import Figure, figure
from competencies.matching import CONFIDENT, Line, Match, Part, matches

if TYPE_CHECKING:
    from drill.ground import Ground

DATABASES = ("postgresql",)
"""It asks none; once is enough."""
HERE = Path(__file__).resolve().parent
STANDARDS = HERE.parent / "fixtures" / "standards"
THRESHOLDS = (0.25, 0.3, 0.4, 0.5, 0.6, 0.7, 0.75, 0.8)


def _read(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8"))


def parts() -> list[Part]:
    """Everything of the medical coder schedule that can be aligned; keys are codes, or texts."""
    schedule = _read(STANDARDS / "medical-coder.json")
    found: list[Part] = []
    for function in schedule["job_functions"]:
        found += [
            Part("competency", f"{function['number']}{row['letter']}", row["title"])
            for row in function["competencies"]
        ]
        for rows in function["related_instruction"].values():
            texts = [row["text"] if isinstance(row, dict) else row for row in rows]
            found += [Part("topic", text, text) for text in texts]
    tiers = schedule["cross_cutting"]["tiers"]
    found += [
        Part("cross_cutting", row["text"], row["text"]) for tier in tiers for row in tier["competencies"]
    ]
    return list(dict.fromkeys(found))


def lines() -> list[Line]:
    """Statements, sub-domains by title, domains by the titles under them, of the HIM framework."""
    found = []
    for domain in _read(STANDARDS / "health-information-management.json")["domains"]:
        titles = [row["title"] for row in domain["subdomains"]]
        found.append(Line(domain["title"], ", ".join(titles), heading=True))
        for subdomain in domain["subdomains"]:
            found.append(Line(subdomain["title"], subdomain["title"], heading=True))
            found += [Line(row["text"], row["text"]) for row in subdomain["statements"]]
    return found


@dataclass(frozen=True)
class Figures:
    """What the matcher found (`found`) and what it should have (`gold`)."""

    found: list[Match]
    gold: dict[str, Any]

    @cached_property
    def near(self) -> dict[str, str]:
        """The statement that is a near copy, by the code of the competency."""
        return {row["near"]: row["text"] for row in self.gold["statements"] if row["near"]}

    @cached_property
    def related(self) -> set[tuple[str, str]]:
        return {(code, row["text"]) for row in self.gold["statements"] for code in row["related"]}

    def of_kind(self, kind: str) -> list[Match]:
        return [match for match in self.found if match.part.kind == kind]

    @cached_property
    def first(self) -> dict[str, Match]:
        """The best match of each competency that has any."""
        best: dict[str, Match] = {}
        for match in self.of_kind("competency"):
            best.setdefault(str(match.part.key), match)
        return best

    @property
    def right_first(self) -> int:
        """Of the competencies with a near copy: those for which it stands first."""
        return sum(
            code in self.first and self.first[code].line.key == text for code, text in self.near.items()
        )

    def at(self, threshold: float) -> tuple[float, float]:
        """Precision and recall if confident began at `threshold`.

        Each competency has its best match, each statement goes to the competency most like it.
        """
        best = sorted(self.first.values(), key=lambda match: -match.score)
        said: dict[Any, Match] = {}
        for match in best:
            if match.score >= threshold:
                said.setdefault(match.line.key, match)
        right = sum(self.near.get(str(match.part.key)) == line for line, match in said.items())
        return right / len(said) if said else 1.0, right / len(self.near)

    @property
    def related_found(self) -> int:
        said = {(match.part.key, match.line.key) for match in self.of_kind("competency")}
        return len(self.related & said)

    @property
    def lowest_right(self) -> Match:
        return min((self.first[code] for code in self.near), key=lambda match: match.score)

    @property
    def highest_without(self) -> Match:
        """The nearest that anything comes to a competency without a counterpart."""
        rest = [match for code, match in self.first.items() if code not in self.near]
        return max(rest, key=lambda match: match.score)

    def beside(self, kind: str, gold: str) -> tuple[int, int, int]:
        """Of topics or skills: how many are confident, how many of them rightly, how many should be."""
        wanted = {(part, line) for part, line in self.gold[gold]}
        said = {(match.part.key, match.line.key) for match in self.of_kind(kind) if match.confident}
        return len(said), len(said & wanted), len(wanted)


def measure() -> Figures:
    return Figures(matches(parts(), lines()), _read(HERE / "crosswalk_gold.json"))


def plain_first(figures: Figures) -> int:
    """For comparison: right first by rapidfuzz.WRatio on the texts as they stand."""
    texts = [line.text for line in lines() if not line.heading]
    competencies = {str(part.key): part.text for part in parts() if part.kind == "competency"}
    return sum(
        max(texts, key=lambda text: fuzz.WRatio(competencies[code], text)) == right
        for code, right in figures.near.items()
    )


def report(figures: Figures) -> Iterator[str]:
    """The lines that `make bench` prints."""
    near, competencies = len(figures.near), sum(part.kind == "competency" for part in parts())
    precision, recall = figures.at(CONFIDENT)
    yield f"Crosswalk: {competencies} competencies, {near} of them with a near copy among the statements"
    first = figures.right_first
    yield f"  right statement first: {first} of {near} (top-1 accuracy {first / near:.2f})"
    yield f"  confident from {CONFIDENT}: precision {precision:.2f}, recall {recall:.2f}"
    low, high = figures.lowest_right, figures.highest_without
    yield f"  least alike of the right ones: {low.part.key} {low.score:.3f}"
    yield f"  most alike of those without a counterpart: {high.part.key} {high.score:.3f}"
    for threshold in THRESHOLDS:
        precision, recall = figures.at(threshold)
        yield f"  if confident began at {threshold:.2f}: precision {precision:.2f}, recall {recall:.2f}"
    yield f"  related pairs among the suggestions: {figures.related_found} of {len(figures.related)}"
    for kind, gold in (("topic", "topics"), ("cross_cutting", "skills")):
        said, right, wanted = figures.beside(kind, gold)
        yield f"  {gold}: {said} confident, {right} of them right, {wanted} wanted"
    yield f"  for comparison, rapidfuzz.WRatio on plain texts: right first {plain_first(figures)} of {near}"


def main() -> None:
    print("\n".join(report(measure())))


def figures(ground: "Ground") -> Iterator[Figure]:
    """One line of `make bench`: how many come first rightly, beside what a ready-made matcher finds."""
    found = measure()
    ours, plain = found.right_first, plain_first(found)
    yield figure("right statements first (crosswalk)", ours, plain, goal=">= 1", unit="", n=len(found.near))


if __name__ == "__main__":
    main()
