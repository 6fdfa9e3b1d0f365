"""CASE packages (1.0 and 1.1) -> outlines: our own come back as they went, others' as well as they can.

A package lists statements and relations; the tree is in the relations of the kind isChildOf. Our own say in
extensions (1.1) or in the last line of the notes (1.0) what CASE has no member for.
"""

from collections.abc import Iterable
from typing import Any

from competencies.imports import outline as o
from competencies.imports.case.frameworks import framework
from competencies.imports.case.items import Item, hung, items_of, note_others
from competencies.imports.case.members import own_facts, text_of
from competencies.imports.case.packed import Packed
from competencies.imports.case.schedules import schedule
from competencies.imports.case.terms import WORK
from competencies.imports.header import Notes

FORMAT = "case"


def is_case(value: Any) -> bool:
    """Whether JSON has the shape of a CASE package, bare or wrapped as some systems wrap it."""
    whole = value.get("CFPackage", value) if isinstance(value, dict) else None
    return isinstance(whole, dict) and isinstance(whole.get("CFDocument"), dict)


def read(value: Any, *, name: str) -> list[o.Reading]:
    """The work process schedule in a package. Raises Malformed where it holds another thing."""
    found, findings = outline(value, name=name)
    if not isinstance(found, o.ScheduleOutline):
        raise o.Malformed(
            name, "is a competency framework, no work process schedule: load_standards brings it"
        )
    return [o.Reading(format=FORMAT, outline=found, findings=findings)]


def outline(value: Any, *, name: str) -> tuple[o.ScheduleOutline | o.FrameworkOutline, tuple[o.Finding, ...]]:
    """The schedule or framework in a package, and what a person should know about the reading.

    Raises Malformed, with the place, where there is no title, no statement, or where what we added to our
    own packages has been tampered with.
    """
    if not is_case(value):
        raise o.Malformed(name, "is no CASE package")
    package: dict[str, Any] = value.get("CFPackage", value)
    document, notes = package["CFDocument"], Notes()
    own = own_facts(document, f"{name}.CFDocument")
    items = items_of(package, own=own is not None, name=name, notes=notes)
    roots = hung(package, str(document.get("identifier", "")), items, notes=notes)
    if not roots and own is None:
        raise o.Malformed(name, "has no statement in it")
    if own is None:
        note_others(package, notes)
    kind = own.pop("kind", "") if own is not None else _kind(document, items.values())
    lineage = str(own.pop("lineage", "")) if own is not None else ""
    packed = Packed(document, roots, own, lineage, package.get("CFRubrics"), name, notes)
    found = schedule(packed) if kind == "schedule" else framework(packed)
    return found, tuple(notes.found)


def _kind(document: dict[str, Any], items: Iterable[Item]) -> str:
    """Others' packages are schedules when they speak of work processes, otherwise frameworks."""
    spoken = {item.kind.casefold() for item in items}
    told = text_of(document, "frameworkType", "CFDocument").casefold()
    return "schedule" if spoken & WORK or "work process" in told else "framework"
