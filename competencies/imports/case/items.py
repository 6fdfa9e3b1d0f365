"""The statements of a package, hung under each other as its relations say."""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from competencies.imports.case.members import own_facts, rows_of, text_of, texts_of
from competencies.imports.case.terms import OURS
from competencies.imports.header import Notes


@dataclass(kw_only=True)
class Item:
    """A statement of the package, with what hangs under it in order."""

    place: str
    identifier: str
    text: str
    kind: str
    code: str
    mark: str
    short: str
    words: str
    keywords: tuple[str, ...]
    facts: Any
    order: tuple[int, int]
    children: list["Item"] = field(default_factory=list)

    def below(self) -> Iterator["Item"]:
        """All that hangs under it, in order, however deep."""
        waiting = self.children[::-1]
        while waiting:
            item = waiting.pop()
            yield item
            waiting.extend(item.children[::-1])


def items_of(package: dict[str, Any], *, own: bool, name: str, notes: Notes) -> dict[str, Item]:
    """The statements by identifier. What has no words, or comes a second time, is told and left out."""
    found: dict[str, Item] = {}
    for index, (place, row) in enumerate(rows_of(package, "CFItems", "CFItem")):
        item = _item(row, f"{name}.{place}", own=own, index=index)
        if not item.text.strip() or not item.identifier:
            notes.warn(place, "The statement has no words or no identifier", "It is left out.")
        elif item.identifier in found:
            notes.warn(place, f"The identifier of “{item.text:.60}” is there twice", "The first is kept.")
        else:
            found[item.identifier] = item
    return found


def _item(row: dict[str, Any], place: str, *, own: bool, index: int) -> Item:
    tidy: Callable[[str], str] = (lambda text: text) if own else (lambda text: text.strip())
    kind = row.get("CFItemType")
    return Item(
        place=place,
        identifier=text_of(row, "identifier", place).strip(),
        text=tidy(text_of(row, "fullStatement", place)),
        kind=text_of({"title": kind} if isinstance(kind, str) else kind, "title", place).strip(),
        code=tidy(text_of(row, "humanCodingScheme", place)),
        mark=tidy(text_of(row, "listEnumeration", place)),
        short=tidy(text_of(row, "abbreviatedStatement", place)),
        words=text_of(row, "notes", place).strip(),
        keywords=tuple(word.casefold() for word in texts_of(row, "conceptKeywords", place)),
        facts=own_facts(row, place) or {} if own else {},
        order=(2**31, index),
    )


def hung(package: dict[str, Any], document: str, items: dict[str, Item], *, notes: Notes) -> list[Item]:
    """Hang each item under its parent and return those at the top, in order."""
    parents = _parents(package, items, notes)
    for child, parent in parents.items():
        if parent in items:
            items[parent].children.append(items[child])
    top = [one for key, one in items.items() if parents.get(key) not in items]
    lost = [one for one in top if parents.get(one.identifier) != document]
    if lost and len(lost) < len(items):
        words = "1 statement hangs" if len(lost) == 1 else f"{len(lost)} statements hang"
        notes.note("CFAssociations", f"{words} under nothing of this package", "They stand at the top.")
    _cut_circles(top, items, parents, notes)
    for one in items.values():
        one.children.sort(key=lambda item: item.order)
    return sorted(top, key=lambda item: item.order)


def _parents(package: dict[str, Any], items: dict[str, Item], notes: Notes) -> dict[str, str]:
    """By item, what it hangs under; of several parents the first. Sets the order among siblings."""
    parents: dict[str, str] = {}
    for place, row in rows_of(package, "CFAssociations", "CFAssociation"):
        if row.get("associationType") != "isChildOf":
            continue
        child, parent = (_end(row, end, place) for end in ("originNode", "destinationNode"))
        if child not in items:
            continue
        if child in parents:
            notes.warn(
                place, f"“{items[child].text:.60}” hangs under two things", "It stays under the first."
            )
            continue
        parents[child] = parent
        number = row.get("sequenceNumber")
        if isinstance(number, int) and not isinstance(number, bool):
            items[child].order = (number, items[child].order[1])
    return parents


def _end(row: dict[str, Any], end: str, place: str) -> str:
    """The identifier at an end of a relation, however it is written."""
    link = row.get(f"{end}URI")
    found = text_of(link, "identifier", place) or text_of(row, f"{end}Identifier", place)
    return (found or str(link if isinstance(link, str) else "").rpartition("/")[2]).strip()


def _cut_circles(top: list[Item], items: dict[str, Item], parents: dict[str, str], notes: Notes) -> None:
    """What hangs in a circle is reached from nowhere: its first item comes to the top."""
    seen = {id(one) for root in top for one in (root, *root.below())}
    for one in items.values():
        if id(one) in seen:
            continue
        holder = items[parents[one.identifier]]
        holder.children.remove(one)
        notes.warn(one.place, f"“{one.text:.60}” hangs under itself", "It stands at the top.")
        top.append(one)
        seen |= {id(below) for below in (one, *one.below())}


def note_others(package: dict[str, Any], notes: Notes) -> None:
    kinds = Counter(
        text_of(row, "associationType", place)
        for place, row in rows_of(package, "CFAssociations", "CFAssociation")
    )
    for kind, times in sorted(kinds.items()):
        if kind not in OURS:
            notes.note(
                "CFAssociations", f"{times} of the kind {kind or '(none)'}", "They are no part of an outline."
            )
