"""manage.py reset_second_step EMAIL: for somebody who lost their phone and their recovery codes."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from accounts.factors import lost
from accounts.models import User


class Command(BaseCommand):
    help = (
        "Takes off the app, the passkeys and the recovery codes of one person, ends their sessions and "
        "access tokens, and tells them by mail. Make sure first that it is they who ask."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("email", help="the address the person signs in with")

    def handle(self, *args: Any, email: str, **options: Any) -> None:
        person = User.objects.by_email(email).first()
        if person is None:
            raise CommandError(f"Nobody signs in with {email}.")
        lost.reset(person, by=None, at=None, now=timezone.now())
        self.stdout.write(f"{person} signs in with the password alone until a second step is set up again.")
