"""The definitions that all our CASE documents share: item types, concepts, groupings, the license.

They belong to no document and never change: each is known by a UUID made from its name.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID, uuid5

from competencies.imports.case import terms

OURS = UUID("8d1f3c52-6f0e-4a5b-9f5f-6d3b1c0c2a47")
MADE = "2026-11-26T00:00:00Z"
"""When these words were set down; CASE asks for it."""


@dataclass(frozen=True, kw_only=True)
class Definition:
    """A word of the vocabulary. The hierarchy code puts it under another: 1.1 is under 1."""

    collection: str
    title: str
    description: str
    code: str = ""
    text: str = ""

    @property
    def uid(self) -> UUID:
        return uuid5(OURS, f"{self.collection} {self.title}")


def _types() -> list[Definition]:
    told = [
        ("1", terms.FUNCTION, "A major work process of the occupation."),
        ("1.1", terms.COMPETENCY, "Something a worker in the occupation can do."),
        ("1.1.1", terms.STANDARD, "An observable statement by which a competency is judged."),
        ("1.2", terms.TOPICS["skill"], "A skill that related instruction covers."),
        ("1.3", terms.TOPICS["knowledge"], "Knowledge and understanding that related instruction covers."),
        ("1.4", terms.TOPICS["tool"], "A tool or technology that related instruction covers."),
        ("2", terms.COURSE, "A course of the related instruction."),
        ("3", terms.CREDENTIAL, "A certification or license of the occupation."),
        ("4", terms.TIER, "A group of cross-cutting competencies."),
        ("4.1", terms.SKILL, "A foundation skill, with how much of it the occupation asks."),
        ("4.2", terms.LEVEL, "How much of a cross-cutting competency the occupation asks."),
        ("5", terms.STATEMENTS["domain"], "A field of what somebody knows and can do."),
        ("5.1", terms.STATEMENTS["subdomain"], "A part of a domain."),
        ("5.1.1", terms.STATEMENTS["statement"], "Something that somebody knows or can do."),
    ]
    return [_definition("CFItemTypes", *row) for row in told]


def _concepts() -> list[Definition]:
    told = [
        ("1", "Core", "Every apprentice learns it."),
        ("2", "Required", "It is asked of everybody who learns the job function."),
        ("3", "Optional", "It is asked of those who, or whose program, elect it."),
        ("4", "Basic", "The least of three levels."),
        ("5", "Intermediate", "The second of three levels."),
        ("6", "Advanced", "The highest of three levels."),
    ]
    return [_definition("CFConcepts", *row) for row in told]


def _definition(collection: str, code: str, title: str, description: str) -> Definition:
    return Definition(collection=collection, code=code, title=title, description=description)


VERSIONS = Definition(
    collection="CFAssociationGroupings",
    title="Versions",
    description="From what a version says to what stands in its place in the next.",
)
CROSSWALK = Definition(
    collection="CFAssociationGroupings",
    title="Crosswalk",
    description="What a framework and a work process schedule have in common, as their words suggest.",
)
LICENSE = Definition(
    collection="CFLicenses",
    title="The words are the source's",
    description="No license is stated in the source.",
    text="The words are those of the document that the notes cite. This site claims no rights in them and "
    "grants none; ask its publisher before you use them beyond what the law allows.",
)
SHARED: Mapping[UUID, Definition] = {
    one.uid: one for one in (*_types(), *_concepts(), VERSIONS, CROSSWALK, LICENSE)
}
BY_TITLE = {(one.collection, one.title): one for one in SHARED.values()}


def with_those_below(definition: Definition) -> list[Definition]:
    """The definition, and after it those whose hierarchy code is under its own."""
    below = [
        one
        for one in SHARED.values()
        if one.collection == definition.collection and one.code.startswith(f"{definition.code}.")
    ]
    return [definition, *sorted(below, key=lambda one: one.code)]
