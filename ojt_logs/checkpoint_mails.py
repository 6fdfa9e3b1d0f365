"""Checkpoints by mail: a sponsor that keeps them need not trust the site about its own records.

Lines hold ids and digests, no names. Each coordinator of a whole sponsor chooses (About.CHECKPOINTS); nobody
is asked for it, and nobody gets lines of another sponsor.
"""

from collections.abc import Iterator
from datetime import datetime
from uuid import UUID

from django.conf import settings
from django.core.mail import EmailMessage

from accounts import letters
from accounts.models import Sponsor, User
from apprenticeship.models import Apprentice, Program
from competencies.models import WorkProcessSchedule
from ledger import checkpoints
from ojt_logs.mails import stop_path
from ojt_logs.models.notices import MONDAY, About, How, MailChoice


def due(*, now: datetime) -> Iterator[EmailMessage]:
    """The mails of this day: one a coordinator and sponsor; the weekly ones on Mondays (UTC)."""
    wanted = {How.NOW, How.DAILY} | ({How.WEEKLY} if now.weekday() == MONDAY else set())
    chosen = MailChoice.objects.filter(about=About.CHECKPOINTS, how__in=wanted)
    people = User.objects.filter(mail_choices__in=chosen, is_active=True, mails=True)
    for person in people.order_by("pk"):
        for sponsor in Sponsor.objects.managed_by(person).order_by("name", "pk"):
            yield mail_of(person, sponsor, now=now)


def chains_of(sponsor: Sponsor) -> list[UUID]:
    """The subjects of this sponsor's own records: registrations, programs and schedules."""
    people = Apprentice.objects.everyone().filter(program__sponsor=sponsor)
    programs = Program.objects.everyone().filter(sponsor=sponsor)
    papers = WorkProcessSchedule.objects.filter(sponsor=sponsor)
    return [uid for rows in (people, programs, papers) for uid in rows.values_list("uid", flat=True)]


def mail_of(person: User, sponsor: Sponsor, *, now: datetime) -> EmailMessage:
    """One mail with the lines as a file, to be given to `verify_ledger --checkpoint`."""
    lines = "\n".join(checkpoints.lines(chains_of(sponsor), at=now)) + "\n"
    stop = f"{settings.SITE_URL}{stop_path(person, about=About.CHECKPOINTS)}"
    mail = letters.compose(
        person.email,
        subject=f"{settings.ACCOUNT_EMAIL_SUBJECT_PREFIX}checkpoints of {sponsor.name}, {now:%Y-%m-%d}",
        template="ojt_logs/email/checkpoints.txt",
        context={"person": person, "sponsor": sponsor, "stop": stop},
    )
    mail.attach(f"checkpoints-{now:%Y-%m-%d}.txt", lines, "text/plain")
    mail.extra_headers = {"List-Unsubscribe": f"<{stop}>", "Auto-Submitted": "auto-generated"}
    return mail
