"""Several people press a button in the same moment: threads that wait for each other at the start."""

import threading
from collections.abc import Callable
from typing import Any

from django.db import connections

PATIENCE = 60
"""Seconds after which a thread counts as stuck."""


def at_once(*acts: Callable[[], Any]) -> list[Any]:
    """What each act gave back, or the exception that it raised, in the order given.

    Needs `transactional_db`: each thread has a connection of its own.
    """
    start = threading.Barrier(len(acts), timeout=PATIENCE)
    outcomes: list[Any] = [None] * len(acts)

    def run(place: int, act: Callable[[], Any]) -> None:
        try:
            start.wait()
            outcomes[place] = act()
        except Exception as raised:
            outcomes[place] = raised
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=pair, daemon=True) for pair in enumerate(acts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE)
    assert not any(thread.is_alive() for thread in threads), "somebody still waits"
    return outcomes
