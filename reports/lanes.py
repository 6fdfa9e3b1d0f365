"""The queues of tasks (CELERY_TASK_QUEUES) and how much lies in them, whatever the transport is."""

from typing import Any

import redis
from django.conf import settings
from kombu.exceptions import OperationalError

from apprenticeship.celery import app

SCHEDULED = settings.CELERY_TASK_DEFAULT_QUEUE
"""What the clock sends; `interactive` and `bulk` are those of reports."""


def messages(queue: str) -> int | None:
    """How many messages for workers lie in this queue; None when it does not answer."""
    try:
        with app.connection_for_read(connect_timeout=1) as line:
            told: Any = app.amqp.queues[queue](line.default_channel).queue_declare()
    except (OperationalError, redis.RedisError, OSError):
        return None
    return int(told.message_count)
