"""A bound that PostgreSQL reads first, through an index, however many tables are joined beside it."""

from typing import Any

from django.db.models.lookups import In


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
