"""The list of documents as CASE asks for it: `limit`, `offset`, `sort`, `orderBy`, `filter`, `fields`.

A filter is `title~'coder' AND language='en-US'`: one or several comparisons, joined by AND or by OR alone.
Comparisons look at texts and lists of texts, without regard to case; a list fits when one of it does.
"""

import operator
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from competencies.case.refusals import NoAnswer
from competencies.case.writing import Json

LIMIT, MOST = 100, 1000
TEXTS = {
    *("identifier", "uri", "frameworkType", "caseVersion", "creator", "title", "lastChangeDateTime"),
    *("officialSourceURL", "publisher", "description", "subject", "language", "version", "adoptionStatus"),
    *("statusStartDate", "statusEndDate", "notes"),
}
"""By what one may sort and filter."""
FIELDS = TEXTS | {"CFPackageURI", "subjectURI", "licenseURI", "extensions"}
COMPARISON = re.compile(r"\s*(\w+)\s*(!=|>=|<=|=|>|<|~)\s*'([^']*)'\s*")
COMPARE: dict[str, Callable[[str, str], bool]] = {
    "=": operator.eq,
    ">": operator.gt,
    ">=": operator.ge,
    "<": operator.lt,
    "<=": operator.le,
    "~": operator.contains,
}


@dataclass(frozen=True)
class Page:
    """The asked-for documents, how many there are in all, and the value of the Link header."""

    rows: list[Json]
    total: int
    links: str


def page(rows: Sequence[Json], asked: Mapping[str, str], *, address: str) -> Page:
    """The part of `rows` that `asked` (the query of the address) wants. Raises NoAnswer."""
    limit, offset = _number(asked, "limit", LIMIT, least=1), _number(asked, "offset", 0, least=0)
    limit = min(limit, MOST)
    found = _sorted([row for row in rows if _fits(asked.get("filter", ""))(row)], asked)
    names = _fields(asked.get("fields"))
    shown = [_only(row, names) for row in found[offset : offset + limit]]
    if not shown:
        raise NoAnswer(404, "unknownobject", f"No document here: {len(found)} fit, from 0 on.")
    links = _links(dict(asked), limit, offset, len(found), address)
    return Page(shown, len(found), links)


def _number(asked: Mapping[str, str], name: str, otherwise: int, *, least: int) -> int:
    text = asked.get(name)
    if text is None:
        return otherwise
    if not re.fullmatch(r"[0-9]{1,9}", text) or int(text) < least:
        raise NoAnswer(400, "invalid_selection_field", f"{name} is a whole number from {least} on.")
    return int(text)


def _sorted(rows: list[Json], asked: Mapping[str, str]) -> list[Json]:
    name, order = asked.get("sort", "title"), asked.get("orderBy", "asc").lower()
    if name not in TEXTS:
        raise NoAnswer(400, "invalid_sort_field", f"Nothing is sorted by {name:.60}.")
    if order not in ("asc", "desc"):
        raise NoAnswer(400, "invalid_sort_field", "orderBy is asc or desc.")
    rows = sorted(rows, key=operator.itemgetter("identifier"))
    return sorted(rows, key=lambda row: str(row.get(name, "")).casefold(), reverse=order == "desc")


def _fields(text: str | None) -> set[str] | None:
    if text is None:
        return None
    names = {name.strip() for name in text.split(",")}
    if not names <= FIELDS:
        strange = ", ".join(sorted(names - FIELDS)) or "nothing"
        raise NoAnswer(400, "invalid_selection_field", f"A document has no field {strange:.60}.")
    return names


def _only(row: Json, names: set[str] | None) -> Json:
    return row if names is None else {name: value for name, value in row.items() if name in names}


def _fits(text: str) -> Callable[[Json], bool]:
    """The test that a filter asks for; without one everything fits."""
    if not text.strip():
        return lambda row: True
    found = [match.groups() for match in COMPARISON.finditer(text)]
    before, *joins, after = COMPARISON.sub("\0", text).upper().split("\0") if found else ["?", ""]
    if before or after or not {name for name, _, _ in found} <= TEXTS:
        raise NoAnswer(400, "invalid_selection_field", "A filter reads like: title~'coder'.")
    if set(joins) - {"AND"} and set(joins) - {"OR"}:
        raise NoAnswer(400, "invalid_selection_field", "Comparisons are joined by AND alone or by OR alone.")
    tests = [_comparison(*parts) for parts in found]
    together = any if "OR" in joins else all
    return lambda row: together(test(row) for test in tests)


def _comparison(name: str, sign: str, value: str) -> Callable[[Json], bool]:
    wanted = value.casefold()

    def fits(row: Json) -> bool:
        had = row.get(name, [])
        texts = [text.casefold() for text in ([had] if isinstance(had, str) else had)]
        if sign == "!=":
            return wanted not in texts
        return any(COMPARE[sign](text, wanted) for text in texts)

    return fits


def _links(asked: dict[str, str], limit: int, offset: int, total: int, address: str) -> str:
    """Where the first, previous, next and last page are (RFC 8288)."""
    last = (total - 1) // limit * limit
    places = {"first": 0, "prev": max(offset - limit, 0), "next": offset + limit, "last": last}
    if offset == 0:
        del places["prev"]
    if offset + limit >= total:
        del places["next"]

    def to(place: int) -> str:
        return f"{address}?{urlencode(asked | {'limit': limit, 'offset': place})}"

    return ", ".join(f'<{to(place)}>; rel="{name}"' for name, place in places.items())
