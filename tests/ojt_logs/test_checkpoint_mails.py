"""Checkpoints by mail, for coordinators who keep them: of their own sponsor alone, and when they want."""

from datetime import datetime, timedelta
from pathlib import Path

import pytest
from django.core import mail
from django.core.management import call_command

from ledger import checkpoints
from ojt_logs import checkpoint_mails, tasks
from ojt_logs.models.notices import About, How, MailChoice
from tests.cast import NOW, Cast

pytestmark = pytest.mark.django_db
MONDAY = NOW + timedelta(days=3)


def recipients(now: datetime) -> list[str]:
    return [one.to[0] for one in checkpoint_mails.due(now=now)]


def test_nobody_gets_them_who_did_not_choose_to(cast: Cast) -> None:
    checkpoints.sign(at=NOW)
    assert recipients(MONDAY) == []
    MailChoice.objects.choose(cast.nora, {About.CHECKPOINTS: How.WEEKLY})
    MailChoice.objects.choose(cast.marcus, {About.CHECKPOINTS: How.DAILY})
    assert recipients(NOW) == []
    assert recipients(MONDAY) == [cast.nora.email], "a mentor coordinates nothing"
    MailChoice.objects.choose(cast.nora, {About.CHECKPOINTS: How.DAILY})
    assert recipients(NOW) == [cast.nora.email]


def test_coordinator_keeps_lines_of_her_own_sponsor_that_the_ledger_is_compared_with(
    cast: Cast, tmp_path: Path
) -> None:
    checkpoints.sign(at=NOW)
    MailChoice.objects.choose(cast.nora, {About.CHECKPOINTS: How.DAILY})
    tasks.mail_checkpoints()
    (sent,) = mail.outbox
    (attached,) = sent.attachments
    lines = str(attached[1])
    assert str(cast.ana.uid) in lines and str(cast.ben.uid) in lines and str(cast.program.uid) in lines
    assert str(cast.chen.uid) not in lines
    assert "Ana" not in lines + sent.body and "Lakeside Health" in sent.subject
    kept = tmp_path / "kept.txt"
    kept.write_text(lines)
    call_command("verify_ledger", checkpoint=kept.open())
