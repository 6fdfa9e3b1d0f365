"""What there is to learn a statement with, and through the crosswalk a competency. Constant queries."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from urllib.parse import quote
from uuid import UUID

from django.conf import settings
from django.contrib.auth.models import AnonymousUser

from accounts.models import User
from competencies import crosswalk
from competencies.models import (
    Competency,
    Done,
    FrameworkStatement,
    StatementKind,
    Use,
    WorkProcessSchedule,
)


@dataclass(frozen=True)
class Search:
    """A library elsewhere, with the address that searches it for a statement."""

    name: str
    address: str


def searches(text: str) -> list[Search]:
    """The searches that this site offers where its own library has nothing, for the words of a statement."""
    asked = quote(text.rstrip(". "), safe="")
    return [Search(name, address.replace("{text}", asked)) for name, address in settings.LEARNING_SEARCHES]


@dataclass(frozen=True)
class Shelf:
    """A statement and what stands beside it in the libraries that a person may see."""

    statement: FrameworkStatement
    uses: list[Use] = field(default_factory=list)
    link: crosswalk.Standing | None = None

    @property
    def searches(self) -> list[Search]:
        return searches(self.statement.text)


def shelves(statements: Iterable[FrameworkStatement], *, user: User | AnonymousUser) -> list[Shelf]:
    """The shelf of each statement, what is pinned first. One query."""
    rows = list(statements)
    beside: dict[UUID, list[Use]] = defaultdict(list)
    found = Use.objects.visible_to(user).filter(statement__in=[row.lineage for row in rows])
    for use in found.select_related("resource__sponsor").in_order():
        beside[use.statement].append(use)
    return [Shelf(row, beside[row.lineage]) for row in rows]


def for_competency(
    schedule: WorkProcessSchedule, competency: Competency, *, user: User | AnonymousUser
) -> list[Shelf]:
    """What to study for a competency: the shelf of each statement that is linked to it and not rejected.

    A link to a heading stands for the statements under it.
    """
    found = crosswalk.read(schedule, user=user)
    aligned = [one for one in found.competencies if one.target.lineage == competency.lineage]
    links = [link for one in aligned for link in one.links if link.status != "rejected"]
    under: dict[int | None, list[FrameworkStatement]] = defaultdict(list)
    for row in found.statements:
        under[row.parent_id].append(row)

    def leaves(row: FrameworkStatement) -> list[FrameworkStatement]:
        if row.kind == StatementKind.STATEMENT:
            return [row]
        return [leaf for child in under[row.pk] for leaf in leaves(child)]

    wanted = {leaf.pk: (leaf, link) for link in reversed(links) for leaf in leaves(link.statement)}
    pairs = sorted(wanted.values(), key=lambda pair: pair[1].rank)
    full = shelves([leaf for leaf, _ in pairs], user=user)
    return [Shelf(shelf.statement, shelf.uses, link) for shelf, (_, link) in zip(full, pairs, strict=True)]


def done_by(user: User, shelved: Iterable[Shelf]) -> set[int]:
    """Keys of the resources on these shelves that `user` marked as done, for their own eyes alone."""
    resources = [use.resource_id for shelf in shelved for use in shelf.uses]
    rows = Done.objects.visible_to(user).filter(resource__in=resources)
    return set(rows.values_list("resource", flat=True))
