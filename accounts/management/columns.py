"""What a word of a command must be to fit the column that keeps it."""

from django.core.exceptions import ValidationError
from django.core.management.base import CommandError
from django.db.models import Model


def check_word(what: str, word: str, model: type[Model], column: str) -> None:
    """Raise CommandError for a word that is longer than its column, or that the column refuses."""
    field = model._meta.get_field(column)
    longest = getattr(field, "max_length", None)
    if longest and len(word) > longest:
        raise CommandError(f"{what} has at most {longest} characters.")
    try:
        for check in getattr(field, "validators", ()):
            check(word)
    except ValidationError as problem:
        raise CommandError(f"{what}: {' '.join(problem.messages)}") from None
