"""How much memory building a report may take: a paper beyond all measure fails, and its worker lives."""

import resource
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

SIZE = Path("/proc/self/statm")
"""Linux tells there how many pages this process has."""


@contextmanager
def at_most(more: int) -> Iterator[None]:
    """Within it this process gets at most `more` bytes beyond those that it has now, or MemoryError.

    The limit is one of the whole process: meant for a worker, which does one thing at a time. A system that
    does not tell the size of a process (no Linux) sets no limit.
    """
    before, most = resource.getrlimit(resource.RLIMIT_AS)
    if not SIZE.exists():
        yield
        return
    pages = int(SIZE.read_text().split()[0])
    wanted = [pages * resource.getpagesize() + more, *(one for one in (before, most) if one >= 0)]
    resource.setrlimit(resource.RLIMIT_AS, (min(wanted), most))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_AS, (before, most))
