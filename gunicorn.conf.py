"""gunicorn reads this by itself: its own lines look as those of the product (accounts/logs.py)."""

import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "apprenticeship.settings")

from django.conf import settings

logconfig_dict = settings.LOGGING
