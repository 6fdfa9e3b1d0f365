"""Load the standards documents that come with the product, others in the same format, or CASE packages."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from competencies.imports.outline import Malformed
from competencies.load import load

HOME = Path(settings.BASE_DIR) / "fixtures" / "standards"


class Command(BaseCommand):
    help = (
        "Load standards documents: fixtures/standards/*.json, or the files given, ours or CASE packages. "
        "Safe to repeat."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("files", nargs="*", type=Path, metavar="FILE.json")

    def handle(self, *args: Any, **options: Any) -> None:
        """Exit status 1 and one sentence when a file is refused; then nothing of any file was kept."""
        files = options["files"] or sorted(HOME.glob("*.json"))
        try:
            documents = [(path.name, path.read_bytes()) for path in files]
            for line in load(documents, now=timezone.now()):
                self.stdout.write(line)
        except OSError as error:
            raise CommandError(f"{error.filename}: {error.strerror}") from error
        except Malformed as error:
            raise CommandError(f"Nothing was loaded. {error.message}") from error
