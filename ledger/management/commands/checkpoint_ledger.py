"""manage.py checkpoint_ledger: sign where every chain stands, keep it in a file, and print it."""

from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from ledger import checkpoints


class Command(BaseCommand):
    help = (
        "Signs length, head and root of every chain that moved, and writes a file of the newest checkpoint "
        "of each chain into CHECKPOINT_DIR; into a pipe or a file it is printed too. Keep it out of reach of "
        "who writes to the database; `verify_ledger --checkpoint FILE` compares with it."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        path = checkpoints.take(at=timezone.now())
        if not self.stdout.isatty():
            self.stdout.write(path.read_text(encoding="utf-8"), ending="")
        self.stderr.write(f"Kept as {path}.")
