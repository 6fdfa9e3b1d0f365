"""The mails that a demo would have sent, read back from the files that they went into."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from email import message_from_bytes, policy
from email.utils import parsedate_to_datetime
from pathlib import Path

from django.conf import settings

FILES = "django.core.mail.backends.filebased.EmailBackend"
BETWEEN = b"-" * 79 + b"\n"
"""What stands behind each mail in a file of Django's."""
SHOWN = 50


@dataclass(frozen=True)
class Mail:
    to: str
    subject: str
    at: datetime
    body: str
    stops: str
    """The address that stops such mails, as its header says; "" for none."""


def are_kept() -> bool:
    """Whether this site keeps its mails in files, to be looked at, because nobody shall get them."""
    return settings.DEBUG and settings.EMAIL_BACKEND == FILES


def newest() -> list[Mail]:
    """The newest mails first."""
    folder = Path(str(getattr(settings, "EMAIL_FILE_PATH", "")))
    files = sorted(folder.glob("*.log"), key=lambda file: file.stat().st_mtime, reverse=True)[:SHOWN]
    found = [mail for file in files for mail in _mails_in(file.read_bytes())]
    return sorted(found, key=lambda one: one.at, reverse=True)[:SHOWN]


def _mails_in(content: bytes) -> Iterator[Mail]:
    for part in content.split(BETWEEN):
        if not part.strip():
            continue
        mail = message_from_bytes(part, policy=policy.default)
        body = mail.get_body(("plain",))
        yield Mail(
            to=str(mail["To"]),
            subject=str(mail["Subject"]),
            at=parsedate_to_datetime(str(mail["Date"])),
            body=body.get_content().strip() if body else "",
            stops=str(mail["List-Unsubscribe"] or "").strip("<>"),
        )
