"""`manage.py export_schedule RAPIDS_CODE --output FILE.pdf`: a blank work process schedule on paper."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from competencies.codes import normalise_rapids
from reports.blank import Unknown, choose, export


class Command(BaseCommand):
    help = "Write the work process schedule with this RAPIDS code (any spelling) as a PDF."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("rapids_code", metavar="RAPIDS_CODE", help="e.g. 1114, 1114CB or “1114 cb”")
        parser.add_argument("--output", required=True, metavar="FILE.pdf")
        parser.add_argument("--sponsor", default="", help="the sponsor's own version, by the sponsor's name")

    def handle(self, *args: Any, **options: Any) -> None:
        """Exit status 1 and one sentence for an unknown code or a file that cannot be written."""
        try:
            schedule, told = choose(options["rapids_code"], sponsor=options["sponsor"])
            pages = export(schedule, options["output"], now=timezone.now())
        except Unknown as error:
            raise CommandError(str(error)) from error
        except OSError as error:
            raise CommandError(f"{options['output']} cannot be written: {error.strerror}.") from error
        if told:
            self.stderr.write(told)
        code = schedule.rapids_code or normalise_rapids(schedule.occupation.rapids_code)
        self.stdout.write(f"{options['output']}: {schedule}, RAPIDS {code}, {pages} pages")
