"""Programs and apprentices; also the Django project package."""

from apprenticeship.celery import app as celery_app

__all__ = ["celery_app"]
