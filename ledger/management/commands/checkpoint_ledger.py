"""manage.py checkpoint_ledger > FILE: sign where every chain stands, and print it for keeping elsewhere."""

from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from ledger import chain


class Command(BaseCommand):
    help = (
        "Signs length and head of every chain that moved and prints the newest checkpoint of each chain. "
        "Keep the output outside the database; `verify_ledger --checkpoint FILE` compares with it."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        signed = chain.checkpoint(at=timezone.now())
        for line in chain.checkpoint_lines():
            self.stdout.write(line)
        self.stderr.write(f"{signed} chains have moved since their last checkpoint.")
