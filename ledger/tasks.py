"""In the background: each day the state of all chains goes into a file outside the database."""

from celery import shared_task
from django.utils import timezone

from ledger import checkpoints


@shared_task
def take_checkpoints() -> None:
    """Sign the chains that moved and write the file of the day; runs once a day."""
    checkpoints.take(at=timezone.now())
