"""Django's registration of this package, and the one signal of the product."""

from typing import Any

from django.apps import AppConfig
from django.db.models.signals import post_migrate


class LedgerConfig(AppConfig):
    name = "ledger"

    def ready(self) -> None:
        post_migrate.connect(_install_triggers, sender=self, dispatch_uid="ledger.triggers")


def _install_triggers(*, using: str, **_: Any) -> None:
    """A migration may have rebuilt a table and lost its triggers: put them back after every migrate."""
    from django.db import connections

    from ledger.triggers import install

    install(connections[using])
