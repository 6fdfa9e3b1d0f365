"""The site at noon of the demo's day, so that pictures stay the same: as WSGI, or as a Celery command.

`python -m tests.frozen worker ...` is `celery worker ...` with that clock.
"""

import sys
from datetime import UTC, datetime

import time_machine

NOON = datetime(2026, 11, 20, 18, 0, tzinfo=UTC)
"""Friday, Nov 20, 2026, noon in Chicago."""

time_machine.travel(NOON, tick=True).start()

from apprenticeship.wsgi import application  # noqa: E402

__all__ = ["application"]

if __name__ == "__main__":
    from celery.__main__ import main

    sys.exit(main())
