"""`manage.py import_hours FILE --by EMAIL`: bring hours in from CSV or XLSX, as the page does."""

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from accounts.models import Sponsor, User
from accounts.numbers import count_of
from accounts.refusals import Refusal
from ojt_logs.imports import bringing
from ojt_logs.imports.bringing import Result, RowsRefused
from ojt_logs.imports.reading import Plan
from ojt_logs.imports.summary import summary
from ojt_logs.imports.uploads import Upload, read


class Command(BaseCommand):
    help = "Bring hours in from a file, all rows or none; they wait for the usual review."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, metavar="FILE")
        parser.add_argument("--by", required=True, metavar="EMAIL", help="the coordinator who brings them in")
        parser.add_argument("--sponsor", default="", help="by its name, where the coordinator has several")
        parser.add_argument("--dry-run", action="store_true", help="read and say, write nothing")
        parser.add_argument("--json", action="store_true", help="print one JSON object with a result a row")
        parser.add_argument(
            "--column",
            action="append",
            default=[],
            metavar="FIELD=HEADING",
            help="what a column means, like hours=Amount; otherwise as remembered, or as its heading says",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Exit status 1 and one sentence where nothing came in because of a row or of the file."""
        path, now = options["file"], timezone.now()
        try:
            upload = read(path.read_bytes(), name=path.name, kind="hours")
            by = _person(options["by"])
            sponsor = _sponsor(by, options["sponsor"])
            plan = _plan(upload, sponsor, options["column"])
            act = _look if options["dry_run"] else bringing.bring
            result = act(upload, plan, sponsor=sponsor, by=by, now=now)
        except OSError as error:
            raise CommandError(f"{error.filename}: {error.strerror}") from error
        except RowsRefused as refusal:
            self._say(Result(refusal.reading), json_wanted=options["json"])
            raise CommandError(refusal.message) from refusal
        except Refusal as refusal:
            raise CommandError(f"Nothing came in. {refusal.message}") from refusal
        self._say(result, json_wanted=options["json"])
        if result.reading.refused:
            raise CommandError(RowsRefused(result.reading).message)

    def _say(self, result: Result, *, json_wanted: bool) -> None:
        reading = result.reading
        if json_wanted:
            self.stdout.write(json.dumps(summary(result), ensure_ascii=False))
            return
        if reading.order.words:
            self.stdout.write(reading.order.words)
        for row in reading.refused:
            self.stdout.write(f"row {row.number}: {row.sentences}")
        entries = count_of(len(reading.new), "entry", "entries")
        came = f"{entries} came in as {result.batch.uid}" if result.batch else f"{entries} would come in"
        self.stdout.write(
            f"{came}, {len(reading.there)} were there before, {len(reading.left_out)} are left out."
        )


def _look(upload: Upload, plan: Plan, **by: Any) -> Result:
    return Result(bringing.look(upload, plan, **by))


def _person(email: str) -> User:
    found = User.objects.by_email(email).first()
    if found is None:
        raise CommandError(f"Nobody signs in as {email}.")
    return found


def _sponsor(by: User, name: str) -> Sponsor:
    managed = Sponsor.objects.managed_by(by)
    found = list(managed.filter(name__iexact=name) if name else managed)
    if len(found) != 1:
        raise CommandError(f"{by} coordinates {len(found)} sponsors of that kind. Name one with --sponsor.")
    return found[0]


def _plan(upload: Upload, sponsor: Sponsor, chosen: list[str]) -> Plan:
    plan = bringing.plan_for(upload, sponsor=sponsor)
    if not chosen:
        return plan
    headings = {cell.casefold(): at for at, cell in enumerate(upload.header.cells)}
    known = {field.name for field in upload.fields}
    columns = dict(plan.columns)
    for words in chosen:
        name, _, heading = words.partition("=")
        if name not in known or heading.casefold() not in headings:
            raise CommandError(
                f"--column {words}: fields are {', '.join(sorted(known))}; look at the headings."
            )
        columns[name] = headings[heading.casefold()]
    return Plan(columns, plan.day_order, plan.leave_out_strangers)
