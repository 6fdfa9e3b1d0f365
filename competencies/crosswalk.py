"""The crosswalk of a schedule and a framework: both sides, the links between, and what stands for whom."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any
from uuid import UUID

from django.contrib.auth.models import AnonymousUser
from django.db.models import Count, Exists, OuterRef, Q

from accounts.models import User
from competencies.models import (
    Alignment,
    AlignmentStatus,
    Competency,
    CrossCuttingCompetency,
    Framework,
    FrameworkStatement,
    Link,
    RelatedInstructionTopic,
    StatementKind,
    TargetKind,
    WorkProcessSchedule,
)

TargetRow = Competency | RelatedInstructionTopic | CrossCuttingCompetency


@dataclass(frozen=True)
class Target:
    """What a statement may be aligned to: a part of the schedule."""

    kind: str
    row: TargetRow

    @property
    def lineage(self) -> UUID:
        return self.row.lineage

    @property
    def key(self) -> str:
        """How a form names it."""
        return f"{self.kind}:{self.lineage}"

    @property
    def anchor(self) -> str:
        """Where it stands on a page."""
        return f"part-{self.lineage}"

    @property
    def next_anchor(self) -> str:
        """The button that decides about its best suggestion: whoever is led there has it in focus."""
        return f"decide-{self.lineage}"

    @property
    def code(self) -> str:
        """“2e” of a competency, "" of the others."""
        return self.row.code if isinstance(self.row, Competency) else ""

    @property
    def text(self) -> str:
        return self.row.text if isinstance(self.row, RelatedInstructionTopic) else self.row.title

    @property
    def group(self) -> str:
        """The heading that it stands under in the schedule."""
        if isinstance(self.row, CrossCuttingCompetency):
            return self.row.tier_title
        return str(self.row.job_function)


def targets_of(schedule: WorkProcessSchedule) -> list[Target]:
    """Competencies, then related instruction, then cross-cutting competencies, as printed; what stands
    there twice in the same words, once. Three queries."""
    in_order = ("job_function__number", "position")
    competencies = Competency.objects.filter(job_function__schedule=schedule).select_related("job_function")
    topics = RelatedInstructionTopic.objects.filter(job_function__schedule=schedule)
    skills = CrossCuttingCompetency.objects.filter(schedule=schedule).select_related("schedule")
    rows: list[tuple[str, Iterable[Any]]] = [
        (TargetKind.COMPETENCY, competencies.order_by(*in_order)),
        (TargetKind.TOPIC, topics.select_related("job_function").order_by(in_order[0], "kind", "position")),
        (TargetKind.CROSS_CUTTING, skills.order_by("tier", "position")),
    ]
    found = [Target(str(kind), row) for kind, several in rows for row in several]
    return list({(target.kind, target.lineage): target for target in reversed(found)}.values())[::-1]


@dataclass(frozen=True)
class Standing:
    """What holds of one link: the suggestion, and the decisions of the schedule's sponsor, if any."""

    target: Target
    statement: FrameworkStatement
    suggestion: Alignment | None
    decisions: tuple[Alignment, ...]

    @property
    def link(self) -> Link:
        return Link(self.statement.lineage, self.target.kind, self.target.lineage)

    @property
    def status(self) -> str:
        """Rejected if one side rejected it, confirmed if one confirmed it, else suggested."""
        said = {row.status for row in self.decisions}
        for word in (AlignmentStatus.REJECTED, AlignmentStatus.CONFIRMED):
            if word in said:
                return word.value
        return AlignmentStatus.SUGGESTED.value

    @property
    def kind(self) -> str:
        """As the last decision has it, else as suggested."""
        return self._last.kind

    @property
    def kind_word(self) -> str:
        """“Exact”, without its explanation."""
        return self._last.get_kind_display().split(":")[0]

    @property
    def _last(self) -> Alignment:
        rows = sorted(self.decisions, key=lambda row: str(row.decided_at))
        if self.suggestion:
            rows.insert(0, self.suggestion)
        return rows[-1]

    @property
    def score(self) -> float | None:
        """The likeness that the matcher found; None for a link that a person made."""
        return self.suggestion.score if self.suggestion else None

    @property
    def percent(self) -> int | None:
        return None if self.score is None else round(self.score * 100)

    @property
    def confident(self) -> bool:
        return bool(self.suggestion and self.suggestion.confident)

    @property
    def believed(self) -> bool:
        """Confirmed, or alike enough to be taken for it until somebody decides."""
        return self.status == AlignmentStatus.CONFIRMED or (
            self.confident and self.status == AlignmentStatus.SUGGESTED
        )

    @property
    def rank(self) -> tuple[int, float, int]:
        """The best first: what is confirmed, then by likeness; what was rejected last."""
        order = [AlignmentStatus.CONFIRMED, AlignmentStatus.SUGGESTED, AlignmentStatus.REJECTED]
        return order.index(AlignmentStatus(self.status)), -(self.score or 0), self.statement.position


@dataclass(frozen=True)
class Aligned:
    """A part of the schedule with its links, the best first."""

    target: Target
    links: list[Standing]

    @property
    def waiting(self) -> Standing | None:
        """The best suggestion that waits for a decision."""
        return next((link for link in self.links if link.status == AlignmentStatus.SUGGESTED), None)

    @property
    def met(self) -> bool:
        """Whether a statement answers to it."""
        return any(link.believed for link in self.links)


@dataclass(frozen=True)
class Crosswalk:
    """A schedule and some frameworks, side by side."""

    schedule: WorkProcessSchedule
    statements: list[FrameworkStatement]
    aligned: list[Aligned] = field(default_factory=list)

    @cached_property
    def competencies(self) -> list[Aligned]:
        return [one for one in self.aligned if one.target.kind == TargetKind.COMPETENCY]

    @cached_property
    def topics(self) -> list[Aligned]:
        """Lines of related instruction with a link; there are too many without to list them."""
        return [one for one in self.aligned if one.target.kind == TargetKind.TOPIC and one.links]

    @cached_property
    def skills(self) -> list[Aligned]:
        """Cross-cutting competencies with a link."""
        return [one for one in self.aligned if one.target.kind == TargetKind.CROSS_CUTTING and one.links]

    @cached_property
    def links(self) -> list[Standing]:
        """All links, part by part, the best first."""
        return [link for one in self.aligned for link in one.links]

    @cached_property
    def unlinked(self) -> list[Aligned]:
        """Competencies without a counterpart: nothing confirmed, nothing confident."""
        return [one for one in self.competencies if not one.met]

    @property
    def answered(self) -> int:
        """Competencies with a counterpart."""
        return len(self.competencies) - len(self.unlinked)

    @property
    def confirmed(self) -> int:
        return sum(link.status == AlignmentStatus.CONFIRMED for link in self.links)

    @property
    def suggested(self) -> int:
        return sum(link.status == AlignmentStatus.SUGGESTED for link in self.links)

    @cached_property
    def uncovered(self) -> list[FrameworkStatement]:
        """Statements that nothing of the schedule answers to, nor to the headings they stand under."""
        met = {link.statement.pk for link in self.links if link.believed}
        rows = {row.pk: row for row in self.statements}

        def covered(row: FrameworkStatement) -> bool:
            return row.pk in met or (row.parent_id is not None and covered(rows[row.parent_id]))

        wanted = [row for row in self.statements if row.kind == StatementKind.STATEMENT]
        return [row for row in wanted if not covered(row)]

    def next_open(self, after: Target) -> Target | None:
        """The next part of the schedule to decide about, beginning anew behind the last; or None."""
        keys = [one.target for one in self.aligned]
        here = keys.index(after)
        following = self.aligned[here + 1 :] + self.aligned[:here]
        return next((one.target for one in following if one.waiting), None)


def frameworks_beside(schedule: WorkProcessSchedule, user: User | AnonymousUser) -> list[Framework]:
    """The newest version of every framework, the one with the most links to the schedule first."""
    targets = [target.lineage for target in targets_of(schedule)]
    met = Alignment.objects.visible_to(user).filter(target__in=targets).values("statement")
    linked = Count("statements", filter=Q(statements__lineage__in=met))
    rows = Framework.objects.visible_to(user).newest().annotate(linked=linked)
    return list(rows.order_by("-linked", "title", "pk"))


def schedules_beside(framework: Framework, user: User | AnonymousUser) -> list[WorkProcessSchedule]:
    """The newest schedules that `user` may see with a competency linked to the framework, by title."""
    met = Alignment.objects.visible_to(user).filter(statement__in=framework.statements.values("lineage"))
    linked = Competency.objects.filter(
        job_function__schedule=OuterRef("pk"), lineage__in=met.values("target")
    )
    rows = WorkProcessSchedule.objects.visible_to(user).filter(Exists(linked), frozen=True).newest()
    return list(rows.select_related("sponsor").order_by("title", "sponsor__name", "pk"))


def read(
    schedule: WorkProcessSchedule, *, user: User | AnonymousUser, framework: Framework | None = None
) -> Crosswalk:
    """The crosswalk as `user` may see it: suggestions, and what the schedule's own sponsor decided.

    `framework` None: of the newest version of every framework. Five queries.
    """
    frameworks = Framework.objects.visible_to(user)
    chosen = frameworks.filter(pk=framework.pk) if framework else frameworks.newest()
    statements = list(
        FrameworkStatement.objects.filter(framework__in=chosen)
        .select_related("framework")
        .order_by("framework__title", "framework", "position")
    )
    targets = targets_of(schedule)
    rows = Alignment.objects.visible_to(user).filter(target__in=[target.lineage for target in targets])
    rows = rows.filter(Q(sponsor=None) | Q(sponsor=schedule.sponsor_id)).select_related("decided_by")
    return Crosswalk(schedule, statements, _aligned(targets, statements, rows))


def _aligned(
    targets: list[Target], statements: list[FrameworkStatement], rows: Iterable[Alignment]
) -> list[Aligned]:
    known = {row.lineage: row for row in statements}
    said: dict[UUID, dict[UUID, list[Alignment]]] = defaultdict(lambda: defaultdict(list))
    for row in rows:
        if row.statement in known:
            said[row.target][row.statement].append(row)
    return [
        Aligned(
            target,
            sorted(
                (
                    _standing(target, known[statement], found)
                    for statement, found in said[target.lineage].items()
                ),
                key=lambda link: link.rank,
            ),
        )
        for target in targets
    ]


def _standing(target: Target, statement: FrameworkStatement, rows: list[Alignment]) -> Standing:
    suggestion = next((row for row in rows if row.sponsor_id is None), None)
    decisions = tuple(row for row in rows if row.sponsor_id is not None)
    return Standing(target, statement, suggestion, decisions)
