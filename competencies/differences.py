"""What two versions of a schedule say differently: row by row by lineage, word by word where wording changed.

Rows belong together when they have the same lineage, never because they look alike. What looks alike and
has no common lineage is a suggestion, for a person to confirm or refuse (`drafts.acts.confirm_same`).
"""

from collections import Counter
from collections.abc import Collection, Iterator
from dataclasses import dataclass, fields
from difflib import SequenceMatcher
from itertools import chain
from typing import Any
from uuid import UUID

from accounts.durations import format_span
from competencies.imports import outline as o

KINDS = ("kept", "changed", "added", "removed")
ALIKE = 0.6
"""From this likeness of words on (0 to 1) a removed and an added row are suggested as the same."""


@dataclass(frozen=True)
class Piece:
    """Some words of a text: `kind` is same, added or removed."""

    kind: str
    text: str


@dataclass(frozen=True)
class Said:
    """What one version says in a place: the words, and the facts beside them by their name."""

    what: str
    place: str
    text: str
    facts: tuple[tuple[str, str], ...] = ()
    lineage: UUID | None = None


@dataclass(frozen=True)
class Difference:
    """One thing in both versions (kept or changed) or in one of them (added or removed)."""

    before: Said | None
    after: Said | None

    @property
    def said(self) -> Said:
        """What the newer version says, or the older where the newer is silent."""
        return self.after or self.before or Said("", "", "")

    @property
    def kind(self) -> str:
        if self.before is None:
            return "added"
        if self.after is None:
            return "removed"
        same = (self.before.text, self.before.facts) == (self.after.text, self.after.facts)
        return "kept" if same and self.before.place == self.after.place else "changed"

    @property
    def words(self) -> list[Piece]:
        """The text of both, word by word."""
        return word_changes(self.before.text if self.before else "", self.after.text if self.after else "")

    @property
    def facts(self) -> list[tuple[str, str, str]]:
        """(name, before, after) of the facts that are not the same; the place counts as one."""
        if not (self.before and self.after):
            return []
        then, now = dict(self.before.facts), dict(self.after.facts)
        changed = [(name, then.get(name, ""), now.get(name, "")) for name in {**then, **now}]
        places = [("place", self.before.place, self.after.place)]
        return [(name, old, new) for name, old, new in places + changed if old != new]


@dataclass(frozen=True)
class Part:
    """The document itself, a job function with everything in it, or the courses."""

    title: str
    rows: list[Difference]

    @property
    def counts(self) -> dict[str, int]:
        """How many rows are kept, changed, added and removed."""
        found = Counter(row.kind for row in self.rows)
        return {kind: found[kind] for kind in KINDS}

    @property
    def counted(self) -> str:
        """ "38 kept, 1 added, 1 left out"."""
        return _counted(self.counts)

    @property
    def changes(self) -> list[Difference]:
        return [row for row in self.rows if row.kind != "kept"]


@dataclass(frozen=True)
class Suggestion:
    """A removed and an added row that read alike; `score` is their likeness, 0 to 1."""

    before: Said
    after: Said
    score: float

    @property
    def words(self) -> list[Piece]:
        return word_changes(self.before.text, self.after.text)


@dataclass(frozen=True)
class Differences:
    """Everything that two versions say, part by part in the order of the newer one."""

    parts: list[Part]

    @property
    def counts(self) -> dict[str, int]:
        found = sum((Counter(part.counts) for part in self.parts), Counter[str]())
        return {kind: found[kind] for kind in KINDS}

    @property
    def counted(self) -> str:
        return _counted(self.counts)

    @property
    def kept_percent(self) -> int:
        """Of what the older version says, how much the newer keeps word for word; rounded down, 0 to 100."""
        counts = self.counts
        asked = counts["kept"] + counts["changed"] + counts["removed"]
        return counts["kept"] * 100 // asked if asked else 100

    @property
    def same(self) -> bool:
        return not any(part.changes for part in self.parts)

    def suggestions(self, *, refused: Collection[tuple[UUID, UUID]] = ()) -> list[Suggestion]:
        """Removed and added rows of one kind that read alike, each in one suggestion at most, best first.

        `refused` are pairs of lineages (before, after) of which a person said that they are not the same.
        """
        rows = list(chain.from_iterable(part.rows for part in self.parts))
        gone = [row.before for row in rows if row.kind == "removed" and row.before and row.before.lineage]
        new = [row.after for row in rows if row.kind == "added" and row.after and row.after.lineage]
        pairs = sorted(_alike(gone, new, refused), key=lambda one: -one.score)
        taken: set[int] = set()
        best = []
        for one in pairs:
            if not taken & {id(one.before), id(one.after)}:
                taken |= {id(one.before), id(one.after)}
                best.append(one)
        return best


def _counted(counts: dict[str, int]) -> str:
    words = {"removed": "left out"}
    return ", ".join(f"{number} {words.get(kind, kind)}" for kind, number in counts.items() if number)


def compare(before: o.ScheduleOutline, after: o.ScheduleOutline) -> Differences:
    """Every row of both versions, matched by lineage."""
    functions = _parts(before, after)
    about = _matched(list(_facts(before)), list(_facts(after)), key=lambda said: said.what)
    courses = _matched(list(_courses(before)), list(_courses(after)), key=lambda said: said.lineage)
    parts = [Part("The document", about), *functions, Part("Courses", courses)]
    return Differences([part for part in parts if part.rows])


def word_changes(before: str, after: str) -> list[Piece]:
    """The words of both texts in reading order, runs of the same kind together."""
    then, now = before.split(), after.split()
    pieces = []
    for tag, a, b, c, d in SequenceMatcher(None, then, now, autojunk=False).get_opcodes():
        if tag == "equal":
            pieces.append(Piece("same", " ".join(then[a:b])))
            continue
        if a < b:
            pieces.append(Piece("removed", " ".join(then[a:b])))
        if c < d:
            pieces.append(Piece("added", " ".join(now[c:d])))
    return pieces


def _parts(before: o.ScheduleOutline, after: o.ScheduleOutline) -> list[Part]:
    """A part for each job function; a row that moved to another function stands where it is now."""
    then = [said for function in before.job_functions for said in _function(function)]
    known: dict[UUID | None, Said] = {said.lineage: said for said in then if said.lineage}
    found: set[UUID | None] = set()
    parts = []
    for function in after.job_functions:
        rows = [Difference(known.get(said.lineage), said) for said in _function(function)]
        found |= {said.lineage for said in _function(function)}
        gone = [
            said for one in before.job_functions if one.lineage == function.lineage for said in _function(one)
        ]
        parts.append((f"{function.number}. {function.title}", rows, gone))
    heads = {function.lineage for function in after.job_functions}
    for one in before.job_functions:
        if one.lineage not in heads:
            parts.append((f"{one.number}. {one.title}", [], list(_function(one))))
    return [
        Part(title, [*rows, *(Difference(said, None) for said in gone if said.lineage not in found)])
        for title, rows, gone in parts
    ]


def _matched(before: list[Said], after: list[Said], *, key: Any) -> list[Difference]:
    then = {key(said): said for said in before}
    now = {key(said) for said in after}
    rows = [Difference(then.get(key(said)), said) for said in after]
    return [*rows, *(Difference(said, None) for said in before if key(said) not in now)]


def _function(node: o.FunctionOutline) -> Iterator[Said]:
    place = str(node.number)
    facts = {
        "kind": "core" if node.core else "optional",
        "hours on the job": format_span(node.ojt_minutes_min, node.ojt_minutes_max),
        "hours of related instruction": format_span(node.ri_minutes_min, node.ri_minutes_max),
        "details": node.details,
        **{
            kind: "; ".join(topic.text for topic in getattr(node, kind))
            for kind in ("skill", "knowledge", "tool")
        },
    }
    yield Said("job function", place, node.title, tuple(facts.items()), node.lineage)
    for competency in node.competencies:
        code = f"{node.number}{competency.letter}"
        asked = (
            ("heading", competency.heading),
            ("details", competency.details),
            ("answers", "; ".join(competency.answers)),
            ("level", competency.level),
            ("asked", "required" if competency.required else "optional"),
        )
        yield Said("competency", code, competency.title, asked, competency.lineage)
        for standard in competency.standards:
            days = (("different days", str(standard.required_demonstrations)),)
            yield Said("performance standard", code, standard.text, days, standard.lineage)


def _courses(schedule: o.ScheduleOutline) -> Iterator[Said]:
    for course in schedule.courses:
        facts = (
            ("code", course.code),
            ("hours", format_span(course.ri_minutes, course.ri_minutes_max or course.ri_minutes)),
            ("provider", course.provider),
            ("details", course.details),
            ("asked", "required" if course.required else "optional"),
        )
        yield Said("course", course.heading, course.title, facts, course.lineage)


ROWS = {"job_functions", "courses"}
QUIET = {"lineage", "repair", "needs_review", "source", "source_read_on"}


def _facts(schedule: o.ScheduleOutline) -> Iterator[Said]:
    """What the document says of itself, a field a row; what it leaves blank is no row."""
    for one in fields(schedule):
        if one.name not in ROWS | QUIET and (words := _words(getattr(schedule, one.name), one.name)):
            yield Said(_called(one.name), "", words)


NAMES = {"onet": "O*NET", "rapids": "RAPIDS", "ojt": "OJT", "ri": "RI", "minutes": "hours"}


def _called(name: str) -> str:
    """“minimum_ojt_minutes” as people read it beside its words: “minimum OJT hours”."""
    return " ".join(NAMES.get(word, word) for word in name.split("_"))


def _words(value: Any, name: str) -> str:
    if value is None or value == ():
        return ""
    if name.endswith("_minutes"):
        return format_span(value, value)
    if isinstance(value, o.OccupationOutline):
        return " ".join(part for part in (value.title, value.onet_code, value.rapids_code) if part)
    if isinstance(value, o.ScaleOutline):
        return f"{value.name}: " + "; ".join(f"{level.mark} {level.label}" for level in value.levels)
    if isinstance(value, o.CredentialOutline):
        return " ".join(
            part for part in (value.name, value.abbreviation, value.awarding_body, value.timing) if part
        )
    if isinstance(value, o.CrossCuttingOutline):
        return f"{value.title} {'' if value.level is None else value.level}".strip()
    if isinstance(value, tuple):
        return "\n".join(
            _words(item, "") if not isinstance(item, tuple) else ": ".join(map(str, item)) for item in value
        )
    return str(value)


def _alike(gone: list[Said], new: list[Said], refused: Collection[tuple[UUID, UUID]]) -> Iterator[Suggestion]:
    for before in gone:
        for after in new:
            if before.what != after.what or (before.lineage, after.lineage) in refused:
                continue
            matcher = SequenceMatcher(
                None, before.text.lower().split(), after.text.lower().split(), autojunk=False
            )
            if matcher.real_quick_ratio() >= ALIKE and matcher.quick_ratio() >= ALIKE:
                score = matcher.ratio()
                if score >= ALIKE:
                    yield Suggestion(before, after, score)
