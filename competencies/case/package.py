"""Rows -> one CASE package, in a constant number of queries; every other answer is a piece of it."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any
from uuid import UUID, uuid5

from django.contrib.auth.models import AnonymousUser

from accounts.models import User
from competencies.case import vocabulary as v
from competencies.case.alignments import suggested
from competencies.case.document import document, subject
from competencies.case.successors import Successor, successors
from competencies.case.writing import Json, Version, definition, license_of, moment, more, said
from competencies.exports import tree as t
from competencies.imports.case.terms import COMPETENCY
from competencies.models import AlignmentKind, Framework

ALIGNED = {
    AlignmentKind.EXACT.value: ("exactMatchOf", True),
    AlignmentKind.CLOSE.value: ("isRelatedTo", True),
    AlignmentKind.RELATED.value: ("isRelatedTo", True),
    AlignmentKind.BROADER.value: ("isPartOf", True),
    AlignmentKind.NARROWER.value: ("isPartOf", False),
}
"""By what the target is beside the statement: the kind of association, and whether it begins there."""


@dataclass(frozen=True)
class Package:
    """A document in one version of CASE. Read its parts; `whole` puts them together.

    Associations are of four kinds, each a method: places in the tree, skill levels, what stands in the next
    version, and the crosswalk. Of later versions it names those that `reader` may see.
    """

    version: Version
    tree: t.Tree
    reader: User | AnonymousUser = field(default_factory=AnonymousUser)

    @cached_property
    def whole(self) -> Json:
        """The CFPackage. Lists that would be empty are left out."""
        return said(
            CFDocument=document(self.version, self.tree),
            CFItems=list(self.items.values()),
            CFAssociations=list(self.associations.values()),
            CFDefinitions=self.definitions,
            CFRubrics=[self.rubric] if self.rubric else [],
        )

    @cached_property
    def link(self) -> Json:
        """The link to the document."""
        return self.version.link("CFDocuments", self.tree.uid, self.tree.document.title)

    @cached_property
    def items(self) -> dict[str, Json]:
        """The items by identifier, as they stand in a package."""
        return {str(node.uid): self._item(node) for node in self.tree.nodes}

    def item(self, identifier: str) -> Json | None:
        """One of the items, the others unbuilt."""
        found = next((node for node in self.tree.nodes if str(node.uid) == identifier), None)
        return self._item(found) if found else None

    def _item(self, node: t.Node) -> Json:
        kind = v.BY_TITLE["CFItemTypes", node.type]
        concept = v.BY_TITLE["CFConcepts", node.keywords[0]] if node.keywords else None
        return said(
            identifier=str(node.uid),
            fullStatement=node.text,
            CFItemType=node.type,
            uri=self.version.address("CFItems", node.uid),
            humanCodingScheme=node.code,
            listEnumeration=node.mark,
            abbreviatedStatement=node.short,
            conceptKeywords=list(node.keywords),
            conceptKeywordsURI=self.version.defined(concept) if concept else None,
            language="en-US",
            CFItemTypeURI=self.version.defined(kind),
            licenseURI=license_of(self.version),
            lastChangeDateTime=self.changed,
            **more(self.version, node.words, node.facts),
        )

    @cached_property
    def changed(self) -> str:
        return moment(self.tree.changed)

    # ---- Associations

    @cached_property
    def associations(self) -> dict[str, Json]:
        """The associations by identifier, as they stand in a package."""
        every = (*self._places(), *self._levels(), *self._replaced(), *self._crosswalk())
        return {one["identifier"]: one for one in every}

    def association(
        self, kind: str, origin: Json, destination: Json, *, identifier: UUID, changed: str, **given: Any
    ) -> Json:
        """One association. `origin` and `destination` are links; `given` are further members."""
        ours = {"targetType": "CASE"} if self.version.later else {}
        return said(
            identifier=str(identifier),
            associationType=kind,
            uri=self.version.address("CFAssociations", identifier),
            originNodeURI=origin | ours,
            destinationNodeURI=destination | ours,
            lastChangeDateTime=changed,
            **given,
        )

    def _node(self, node: t.Node) -> Json:
        return self.version.link("CFItems", node.uid, node.text)

    @cached_property
    def _links(self) -> dict[UUID, Json]:
        return {self.tree.uid: self.link} | {node.uid: self._node(node) for node in self.tree.nodes}

    def _places(self) -> Iterator[Json]:
        places: Counter[UUID] = Counter()
        for node in self.tree.nodes:
            places[node.parent] += 1
            yield self.association(
                "isChildOf",
                self._links[node.uid],
                self._links[node.parent],
                identifier=t.derived(node.uid, "isChildOf"),
                changed=self.changed,
                sequenceNumber=places[node.parent],
            )

    def _levels(self) -> Iterator[Json]:
        for node in self.tree.nodes:
            if node.level:
                yield self.association(
                    "hasSkillLevel",
                    self._links[node.uid],
                    self._links[node.level],
                    identifier=t.derived(node.uid, "hasSkillLevel"),
                    changed=self.changed,
                )

    @cached_property
    def _later(self) -> Mapping[UUID, Successor]:
        return successors(self.tree.document, reader=self.reader)

    def _replaced(self) -> Iterator[Json]:
        """From this version to the next published one, for the document and each row that lives on."""
        grouping = self.version.defined(v.VERSIONS)
        for uid, lineage in ((self.tree.uid, self.tree.document.lineage), *self._lineages()):
            if successor := self._later.get(lineage):
                yield self.association(
                    "replacedBy",
                    self._links[uid],
                    self._successor(successor),
                    identifier=t.derived(uid, "replacedBy"),
                    changed=moment(successor.changed),
                    CFAssociationGroupingURI=grouping,
                )

    def _lineages(self) -> Iterator[tuple[UUID, UUID]]:
        return ((node.uid, node.lineage) for node in self.tree.nodes if node.lineage)

    def _successor(self, successor: Successor) -> Json:
        return self.version.link(successor.collection, successor.uid, successor.title)

    def _crosswalk(self) -> Iterator[Json]:
        """Between the newest version of a framework and what public schedules ask, as the words suggest."""
        framework = self.tree.document
        if not isinstance(framework, Framework) or self._later:
            return
        statements = {node.lineage: self._links[node.uid] for node in self.tree.nodes}
        for row, target in suggested(framework):
            kind, outwards = ALIGNED[row.kind]
            ends = [statements[row.statement], self.version.link("CFItems", target.uid, target.text)]
            words = f"Suggested by the likeness of the words ({row.score or 0:.2f}), confirmed by nobody."
            given: Json = {"notes": words} if self.version.later else {}
            yield self.association(
                kind,
                *(ends if outwards else ends[::-1]),
                identifier=row.uid,
                changed=self.changed,
                CFAssociationGroupingURI=self.version.defined(v.CROSSWALK),
                **given,
            )

    # ---- What goes with it

    @cached_property
    def definitions(self) -> Json:
        """The shared definitions that this package speaks of, and the subject."""
        used = [v.BY_TITLE["CFItemTypes", kind] for kind in sorted({node.type for node in self.tree.nodes})]
        used += [v.BY_TITLE["CFConcepts", word] for word in sorted(self._keywords())]
        groupings = (one.get("CFAssociationGroupingURI") for one in self.associations.values())
        used += [v.SHARED[uid] for uid in sorted({UUID(one["identifier"]) for one in groupings if one})]
        found: dict[str, list[Json]] = {}
        for one in (*used, v.LICENSE):
            found.setdefault(one.collection, []).append(definition(self.version, one))
        about = subject(self.version, self.tree.document)
        return found | ({"CFSubjects": [about]} if about else {})

    def _keywords(self) -> set[str]:
        return {word for node in self.tree.nodes for word in node.keywords}

    @cached_property
    def rubric(self) -> Json | None:
        """The rating scale, one criterion for each competency; None where the document states no scale."""
        if self.tree.scale is None:
            return None
        identifier = t.derived(self.tree.uid, "rubric")
        return said(
            identifier=str(identifier),
            uri=self.version.address("CFRubrics", identifier),
            title=self.tree.scale.name,
            description=self.tree.scale.source,
            lastChangeDateTime=self.changed,
            CFRubricCriteria=list(self._criteria(identifier)),
        )

    def _criteria(self, rubric: UUID) -> Iterator[Json]:
        judged = [node for node in self.tree.nodes if node.type == COMPETENCY]
        for position, node in enumerate(judged, start=1):
            identifier = uuid5(rubric, str(node.uid))
            yield said(
                identifier=str(identifier),
                uri=f"{self.version.address('CFRubrics', rubric)}#{identifier}",
                category=node.code,
                description=node.text,
                CFItemURI=self._links[node.uid],
                position=position,
                rubricId=str(rubric),
                lastChangeDateTime=self.changed,
                CFRubricCriterionLevels=list(self._scale(rubric, identifier)),
            )

    def _scale(self, rubric: UUID, criterion: UUID) -> Iterator[Json]:
        levels = self.tree.scale.levels if self.tree.scale else ()
        for position, level in enumerate(levels, start=1):
            identifier = uuid5(criterion, level.mark)
            yield said(
                identifier=str(identifier),
                uri=f"{self.version.address('CFRubrics', rubric)}#{identifier}",
                description=level.description,
                quality=level.label,
                score=level.value,
                feedback="Passes" if level.passing else "",
                position=position,
                rubricCriterionId=str(criterion),
                lastChangeDateTime=self.changed,
            )
