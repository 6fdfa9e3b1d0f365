"""A schedule or framework as CTDL-ASN (JSON-LD): how the Credential Registry keeps them."""

from collections.abc import Iterator
from typing import Any
from uuid import UUID

from django.conf import settings

from competencies.exports.tree import Node, Tree
from competencies.models import Framework, Status

CONTEXT = "https://credreg.net/ctdlasn/schema/context/json"
PUBLICATION = "https://credreg.net/ctdlasn/vocabs/publicationStatus"
PUBLISHER = "_:publisher"
LANGUAGE = "en-US"
Json = dict[str, Any]


def ctdl(tree: Tree) -> Json:
    """The graph: the framework, its publisher as far as one is known, and a competency for each node.

    CTIDs are made from the identifiers that CASE uses, and addresses are those of the CASE service.
    """
    publisher = _publisher(tree)
    return {
        "@context": CONTEXT,
        "@graph": [_framework(tree, publisher), *publisher, *_competencies(tree)],
    }


def _address(collection: str, uid: UUID) -> str:
    return f"{settings.SITE_URL}/ims/case/v1p1/{collection}/{uid}"


def _words(text: str) -> dict[str, str]:
    return {LANGUAGE: text}


def _said(**members: Any) -> Json:
    """The members that say something, by their full names: `ceasn__name` is ceasn:name."""
    return {name.replace("__", ":"): value for name, value in members.items() if value}


def _publisher(tree: Tree) -> list[Json]:
    document = tree.document
    if isinstance(document, Framework):
        name = document.publisher
    else:
        name = document.sponsor.name if document.sponsor else ""
    if not name:
        return []
    return [{"@id": PUBLISHER, "@type": "ceterms:Organization", "ceterms:name": _words(name)}]


def _framework(tree: Tree, publisher: list[Json]) -> Json:
    document = tree.document
    about = document.note if isinstance(document, Framework) else document.context
    status = "Deprecated" if document.status == Status.RETIRED else "Published"
    top = [_address("CFItems", node.uid) for node in tree.below(tree.uid)]
    return {
        "@id": _address("CFDocuments", tree.uid),
        "@type": "ceasn:CompetencyFramework",
        "ceterms:ctid": f"ce-{tree.uid}",
        "ceasn:name": _words(document.title),
        "ceasn:description": _words(about or document.source or document.title),
        "ceasn:inLanguage": [LANGUAGE],
        **_said(
            ceasn__publisher=[one["@id"] for one in publisher],
            ceasn__dateModified=tree.changed.date().isoformat(),
            ceasn__publicationStatusType=f"{PUBLICATION}/{status if document.frozen else 'Draft'}",
            ceasn__hasTopChild=top,
        ),
    }


def _competencies(tree: Tree) -> Iterator[Json]:
    under: dict[UUID, list[Node]] = {}
    for node in tree.nodes:
        under.setdefault(node.parent, []).append(node)
    framework = _address("CFDocuments", tree.uid)
    for siblings in under.values():
        for number, node in enumerate(siblings, start=1):
            top = node.parent == tree.uid
            yield {
                "@id": _address("CFItems", node.uid),
                "@type": "ceasn:Competency",
                "ceterms:ctid": f"ce-{node.uid}",
                "ceasn:competencyText": _words(node.text),
                "ceasn:competencyCategory": _words(node.type),
                "ceasn:inLanguage": [LANGUAGE],
                "ceasn:isPartOf": [framework],
                "ceasn:listID": node.mark or str(number),
                **_said(
                    ceasn__codedNotation=node.code,
                    ceasn__conceptKeyword={LANGUAGE: list(node.keywords)} if node.keywords else None,
                    ceasn__comment={LANGUAGE: [node.words]} if node.words else None,
                    ceasn__isTopChildOf=framework if top else None,
                    ceasn__isChildOf=[] if top else [_address("CFItems", node.parent)],
                    ceasn__hasChild=[_address("CFItems", one.uid) for one in under.get(node.uid, [])],
                ),
            }
