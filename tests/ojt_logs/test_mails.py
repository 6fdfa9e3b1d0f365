"""An apprentice is told by mail what a reviewer did, a reviewer what waits: once, and only who wants it."""

from datetime import datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.core import mail
from django.core.mail.backends.locmem import EmailBackend

from accounts.models import User
from ojt_logs.models import HoursEntry, Notice
from ojt_logs.models.notices import About
from ojt_logs.tasks import clear_notices, mail_digests, mail_notices
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
    mail_notices()
    (letter,) = mail.outbox
    assert letter.to == ["ana@example.org"]
    assert (
        letter.subject
        == "Journeybook: Marcus Webb returned 2 entries of your hours (4 h 30 min) with a reason"
    )
    assert "Marcus Webb returned 2 entries of your hours (4 h 30" in letter.body
    assert f"/apprentices/{cast.ana.uid}/week/?of=2026-11-20" in letter.body
    assert "Was this" not in letter.body, "a mailbox is not the record"


def test_nothing_is_told_twice(cast: Cast) -> None:
    returned(cast, 60)
    for _ in range(3):
        mail_notices()
    assert len(mail.outbox) == 1


def test_notices_are_kept_for_ninety_days_and_no_longer(cast: Cast) -> None:
    returned(cast, 60)
    mail_notices()
    for days, left in ((90, 1), (91, 0)):
        with time_machine.travel(NOW + timedelta(days=days), tick=False):
            clear_notices()
        assert Notice.objects.count() == left


def test_two_workers_at_once_tell_it_once(transactional_db: None, cast: Cast) -> None:
    returned(cast, 60)
    assert at_once(*[mail_notices] * 4) == [None] * 4
    assert len(mail.outbox) == 1


def test_what_ana_has_fixed_meanwhile_is_not_told(cast: Cast) -> None:
    returned(cast, 60)
    HoursEntry.objects.get().move("submit", by=cast.ana_user, now=NOW)
    mail_notices()
    assert mail.outbox == []


def test_ana_turns_it_off_on_her_profile_and_marcus_is_not_asked(cast: Cast) -> None:
    assert "E-mail me when hours are returned" not in signed_in(cast.marcus).get("/me/").text
    assert "E-mail me when hours are approved" not in signed_in(cast.marcus).get("/me/").text
    ana = signed_in(cast.ana_user)
    assert "E-mail me when hours are returned" in ana.get("/me/").text
    ana.post("/me/", {"time_zone": "America/Chicago"})
    assert not User.objects.get(pk=cast.ana_user.pk).mails_returned
    returned(cast, 60)
    mail_notices()
    assert mail.outbox == []


def test_who_left_gets_no_mail(cast: Cast) -> None:
    returned(cast, 60)
    User.objects.filter(pk=cast.ana_user.pk).update(is_active=False)
    mail_notices()
    assert mail.outbox == []


def test_a_mail_server_that_does_not_answer_is_asked_again_until_a_day_has_gone(
    cast: Cast, settings: Any
) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 9
    returned(cast, 60)
    with pytest.raises(OSError, match="refused"):
        mail_notices()
    assert Notice.objects.due(now=NOW).exists()
    settings.EMAIL_BACKEND = f"{EmailBackend.__module__}.EmailBackend"
    assert not Notice.objects.due(now=NOW + timedelta(days=1, seconds=1)).exists()
    mail_notices()
    assert len(mail.outbox) == 1


def approved(cast: Cast) -> HoursEntry:
    (entry,) = cast.submitted(cast.ana, cast.ojt("2g", minutes=210))
    (done,) = HoursEntry.objects.filter(pk=entry.pk).move("approve", by=cast.marcus, now=NOW)
    return done


def minutes_later(minutes: float) -> None:
    with time_machine.travel(NOW + timedelta(minutes=minutes), tick=False):
        mail_notices()


def wants(person: User, **choice: object) -> None:
    User.objects.filter(pk=person.pk).update(**choice)
    person.refresh_from_db()


def test_an_approval_is_told_to_who_asked_for_it_once_it_cannot_be_undone(cast: Cast) -> None:
    wants(cast.ana_user, mails_accepted=True)
    cast.ana.refresh_from_db()
    approved(cast)
    minutes_later(1)
    assert mail.outbox == [], "within the minute it can be undone"
    minutes_later(2)
    minutes_later(3)
    (letter,) = mail.outbox
    assert letter.subject == "Journeybook: Marcus Webb approved 1 entry of your hours (3 h 30 min)"
    assert "approved 1 entry of your hours (3 h 30" in letter.body and "2g" not in letter.body
    assert f"/apprentices/{cast.ana.uid}/week/?of=2026-11-20" in letter.body


def test_an_approval_that_was_undone_is_not_told(cast: Cast) -> None:
    wants(cast.ana_user, mails_accepted=True)
    cast.ana.refresh_from_db()
    approved(cast).move("undo", by=cast.marcus, now=NOW + timedelta(seconds=30))
    minutes_later(2)
    assert mail.outbox == []


def test_an_approval_that_was_undone_in_part_tells_the_rest(cast: Cast) -> None:
    wants(cast.ana_user, mails_accepted=True)
    entries = cast.submitted(cast.ana, cast.ojt("2g", minutes=210), cast.ojt("2g", minutes=60))
    both = HoursEntry.objects.filter(pk__in=[entry.pk for entry in entries])
    both.move("approve", by=cast.marcus, now=NOW)
    entries[0].move("undo", by=cast.marcus, now=NOW + timedelta(seconds=30))
    assert Notice.objects.get().words == "Marcus Webb approved 1 entry of your hours (1 h)."
    entries[1].move("undo", by=cast.marcus, now=NOW + timedelta(seconds=40))
    assert not Notice.objects.exists()


def test_what_is_told_with_a_key_is_told_each_person_once_and_not_to_who_did_it(cast: Cast) -> None:
    people = [cast.marcus, cast.lena, cast.nora]
    for _ in range(2):
        Notice.objects.tell(
            About.ASKED, people, words="Ana asks.", path="/", key="one request", by=cast.nora, now=NOW
        )
    assert {notice.person for notice in Notice.objects.all()} == {cast.marcus, cast.lena}
    assert Notice.objects.visible_to(cast.lena).unread().count() == 1
    assert not Notice.objects.visible_to(cast.olga).exists()


def test_a_signature_is_told_without_what_was_signed(cast: Cast) -> None:
    wants(cast.ana_user, mails_accepted=True)
    cast.ana.refresh_from_db()
    number = len(cast.sign(cast.ana, "2g"))
    mail_notices()
    (letter,) = mail.outbox
    assert letter.subject == f"Journeybook: Marcus Webb signed {number} ratings of your work"
    assert f"Marcus Webb signed {number} ratings of your work" in letter.body
    assert f"/apprentices/{cast.ana.uid}/sign-offs/" in letter.body
    assert cast.competency("2g").title not in letter.body


def test_nothing_accepted_is_told_unless_somebody_asks_for_it(cast: Cast) -> None:
    approved(cast)
    cast.sign(cast.ana, "2g")
    minutes_later(2)
    assert mail.outbox == []
    signed_in(cast.ana_user).post("/me/", {"time_zone": "America/Chicago", "mails_accepted": "on"})
    person = User.objects.get(pk=cast.ana_user.pk)
    assert (person.mails_accepted, person.mails_returned) == (True, False)


MONDAY = datetime(2026, 11, 23, 13, 5, tzinfo=NOW.tzinfo)
"""Five past seven in Chicago."""


def digests(at: datetime) -> list[str]:
    """The addresses that a run at this moment writes to."""
    mail.outbox.clear()
    with time_machine.travel(at, tick=False):
        mail_digests()
    return [letter.to[0] for letter in mail.outbox]


def test_marcus_chooses_a_mail_about_what_waits_and_ana_is_not_asked(cast: Cast) -> None:
    label = "E-mail me what waits for me to review"
    assert label not in signed_in(cast.ana_user).get("/me/").text
    assert label not in signed_in(cast.nora).get("/me/").text
    assert label in signed_in(cast.priya).get("/me/").text
    signed_in(cast.marcus).post("/me/", {"time_zone": "America/Chicago", "digest": "weekly"})
    assert User.objects.get(pk=cast.marcus.pk).digest == "weekly"


def test_the_mail_about_what_waits_names_people_and_numbers_alone(cast: Cast) -> None:
    wants(cast.marcus, digest="daily")
    week = timedelta(days=7)
    cast.submitted(cast.ana, cast.ojt(day=NOW.date() - week, note="ten charts"), now=NOW - week)
    cast.submitted(cast.ana, cast.ojt(), cast.ri())
    cast.submitted(cast.ben, cast.ojt(minutes=60))
    assert digests(MONDAY) == ["marcus@example.org"]
    (letter,) = mail.outbox
    assert letter.subject == "Journeybook: 3 weeks for you to review"
    assert "3 weeks of hours wait for you to review, the oldest since Nov 13, 2026:" in letter.body
    assert "- Ana Reyes, 2 weeks\n- Ben Ortiz, 1 week\n" in letter.body
    assert "/review/\n" in letter.body and "charts" not in letter.body and "class" not in letter.body


@pytest.mark.parametrize(
    ("choice", "told"),
    [("off", []), ("daily", [0, 1, 2, 3]), ("weekly", [0])],
)
def test_it_comes_in_the_morning_of_each_day_or_of_mondays(cast: Cast, choice: str, told: list[int]) -> None:
    wants(cast.marcus, digest=choice)
    cast.submitted(cast.ana)
    assert digests(MONDAY - timedelta(hours=1)) == [], "before seven"
    days = [day for day in range(4) if digests(MONDAY + timedelta(days=day))]
    assert days == told
    assert digests(MONDAY + timedelta(days=3, hours=5)) == [], "once a day"


def test_nothing_is_sent_where_nothing_waits_nor_later_that_day(cast: Cast) -> None:
    wants(cast.marcus, digest="daily")
    assert digests(MONDAY) == []
    cast.submitted(cast.ana)
    assert digests(MONDAY + timedelta(hours=1)) == []
    assert digests(MONDAY + timedelta(days=1)) == ["marcus@example.org"]


def test_it_is_morning_where_the_reviewer_is(cast: Cast) -> None:
    wants(cast.marcus, digest="daily", time_zone="Pacific/Honolulu")
    cast.submitted(cast.ana)
    assert digests(MONDAY) == []
    assert digests(MONDAY + timedelta(hours=4)) == ["marcus@example.org"]


def test_two_workers_at_once_send_one_digest(transactional_db: None, cast: Cast) -> None:
    wants(cast.marcus, digest="daily")
    cast.submitted(cast.ana)
    with time_machine.travel(MONDAY, tick=False):
        assert at_once(*[mail_digests] * 4) == [None] * 4
    assert len(mail.outbox) == 1


def test_a_digest_that_the_mail_server_did_not_take_is_tried_again(cast: Cast, settings: Any) -> None:
    wants(cast.marcus, digest="daily")
    cast.submitted(cast.ana)
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 9
    with pytest.raises(OSError, match="refused"):
        digests(MONDAY)
    settings.EMAIL_BACKEND = f"{EmailBackend.__module__}.EmailBackend"
    assert digests(MONDAY + timedelta(hours=1)) == ["marcus@example.org"]
