"""What the pages for visitors know about the demo."""

from django.conf import settings
from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from ojt_logs.demo.tour import is_loaded


def demo(request: HttpRequest) -> dict[str, object]:
    """`demo`: whether the tour is offered. With DEBUG on alone, one query where a page asks."""
    return {"demo": SimpleLazyObject(is_loaded) if settings.DEBUG else False}
