"""In the background: links to a new password, and upkeep that deletes what has had its time."""

import logging
from importlib import import_module

from allauth.account.forms import default_token_generator
from allauth.account.utils import user_pk_to_url_str
from celery import shared_task
from django.conf import settings
from django.urls import reverse
from django.utils import timezone
from kombu.exceptions import OperationalError

from accounts import letters
from accounts.devices import forget_ended
from accounts.models import IdempotencyKey, SignIn, User

log = logging.getLogger(__name__)


def ask_for_link(user: User | None) -> None:
    """Leave it to a worker to write to `user`, or to nobody: both take a request as long, so that the time
    of its answer does not tell whether there is an account. Without a queue it is done here."""
    number = user.pk if user else 0
    try:
        mail_link.apply_async((number,), retry=False)
    except (OperationalError, OSError) as error:
        log.warning("a new password is mailed without the task queue: %s", type(error).__name__)
        mail_link(number)


@shared_task
def mail_link(pk: int) -> None:
    """Mail the link to a new password to this person at the address in use; to nobody where there is none."""
    user = User.objects.filter(pk=pk, is_active=True).first()
    if user is None:
        return
    words = {"uidb36": user_pk_to_url_str(user), "key": default_token_generator.make_token(user)}
    link = f"{settings.SITE_URL}{reverse('account_reset_password_from_key', kwargs=words)}"
    letters.send(
        user.email,
        subject=f"{settings.ACCOUNT_EMAIL_SUBJECT_PREFIX}A new password",
        template="accounts/email/new_password.txt",
        context={"link": link},
    )


@shared_task
def clear_outlived() -> None:
    """Delete answers kept for once-only requests, old sign-ins and expired sessions; runs each night."""
    IdempotencyKey.objects.outlived(now=timezone.now()).delete()
    SignIn.objects.outlived(now=timezone.now()).delete()
    import_module(settings.SESSION_ENGINE).SessionStore.clear_expired()
    forget_ended()
