"""Reading a JSON document strictly: every value is asked for by name and kind; refusals name the place."""

import re
from collections.abc import Callable
from datetime import date
from typing import Any, TypeVar

from competencies.imports.outline import Malformed

T = TypeVar("T")

UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
"""NUL, and halves of characters."""


class Place:
    """One object of the document, that knows where it is and which of its keys were read."""

    def __init__(self, value: object, path: str) -> None:
        if not isinstance(value, dict):
            raise Malformed(path, "an object is expected here")
        self.value: dict[str, Any] = value
        self.path = path
        self.unread = set(value) - {"about"}

    def take(self, key: str, *kinds: type, default: Any = ...) -> Any:
        """The value of a key, of one of the given types; null counts as the default where there is one."""
        self.unread.discard(key)
        value = self.value.get(key)
        if value is None and default is not ...:
            return default
        if key not in self.value:
            raise Malformed(f"{self.path}.{key}", "is missing")
        if not isinstance(value, kinds) or (isinstance(value, bool) and bool not in kinds):
            names = " or ".join(kind.__name__ for kind in kinds)
            raise Malformed(f"{self.path}.{key}", f"{names} is expected here, not {value!r:.40}")
        if isinstance(value, str) and UNSTORABLE.search(value):
            raise Malformed(f"{self.path}.{key}", "has a character that no database can hold")
        return value

    def text(self, key: str) -> str:
        """A text that must not be empty."""
        value = str(self.take(key, str))
        if not value.strip():
            raise Malformed(f"{self.path}.{key}", "is empty")
        return value

    def blank(self, key: str) -> str:
        """A text that the source may leave blank (null)."""
        return str(self.take(key, str, default=""))

    def number(self, key: str) -> int | None:
        value = self.take(key, int, default=None)
        if value is not None and value < 0:
            raise Malformed(f"{self.path}.{key}", "is below zero")
        return value if value is None else int(value)

    def day(self, key: str) -> date | None:
        value = self.blank(key)
        try:
            return date.fromisoformat(value) if value else None
        except ValueError as error:
            raise Malformed(f"{self.path}.{key}", "is not a date such as 2026-11-22") from error

    def choice(self, key: str, among: list[str]) -> str:
        value = self.blank(key)
        if value and value not in among:
            raise Malformed(f"{self.path}.{key}", f"{value!r} is none of {', '.join(among)}")
        return value

    def inner(self, key: str) -> "Place":
        return Place(self.take(key, dict), f"{self.path}.{key}")

    def inner_or_empty(self, key: str) -> "Place":
        """An object that the document may lack."""
        return Place(self.take(key, dict, default={}), f"{self.path}.{key}")

    def each(self, key: str, read: Callable[["Place"], T]) -> tuple[T, ...]:
        """A list read item by item; a plain string stands for an object with "text" (or "title")."""
        found = []
        for index, item in enumerate(self.take(key, list, default=[]), start=1):
            value = {"text": item} if isinstance(item, str) else item
            place = Place(value, f"{self.path}.{key}[{index}]")
            found.append(read(place))
            place.close()
        return tuple(found)

    def mended(self) -> dict[str, Any]:
        """What was repaired here, as sentences, and whether it needs review."""
        repairs = self.each("repairs", repair_sentence)
        return {"repair": "\n".join(repairs), "needs_review": self.take("needs_review", bool, default=False)}

    def close(self) -> None:
        """Refuse keys that nobody knows: a misspelt key would be a silent loss."""
        if self.unread:
            raise Malformed(f"{self.path}.{min(self.unread)}", "is not known here")


def repair_sentence(place: Place) -> str:
    before, after = place.blank("before"), place.blank("after")
    change = f": “{before}” → “{after}”" if before or after else ""
    return place.text("rule") + change
