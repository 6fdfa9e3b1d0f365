"""Free texts about an apprentice: fields whose words may be hidden, and later taken out for good."""

from typing import TYPE_CHECKING, Any

from django.db import models

from accounts.refusals import Refusal
from ledger.tombstones import Tombstone, looks_hidden, read

if TYPE_CHECKING:
    CharField = models.CharField[str, str]
    TextField = models.TextField[str, str]
else:
    CharField, TextField = models.CharField, models.TextField


class _MayBeHidden:
    """Reads tombstones as such, and lets nobody write what only looks like one."""

    def from_db_value(self, value: str | None, expression: object, connection: object) -> str | None:
        return read(value) if value else value

    def get_db_prep_save(self, value: Any, connection: Any) -> Any:
        if isinstance(value, str) and not isinstance(value, Tombstone) and looks_hidden(value):
            raise Refusal("Say it in words of your own.", code="looks_hidden", field=getattr(self, "name"))  # noqa: B009
        return super().get_db_prep_save(value, connection)  # type: ignore[misc]

    def deconstruct(self) -> tuple[str, str, list[Any], dict[str, Any]]:
        """As the plain field: what may be hidden is no matter of the database."""
        name, _, args, kwargs = super().deconstruct()  # type: ignore[misc]
        return name, f"django.db.models.{type(self).__mro__[2].__name__}", args, kwargs


class Words(_MayBeHidden, CharField):
    """A line or a few that somebody writes about an apprentice; see ojt_logs.models.reportable."""


class LongWords(_MayBeHidden, TextField):
    """The same, however long."""
