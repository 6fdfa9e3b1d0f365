"""Names as people type them when they look for somebody: without accents, in any case, in any order."""

import unicodedata

from django.db.models import Q

LETTERS = str.maketrans({"ł": "l", "ø": "o", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "ı": "i"})
"""Letters that Unicode does not take apart into a plain one and its mark."""


def fold(text: str) -> str:
    """`text` in lower case without accents: “José Nuñez-Łoś” is “jose nunez-los”."""
    parts = unicodedata.normalize("NFKD", text.casefold())
    plain = "".join(letter for letter in parts if not unicodedata.combining(letter))
    return " ".join(plain.translate(LETTERS).replace("’", "'").split())


def all_words(text: str, column: str) -> Q:
    """Rows in whose folded `column` every word of `text`, or part of one, occurs."""
    found = Q()
    for word in fold(text).split():
        found &= Q((f"{column}__contains", word))
    return found
