"""Suggest alignments between the published frameworks and schedules."""

from typing import Any

from django.core.management.base import BaseCommand

from competencies.suggest import suggest_all


class Command(BaseCommand):
    help = (
        "Suggest what statements of frameworks and parts of public schedules have in common. Safe to repeat."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        for schedule, framework, count in suggest_all():
            self.stdout.write(f"{schedule} and {framework}: {count} suggestions")
