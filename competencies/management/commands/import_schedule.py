"""`manage.py import_schedule FILE`: bring in a workbook, a Word document, RAPIDS, CASE or our JSON."""

import json
from argparse import ArgumentParser
from itertools import zip_longest
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from accounts.models import Sponsor
from competencies.imports import outline as o
from competencies.imports.recognise import read
from competencies.imports.to_json import summary
from competencies.load import Stored, newest_of, said, said_by, store_file


class Command(BaseCommand):
    help = "Read a schedule from a file, say what is odd in it, and store it: published, or as a draft."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, metavar="FILE")
        parser.add_argument("--dry-run", action="store_true", help="read and say, store nothing")
        parser.add_argument("--json", action="store_true", help="print one JSON object of what was read")
        parser.add_argument("--sponsor", default="", help="store it as a draft of this sponsor, by its name")
        parser.add_argument("--title", default="", help="the occupation's title, where the file has none")

    def handle(self, *args: Any, **options: Any) -> None:
        """Exit status 1 and one sentence where the file is refused; then nothing was stored."""
        path, now = options["file"], timezone.now()
        try:
            readings = [one.titled(options["title"]) for one in read(path.read_bytes(), name=path.name)]
            sponsor = _sponsor(options["sponsor"])
            stored = (
                [] if options["dry_run"] else store_file(readings, sponsor=sponsor, now=now, name=path.name)
            )
        except OSError as error:
            raise CommandError(f"{error.filename}: {error.strerror}") from error
        except o.Malformed as refusal:
            if options["json"]:
                self.stdout.write(json.dumps(summary([], refusal=refusal), ensure_ascii=False))
            raise CommandError(f"Nothing was stored. {refusal.message}") from refusal
        if options["json"]:
            self.stdout.write(json.dumps(summary(readings), ensure_ascii=False))
            return
        for reading, kept in zip_longest(readings, stored):
            if reading:
                self._say(reading, kept, sponsor)

    def _say(self, reading: o.Reading, kept: Stored | None, sponsor: Sponsor | None) -> None:
        outline = reading.outline
        counts = (
            f"{len(outline.job_functions)} job functions, "
            f"{sum(len(one.competencies) for one in outline.job_functions)} competencies, "
            f"{len(outline.courses)} courses"
        )
        self.stdout.write(f"{outline.title or 'without a title'} ({reading.format}): {counts}")
        for finding in reading.findings:
            done = f" {finding.done}" if finding.done else ""
            self.stdout.write(f"  {finding.severity}: {finding.place}: {finding.message}.{done}")
        if kept:
            what = "is stored" if kept.new else "says the same, nothing changed"
            self.stdout.write(f"{kept.schedule} {what}")
            return
        before = newest_of(outline, sponsor=sponsor)
        same = before and said_by(before) == said(outline)
        self.stdout.write(f"Nothing was stored. {_would(before, same=bool(same))}")


def _would(before: Any, *, same: bool) -> str:
    if same:
        return f"{before} says the same."
    return f"It would be the version after {before}." if before else "It would be a new schedule."


def _sponsor(name: str) -> Sponsor | None:
    if not name:
        return None
    sponsor = Sponsor.objects.filter(name__iexact=name).first()
    if sponsor is None:
        raise CommandError(f"There is no sponsor called “{name}”.")
    return sponsor
