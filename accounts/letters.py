"""E-mails that the product writes to one person, by the site's e-mail settings."""

import logging
from smtplib import SMTPException

from django.conf import settings
from django.core.mail import EmailMessage
from django.template.loader import render_to_string

logger = logging.getLogger(__name__)

REACHES_NOBODY = {
    f"django.core.mail.backends.{name}.EmailBackend" for name in ("console", "dummy", "filebased")
}
"""Ways to send that end on the site's own machine."""


def reach_people() -> bool:
    """Whether this site is set up to send e-mail at all; a mail server may still refuse one."""
    return settings.EMAIL_BACKEND not in REACHES_NOBODY


def compose(to: str, *, subject: str, template: str, context: dict[str, object]) -> EmailMessage:
    """The text of `template` to one address; `site` is where addresses in it begin."""
    body = render_to_string(template, context | {"site": settings.SITE_URL})
    return EmailMessage(" ".join(subject.split()), body, to=[to])


def send(to: str, *, subject: str, template: str, context: dict[str, object]) -> bool:
    """Send it while somebody waits for the answer; False when no mail server took it.

    Whoever asked for it is told then, and hands over what it says in another way.
    """
    try:
        taken = compose(to, subject=subject, template=template, context=context).send() == 1
        return taken and reach_people()
    except (SMTPException, OSError) as problem:
        # Its text may hold the address.
        logger.warning("The mail server did not take an e-mail: %s", type(problem).__name__)
        return False
