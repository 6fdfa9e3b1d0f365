"""Upkeep in the background: what has had its time is deleted."""

from importlib import import_module

from celery import shared_task
from django.conf import settings
from django.utils import timezone

from accounts.devices import forget_ended
from accounts.models import IdempotencyKey, SignIn


@shared_task
def clear_outlived() -> None:
    """Delete answers kept for once-only requests, old sign-ins and expired sessions; runs each night."""
    IdempotencyKey.objects.outlived(now=timezone.now()).delete()
    SignIn.objects.outlived(now=timezone.now()).delete()
    import_module(settings.SESSION_ENGINE).SessionStore.clear_expired()
    forget_ended()
