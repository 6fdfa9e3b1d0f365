"""Seal with the first of PRIVATE_KEYS what an older one sealed, so that the older one can go."""

from typing import Any

from django.core.management.base import BaseCommand

from apprenticeship.models import Confided


class Command(BaseCommand):
    help = "Encrypts Social Security numbers and self-identification anew with the first of PRIVATE_KEYS."

    def handle(self, *args: Any, **options: Any) -> None:
        rows = Confided.objects.everyone().select_related("apprentice").order_by("pk")
        count = sum(row.reseal() for row in rows.iterator())
        self.stdout.write(f"{count} sealed anew.")
