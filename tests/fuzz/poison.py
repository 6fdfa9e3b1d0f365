"""A record in which everything that is text is hostile: the rows as they are, put back with other words.

Which fields are text is read from the models: a new one is hostile from its first day. What is no free text
stands in KEPT with the reason.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any

from django.apps import apps
from django.db import models, transaction

from tests.cast import OURS
from tests.emptied import empty_all

Say = Callable[[int, int], str]
"""The text for a field: given are its number among all and the characters that it holds."""

DIGESTS = "head payload_digest previous key_id digest hmac password_stamp prefix text_sha256 body_hash sha256"
KEPT = {
    **dict.fromkeys(f"{DIGESTS} content_hash letter_hash shape secret salt".split(), "made by us"),
    **dict.fromkeys(["act", "scopes", "method", "path", "authentication", "media_type"], "our own words"),
    **dict.fromkeys(["signer_role", "kind", "key", "place", "about"], "our own words"),
    "time_zone": "checked against the zones there are, wherever it is written",
    "search_text": "made by us of what is said",
    "password": "a hash",
    "email": "an address, which has forms of its own",
    "letter": "three characters of an address within a schedule",
    "code": "part of the address of a page",
    "onet_taxonomy": "a year",
    "refused_lineages": "ids",
    "meaning": "our own words",
    "evidence": "ids, where it is a list",
}
STARTS = {"address": "https://example.org/"}
"""The database itself refuses other beginnings."""
EXACT = re.compile(r"[\d:.TZ+-]+|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
"""Days, moments, numbers and ids in a list of ours."""
WORDS_KEPT = {"ledger.Payload.body": "canonical JSON: our own words, beside what was typed"}


def fields_of(model: type[models.Model]) -> list[models.Field[Any, Any]]:
    """What holds text that a person, a file or another system wrote."""
    found = []
    for field in model._meta.get_fields():
        if not isinstance(field, models.CharField | models.TextField | models.JSONField) or field.choices:
            continue
        name = f"{model._meta.label}.{field.name}"
        lists = isinstance(field, models.JSONField)
        if name in WORDS_KEPT or (field.name in KEPT and (lists or field.name != "evidence")):
            continue
        found.append(field)
    return found


def poisoned(rows: Sequence[models.Model], say: Say) -> int:
    """Put `rows`, all there are, back with hostile text in every field that has some; says in how many."""
    number = 0
    by_model: dict[type[models.Model], list[models.Model]] = {}
    for row in rows:
        for field in fields_of(type(row)):
            value = getattr(row, field.attname)
            if value:
                number += 1
                setattr(row, field.attname, _instead(value, number, row, field, say))
        row._state.adding = True
        by_model.setdefault(type(row), []).append(row)
    empty_all()
    with transaction.atomic():
        for model, ones in by_model.items():
            model._base_manager.bulk_create(ones)
    return number


def _instead(value: Any, number: int, row: models.Model, field: Any, say: Say) -> Any:
    if isinstance(value, list):
        return [_instead(one, number, row, field, say) for one in value]
    if isinstance(value, dict):
        return {key: _instead(one, number, row, field, say) for key, one in value.items()}
    if not isinstance(value, str) or (isinstance(field, models.JSONField) and EXACT.fullmatch(value)):
        return value
    mark = STARTS.get(field.name, "")
    mark += f"{row.pk}" if field.unique or _in_constraint(row, field.name) else ""
    most = getattr(field, "max_length", None) or 20_000
    return mark + say(number, most - len(mark))[: most - len(mark)]


def _in_constraint(row: models.Model, name: str) -> bool:
    together = [one.fields for one in row._meta.constraints if isinstance(one, models.UniqueConstraint)]
    return any(name in one for one in together)


def several(payloads: Sequence[str], *, start: int = 0) -> Say:
    """As many of `payloads` as go in, from another one on in each field and each round."""

    def say(number: int, most: int) -> str:
        first = (start + number) % len(payloads)
        said = ""
        for payload in (*payloads[first:], *payloads[:first]):
            if len(said) + len(payload) + 1 > most:
                break
            said += f"{payload} "
        return said.strip() or payloads[first][:most]

    return say


def all_rows() -> list[models.Model]:
    """Everything there is of ours, and who is signed in where."""
    return [
        row
        for model in apps.get_models(include_auto_created=True)
        if model._meta.app_label in OURS and model._meta.managed
        for row in model._base_manager.all()
    ]
