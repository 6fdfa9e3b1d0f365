"""What stands while all tests of a file look at it: built once, undone after the last of them.

pytest-django opens a savepoint of its own inside for each test, so that a test may write as any other; only
the fixture `cast` would bring the same people a second time. Building everybody anew for each of three
hundred addresses took longer than asking them.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from django.conf import settings
from django.db import transaction
from django.test import override_settings
from pytest_django import DjangoDbBlocker

from tests.cast import Cast, everybody

FAST = "django.contrib.auth.hashers.MD5PasswordHasher"


def own_caches(prefix: str) -> dict[str, object]:
    """The caches of the settings, where other tests meet nothing of this one's."""
    return {**settings.CACHES, "default": {**settings.CACHES["default"], "KEY_PREFIX": prefix}}


@contextmanager
def standing(blocker: DjangoDbBlocker, *, prefix: str) -> Iterator[Cast]:
    """Everybody of the cast, for several tests."""
    quick = {"PASSWORD_HASHERS": [FAST, *settings.PASSWORD_HASHERS]}
    with blocker.unblock(), override_settings(CACHES=own_caches(prefix), **quick), transaction.atomic():
        yield everybody()
        transaction.set_rollback(True)


@contextmanager
def undone() -> Iterator[None]:
    """What is written in here was never written."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)
