"""A package that has been hung up, and what its document says."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from competencies.imports import outline as o
from competencies.imports.case.items import Item
from competencies.imports.case.members import text_of
from competencies.imports.case.terms import EXTENSION
from competencies.imports.header import Notes


@dataclass
class Packed:
    """The tree of one package on its way to an outline. `own` is what we added to the document, if we did."""

    document: dict[str, Any]
    roots: list[Item]
    own: dict[str, Any] | None
    lineage: str
    rubrics: Any
    name: str
    notes: Notes

    def said(self, key: str) -> str:
        return text_of(self.document, key, f"{self.name}.CFDocument")

    @property
    def is_own(self) -> bool:
        """Whether we wrote the package."""
        return self.own is not None

    @property
    def top(self) -> str:
        """The place of what we added to the document."""
        return f"{self.name}.CFDocument.{EXTENSION}"

    @property
    def title(self) -> str:
        title = self.said("title")
        if not title.strip():
            raise o.Malformed(f"{self.name}.CFDocument.title", "is empty")
        return title if self.is_own else " ".join(title.split())

    def identity(self) -> dict[str, Any]:
        """Title and lineage: as we told it, otherwise others' identifier of the document."""
        told = (self.lineage, self.said("identifier"))
        return {"title": self.title, "lineage": next(filter(None, map(_uuid, told)), None)}

    def source(self) -> str:
        """Others' packages are cited by who made them and where they are."""
        parts = (self.said("creator"), f"“{self.title}”", self.said("officialSourceURL") or self.said("uri"))
        return "CASE package: " + ", ".join(part for part in parts if part)

    def path(self, item: Item) -> str:
        return f"{item.place}.{EXTENSION}"


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


def coded(item: Item) -> str:
    """The words with the code before them that the source gives them; a statement has no field for it."""
    return f"{item.code} {item.text}" if item.code and not item.text.startswith(item.code) else item.text
