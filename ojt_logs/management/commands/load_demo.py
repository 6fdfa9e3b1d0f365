"""Fill an empty site with a demo to try the product out."""

from argparse import ArgumentParser
from datetime import UTC, date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from accounts.models import Sponsor, User
from competencies.models import WorkProcessSchedule
from ojt_logs.demo.play import load
from ojt_logs.demo.stage import people_of, read_plan, standards_of

NOON = time(12)


class Command(BaseCommand):
    help = "Load the demo: a sponsor with a program of some months. A site with a sponsor is left as it is."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--today", type=date.fromisoformat, metavar="YYYY-MM-DD", help="play it up to noon of this day"
        )
        parser.add_argument(
            "--even-without-debug", action="store_true", help="load it on a site that has DEBUG off"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Exit status 0 also when nothing was to do; 1 and a sentence when DEBUG is off."""
        plan = read_plan()
        if Sponsor.objects.exists():
            self.stdout.write("This site has data already, which are kept; no demo is loaded.")
        elif not settings.DEBUG and not options["even_without_debug"]:
            raise CommandError(
                "DEBUG is off, and everybody knows the demo's password, so it is not loaded. "
                "Use --even-without-debug when that is what you want."
            )
        else:
            known = WorkProcessSchedule.objects.filter(sponsor=None, occupation__rapids_code__gt="")
            if standards_of(plan) - set(known.values_list("occupation__rapids_code", flat=True)):
                call_command("load_standards", verbosity=0, stdout=self.stdout)
            load(plan, now=_now(options["today"], plan))
        if User.objects.filter(email__in=[email for _, email, _ in people_of(plan)]).exists():
            self._print_logins(plan)

    def _print_logins(self, plan: dict[str, Any]) -> None:
        self.stdout.write(f"\nDemo logins, all with the password {plan['password']}")
        for name, email, role in people_of(plan):
            self.stdout.write(f"  {email:<24} {name:<12} {role}")


def _now(today: date | None, plan: dict[str, Any]) -> datetime:
    if today is None:
        return timezone.now()
    return datetime.combine(today, NOON, ZoneInfo(plan["time_zone"])).astimezone(UTC)
