"""manage.py backup FILE: the whole site, as it is at this moment, in one file."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from accounts.numbers import count_of
from accounts.refusals import Refusal
from reports.backups import passphrases, taking


class Command(BaseCommand):
    help = (
        "Writes database and files into FILE while the site goes on, reads it back, and only then gives it "
        "its name. Keys (.env) are not in it. Exit status 0: FILE is a whole backup."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, metavar="FILE")
        passphrases.add_argument(parser)

    def handle(self, *args: Any, file: Path, passphrase_file: Path | None, **options: Any) -> None:
        tell = self.stdout.write if options["verbosity"] > 1 else str
        try:
            secret = passphrases.read(passphrase_file)
            said = taking.take(file, now=timezone.now(), passphrase=secret, tell=tell)
        except (Refusal, OSError) as error:
            raise CommandError(f"There is no new backup: {error}") from error
        files = said.others["files.tar"].count
        held = f"{count_of(said.rows, 'row')}, {count_of(files, 'file')}, {file.stat().st_size / 1e6:,.1f} MB"
        openly = "" if secret else "; not encrypted"
        self.stdout.write(f"{file}: {held}, read back and whole{openly}.")
