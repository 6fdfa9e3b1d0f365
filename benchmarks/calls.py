"""Every page and call of the day of somebody, on two databases in turn."""

import statistics
import time
from collections.abc import Iterator
from typing import Any

from django.db import DEFAULT_DB_ALIAS, connections

from benchmarks.asking import Stack
from benchmarks.figures import Figure, figure
from tests.cast import Cast


class Two:
    """The same site on two databases of one server: each request goes to the one that was chosen."""

    def __init__(self, *names: str) -> None:
        self.wrappers = {}
        for name in names:
            wrapper = connections.create_connection(DEFAULT_DB_ALIAS)
            wrapper.settings_dict = {**wrapper.settings_dict, "NAME": name, "CONN_MAX_AGE": None}
            self.wrappers[name] = wrapper

    def choose(self, name: str) -> None:
        connections[DEFAULT_DB_ALIAS] = self.wrappers[name]

    def close(self) -> None:
        for wrapper in self.wrappers.values():
            wrapper.close()


def calls(cast: Cast, program: Any, stacks: dict[str, Stack]) -> list[tuple[str, Stack, str]]:
    """Name, who asks, and the address."""
    ana, week = cast.ana.uid, f"/apprentices/{cast.ana.uid}/week/"
    return [
        ("first page, apprentice", stacks["ana"], "/"),
        ("week, apprentice", stacks["ana"], week),
        ("own hours, REST", stacks["ana token"], "/api/v1/hours/"),
        ("own progress, REST", stacks["ana token"], f"/api/v1/apprentices/{ana}/progress/"),
        ("first page, mentor", stacks["marcus"], "/"),
        ("what waits, mentor, REST", stacks["marcus token"], "/api/v1/waiting/"),
        ("hours, mentor, REST", stacks["marcus token"], "/api/v1/hours/"),
        ("first page, coordinator", stacks["nora"], "/"),
        ("program board, coordinator", stacks["nora"], f"/programs/{program.uid}/"),
        ("hours, coordinator, REST", stacks["nora token"], "/api/v1/hours/"),
        ("apprentices, coordinator, REST", stacks["nora token"], "/api/v1/apprentices/"),
        ("what waits, coordinator, REST", stacks["nora token"], "/api/v1/waiting/"),
        ("search, coordinator", stacks["nora"], "/search/?q=eli1"),
        ("hours, instructor, REST", stacks["priya token"], "/api/v1/hours/"),
        ("hours, auditor, REST", stacks["ruth token"], "/api/v1/hours/"),
    ]


def stacks_of(cast: Cast) -> dict[str, Stack]:
    people = {
        "ana": cast.ana_user,
        "marcus": cast.marcus,
        "nora": cast.nora,
        "priya": cast.priya,
        "ruth": cast.ruth,
    }
    sessions = {name: Stack.by_session(person) for name, person in people.items()}
    return sessions | {f"{name} token": Stack.by_token(person) for name, person in people.items()}


def compared(
    two: Two, demo: str, whole: str, made: list[tuple[str, Stack, str]], *, n: int, seconds: float
) -> Iterator[Figure]:
    """p95 of each call on the country beside that on the demo, in fewer rounds where it is slow."""
    for name, who, path in made:
        taken: dict[str, list[float]] = {demo: [], whole: []}
        end = time.monotonic() + seconds
        for turn in range(n + 1):
            for database in (demo, whole) if turn % 2 else (whole, demo):
                two.choose(database)
                begun = time.perf_counter()
                who.get(path)
                if turn or time.monotonic() > end:
                    taken[database].append((time.perf_counter() - begun) * 1000)
            if time.monotonic() > end and all(taken.values()):
                break
        ours, floor = (p95(taken[one]) for one in (whole, demo))
        yield figure(f"p95 of {name}", ours, floor, goal="<= 1.5", n=len(taken[whole]))


def p95(values: list[float]) -> float:
    if len(values) < 3:
        return max(values)
    return statistics.quantiles(values, n=20, method="inclusive")[-1]
