"""An apprentice is told by mail that hours went back: once, and not who wants none."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.core import mail
from django.core.mail.backends.locmem import EmailBackend

from accounts.models import User
from ojt_logs.models import HoursEntry, ReturnNotice
from ojt_logs.tasks import mail_returned
from tests.at_once import at_once
from tests.cast import NOW, Cast
from tests.ojt_logs.pages import signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _noon() -> Any:
    with time_machine.travel(NOW, tick=False):
        yield


def returned(cast: Cast, *minutes: int) -> None:
    """Marcus returns entries of Ana's with one press."""
    lines = [cast.ojt("2g", minutes=each) for each in minutes]
    ids = [entry.pk for entry in cast.submitted(cast.ana, *lines)]
    HoursEntry.objects.filter(pk__in=ids).move("return", by=cast.marcus, now=NOW, reason="Was this 2b?")


def test_ana_is_told_what_went_back_and_where_to_fix_it(cast: Cast) -> None:
    returned(cast, 60, 210)
    assert mail.outbox == [], "not before the transaction has ended"
    mail_returned()
    (letter,) = mail.outbox
    assert letter.to == ["ana@example.org"]
    assert letter.subject == "Journeybook: Marcus Webb returned hours to you"
    assert "Marcus Webb returned 2 entries of your hours (4 h 30" in letter.body
    assert f"/apprentices/{cast.ana.uid}/week/?of=2026-11-20" in letter.body
    assert "Was this" not in letter.body, "a mailbox is not the record"


def test_nothing_is_told_twice(cast: Cast) -> None:
    returned(cast, 60)
    for _ in range(3):
        mail_returned()
    assert len(mail.outbox) == 1


def test_two_workers_at_once_tell_it_once(transactional_db: None, cast: Cast) -> None:
    returned(cast, 60)
    assert at_once(*[mail_returned] * 4) == [None] * 4
    assert len(mail.outbox) == 1


def test_what_ana_has_fixed_meanwhile_is_not_told(cast: Cast) -> None:
    returned(cast, 60)
    HoursEntry.objects.get().move("submit", by=cast.ana_user, now=NOW)
    mail_returned()
    assert mail.outbox == []


def test_ana_turns_it_off_on_her_profile_and_marcus_is_not_asked(cast: Cast) -> None:
    assert "E-mail me when hours are returned" not in signed_in(cast.marcus).get("/me/").text
    ana = signed_in(cast.ana_user)
    assert "E-mail me when hours are returned" in ana.get("/me/").text
    ana.post("/me/", {"time_zone": "America/Chicago"})
    assert not User.objects.get(pk=cast.ana_user.pk).mails_returned
    returned(cast, 60)
    mail_returned()
    assert mail.outbox == []


def test_who_left_gets_no_mail(cast: Cast) -> None:
    returned(cast, 60)
    User.objects.filter(pk=cast.ana_user.pk).update(is_active=False)
    mail_returned()
    assert mail.outbox == []


def test_a_mail_server_that_does_not_answer_is_asked_again_until_a_day_has_gone(
    cast: Cast, settings: Any
) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 9
    returned(cast, 60)
    with pytest.raises(OSError, match="refused"):
        mail_returned()
    assert ReturnNotice.objects.due(now=NOW).exists()
    settings.EMAIL_BACKEND = f"{EmailBackend.__module__}.EmailBackend"
    assert not ReturnNotice.objects.due(now=NOW + timedelta(days=1, seconds=1)).exists()
    mail_returned()
    assert len(mail.outbox) == 1
