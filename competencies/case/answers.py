"""What the operations answer for one identifier: each a piece of the package that it is in, or None."""

from collections.abc import Callable, Mapping

from competencies.case.document import alone
from competencies.case.package import Package
from competencies.case.writing import Json

Pick = Callable[[Package, str], Json | None]


def _package(package: Package, identifier: str) -> Json | None:
    return package.whole if identifier == package.link["identifier"] else None


def _document(package: Package, identifier: str) -> Json | None:
    ours = identifier == package.link["identifier"]
    return alone(package.version, package.tree.document) if ours else None


def _item(package: Package, identifier: str) -> Json | None:
    item = package.item(identifier)
    return item | {"CFDocumentURI": package.link} if item else None


def _association(package: Package, identifier: str) -> Json | None:
    association = package.associations.get(identifier)
    return association | {"CFDocumentURI": package.link} if association else None


def _item_associations(package: Package, identifier: str) -> Json | None:
    """The item with every association that it is the origin or the destination of."""
    item = _item(package, identifier)
    ends = ("originNodeURI", "destinationNodeURI")
    every = package.associations.values()
    touching = [one for one in every if identifier in (one[end]["identifier"] for end in ends)]
    return {"CFItem": item, "CFAssociations": touching} if item else None


def _rubric(package: Package, identifier: str) -> Json | None:
    rubric = package.rubric
    return rubric if rubric and identifier == rubric["identifier"] else None


ANSWERS: Mapping[str, Pick] = {
    "CFPackages": _package,
    "CFDocuments": _document,
    "CFItems": _item,
    "CFAssociations": _association,
    "CFItemAssociations": _item_associations,
    "CFRubrics": _rubric,
}
