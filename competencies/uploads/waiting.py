"""What was read from an upload and is not stored yet: kept for its uploader alone, for a while."""

from dataclasses import dataclass
from typing import TypeVar
from uuid import UUID, uuid4

from django.core.cache import cache

from accounts.models import User
from competencies.imports.outline import Reading

SECONDS = 4 * 60 * 60


@dataclass(frozen=True)
class Waiting:
    """The readings of one file, and what the file was called."""

    name: str
    readings: tuple[Reading, ...]


T = TypeVar("T")


def keep(waiting: object, *, user: User, uid: UUID | None = None) -> UUID:
    """The number under which this user finds it again; with `uid`, in the place of what is there."""
    uid = uid or uuid4()
    cache.set(_key(user, uid), waiting, SECONDS)
    return uid


def find(uid: UUID, *, user: User, kind: type[T]) -> T | None:
    """What this user keeps there, where it is of that kind."""
    found = cache.get(_key(user, uid))
    return found if isinstance(found, kind) else None


def forget(uid: UUID, *, user: User) -> None:
    cache.delete(_key(user, uid))


def _key(user: User, uid: UUID) -> str:
    return f"upload:{user.uid}:{uid}"
