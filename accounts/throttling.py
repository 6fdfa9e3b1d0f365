"""How often a token may ask: so that one careless script never takes the site from everybody else."""

import time
from typing import TYPE_CHECKING

from django.conf import settings
from django.core.cache import cache
from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle

from accounts.models import ApiToken

if TYPE_CHECKING:  # rest_framework.views reads its settings, which name this module
    from rest_framework.views import APIView

WINDOW_SECONDS = 60


class PerToken(BaseThrottle):
    """At most API_REQUESTS_A_MINUTE for each token, counted for all processes together; then 429 with
    Retry-After. People in their browsers are not counted.
    """

    def allow_request(self, request: Request, view: "APIView") -> bool:
        token = request.auth
        return not isinstance(token, ApiToken) or _count(token) <= settings.API_REQUESTS_A_MINUTE

    def wait(self) -> float:
        """Seconds until the next window begins."""
        return WINDOW_SECONDS - time.time() % WINDOW_SECONDS


def _count(token: ApiToken) -> int:
    key = f"api-{token.pk}-{int(time.time() // WINDOW_SECONDS)}"
    try:
        return 1 if cache.add(key, 1, timeout=2 * WINDOW_SECONDS) else cache.incr(key)
    except ValueError:  # it was thrown out between the two
        return 1
