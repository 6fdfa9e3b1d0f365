"""Lists do not slow down page by page, and ask no more where they show more."""

from base64 import b64encode
from collections.abc import Callable, Iterator
from urllib.parse import quote

from benchmarks.figures import Figure, beside, figure
from drill.ground import Ground

SIZE = 50
DEEP = 10_000


def figures(ground: Ground) -> Iterator[Figure]:
    from benchmarks.asking import Stack
    from benchmarks.crowd import crowd, entries_of

    cast = ground.cast
    long = crowd(cast, "Coders of fourteen years", people=500, each=14 * 74).program
    rows = entries_of(long).order_by("-pk").values_list("pk", flat=True)
    pk = rows[SIZE * (DEEP - 1) : SIZE * (DEEP - 1) + 1][0]
    nora, first = Stack.by_token(cast.nora), f"/api/v1/hours/?page_size={SIZE}"
    deep = f"{first}&cursor={quote(b64encode(f'p={pk}'.encode()).decode())}"
    assert len(nora.json(deep)["results"]) == SIZE
    name = f"page {DEEP:,} of a list beside page 1"
    yield beside(name, lambda: nora.get(deep), lambda: nora.get(first), goal="<= 1.2")
    yield from _queries(ground)


def _queries(ground: Ground) -> Iterator[Figure]:
    from benchmarks.asking import Stack
    from benchmarks.crowd import crowd

    cast = ground.cast
    page, program = Stack.by_session(cast.nora), Stack.by_token(cast.nora)
    sizes = {count: crowd(cast, f"Coders, {count}", people=count, each=10).program for count in (1, 10, 500)}
    boards = [counted(lambda uid=one.uid: page.get(f"/programs/{uid}/")) for one in sizes.values()]
    yield _equal("queries of a program page for 1, 10, 500 apprentices", boards)
    lists = [
        counted(lambda size=size: program.get(f"/api/v1/hours/?page_size={size}")) for size in (1, 10, 200)
    ]
    yield _equal("queries of the hours list for 1, 10, 200 rows", lists)


def counted(act: Callable[[], object]) -> int:
    """Statements that the second time costs: what a process reads once is none of a page's."""
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    act()
    with CaptureQueriesContext(connection) as asked:
        act()
    return len(asked)


def _equal(name: str, counts: list[int]) -> Figure:
    return figure(name, max(counts), min(counts), goal="= 1", unit="queries", n=len(counts))
