"""In the background: people are told by mail what concerns them, and reminded in their morning."""

import logging
from datetime import datetime
from smtplib import SMTPDataError, SMTPRecipientsRefused
from time import monotonic

from celery import shared_task
from django.core.mail import EmailMessage, get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.utils import timezone

from accounts.models import User
from ojt_logs import checkpoint_mails, rollup
from ojt_logs.mails import mail_of
from ojt_logs.models import Notice
from ojt_logs.nudges import is_away, remind
from ojt_logs.slices import SLICE_SECONDS
from ojt_logs.wages import tell_earned

log = logging.getLogger(__name__)

AT_ONCE = 200


def _send(server: BaseEmailBackend, mail: EmailMessage) -> None:
    """An address that the mail server refuses keeps nobody else from their mail; other trouble is raised."""
    try:
        server.send_messages([mail])
    except (SMTPRecipientsRefused, SMTPDataError) as refusal:  # its text may hold the address
        log.warning("The mail server refused an e-mail: %s", type(refusal).__name__)


@shared_task
def mail_notices() -> None:
    """Tell what people want to know at once, outside their quiet hours; runs every minute.

    A notice is taken before it is sent, so that none is sent twice: what a worker that died had taken stays
    in the person's list. When the mail server does not answer, none is taken, and the next run tries again.
    """
    now = timezone.now()
    waiting = Notice.objects.due_at_once(now=now)
    people = User.objects.filter(pk__in=waiting.values("person"))
    awake = [one.pk for one in people if not one.is_quiet(now) and not is_away(one, now=now)]
    if not awake:
        return
    with get_connection() as server:
        for notice in waiting.filter(person__in=awake).select_related("person")[:AT_ONCE]:
            if Notice.objects.take(notice.pk, now=now):
                _send(server, mail_of([notice], about=notice.about))


@shared_task
def tell_raises(after: int = 0) -> None:
    """Tell apprentices and coordinators of wage steps that were earned, a slice a message; begins every hour
    and tells each once."""
    if reached := tell_earned(now=timezone.now(), after=after):
        tell_raises.apply_async((reached,), retry=False)


@shared_task
def mail_checkpoints() -> None:
    """Send checkpoints to the coordinators who keep them, after those of the day; runs once a day."""
    if mails := list(checkpoint_mails.due(now=timezone.now())):
        with get_connection() as server:
            for mail in mails:
                _send(server, mail)


@shared_task
def compare_totals() -> None:
    """Compare everybody's totals with their entries, a slice a message; begins each night, or goes on with
    the comparison of an earlier one that was broken off."""
    if rollup.compare_on(now=timezone.now()):
        compare_totals.apply_async(retry=False)


@shared_task
def clear_notices() -> None:
    """Delete notices that have had their time; runs each night."""
    Notice.objects.outlived(now=timezone.now()).delete()


@shared_task
def mail_digests() -> None:
    """Remind people in their own morning and tell them everything of the day in one mail; runs every hour.

    The day is taken first, then each notice, so that neither reminder nor mail comes twice. With the mail
    server away nothing is taken. A slice a message: what is taken is not due any more.
    """
    now, begun = timezone.now(), monotonic()
    people = User.objects.filter(is_active=True).order_by("pk")
    due = [(person, day) for person in people if (day := person.digest_due(now))]
    if not due:
        return
    with get_connection() as server:
        for person, day in due:
            taken = User.objects.take_digest(person.pk, day=day)
            if notices := _of_today(person, now=now) if taken else []:
                _send(server, mail_of(notices))
            if monotonic() - begun > SLICE_SECONDS:
                mail_digests.apply_async(retry=False)
                break


def _of_today(person: User, *, now: datetime) -> list[Notice]:
    """The notices of the one mail of today, reminders among them, which nobody else sends any more."""
    if is_away(person, now=now):
        return []
    remind(person, now=now)
    due = Notice.objects.due_today(person, now=now).select_related("person")
    return [notice for notice in due if Notice.objects.take(notice.pk, now=now)]
