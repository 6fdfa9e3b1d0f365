"""How numbers of things are written in sentences; templates say the same with the filter `pluralize`."""


def count_of(number: int, one: str, many: str = "") -> str:
    """“1 finding”, “3 findings”; `many` where it is not `one` with an s: “2 entries”."""
    return f"{number} {one}" if number == 1 else f"{number} {many or f'{one}s'}"
