"""`manage.py import_schedule FILE`: bring in a workbook, a Word document, RAPIDS, CASE or our JSON."""

import json
from argparse import ArgumentParser
from dataclasses import replace
from itertools import zip_longest
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.utils import timezone

from accounts.models import Sponsor
from competencies.imports import outline as o
from competencies.imports.recognise import read
from competencies.imports.to_json import summary
from competencies.load import Stored, newest_of, said, said_by, store


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
        try:
            readings = self._read(options)
            stored = [] if options["dry_run"] else self._store(readings, options)
        except OSError as error:
            raise CommandError(f"{error.filename}: {error.strerror}") from error
        except o.Malformed as refusal:
            if options["json"]:
                self.stdout.write(json.dumps(summary(None, refusal=refusal), ensure_ascii=False))
            raise CommandError(f"Nothing was stored. {refusal.message}") from refusal
        if options["json"]:
            self.stdout.write(json.dumps(summary(_with_others(readings)), ensure_ascii=False))
            return
        for reading, kept in zip_longest(readings, stored):
            if reading:
                self._say(reading, kept, options)

    def _read(self, options: dict[str, Any]) -> list[o.Reading]:
        path, title = options["file"], options["title"]
        readings = read(path.read_bytes(), name=path.name)
        if not title:
            return readings
        return [_titled(reading, title) for reading in readings]

    @transaction.atomic
    def _store(self, readings: list[o.Reading], options: dict[str, Any]) -> list[Stored]:
        sponsor = _sponsor(options["sponsor"])
        citation = f"Imported from “{options['file'].name}”."
        return [
            store(reading.outline, sponsor=sponsor, now=timezone.now(), citation=citation)
            for reading in readings
        ]

    def _say(self, reading: o.Reading, kept: Stored | None, options: dict[str, Any]) -> None:
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
        before = newest_of(outline, sponsor=_sponsor(options["sponsor"]))
        same = before and said_by(before) == said(outline)
        self.stdout.write(f"Nothing was stored. {_would(before, same=bool(same))}")


def _would(before: Any, *, same: bool) -> str:
    if same:
        return f"{before} says the same."
    return f"It would be the version after {before}." if before else "It would be a new schedule."


def _titled(reading: o.Reading, title: str) -> o.Reading:
    outline = reading.outline
    occupation = replace(outline.occupation, title=title)
    return replace(reading, outline=replace(outline, title=title, occupation=occupation))


def _sponsor(name: str) -> Sponsor | None:
    if not name:
        return None
    sponsor = Sponsor.objects.filter(name__iexact=name).first()
    if sponsor is None:
        raise CommandError(f"There is no sponsor called “{name}”.")
    return sponsor


def _with_others(readings: list[o.Reading]) -> o.Reading:
    """The first of several schedules in one file, with a finding that names the others."""
    first, *others = readings
    named = "; ".join(one.outline.title for one in others)
    finding = o.Finding(
        severity=o.Severity.NOTE,
        place="the file",
        message=f"It holds {len(readings)} schedules; the others are: {named:.500}",
        done="Only the first is told here; all are stored.",
    )
    return replace(first, findings=(*first.findings, finding)) if others else first
