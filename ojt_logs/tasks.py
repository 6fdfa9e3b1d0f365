"""Mails in the background: what a reviewer did is told to the apprentice, what waits to the reviewer."""

from celery import shared_task
from django.core.mail import get_connection
from django.utils import timezone

from accounts.models import User
from accounts.models.people import Digest
from ojt_logs.mails import digest_mail, mail_of
from ojt_logs.models import Notice

AT_ONCE = 200


@shared_task
def mail_notices() -> None:
    """Tell apprentices what was returned, approved and signed; runs every minute.

    A notice is taken before it is sent, so that none is sent twice. When the mail server does not answer,
    none is taken, and the next run tries again.
    """
    waiting = list(Notice.objects.due(now=timezone.now()).values_list("pk", flat=True)[:AT_ONCE])
    if not waiting:
        return
    with get_connection() as server:
        for pk in waiting:
            if Notice.objects.take(pk, now=timezone.now()):
                mail = mail_of(Notice.objects.get(pk=pk))
                if mail:
                    server.send_messages([mail])


@shared_task
def clear_notices() -> None:
    """Delete notices that have had their time; runs each night."""
    Notice.objects.outlived(now=timezone.now()).delete()


@shared_task
def mail_digests() -> None:
    """Tell reviewers in the morning what waits for them, those who want to know; runs every hour.

    Taken before it is sent, as notices are; also where nothing waits, so that it stays a mail of the morning.
    """
    now = timezone.now()
    people = User.objects.filter(is_active=True).exclude(digest=Digest.OFF).order_by("pk")
    due = [(person, day) for person in people if (day := person.digest_due(now))]
    if not due:
        return
    with get_connection() as server:
        for person, day in due:
            if User.objects.take_digest(person.pk, day=day):
                mail = digest_mail(person)
                if mail:
                    server.send_messages([mail])
