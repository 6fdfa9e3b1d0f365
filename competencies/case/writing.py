"""How CASE spells things: versions, addresses, links, moments. What says nothing is left out, never null."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from django.conf import settings

from competencies.case.vocabulary import LICENSE, MADE, Definition
from competencies.imports.case.terms import EXTENSION

Json = dict[str, Any]


@dataclass(frozen=True)
class Version:
    """An edition of CASE: 1.1 has extensions and some members more, and spells two errors differently."""

    number: str
    path: str
    later: bool

    def address(self, collection: str, identifier: UUID | str) -> str:
        """Where this service answers for one thing."""
        return f"{settings.SITE_URL}/ims/case/{self.path}/{collection}/{identifier}"

    def link(self, collection: str, identifier: UUID | str, title: str) -> Json:
        """A LinkURI. Titles are one line."""
        return {
            "title": one_line(title),
            "identifier": str(identifier),
            "uri": self.address(collection, identifier),
        }

    def defined(self, definition: Definition) -> Json:
        """The link to a word of the vocabulary."""
        return self.link(definition.collection, definition.uid, definition.title)


V1P0, V1P1 = Version("1.0", "v1p0", later=False), Version("1.1", "v1p1", later=True)
VERSIONS = {version.path: version for version in (V1P0, V1P1)}


def said(**members: Any) -> Json:
    """The members that say something. 0 does."""
    return {name: value for name, value in members.items() if value not in (None, "", [], {})}


def one_line(text: str) -> str:
    return " ".join(text.split())


def moment(when: datetime) -> str:
    """In UTC, to the second."""
    return when.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def definition(version: Version, one: Definition) -> Json:
    """A word of the vocabulary as a member of its collection."""
    return said(
        identifier=str(one.uid),
        uri=version.address(one.collection, one.uid),
        title=one.title,
        description=one.description,
        hierarchyCode=one.code,
        licenseText=one.text,
        lastChangeDateTime=MADE,
    )


def more(version: Version, words: str, facts: Mapping[str, Any]) -> Json:
    """Notes for people, and for machines the facts that CASE has no member for.

    1.1 has `extensions` for those. In 1.0 they are the last line of the notes.
    """
    if version.later:
        return said(notes=words, extensions={EXTENSION: dict(facts)} if facts else None)
    return said(notes="\n".join(filter(None, (words, in_a_line(facts)))))


def in_a_line(facts: Mapping[str, Any]) -> str:
    """The facts as they stand in the notes of 1.0, or nothing."""
    return f"{EXTENSION}: {json.dumps(dict(facts), ensure_ascii=False)}" if facts else ""


def license_of(version: Version) -> Json:
    return version.defined(LICENSE)
