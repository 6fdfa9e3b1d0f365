"""People are told what concerns them: once, in their own morning or at once, and only who wants it."""

import os
import subprocess
import sys
from datetime import date, datetime, time, timedelta
from smtplib import SMTPRecipientsRefused
from typing import Any
from urllib.parse import urlsplit

import pytest
import time_machine
from django.core import mail
from django.core.mail.backends.locmem import EmailBackend
from django.db import connection

from accounts.models import Consent, User
from apprenticeship.models import Apprentice, Mentorship
from ojt_logs import tasks
from ojt_logs.due import dues_of
from ojt_logs.models import HoursEntry, Notice, NoWorkPeriod, SignOffRequest
from ojt_logs.models.notices import About, How, MailChoice
from ojt_logs.tasks import clear_notices, mail_digests, mail_notices
from tests.at_once import at_once
from tests.cast import NOW, TODAY, Cast
from tests.ojt_logs.pages import signed_in

pytestmark = pytest.mark.django_db

MORNING = datetime(2026, 11, 21, 13, 5, tzinfo=NOW.tzinfo)
"""Five past seven in Chicago, on Saturday."""
MONDAY = MORNING + timedelta(days=2)


@pytest.fixture(autouse=True)
def _noon() -> Any:
    with time_machine.travel(NOW, tick=False):
        yield


def returned(cast: Cast, *minutes: int) -> None:
    """Marcus returns entries of Ana's with one press."""
    lines = [cast.ojt("2g", minutes=each) for each in minutes]
    ids = [entry.pk for entry in cast.submitted(cast.ana, *lines)]
    HoursEntry.objects.filter(pk__in=ids).move("return", by=cast.marcus, now=NOW, reason="Was this 2b?")


def approved(cast: Cast) -> HoursEntry:
    (entry,) = cast.submitted(cast.ana, cast.ojt("2g", minutes=210))
    (done,) = HoursEntry.objects.filter(pk=entry.pk).move("approve", by=cast.marcus, now=NOW)
    return done


def wants(person: User, about: About, how: How) -> None:
    MailChoice.objects.choose(person, {about: how})


def run(task: Any, at: datetime) -> list[Any]:
    """The mails that a run at this moment sends."""
    mail.outbox.clear()
    with time_machine.travel(at, tick=False):
        task()
    return list(mail.outbox)


def digests(at: datetime) -> list[str]:
    """The addresses that the run of an hour writes to."""
    return [letter.to[0] for letter in run(mail_digests, at)]


def no_server(settings: Any) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 9


# One mail a day


def test_ana_reads_in_one_mail_in_the_morning_what_happened_and_where_to_go(cast: Cast) -> None:
    returned(cast, 60, 210)
    number = len(cast.sign(cast.ana, "2g"))
    assert run(mail_notices, NOW) == [], "nothing at once unless somebody asks for it"
    letter = next(one for one in run(mail_digests, MORNING) if one.to == ["ana@example.org"])
    assert letter.subject == "Journeybook: 2 things for you"
    assert "Marcus Webb returned 2 entries of your hours (4 h 30" in letter.body
    assert f"/apprentices/{cast.ana.uid}/week/?of=2026-11-20" in letter.body
    assert f"Marcus Webb signed {number} ratings of your work." in letter.body
    assert f"/apprentices/{cast.ana.uid}/sign-offs/" in letter.body
    assert "Was this" not in letter.body, "a mailbox is not the record"
    assert cast.competency("2g").title not in letter.body


def test_nothing_is_told_twice(cast: Cast) -> None:
    returned(cast, 60)
    assert "ana@example.org" in digests(MORNING)
    for hours in (1, 24):
        assert "ana@example.org" not in digests(MORNING + timedelta(hours=hours))


def test_one_thing_alone_is_the_subject(cast: Cast) -> None:
    returned(cast, 60)
    (letter,) = run(mail_digests, MORNING)
    assert letter.subject == "Journeybook: Marcus Webb returned 1 entry of your hours (1 h) with a reason"


@pytest.mark.parametrize(("how", "days"), [(How.DAILY, [0]), (How.WEEKLY, [2]), (How.OFF, []), (How.NOW, [])])
def test_each_kind_comes_as_one_chose(cast: Cast, how: How, days: list[int]) -> None:
    wants(cast.ana_user, About.RETURNED, how)
    wants(cast.ana_user, About.PERIOD, How.OFF)
    returned(cast, 60)
    told = [day for day in range(4) if "ana@example.org" in digests(MORNING + timedelta(days=day))]
    assert told == days


def test_approvals_are_mailed_to_who_asks_for_it_alone(cast: Cast) -> None:
    approved(cast)
    assert digests(MORNING) == []
    wants(cast.ana_user, About.APPROVED, How.DAILY)
    assert digests(MORNING + timedelta(days=1)) == ["ana@example.org"]


def test_who_wants_no_mails_at_all_gets_none_but_is_reminded_in_the_list(cast: Cast) -> None:
    User.objects.filter(pk=cast.marcus.pk).update(mails=False)
    cast.submitted(cast.ana)
    assert digests(MORNING) == []
    assert Notice.objects.visible_to(cast.marcus).get().about == About.WAITING


def test_who_left_gets_no_mail(cast: Cast) -> None:
    returned(cast, 60)
    User.objects.filter(pk=cast.ana_user.pk).update(is_active=False)
    assert digests(MORNING) == []


# At once, and the hours without mails


def test_what_one_wants_at_once_comes_at_once_and_not_again_in_the_morning(cast: Cast) -> None:
    wants(cast.ana_user, About.RETURNED, How.NOW)
    returned(cast, 60)
    assert mail.outbox == [], "not before the transaction has ended"
    assert [one.to for one in run(mail_notices, NOW)] == [["ana@example.org"]]
    assert run(mail_notices, NOW) == run(mail_digests, MORNING) == []


def test_at_night_nothing_comes_and_in_the_morning_it_does(cast: Cast) -> None:
    wants(cast.ana_user, About.RETURNED, How.NOW)
    returned(cast, 60)
    assert run(mail_notices, NOW + timedelta(hours=9)) == [], "nine in the evening"
    assert run(mail_notices, MORNING - timedelta(minutes=6)) == []
    assert len(run(mail_notices, MORNING)) == 1


def test_it_is_night_where_the_person_is(cast: Cast) -> None:
    wants(cast.ana_user, About.RETURNED, How.NOW)
    returned(cast, 60)
    User.objects.filter(pk=cast.ana_user.pk).update(time_zone="Pacific/Guam")
    assert run(mail_notices, NOW) == [], "four in the morning of Saturday"
    assert len(run(mail_notices, NOW + timedelta(hours=3))) == 1


def test_who_sleeps_keeps_nobody_from_their_mail(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ana's notices are older and more than one run sends."""
    monkeypatch.setattr(tasks, "AT_ONCE", 1)
    User.objects.filter(pk=cast.ana_user.pk).update(time_zone="Pacific/Guam")
    for person, about in ((cast.ana_user, About.RETURNED), (cast.marcus, About.ASKED)):
        wants(person, about, How.NOW)
    returned(cast, 60)
    returned(cast, 90)
    seen = [cast.competency("2g")]
    SignOffRequest.objects.ask(cast.ana, by=cast.ana_user, now=NOW, competencies=seen, ratings=[])
    assert [one.to for one in run(mail_notices, NOW)] == [["marcus@example.org"]]


class Choosy(EmailBackend):
    """A mail server that knows everybody but Ana."""

    def send_messages(self, messages: Any) -> int:
        for message in messages:
            if message.to == ["ana@example.org"]:
                raise SMTPRecipientsRefused({"ana@example.org": (550, b"No such user")})
        return super().send_messages(messages)


def test_an_address_that_the_mail_server_refuses_keeps_nobody_from_their_mail(
    cast: Cast, settings: Any
) -> None:
    settings.EMAIL_BACKEND = f"{__name__}.Choosy"
    returned(cast, 60)
    cast.submitted(cast.ana, cast.ojt("2g", minutes=30))
    assert "marcus@example.org" in digests(MORNING)
    assert digests(MORNING) == [], "neither is tried again on the same day"


def test_who_works_at_night_chooses_quiet_days(cast: Cast) -> None:
    person = cast.ana_user
    person.quiet_from, person.quiet_until = time(8), time(16)
    assert person.is_quiet(NOW) and not person.is_quiet(NOW + timedelta(hours=12))
    assert person.digest_due(MORNING) is None, "before four in the afternoon"
    assert person.digest_due(NOW + timedelta(hours=4)) == TODAY


def test_an_approval_is_told_once_it_cannot_be_undone(cast: Cast) -> None:
    wants(cast.ana_user, About.APPROVED, How.NOW)
    approved(cast)
    assert run(mail_notices, NOW + timedelta(seconds=60)) == [], "within the minute it can be undone"
    (letter,) = run(mail_notices, NOW + timedelta(seconds=61))
    assert letter.subject == "Journeybook: Marcus Webb approved 1 entry of your hours (3 h 30 min)"
    assert "2g" not in letter.body


def test_an_approval_that_was_undone_is_not_told(cast: Cast) -> None:
    wants(cast.ana_user, About.APPROVED, How.NOW)
    approved(cast).move("undo", by=cast.marcus, now=NOW + timedelta(seconds=30))
    assert run(mail_notices, NOW + timedelta(minutes=2)) == []


def test_an_approval_that_was_undone_in_part_tells_the_rest(cast: Cast) -> None:
    entries = cast.submitted(cast.ana, cast.ojt("2g", minutes=210), cast.ojt("2g", minutes=60))
    both = HoursEntry.objects.filter(pk__in=[entry.pk for entry in entries])
    both.move("approve", by=cast.marcus, now=NOW)
    entries[0].move("undo", by=cast.marcus, now=NOW + timedelta(seconds=30))
    assert Notice.objects.get().words == "Marcus Webb approved 1 entry of your hours (1 h)."
    entries[1].move("undo", by=cast.marcus, now=NOW + timedelta(seconds=40))
    assert not Notice.objects.exists()


def test_what_ana_has_fixed_meanwhile_is_not_told_and_read_in_the_list(cast: Cast) -> None:
    returned(cast, 60)
    HoursEntry.objects.get().move("submit", by=cast.ana_user, now=NOW)
    assert "ana@example.org" not in digests(MORNING)
    assert not Notice.objects.visible_to(cast.ana_user).unread().exists()


def test_what_is_told_with_a_key_is_told_each_person_once_and_not_to_who_did_it(cast: Cast) -> None:
    people = [cast.marcus, cast.lena, cast.nora]
    for _ in range(2):
        Notice.objects.tell(
            About.ASKED, people, words="Ana asks.", path="/", key="one request", by=cast.nora, now=NOW
        )
    assert {notice.person for notice in Notice.objects.all()} == {cast.marcus, cast.lena}
    assert not Notice.objects.visible_to(cast.olga).exists()


# Reminders


def test_marcus_is_reminded_of_what_waits_with_names_and_numbers_alone(cast: Cast) -> None:
    week = timedelta(days=7)
    cast.submitted(cast.ana, cast.ojt(day=TODAY - week, note="ten charts"), now=NOW - week)
    cast.submitted(cast.ana, cast.ojt(), cast.ri())
    cast.submitted(cast.ben, cast.ojt(minutes=60))
    letters = {one.to[0]: one for one in run(mail_digests, MONDAY)}
    assert set(letters) == {"marcus@example.org", "lena@example.org", "priya@example.org"}
    letter = letters["marcus@example.org"]
    assert (
        "3 weeks of hours wait for you (Ana Reyes 2, Ben Ortiz 1), the oldest since Nov 13, 2026."
        in letter.body
    )
    assert "/review/\n" in letter.body and "charts" not in letter.body and "class" not in letter.body


def test_the_reminder_of_yesterday_is_overtaken_by_that_of_today(cast: Cast) -> None:
    cast.submitted(cast.ana)
    for day in range(2):
        assert digests(MORNING + timedelta(days=day)) == ["marcus@example.org"]
    assert Notice.objects.visible_to(cast.marcus).count() == 2
    assert Notice.objects.visible_to(cast.marcus).unread().count() == 1
    HoursEntry.objects.get().move("approve", by=cast.marcus, now=MORNING)
    assert digests(MORNING + timedelta(days=2)) == []
    assert not Notice.objects.visible_to(cast.marcus).unread().exists()


def test_it_is_morning_where_the_reviewer_is(cast: Cast) -> None:
    User.objects.filter(pk=cast.marcus.pk).update(time_zone="Pacific/Honolulu")
    cast.submitted(cast.ana)
    assert digests(MORNING) == []
    assert digests(MORNING + timedelta(hours=4)) == ["marcus@example.org"]


def test_ana_is_reminded_of_a_period_with_drafts_before_it_is_due_and_once_after(cast: Cast) -> None:
    """Her week ends on the 22nd and is due at the end of the day that the program sets."""
    cast.log(cast.ana, cast.ojt(day=TODAY), cast.ojt("2a", day=TODAY - timedelta(days=1), minutes=60))
    (due,) = [one for one in dues_of(cast.ana, now=NOW) if one.drafts]
    mornings = [MORNING + timedelta(days=days) for days in range(14)]
    told = [at for at in mornings if "ana@example.org" in digests(at)]
    assert [due.period.due_before - at <= timedelta(days=2) for at in told] == [True, True]
    assert told[0] < due.period.due_before <= told[1] < due.period.due_before + timedelta(days=1)
    assert "2 entries are not submitted" in Notice.objects.filter(about=About.PERIOD)[0].words


def test_a_period_that_is_handed_in_or_empty_reminds_nobody(cast: Cast) -> None:
    cast.approved(cast.ana, cast.ojt())
    for days in range(7):
        assert digests(MORNING + timedelta(days=days)) == []


def test_an_assignment_that_ends_within_a_week_is_told_to_whom_it_concerns_once(cast: Cast) -> None:
    assigned = Mentorship.objects.get(mentor=cast.marcus, apprentice=cast.ana)
    assigned.end(on=date(2026, 11, 29), by=cast.nora, now=NOW)
    assert digests(MORNING) == [], "eight days before"
    told = {one.to[0]: one.body for one in run(mail_digests, MORNING + timedelta(days=1))}
    assert set(told) == {"ana@example.org", "marcus@example.org", "nora@example.org"}
    sentence = "Marcus Webb mentors Ana Reyes until Nov 29, 2026. Nobody is assigned after that day."
    assert all(sentence in body for body in told.values())
    assert digests(MONDAY) == []


# On leave


def test_nothing_is_mailed_about_a_suspended_registration(cast: Cast) -> None:
    wants(cast.ana_user, About.SIGNED, How.NOW)
    returned(cast, 60)
    cast.sign(cast.ana, "2g")
    Apprentice.objects.filter(pk=cast.ana.pk).update(status="suspended")
    assert run(mail_notices, NOW) == []
    assert digests(MORNING) == []
    assert Notice.objects.visible_to(cast.ana_user).unread().count() == 2, "the list tells"


def test_nothing_is_mailed_on_days_without_work_and_afterwards_it_is(cast: Cast) -> None:
    returned(cast, 60)
    Consent.objects.give(cast.ana_user, now=NOW)
    tomorrow = TODAY + timedelta(days=1)
    NoWorkPeriod.objects.record(
        cast.ana, "sick", first_day=tomorrow, last_day=tomorrow, by=cast.ana_user, now=NOW
    )
    assert digests(MORNING) == []
    assert digests(MORNING + timedelta(days=1)) == ["ana@example.org"]


def test_a_mentor_for_whom_somebody_stands_in_is_left_alone_and_who_stands_in_is_told(cast: Cast) -> None:
    cast.submitted(cast.ana)
    Mentorship.objects.stand_in(
        cast.lena,
        [cast.ana],
        stands_in_for=cast.marcus,
        starts_on=TODAY,
        ends_on=TODAY + timedelta(days=20),
        by=cast.nora,
        now=NOW,
    )
    assert digests(MORNING) == ["lena@example.org"]
    assert not Notice.objects.visible_to(cast.marcus).exists()


# Workers that die, and that are many


def test_two_workers_at_once_tell_it_once(transactional_db: None, cast: Cast) -> None:
    wants(cast.ana_user, About.RETURNED, How.NOW)
    returned(cast, 60)
    assert at_once(*[mail_notices] * 4) == [None] * 4
    assert len(mail.outbox) == 1


def test_two_workers_at_once_send_one_mail_of_the_day(transactional_db: None, cast: Cast) -> None:
    returned(cast, 60)
    with time_machine.travel(MORNING, tick=False):
        assert at_once(*[mail_digests] * 4) == [None] * 4
    assert len(mail.outbox) == 1


KILLED = """
import os, django
from django.core.mail.backends.base import BaseEmailBackend

class EmailBackend(BaseEmailBackend):
    def send_messages(self, messages):
        os._exit(9)

django.setup()
from django.conf import settings
from ojt_logs.tasks import mail_notices
settings.EMAIL_BACKEND = "__main__.EmailBackend"
mail_notices()
"""


def test_a_worker_killed_between_taking_and_sending_leaves_it_in_the_list_and_nobody_sends_it_again(
    transactional_db: None, cast: Cast
) -> None:
    """A process of its own, killed at the mail server; its clock is the real one."""
    person = cast.ana_user
    User.objects.filter(pk=person.pk).update(quiet_from=time(0), quiet_until=time(0))
    wants(person, About.RETURNED, How.NOW)
    real = time_machine.escape_hatch.datetime.datetime.now(tz=NOW.tzinfo)
    Notice.objects.tell(About.RETURNED, [person], words="Returned.", path="/", key="k", now=real)
    environ = os.environ | {"DATABASE_URL": address_of(connection)}
    done = subprocess.run([sys.executable, "-c", KILLED], env=environ, check=False)
    assert done.returncode == 9
    assert run(mail_notices, real) == []
    assert Notice.objects.visible_to(person).unread().count() == 1


def address_of(connection: Any) -> str:
    """The test's own database, for another process."""
    at = connection.settings_dict
    if connection.vendor == "sqlite":
        return f"sqlite:///{at['NAME']}"
    return f"postgres://{at['USER']}:{at['PASSWORD']}@{at['HOST']}:{at['PORT']}/{at['NAME']}"


def test_a_mail_server_that_does_not_answer_is_asked_again(cast: Cast, settings: Any) -> None:
    wants(cast.ana_user, About.RETURNED, How.NOW)
    returned(cast, 60)
    cast.submitted(cast.ben)
    no_server(settings)
    with pytest.raises(OSError, match="refused"):
        run(mail_notices, NOW)
    with pytest.raises(OSError, match="refused"):
        run(mail_digests, MORNING)
    settings.EMAIL_BACKEND = f"{EmailBackend.__module__}.EmailBackend"
    assert len(run(mail_notices, NOW)) == 1
    assert set(digests(MORNING + timedelta(hours=1))) == {"marcus@example.org", "lena@example.org"}


def test_what_nobody_could_be_told_for_a_day_is_not_told_at_once_any_more(cast: Cast) -> None:
    wants(cast.ana_user, About.RETURNED, How.NOW)
    returned(cast, 60)
    assert run(mail_notices, NOW + timedelta(days=1, seconds=1)) == []


def test_notices_are_kept_for_ninety_days_and_no_longer(cast: Cast) -> None:
    returned(cast, 60)
    for days, left in ((90, 1), (91, 0)):
        with time_machine.travel(NOW + timedelta(days=days), tick=False):
            clear_notices()
        assert Notice.objects.count() == left


# The profile


def test_each_is_asked_about_what_concerns_them(cast: Cast) -> None:
    asked = {
        who: {
            about for about in About if f'name="{about}"' in signed_in(who).get("/me/notices/settings/").text
        }
        for who in (cast.ana_user, cast.marcus, cast.nora, cast.ruth)
    }
    assert {About.RETURNED, About.SIGNED, About.PERIOD} <= asked[cast.ana_user]
    assert About.WAITING not in asked[cast.ana_user]
    assert asked[cast.marcus] == {About.WAITING, About.ASKED, About.ATTESTED, About.COMMENTED, About.ENDING}
    assert asked[cast.nora] == {About.RAISE, About.ENDING, About.CHECKPOINTS}
    assert asked[cast.ruth] == set()


def test_ana_chooses_at_once_and_other_hours(cast: Cast) -> None:
    ana = signed_in(cast.ana_user)
    typed = dict.fromkeys((about.value for about in About), "daily")
    typed |= {"mails": "on", "quiet_from": "22:00", "quiet_until": "05:30", "returned": "now"}
    assert ana.post("/me/notices/settings/", typed).status_code == 302
    person = User.objects.get(pk=cast.ana_user.pk)
    assert (person.mails, person.quiet_until) == (True, time(5, 30))
    assert MailChoice.objects.of(person)[About.RETURNED] == How.NOW
    assert not MailChoice.objects.filter(about=About.WAITING).exists(), "nobody asked her about that"
    assert ana.post("/me/notices/settings/", typed | {"returned": "twice"}).status_code == 200
    assert MailChoice.objects.of(person)[About.RETURNED] == How.NOW


# Stopping them with one click


def stop_of(letter: Any) -> str:
    """The path of the link that stops such mails."""
    return urlsplit(letter.extra_headers["List-Unsubscribe"].strip("<>")).path


def test_a_mail_program_stops_the_mails_without_anybody_signed_in(cast: Cast, client: Any) -> None:
    returned(cast, 60)
    (letter,) = run(mail_digests, MORNING)
    assert letter.extra_headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    path = stop_of(letter)
    assert client.get(path).status_code == 200
    assert User.objects.get(pk=cast.ana_user.pk).mails, "looking stops nothing"
    strict = type(client)(enforce_csrf_checks=True)
    answer = strict.post(path, {"List-Unsubscribe": "One-Click"})
    assert answer.status_code == 200 and b"No more mails" in answer.content
    assert not User.objects.get(pk=cast.ana_user.pk).mails
    assert User.objects.get(pk=cast.marcus.pk).mails


def test_a_mail_about_one_kind_stops_that_kind(cast: Cast, client: Any) -> None:
    wants(cast.ana_user, About.RETURNED, How.NOW)
    returned(cast, 60)
    (letter,) = run(mail_notices, NOW)
    client.post(stop_of(letter))
    assert MailChoice.objects.of(cast.ana_user)[About.RETURNED] == How.OFF
    assert User.objects.get(pk=cast.ana_user.pk).mails


def test_a_link_that_is_not_ours_stops_nothing(cast: Cast, client: Any) -> None:
    returned(cast, 60)
    (letter,) = run(mail_digests, MORNING)
    path = stop_of(letter)
    for wrong in (path.replace("stop/", "stop/x"), "/mails/stop/nonsense/", "/mails/stop/a:b/"):
        assert client.post(wrong).status_code == 404
    assert User.objects.get(pk=cast.ana_user.pk).mails
