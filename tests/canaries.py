"""A word in every text of the other sponsor: whoever else reads it was shown what is not theirs.

The texts come from the models, so a new field is planted by itself, or has its line in LEFT with the reason.
"""

from collections import defaultdict
from collections.abc import Iterable

from django.db import IntegrityError, connection, models, transaction
from django.db.models import F, Model, Value
from django.db.models.functions import Concat

from tests.cast import CANARY, OURS

LEFT = {
    *("digest", "sha256", "text_sha256", "content_hash", "letter_hash", "password", "password_stamp"),
    *("about", "key", "language", "media_type", "path", "scopes", "taken_from", "time_zone"),
}
"""Names of fields that only machines read: another text there would lock their owner out or break a page."""

NOT_SAID = {
    *("Credit.withdrawn_why", "NoWorkPeriod.withdrawn_why", "LegalHold.lifted_why"),
    *("HoursBatch.attestation", "HoursEntry.dispute_reason", "SignOff.ink", "SignOff.original_at"),
    "LearningResource.address",
}
"""Words of acts that did not happen, and an address that must be one: the database refuses them."""

Rows = dict[type[Model], set[int]]


def rows_of(roots: Iterable[Model]) -> Rows:
    """Everything that hangs on these rows, by foreign keys, however far."""
    found: Rows = defaultdict(set)
    new = [(type(root), {root.pk}) for root in roots]
    while new:
        model, pks = new.pop()
        pks -= found[model]
        if not pks or model._meta.app_label not in OURS:
            continue
        found[model] |= pks
        for relation in model._meta.related_objects:
            if not relation.many_to_many:
                hanging = relation.related_model._base_manager.filter(**{f"{relation.field.name}__in": pks})
                new.append((relation.related_model, set(hanging.values_list("pk", flat=True))))
    return found


ROOM = len(CANARY) + 8
"""What is shorter is a code."""


def texts(model: type[Model]) -> list[str]:
    """The fields of a model in which somebody's own words may stand."""
    return [
        field.name
        for field in model._meta.concrete_fields
        if isinstance(field, models.CharField | models.TextField)
        and not field.choices
        and field.name not in LEFT
        and (field.max_length or ROOM) >= ROOM
    ]


def plant(rows: Rows) -> tuple[set[str], set[str]]:
    """Write the word into every text of these rows, past the triggers of the record: (written, refused)."""
    found: dict[bool, set[str]] = {True: set(), False: set()}
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        for model, pks in rows.items():
            for name in texts(model):
                found[_plant(model, pks, name)].add(f"{model.__name__}.{name}")
        cursor.execute("SET LOCAL session_replication_role = DEFAULT")
    return found[True], found[False]


def _plant(model: type[Model], pks: set[int], name: str) -> bool:
    word = Concat(Value(f"{CANARY} "), F("pk"), output_field=models.TextField())
    try:
        with transaction.atomic():
            model._base_manager.filter(pk__in=pks).update(**{name: word})
    except IntegrityError:
        return False
    return True
