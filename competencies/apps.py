"""Django's registration of this package."""

from django.apps import AppConfig


class CompetenciesConfig(AppConfig):
    name = "competencies"
