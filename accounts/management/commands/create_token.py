"""`manage.py create_token EMAIL --scope read|write`: a key for a program, printed once and alone."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from accounts.management.columns import check_word
from accounts.models import ApiToken, User

LONGEST = 3650
"""Days that a token may live."""


class Command(BaseCommand):
    help = "Print a new API token of a person, and nothing else. Signing tokens are made in the browser only."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email")
        parser.add_argument("--scope", choices=["read", "write"], default="read")
        parser.add_argument("--days", type=int, default=90, help="how long it lives (default: 90)")
        parser.add_argument(
            "--name", default="command line", help="what it is for, as its owner will read it"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if not 1 <= options["days"] <= LONGEST:
            raise CommandError(f"A token lives at least one day, ten years at most: --days 1 to {LONGEST}.")
        check_word("--name", options["name"], ApiToken, "name")
        user = User.objects.by_email(options["email"]).filter(is_active=True).first()
        if user is None:
            raise CommandError(f"Nobody with the e-mail address {options['email']} may sign in here.")
        _, secret = ApiToken.objects.issue(
            user,
            name=options["name"],
            scopes=[options["scope"]],
            days=options["days"],
            now=timezone.now(),
        )
        self.stdout.write(secret)
