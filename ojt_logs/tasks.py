"""Mails in the background: what went back is told to the apprentice, once."""

from celery import shared_task
from django.core.mail import get_connection
from django.utils import timezone

from ojt_logs.mails import returned_mail
from ojt_logs.models import ReturnNotice

AT_ONCE = 200


@shared_task
def mail_returned() -> None:
    """Tell apprentices what was returned; runs every minute.

    A notice is taken before it is sent, so that none is sent twice. When the mail server does not answer,
    none is taken, and the next run tries again.
    """
    waiting = list(ReturnNotice.objects.due(now=timezone.now()).values_list("pk", flat=True)[:AT_ONCE])
    if not waiting:
        return
    with get_connection() as server:
        for pk in waiting:
            if ReturnNotice.objects.take(pk, now=timezone.now()):
                mail = returned_mail(ReturnNotice.objects.get(pk=pk))
                if mail:
                    server.send_messages([mail])
