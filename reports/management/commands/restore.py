"""manage.py restore FILE: put the site of a backup in this place. Stop the site before."""

from argparse import ArgumentParser, FileType
from pathlib import Path
from typing import Any, TextIO

from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError
from django.utils import timezone

from accounts.numbers import count_of
from accounts.refusals import Refusal
from ledger import checkpoints
from reports.backups import passphrases
from reports.backups.restoring import Place, Wish, restore


class Command(BaseCommand):
    help = (
        "Builds the site of FILE beside the one that is here, verifies it, and lets them change places in "
        "one step. Whatever goes wrong before leaves the old site as it was. Stop web, worker, bulk and beat "
        "first."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, metavar="FILE")
        parser.add_argument("--replace", action="store_true", help="give up the site that is in this place")
        parser.add_argument(
            "--checkpoint",
            type=FileType(encoding="utf-8", errors="replace"),
            metavar="FILE",
            help="what checkpoint_ledger printed last, where the site is lost: it is named as given up",
        )
        parser.add_argument(
            "--even-if-not-whole", action="store_true", help="also when verification finds something"
        )
        passphrases.add_argument(parser)

    def handle(self, *args: Any, file: Path, checkpoint: TextIO | None, **options: Any) -> None:
        try:
            wish = Wish(
                passphrase=passphrases.read(options["passphrase_file"]),
                replace=options["replace"],
                even_if_not_whole=options["even_if_not_whole"],
                checkpoints=list(checkpoint or ()),
            )
            into, now = Place.of_settings(), timezone.now()
            said, given_up = restore(file, into=into, wish=wish, now=now, tell=self._tell)
            checkpoints.take(at=now)
        except (Refusal, OSError, DatabaseError) as error:
            raise CommandError(str(error)) from error
        files = said.others["files.tar"].count
        held = f"{count_of(said.rows, 'row')}, {count_of(files, 'file')}; the record is verified"
        lost = count_of(given_up, "entry", "entries")
        self.stdout.write(f"Restored as it was at {said.taken_at}: {held}. Given up: {lost} of the ledger.")

    def _tell(self, line: str) -> None:
        self.stderr.write(line)
