"""manage.py verify_ledger: is the record whole? The exit status is the answer, 0 whole, 1 not."""

from argparse import ArgumentParser, FileType
from collections.abc import Iterator
from itertools import chain as all_of
from typing import Any, TextIO

from django.core.management.base import BaseCommand, CommandError
from django.db import connection

from accounts.numbers import count_of
from competencies import versions
from ledger import checkpoints, kept, triggers
from ojt_logs import record


class Command(BaseCommand):
    help = (
        "Reads the whole ledger again, compares it with the rows it tells of, looks whether published "
        "standards say what was published, and whether the database still refuses changes to the record. "
        "Exit status 0: whole; 1: not, each finding is printed."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--checkpoint",
            type=FileType(encoding="utf-8", errors="replace"),
            metavar="FILE",
            help="compare with this file as well, written by checkpoint_ledger or mailed by the site; "
            "those of CHECKPOINT_DIR are compared in any case",
        )

    def handle(self, *args: Any, checkpoint: TextIO | None, **options: Any) -> None:
        outside = kept.compare(checkpoint) if checkpoint else iter(())
        findings = 0
        found = all_of(
            checkpoints.examine(),
            outside,
            record.compare(),
            versions.altered(),
            _unguarded(),
        )
        for finding in found:
            findings += getattr(finding, "is_damage", True)
            self.stdout.write(str(finding))
        if findings:
            raise CommandError(f"The record is not whole: {count_of(findings, 'finding')}.")
        self.stdout.write(self.style.SUCCESS("The record is whole."))


def _unguarded() -> Iterator[str]:
    """Triggers that the setting asks for and the database has not, or not as they should be."""
    for guard in sorted(triggers.expected(connection) - triggers.installed(connection)):
        yield (
            f"table {guard.table}: the trigger {guard.name} is missing or does not refuse what it should "
            "(`manage.py migrate` installs it)"
        )
