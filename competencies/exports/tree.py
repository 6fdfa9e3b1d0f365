"""A schedule or framework as one tree of named nodes: what CASE, CTDL-ASN and schema.org write alike.

Identifiers are the `uid`s of rows. What follows from a row and has none of its own (a heading, a place in
the tree) gets one that is computed from the row's and leads back to it.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from hashlib import sha256
from typing import Any
from uuid import UUID

from competencies.imports import facts
from competencies.imports import outline as o
from competencies.imports.case.terms import (
    COMPETENCY,
    COURSE,
    CREDENTIAL,
    FUNCTION,
    LEVEL,
    SKILL,
    STANDARD,
    STATEMENTS,
    TIER,
    TOPICS,
)
from competencies.imports.rows import plain, scale_outline
from competencies.models import (
    Competency,
    CrossCuttingCompetency,
    Framework,
    FrameworkStatement,
    JobFunction,
    TopicKind,
    WorkProcessSchedule,
)

Document = WorkProcessSchedule | Framework
DERIVED = ("tier", "level", "rubric", "isChildOf", "replacedBy", "hasSkillLevel")
"""What an identifier that is no row's may follow from a row's as."""


def derived(uid: UUID, what: str) -> UUID:
    """The identifier of `what` follows from the row `uid`; twice, it is the row's again.

    It stays a UUID of version 4: only the 122 free bits differ.
    """
    return UUID(int=uid.int ^ _mask(what))


@cache
def _mask(what: str) -> int:
    free = UUID(int=(1 << 128) - 1).int & ~(0xF << 76) & ~(0x3 << 62)
    return int.from_bytes(sha256(what.encode()).digest()[:16]) & free


@dataclass(frozen=True, kw_only=True)
class Node:
    """One statement of the document. `facts` are what its outline says beyond text, code and place.

    `words` are for people, `lineage` is None for what is not followed across versions, `level` is the node
    of the skill level that it asks for, `anchor` the part of the document's page that shows it.
    """

    uid: UUID
    type: str
    text: str
    parent: UUID
    code: str = ""
    mark: str = ""
    short: str = ""
    keywords: tuple[str, ...] = ()
    words: str = ""
    facts: Mapping[str, Any] = field(default_factory=dict)
    lineage: UUID | None = None
    level: UUID | None = None
    anchor: str = ""


@dataclass(frozen=True, kw_only=True)
class Tree:
    """A document with all its nodes, parents before children, siblings in the order of the document.

    `changed` is when this version came to be.
    """

    document: Document
    nodes: Sequence[Node]
    facts: Mapping[str, Any]
    scale: o.ScaleOutline | None
    changed: datetime

    @property
    def uid(self) -> UUID:
        return self.document.uid

    def below(self, uid: UUID) -> list[Node]:
        """The children of a node, or of the document."""
        return [node for node in self.nodes if node.parent == uid]


def tree(document: Document, *, now: datetime) -> Tree:
    """The document's tree in a constant number of queries. A draft counts as changed `now`."""
    build = _of_schedule if isinstance(document, WorkProcessSchedule) else _of_framework
    return build(document, document.published_at or now)  # type: ignore[arg-type]


def _of_schedule(schedule: WorkProcessSchedule, changed: datetime) -> Tree:
    return Tree(
        document=schedule,
        nodes=[*_functions(schedule), *_beside(schedule), *_cross_cutting(schedule)],
        facts=facts_of(schedule),
        scale=scale_outline(schedule.rating_scale) if schedule.rating_scale else None,
        changed=changed,
    )


def kind_of(document: Document) -> str:
    return "schedule" if isinstance(document, WorkProcessSchedule) else "framework"


def facts_of(document: Document) -> dict[str, Any]:
    """What the document's outline says beside its title and its nodes."""
    if isinstance(document, Framework):
        framework = plain(o.FrameworkOutline, document, statements=())
        return {"kind": "framework", "lineage": str(document.lineage)} | facts.told(framework, but=("title",))
    schedule = plain(
        o.ScheduleOutline,
        document,
        occupation=plain(o.OccupationOutline, document.occupation),
        rating_scale=scale_outline(document.rating_scale) if document.rating_scale else None,
        cross_cutting_scale=tuple(sorted(document.cross_cutting_scale.items())),
        **dict.fromkeys(("job_functions", "courses", "credentials", "cross_cutting"), ()),
    )
    return {"kind": "schedule", "lineage": str(document.lineage)} | facts.told(schedule, but=("title",))


def _functions(schedule: WorkProcessSchedule) -> Iterator[Node]:
    rows = schedule.job_functions.order_by("number").prefetch_related("competencies__standards", "topics")
    for row in rows:
        empty: dict[str, Any] = dict.fromkeys((*TopicKind.values, "competencies"), ())
        yield Node(
            uid=row.uid,
            type=FUNCTION,
            text=row.title,
            parent=schedule.uid,
            code=str(row.number),
            mark=str(row.number),
            keywords=("Core" if row.core else "Optional",),
            words=_words(row),
            facts=facts.told(plain(o.FunctionOutline, row, **empty), but=("title", "number")),
            lineage=row.lineage,
            anchor=f"f{row.number}",
        )
        yield from _competencies(row)
        yield from _topics(row)


def _words(row: JobFunction) -> str:
    """What people read of a job function beside its title."""
    hours = (row.ojt_words and f"On the job: {row.ojt_words}.", row.ri_words and f"In class: {row.ri_words}.")
    return "\n".join(filter(None, ("" if row.core else "Optional.", *hours, row.details)))


def _competencies(function: JobFunction) -> Iterator[Node]:
    for row in function.competencies.all():
        level = (row.get_level_display(),) if row.level else ()
        yield Node(
            uid=row.uid,
            type=COMPETENCY,
            text=row.title,
            parent=function.uid,
            code=row.code,
            mark=row.letter,
            keywords=("Required" if row.required else "Optional", *level),
            words="\n".join(filter(None, ("" if row.required else "Optional.", row.details))),
            facts=facts.told(plain(o.CompetencyOutline, row, standards=()), but=("letter", "title")),
            lineage=row.lineage,
            anchor=row.code,
        )
        yield from _standards(row)


def _standards(competency: Competency) -> Iterator[Node]:
    for row in competency.standards.all():
        times = row.required_demonstrations
        yield Node(
            uid=row.uid,
            type=STANDARD,
            text=row.text,
            parent=competency.uid,
            words=f"Shown on {times} different dates." if times > 1 else "",
            facts=facts.told(plain(o.StandardOutline, row), but=("text",)),
            lineage=row.lineage,
            anchor=competency.code,
        )


def _topics(function: JobFunction) -> Iterator[Node]:
    order = list(TOPICS)
    rows = sorted(function.topics.all(), key=lambda row: (order.index(row.kind), row.position))
    for row in rows:
        said = facts.told(plain(o.TopicOutline, row), but=("text",))
        yield Node(
            uid=row.uid,
            type=TOPICS[row.kind],
            text=row.text,
            parent=function.uid,
            facts=said,
            lineage=row.lineage,
        )


def _beside(schedule: WorkProcessSchedule) -> Iterator[Node]:
    """The courses and credentials."""
    for row in schedule.courses.all():
        yield Node(
            uid=row.uid,
            type=COURSE,
            text=row.title,
            parent=schedule.uid,
            code=row.code,
            keywords=("Required" if row.required else "Optional",),
            words=row.details,
            facts=facts.told(plain(o.CourseOutline, row), but=("title", "code")),
            lineage=row.lineage,
        )
    for one in schedule.credentials.all():
        yield Node(
            uid=one.uid,
            type=CREDENTIAL,
            text=one.name,
            parent=schedule.uid,
            short=one.abbreviation,
            words=one.awarding_body,
            facts=facts.told(plain(o.CredentialOutline, one), but=("name", "abbreviation")),
        )


def _cross_cutting(schedule: WorkProcessSchedule) -> Iterator[Node]:
    """Each tier is known by its first row, each level that is asked for by the first row that asks for it."""
    tiers: dict[tuple[int, str], UUID] = {}
    levels: dict[int, UUID] = {}
    for row in schedule.cross_cutting.all():
        key = (row.tier, row.tier_title)
        if key not in tiers:
            tiers[key] = derived(row.uid, "tier")
            yield _heading(tiers[key], TIER, row.tier_title, schedule, code=str(row.tier))
        if row.level is not None and row.level not in levels:
            levels[row.level] = derived(row.uid, "level")
            yield _heading(levels[row.level], LEVEL, str(row.level), schedule)
        yield _skill(row, parent=tiers[key], level=levels.get(row.level) if row.level is not None else None)


def _heading(uid: UUID, kind: str, text: str, schedule: WorkProcessSchedule, **given: Any) -> Node:
    return Node(uid=uid, type=kind, text=text, parent=schedule.uid, **given)


def _skill(row: CrossCuttingCompetency, *, parent: UUID, level: UUID | None) -> Node:
    said = facts.told(plain(o.CrossCuttingOutline, row), but=("title",))
    return Node(
        uid=row.uid,
        type=SKILL,
        text=row.title,
        parent=parent,
        level=level,
        facts=said,
        lineage=row.lineage,
        anchor="cross-cutting",
    )


def _of_framework(framework: Framework, changed: datetime) -> Tree:
    rows = list(framework.statements.order_by("position"))
    uids = {row.pk: row.uid for row in rows}
    return Tree(
        document=framework,
        nodes=[_statement(row, uids.get(row.parent_id or 0, framework.uid)) for row in rows],
        facts=facts_of(framework),
        scale=None,
        changed=changed,
    )


def _statement(row: FrameworkStatement, parent: UUID) -> Node:
    return Node(
        uid=row.uid,
        type=STATEMENTS[row.kind],
        text=row.text,
        parent=parent,
        facts=facts.told(plain(o.StatementOutline, row, children=()), but=("text", "kind")),
        lineage=row.lineage,
        anchor=f"s{row.position}",
    )
