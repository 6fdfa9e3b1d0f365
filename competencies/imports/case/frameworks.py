"""A package as a competency framework."""

from collections.abc import Iterable, Iterator

from competencies.imports import facts
from competencies.imports import outline as o
from competencies.imports.case.items import Item
from competencies.imports.case.packed import Packed, coded
from competencies.imports.case.terms import STATEMENTS
from competencies.models import StatementKind


def framework(packed: Packed) -> o.FrameworkOutline:
    """The outline of a framework."""
    if packed.is_own:
        statements = tuple(_statement(packed, item, depth=0) for item in packed.roots)
        return facts.node(
            o.FrameworkOutline, packed.own, packed.top, statements=statements, **packed.identity()
        )
    return o.FrameworkOutline(
        **packed.identity(),
        publisher=(packed.said("publisher") or packed.said("creator"))[:200],
        source=packed.source(),
        note=packed.said("description").strip(),
        statements=tuple(_domains(packed)),
    )


def _statement(packed: Packed, item: Item, *, depth: int) -> o.StatementOutline:
    """One of ours: its type says what it is."""
    kinds = {title: kind for kind, title in STATEMENTS.items()}
    kind = kinds.get(item.kind)
    if kind is None or depth > 2:
        raise o.Malformed(item.place, "stands where no statement of ours stands")
    children = tuple(_statement(packed, child, depth=depth + 1) for child in item.children)
    given = {"kind": kind, "text": item.text, "children": children}
    return facts.node(o.StatementOutline, item.facts, packed.path(item), **given)


def _domains(packed: Packed) -> Iterator[o.StatementOutline]:
    """Others' trees in three levels; what stands alone at the top comes under the title."""
    alone = [item for item in packed.roots if not item.children]
    if alone:
        words = f"{len(alone)} of the statements stand under no heading"
        packed.notes.note("CFItems", words, f"They stand under “{packed.title:.60}”.")
        yield _outlined(StatementKind.DOMAIN, packed.title, [_leaf(item) for item in alone])
    for item in packed.roots:
        if item.children:
            yield _outlined(
                StatementKind.DOMAIN, coded(item), [_second(packed, one) for one in item.children]
            )


def _second(packed: Packed, item: Item) -> o.StatementOutline:
    if not item.children:
        return _leaf(item)
    deeper = sum(1 for child in item.children for _ in child.below())
    if deeper:
        words = f"Under “{item.text:.60}” hang {deeper} statements deeper than three levels"
        packed.notes.note(item.place, words, "Each is a statement of its own, after what it hangs under.")
    return _outlined(StatementKind.SUBDOMAIN, coded(item), map(_leaf, item.below()))


def _outlined(
    kind: StatementKind, text: str, children: Iterable[o.StatementOutline] = ()
) -> o.StatementOutline:
    return o.StatementOutline(kind=kind.value, text=text, children=tuple(children))


def _leaf(item: Item) -> o.StatementOutline:
    return _outlined(StatementKind.STATEMENT, coded(item))
