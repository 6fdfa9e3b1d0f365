"""Django's registration of this package."""

from django.apps import AppConfig


class OjtLogsConfig(AppConfig):
    name = "ojt_logs"
