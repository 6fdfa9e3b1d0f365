"""Django's registration of this package."""

from django.apps import AppConfig


class ReportsConfig(AppConfig):
    name = "reports"
