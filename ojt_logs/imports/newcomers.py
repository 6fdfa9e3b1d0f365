"""Who stands in a workbook of history and is registered nowhere here: enrolled first, from their rows.

A workbook registers nobody: a registration begins with a mentor, an employer and a letter to the person, and
not with what an old sheet says of them.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from accounts.spelling import fold
from apprenticeship.models import Program
from ojt_logs.imports.history import History


@dataclass(frozen=True)
class Newcomers:
    """People to enroll in one program, a line each, as the list there is pasted."""

    program: Program
    lines: tuple[str, ...]

    @property
    def text(self) -> str:
        return "\n".join(self.lines)


def newcomers(history: History, programs: Iterable[Program]) -> list[Newcomers]:
    """By program, who is unknown: those whose rows name it, and those whose rows name none of these."""
    known = {fold(one.name): one for one in programs}
    people = _people(history)
    found = []
    for name, program in known.items():
        own = [said for said in people if fold(said.get("program", "")) in {name} | _none(said, known)]
        if own:
            found.append(Newcomers(program, tuple(_line(said) for said in own)))
    return found


def _none(said: Mapping[str, str], known: Mapping[str, Program]) -> set[str]:
    """The program that the row names where it is none of these."""
    named = fold(said.get("program", ""))
    return set() if named in known else {named}


def _people(history: History) -> list[dict[str, str]]:
    """One of each, with the first that any of their rows says; the roster comes first."""
    found: dict[str, dict[str, str]] = {}
    for row in history.refused:
        if row.unknown:
            said = {name: value.strip() for name, value in row.cells.items()}
            said["name"] = (
                said.get("name") or f"{said.get('first_name', '')} {said.get('last_name', '')}".strip()
            )
            key = fold(said.get("email") or said["name"])
            found[key] = said | {name: value for name, value in found.get(key, {}).items() if value}
    return list(found.values())


def _line(said: Mapping[str, str]) -> str:
    """“Ana Reyes <ana@example.org>, 2026-03-02”, without the day where none is stated."""
    start = said.get("started_on", "")
    return f"{said['name']} <{said.get('email', '')}>" + (f", {start}" if start else "")
