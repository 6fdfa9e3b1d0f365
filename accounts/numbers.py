"""How numbers of things, and several of them, are written in sentences; templates say the former with the
filter `pluralize`."""

from collections.abc import Sequence


def count_of(number: int, one: str, many: str = "") -> str:
    """“1 finding”, “3 findings”; `many` where it is not `one` with an s: “2 entries”."""
    return f"{number} {one}" if number == 1 else f"{number} {many or f'{one}s'}"


def listed(words: Sequence[str]) -> str:
    """“this”, “this and that”, “this, that and more”."""
    *most, last = words or [""]
    return f"{', '.join(most)} and {last}" if most else last
