"""What every page knows: how much is new to its reader, and for visitors whether this is the demo."""

from functools import cache

from django.conf import settings
from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from accounts.models import User
from ojt_logs.demo.tour import is_loaded
from ojt_logs.models import Notice


def told(request: HttpRequest) -> dict[str, object]:
    """`told_new`: how many things one was told and has not read. One query, where a page asks."""
    user = getattr(request, "user", None)
    if not isinstance(user, User):
        return {}
    return {"told_new": cache(lambda: Notice.objects.visible_to(user).unread().count())}


def demo(request: HttpRequest) -> dict[str, object]:
    """`demo`: whether the tour is offered. With DEBUG on alone, one query where a page asks."""
    return {"demo": SimpleLazyObject(is_loaded) if settings.DEBUG else False}
