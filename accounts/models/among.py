"""Conditions of sets: one of several, and a bound that PostgreSQL reads first, through an index, however many
tables are joined beside it."""

from collections.abc import Iterable
from functools import reduce
from operator import or_
from typing import Any

from django.db.models import Q
from django.db.models.lookups import In


def any_of(parts: Iterable[Q]) -> Q:
    """What one of the parts holds; nothing where there is none."""
    return reduce(or_, parts) if (parts := list(parts)) else Q(pk__in=[])


class Among(In):
    """`Among(F("apprentice_id"), ids)`: as `__in` of a subquery of ids.

    PostgreSQL may take an `IN (SELECT ...)` for one more join and, of many, make it last.
    As an array it is found once, before, and the index of the column is asked for its members.
    """

    prepare_rhs = False

    def as_postgresql(self, compiler: Any, connection: Any) -> tuple[str, list[Any]]:
        left, given = self.process_lhs(compiler, connection)
        right, more = compiler.compile(self.rhs)
        return f"{left} = ANY(ARRAY{right})", [*given, *more]
