"""The list of hours over REST, as an office's program reads it: a hundred rows."""

import json
from collections.abc import Iterator

from benchmarks.figures import Figure, beside
from drill.ground import Ground

PATH = "/api/v1/hours/"


def figures(ground: Ground) -> Iterator[Figure]:
    from benchmarks.asking import Stack, bare, view_only
    from benchmarks.crowd import crowd
    from benchmarks.floors.hours import hours
    from ojt_logs.api.hours import HoursViewSet

    cast = ground.cast
    crowd(cast, "Coders of a year", people=500, each=74)
    nora, view = cast.nora, HoursViewSet.as_view({"get": "list"})
    ours = json.loads(view_only(view, PATH, nora))
    least = json.loads(hours(bare(PATH), nora.pk).content)
    assert len(ours["results"]) == 100
    assert ours == least, "the floor does not say what we say"

    def floor() -> bytes:
        return hours(bare(PATH), nora.pk).content

    name = "hours list, 100 rows over the API"
    yield beside(f"{name}, view only", lambda: view_only(view, PATH, nora), floor, goal="<= 1.5")
    stack = Stack.by_token(nora)
    yield beside(f"{name}, whole stack", lambda: stack.get(PATH), floor, goal="<= 2.5")
