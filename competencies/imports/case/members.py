"""The members of a package, read as leniently as others write them: null is nothing, a number is a text."""

import json
from collections.abc import Iterator
from typing import Any

from competencies.imports import outline as o
from competencies.imports.case.terms import EXTENSION


def text_of(row: Any, key: str, place: str) -> str:
    """A text of an object; numbers count as text, null and what is missing as none."""
    value = row.get(key) if isinstance(row, dict) else None
    if value is None or isinstance(value, dict | list | bool):
        return ""
    text = str(value)
    if "\x00" in text or any("\ud800" <= sign <= "\udfff" for sign in text):
        raise o.Malformed(f"{place}.{key}", "has a character that no text has")
    return text


def texts_of(row: dict[str, Any], key: str, place: str) -> tuple[str, ...]:
    value = row.get(key)
    return tuple(text_of({key: one}, key, place) for one in value) if isinstance(value, list) else ()


def rows_of(package: dict[str, Any], key: str, inner: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """The objects of a list with their places; some systems wrap each in a member of its own."""
    rows = package.get(key)
    for index, row in enumerate(rows if isinstance(rows, list) else [], start=1):
        bare = row.get(inner, row) if isinstance(row, dict) else None
        if isinstance(bare, dict):
            yield f"{key}[{index}]", bare


def own_facts(row: dict[str, Any], place: str) -> dict[str, Any] | None:
    """What we said in our own words, None where it is not our own."""
    extensions = row.get("extensions")
    if isinstance(extensions, dict) and EXTENSION in extensions:
        return _object(extensions[EXTENSION], place)
    last = text_of(row, "notes", place).rpartition("\n")[2]
    word, _, told = last.partition(": ")
    if word != EXTENSION or not told.startswith("{"):
        return None
    try:
        return _object(json.loads(told), place)
    except (ValueError, RecursionError) as error:
        raise o.Malformed(f"{place}.notes", f"the line “{EXTENSION}” cannot be read") from error


def _object(value: Any, place: str) -> dict[str, Any]:
    """The object, looked through for signs that no text has."""
    if not isinstance(value, dict):
        raise o.Malformed(f"{place}.{EXTENSION}", "an object is expected here")
    for said in _strings(value):
        text_of({EXTENSION: said}, EXTENSION, place)
    return dict(value)


def _strings(value: Any) -> Iterator[str]:
    """Every text in a JSON value."""
    waiting = [value]
    while waiting:
        one = waiting.pop()
        if isinstance(one, str):
            yield one
        elif isinstance(one, dict):
            waiting += one.values()
        elif isinstance(one, list):
            waiting += one
