"""manage.py sweep_files: which kept files nothing names any more, and away with them where that is asked."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from accounts.models import User
from accounts.numbers import count_of
from accounts.refusals import Refusal
from apprenticeship.storages import kept
from reports import sweeping
from reports.backups import restoring


class Command(BaseCommand):
    help = (
        "Prints the names of kept files that are older than a day and that no row of the database names: "
        "what was being kept when a process or the machine was killed. Nothing is changed without --delete."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--delete", action="store_true", help="take them away")

    def handle(self, *args: Any, delete: bool, **options: Any) -> None:
        try:
            with restoring.only_one():
                found = self._sweep(delete=delete)
        except Refusal as error:
            raise CommandError(str(error)) from error
        except OSError as error:
            raise CommandError(f"The files cannot be looked at: {error}") from error
        done = "taken away" if delete else "left where they are; --delete takes them away"
        self.stdout.write(f"{count_of(found, 'file')} that nothing names, {done}." if found else "Nothing.")

    def _sweep(self, *, delete: bool) -> int:
        if not User.objects.exists():
            raise CommandError("Nobody is in this database: its files may be another's. Restore it first.")
        found = 0
        for name in sweeping.left_over(now=timezone.now()):
            found += 1
            if delete:
                kept().delete(name)
            self.stdout.write(name)
        return found
