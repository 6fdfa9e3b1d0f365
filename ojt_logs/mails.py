"""The mails that tell notices, and how each of them is stopped. They name nobody's work and no reason: a
mailbox is not the record."""

from collections.abc import Sequence

from django.conf import settings
from django.core.mail import EmailMessage
from django.core.signing import BadSignature, Signer
from django.urls import reverse

from accounts import letters
from accounts.models import User
from accounts.numbers import count_of
from ojt_logs.models import Notice
from ojt_logs.models.notices import About, How, MailChoice

EVERYTHING = ""
"""In a link that stops mails: all of them, not those of one kind."""
_signer = Signer(salt="mails")


def mail_of(notices: Sequence[Notice], *, about: str = EVERYTHING) -> EmailMessage:
    """One mail about these notices of one person, with its own way to stop those of `about`.

    The two headers let mail programs stop them with one click (RFC 8058).
    """
    person = notices[0].person
    stop = f"{settings.SITE_URL}{stop_path(person, about=about)}"
    single = (
        notices[0].words.rstrip(".") if len(notices) == 1 else f"{count_of(len(notices), 'thing')} for you"
    )
    mail = letters.compose(
        person.email,
        subject=f"{settings.ACCOUNT_EMAIL_SUBJECT_PREFIX}{single}",
        template="ojt_logs/email/notices.txt",
        context={"person": person, "notices": notices, "stop": stop},
    )
    mail.extra_headers = {
        "List-Unsubscribe": f"<{stop}>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
        "Auto-Submitted": "auto-generated",
    }
    return mail


def stop_path(person: User, *, about: str) -> str:
    """The address that stops mails of one kind, or EVERYTHING, for who holds the mail; nothing else."""
    return reverse("mails-stop", args=[_signer.sign_object([str(person.uid), about])])


def who_stops(token: str) -> tuple[User, str] | None:
    """Whose mails of which kind a link stops; None for a link that is not ours."""
    try:
        uid, about = _signer.unsign_object(token)
    except (BadSignature, ValueError):
        return None
    person = User.objects.filter(uid=uid).first()
    return (person, about) if person and about in {EVERYTHING, *About.values} else None


def stop(person: User, *, about: str) -> None:
    """Send this person no more mails of a kind, or none at all. The list goes on telling everything."""
    if about == EVERYTHING:
        User.objects.filter(pk=person.pk).update(mails=False)
    else:
        MailChoice.objects.choose(person, {about: How.OFF})
