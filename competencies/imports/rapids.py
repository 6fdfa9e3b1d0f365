"""Schedules as DOL's RAPIDS data-sharing service returns them -> outlines.

A page is {"totalCount", "wps": [schedule, …]}; a file may hold one page, a list of pages or of schedules, or
one schedule. A schedule's work processes are its `dwas`, the tasks of each one text with semicolons.
"""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from competencies import codes
from competencies.imports import outline as o
from competencies.imports.header import Notes, approach, headed
from competencies.imports.words import clean, hours, letters, one_line

FORMAT = "rapids"
REGISTRATION = {
    "sponsorName": "Sponsor Name",
    "sponsorNumber": "Program number",
    "createdDt": "Created",
    "jobZone": "Job zone",
    "wpsDocument": "Document",
}
"""Members that are kept as they are, by the words under which they are shown."""


def is_rapids(value: Any) -> bool:
    """Whether JSON has the shape of the service's answers."""
    return any(True for _ in _schedules(value))


def read(value: Any, *, name: str) -> list[o.Reading]:
    """A reading for each schedule, each once. Raises Malformed where there is none with a work process."""
    found: list[o.Reading] = []
    for number, one in enumerate(_schedules(value), start=1):
        reading = _reading(one, place=f"schedule {number}")
        if reading and all(reading.outline != other.outline for other in found):
            found.append(reading)
    if not found:
        raise o.Malformed(name, "has no work process in it, so it is no schedule")
    missing = _missing(value)
    if missing:
        found[0] = replace(found[0], findings=(*found[0].findings, *missing))
    return found


def _pages(value: Any) -> Iterator[dict[str, Any]]:
    for one in value if isinstance(value, list) else [value]:
        if isinstance(one, dict):
            yield one


def _schedules(value: Any) -> Iterator[dict[str, Any]]:
    for page in _pages(value):
        rows = page["wps"] if isinstance(page.get("wps"), list) else [page]
        yield from (row for row in rows if isinstance(row, dict) and isinstance(row.get("dwas"), list))


def _missing(value: Any) -> tuple[o.Finding, ...]:
    """A finding where the service said that there are more schedules than the file holds."""
    totals = [page["totalCount"] for page in _pages(value) if isinstance(page.get("totalCount"), int)]
    notes = Notes()
    held = sum(1 for _ in _schedules(value))
    if totals and max(totals) > held:
        notes.note(
            "totalCount",
            f"The service has {max(totals)} schedules, the file holds {held}",
            "Those were read.",
        )
    return tuple(notes.found)


def _text(row: dict[str, Any], key: str) -> str:
    value = row.get(key)
    return "" if value is None or isinstance(value, dict | list | bool) else clean(value)


def _reading(row: dict[str, Any], *, place: str) -> o.Reading | None:
    notes = Notes()
    way = approach(_text(row, "occType"), place=f"{place}, occType", notes=notes)
    works = [dwa for dwa in row["dwas"] if isinstance(dwa, dict)]
    functions = tuple(_functions(works, way, place=place, notes=notes))
    if not functions:
        return None
    title, repair = _title(row, place=place, notes=notes)
    outline = headed(
        title=title,
        onet=_text(row, "onetSocCode"),
        rapids=_text(row, "rapidsCode"),
        findings=notes,
        repair=repair,
        onet_place=f"{place}, onetSocCode",
        rapids_place=f"{place}, rapidsCode",
        approach=way,
        context=_text(row, "jobDesc"),
        registration=tuple((label, text) for key, label in REGISTRATION.items() if (text := _text(row, key))),
        job_functions=functions,
    )
    return o.Reading(format=FORMAT, outline=outline, findings=tuple(notes.found))


def _title(row: dict[str, Any], *, place: str, notes: Notes) -> tuple[str, str]:
    """The occupation without the code behind it (“ALARM OPERATOR (0870CBV1)”), and what was mended."""
    printed = one_line(_text(row, "occupationTitle"))
    head, _, tail = printed.removesuffix(")").rpartition("(")
    inside = codes.parse_rapids(tail) if printed.endswith(")") and any(c.isdigit() for c in tail) else None
    if inside is None:
        if not printed:
            notes.warn(f"{place}, occupationTitle", "No occupation title is given", "Write it in the form.")
        return printed, ""
    stated = codes.parse_rapids(_text(row, "rapidsCode"))
    if stated and (stated.digits, stated.suffix) != (inside.digits, inside.suffix):
        notes.warn(
            f"{place}, rapidsCode", f"The code is {stated}, the title says {inside}", f"{stated} was taken."
        )
    return head.strip(), f"the code behind the title was taken off: “{printed}” → “{head.strip()}”"


def _functions(
    works: list[dict[str, Any]], way: str | None, *, place: str, notes: Notes
) -> Iterator[o.FunctionOutline]:
    number = 0
    for index, work in enumerate(works, start=1):
        where = f"{place}, dwas {index}"
        title, tasks = one_line(_text(work, "title")), list(_tasks(work))
        if not title and not tasks:
            notes.note(where, "The work process is empty", "It was left out.")
            continue
        number += 1
        if not title:
            notes.warn(where, "The work process has no title", f"It is called “Work process {number}”.")
        least, most = _hours(work, where, notes)
        if way == "competency" and not least and not most:
            least = most = None  # the service writes 0 where a competency-based schedule states no hours
        yield o.FunctionOutline(
            number=number,
            title=title or f"Work process {number}",
            ojt_minutes_min=least,
            ojt_minutes_max=most,
            details="" if way == "competency" else "\n".join(tasks),
            competencies=tuple(
                o.CompetencyOutline(letter=letter, title=task)
                for letter, task in zip(letters(), tasks if way == "competency" else [], strict=False)
            ),
        )


def _hours(work: dict[str, Any], place: str, notes: Notes) -> tuple[int | None, int | None]:
    ends: list[int | None] = []
    for key in ("minHours", "maxHours"):
        text = _text(work, key)
        span = hours(text) if text else None
        if text and span is None:
            notes.warn(f"{place}, {key}", f"“{text:.40}” is no number of hours", "It was left open.")
        ends.append(span.most if span else None)
    least, most = ends
    if least is not None and most is not None and least > most:
        notes.warn(place, f"minHours {least // 60} is above maxHours {most // 60}", "They were exchanged.")
        return most, least
    return least, most


def _tasks(work: dict[str, Any]) -> Iterator[str]:
    """The tasks: one text is cut at its semicolons, not within parentheses; several stay as they are."""
    value = work.get("tasks")
    texts = [clean(one) for one in (value if isinstance(value, list) else [value]) if isinstance(one, str)]
    for text in texts if len(texts) > 1 else _cut(texts[0] if texts else ""):
        if text.strip():
            yield one_line(text)


def _cut(text: str) -> list[str]:
    parts, depth = [""], 0
    for one in text:
        depth = max(0, depth + (one == "(") - (one == ")"))
        if one == ";" and not depth:
            parts.append("")
        else:
            parts[-1] += one
    return parts if not depth else text.split(";")
