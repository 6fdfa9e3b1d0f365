"""The words of the field, from fixtures/glossary.toml: for the glossary page and the help beside words."""

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from django.conf import settings

FILE = Path(settings.BASE_DIR) / "fixtures" / "glossary.toml"


@dataclass(frozen=True)
class Term:
    """One word: its address on the page (`key`), what it means in a sentence or two, and more."""

    key: str
    word: str
    says: str
    more: str = ""
    also: tuple[str, ...] = ()
    rule: str = ""


@cache
def terms() -> dict[str, Term]:
    """Every term by its key, in the order of the words."""
    rows = tomllib.loads(FILE.read_text()).items()
    found = [Term(key, **row | {"also": tuple(row.get("also", ()))}) for key, row in rows]
    return {term.key: term for term in sorted(found, key=lambda term: term.word.lower())}
