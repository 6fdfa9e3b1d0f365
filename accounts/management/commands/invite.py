"""`manage.py invite EMAIL [--sponsor NAME --role ROLE]`: how the operator lets the first person in."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.core.validators import validate_email
from django.utils import timezone

from accounts.inviting import link_to
from accounts.management.columns import check_word
from accounts.models import Invitation, Sponsor
from accounts.models.people import Role


class Command(BaseCommand):
    help = "Print a single-use link, valid seven days, that lets one e-mail address in."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email")
        parser.add_argument(
            "--sponsor", metavar="NAME", help="the sponsor to join; made when it does not exist"
        )
        parser.add_argument("--role", choices=Role.values, help="what the person will be there")
        parser.add_argument("--name", default="", help="the person's name, which they may change")

    def handle(self, *args: Any, **options: Any) -> None:
        if bool(options["sponsor"]) != bool(options["role"]):
            raise CommandError("Give --sponsor and --role together, or neither.")
        try:
            validate_email(options["email"])
        except ValidationError:
            raise CommandError(f"“{options['email']}” is not an e-mail address.") from None
        check_word("The e-mail address", options["email"], Invitation, "email")
        check_word("--name", options["name"], Invitation, "name")
        check_word("--sponsor", options["sponsor"] or "", Sponsor, "name")
        sponsor = self._sponsor(options["sponsor"]) if options["sponsor"] else None
        _, token = Invitation.objects.issue(
            options["email"],
            now=timezone.now(),
            sponsor=sponsor,
            role=options["role"] or "",
            name=options["name"],
        )
        self.stdout.write(link_to(token))

    def _sponsor(self, name: str) -> Sponsor:
        sponsor, is_new = Sponsor.objects.get_or_create(name=name)
        if is_new:
            self.stderr.write(f"“{name}” is a new sponsor. Was it misspelt? Delete it in /admin/, Sponsors.")
        return sponsor
