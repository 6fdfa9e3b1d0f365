"""Django's registration of this package."""

from django.apps import AppConfig


class ApprenticeshipConfig(AppConfig):
    name = "apprenticeship"
