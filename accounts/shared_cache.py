"""What all processes of a site count together (limits of sign-in and of tokens, files that wait for a look),
and what becomes of it while Redis is away: each process counts for itself, and the site goes on.
"""

import time
from collections.abc import Callable
from functools import wraps
from typing import Any

from django.core.cache.backends.locmem import LocMemCache
from django.core.cache.backends.redis import RedisCache
from redis import RedisError

PATIENCE_SECONDS = 1.0
"""So long one answer is waited for; and a Redis that gave none is left alone for AWAY_SECONDS."""
AWAY_SECONDS = 5.0


class Shared(RedisCache):
    """Django's Redis cache, and the memory of this process while there is no Redis."""

    _asked_again_at = 0.0

    def __init__(self, server: str, params: dict[str, Any]) -> None:
        patience = dict.fromkeys(("socket_connect_timeout", "socket_timeout"), PATIENCE_SECONDS)
        super().__init__(server, {**params, "OPTIONS": {**patience, **params.get("OPTIONS", {})}})
        self._meanwhile = LocMemCache(f"meanwhile-{server}", {**params, "OPTIONS": {}})


def _or_meanwhile(name: str) -> Callable[..., Any]:
    ask_redis = getattr(RedisCache, name)

    @wraps(ask_redis)
    def ask(self: Shared, *args: Any, **kwargs: Any) -> Any:
        if time.monotonic() >= Shared._asked_again_at:
            try:
                return ask_redis(self, *args, **kwargs)
            except RedisError:
                Shared._asked_again_at = time.monotonic() + AWAY_SECONDS
        return getattr(self._meanwhile, name)(*args, **kwargs)

    return ask


_OF_ONE = ("add", "get", "set", "touch", "delete", "has_key", "incr")
_OF_MANY = ("get_many", "set_many", "delete_many")
for _name in _OF_ONE + _OF_MANY:
    setattr(Shared, _name, _or_meanwhile(_name))
