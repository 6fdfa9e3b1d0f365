"""What a format has no column for: rows of place, field and value (JSON), taken from an outline and put back.

An exporter writes what the format can say, reads that back, and keeps the difference in these rows; a reader
puts them back. Places are “schedule”, “job function 2”, “competency 2.5” (its fifth), “course 3”.
"""

import json
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Any

from competencies.imports import outline as o
from competencies.imports.header import Notes
from competencies.imports.outline_json import read
from competencies.imports.to_json import write

PLACE = re.compile(r"schedule|job function (\d{1,5})|competency (\d{1,5})\.(\d{1,5})|course (\d{1,5})")
LOSABLE = re.compile("(?<= ) |[^\\S ]|[\x7f-\x9f\u00ad\u200b\u200e\u200f\ufeff\ufffe\uffff]")
PARTS = ("job_functions", "courses", "competencies")
Document = dict[str, Any]


def document(outline: o.ScheduleOutline) -> Document:
    """The outline as plain data, in the words of our JSON."""
    found: Document = json.loads(write(outline))
    return found


def differences(whole: o.ScheduleOutline, told: o.ScheduleOutline) -> list[tuple[str, str, str]]:
    """Rows by which `told` becomes `whole`."""
    return list(_schedule(document(whole), document(told)))


def _schedule(whole: Document, told: Document) -> Iterator[tuple[str, str, str]]:
    yield from _fields("schedule", whole, told)
    yield from _each(whole, told, "courses", "schedule", lambda number: f"course {number}")
    ours, theirs = whole.get("job_functions", []), told.get("job_functions", [])
    if len(ours) != len(theirs):
        yield _row("schedule", "job_functions", ours or None)
        return
    for number, (mine, other) in enumerate(zip(ours, theirs, strict=True), start=1):
        place = f"job function {number}"
        yield from _fields(place, mine, other)
        yield from _each(mine, other, "competencies", place, f"competency {number}.{{}}".format)


def _each(
    whole: Document, told: Document, part: str, above: str, place: Any
) -> Iterator[tuple[str, str, str]]:
    ours, theirs = whole.get(part, []), told.get(part, [])
    if len(ours) != len(theirs):
        yield _row(above, part, ours or None)
        return
    for number, (mine, other) in enumerate(zip(ours, theirs, strict=True), start=1):
        yield from _fields(place(number), mine, other)


def _fields(place: str, whole: Document, told: Document) -> Iterator[tuple[str, str, str]]:
    for key in dict.fromkeys((*whole, *told)):
        if key not in PARTS and whole.get(key) != told.get(key):
            yield _row(place, key, whole.get(key))


def _row(place: str, key: str, value: Any) -> tuple[str, str, str]:
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return place, key, LOSABLE.sub(_escaped, text)


def _escaped(found: re.Match[str]) -> str:
    """As JSON may write any character of a text, so that cells that tidy their spaces leave it alone."""
    return json.dumps(found[0])[1:-1] if found[0] != " " else "\\u0020"


def put_back(
    outline: o.ScheduleOutline, rows: Iterable[tuple[str, str, str, str]], notes: Notes
) -> o.ScheduleOutline:
    """The outline with rows of (where the row stands, place, field, value); one that fits nowhere is found.

    Rows of one place and field that follow each other are one value, cut where a cell was full.
    """
    values: dict[tuple[str, str], str] = defaultdict(str)
    stands: dict[tuple[str, str], str] = {}
    for where, place, key, value in rows:
        values[place, key] += value
        stands.setdefault((place, key), where)
    if not values:
        return outline
    whole = document(outline)
    for (place, key), value in values.items():
        _put(whole, place, key, value, where=stands[place, key], notes=notes)
    try:
        found = read(json.dumps(whole).encode(), name="schedule")
    except o.Malformed as refusal:
        notes.warn("More", f"What stands there does not fit: {refusal.message}", "None of it was read.")
        return outline
    return found if isinstance(found, o.ScheduleOutline) else outline


def _put(whole: Document, place: str, key: str, value: str, *, where: str, notes: Notes) -> None:
    try:
        node = _node(whole, place)
        node[key] = json.loads(value)
    except (ValueError, LookupError, TypeError, RecursionError):
        notes.warn(where, f"“{place:.40}”, “{key:.40}” fits nothing here", "The row was left out.")


def _node(whole: Document, place: str) -> Document:
    match = PLACE.fullmatch(place)
    if not match:
        raise LookupError(place)
    function, of, competency, course = (int(text) - 1 if text else None for text in match.groups())
    if course is not None:
        found: Document = whole["courses"][course]
    elif of is not None and competency is not None:
        found = whole["job_functions"][of]["competencies"][competency]
    elif function is not None:
        found = whole["job_functions"][function]
    else:
        found = whole
    return found
