"""The Celery application; tasks are found in every package's tasks.py."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "apprenticeship.settings")
app = Celery("journeybook")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
