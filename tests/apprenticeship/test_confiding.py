"""What apprentices confide is read by the officer alone, kept encrypted, and told to the record when read."""

import json
import logging
from typing import Any

import pytest
from django.core import mail
from django.core.management import call_command
from django.db import connection
from django.urls import reverse

from accounts import sealed
from accounts.models import User
from accounts.refusals import NotAllowed, Refusal
from apprenticeship.equal_opportunity import counts_of
from apprenticeship.models import Confided
from apprenticeship.models.private import QUESTIONS, nine_digits
from ledger import chain
from ojt_logs import record
from tests.cast import NOW, PASSWORD, Cast, _join, _user
from tests.ojt_logs.pages import noon, plain, signed_in, text_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("noon")]
__all__ = ["noon"]

DIGITS = "219-09-9999"
SAID = {"sex": "female", "ethnicity": "hispanic", "race": ["asian", "white"], "disability": "yes"}


@pytest.fixture
def opal(cast: Cast) -> User:
    """The equal opportunity officer of Lakeside."""
    return _join(_user("Opal Grant"), cast.lakeside, "officer")


def tell(cast: Cast) -> None:
    """Ana answers and gives her number on her page."""
    ana, page = signed_in(cast.ana_user), reverse("about-you", args=[cast.ana.uid])
    assert ana.post(page, SAID).status_code == 302
    assert ana.post(page, {"what": "number", "ssn": DIGITS}).status_code == 302


def test_ana_answers_declines_and_changes_and_sees_who_reads_it(cast: Cast, opal: User) -> None:
    page = reverse("about-you", args=[cast.ana.uid])
    assert "Opal Grant" in text_of(signed_in(cast.ana_user), page)
    tell(cast)
    shown = text_of(signed_in(cast.ana_user), page)
    assert "•••-••-9999" in shown and DIGITS not in shown
    said = Confided.objects.get().open_answers()
    assert said == {**SAID, "veteran": "declined"}
    signed_in(cast.ana_user).post(page, {"race": ["declined"]})
    assert set(map(str, Confided.objects.get().open_answers().values())) == {"declined", "['declined']"}
    signed_in(cast.ana_user).post(page, {"what": "number", "ssn": ""})
    assert Confided.objects.get().ssn == ""


def test_nobody_answers_for_ana_and_nobody_but_the_officer_reads(cast: Cast, opal: User) -> None:
    tell(cast)
    with pytest.raises(NotAllowed):
        Confided.objects.answer(cast.ana, SAID, by=cast.nora, now=NOW)
    form = reverse("agency-form", args=[cast.ana.uid])
    for person in (cast.nora, cast.marcus, cast.ruth, cast.priya, cast.ben_user, cast.olga):
        assert not Confided.objects.visible_to(person).exists()
        assert signed_in(person).post(form, {"password": PASSWORD}).status_code in (403, 404)
        assert signed_in(person).get(reverse("about-you", args=[cast.ana.uid])).status_code in (403, 404)
    opal.memberships.update(employer=None, ends_on=NOW.date(), cut_short=True)
    assert signed_in(opal).get(form).status_code == 404


def test_the_officer_reads_it_whole_after_a_password_and_the_record_tells(cast: Cast, opal: User) -> None:
    tell(cast)
    form, officer = reverse("agency-form", args=[cast.ana.uid]), signed_in(opal)
    assert DIGITS not in text_of(officer, form)
    assert DIGITS not in officer.post(form, {"password": "wrong"}).text
    read = chain.entries_of(cast.ana.uid).filter(act="private.read")
    assert not read.exists()
    page = plain(officer.post(form, {"password": PASSWORD}).content)
    assert DIGITS in page and "Asian, White" in page and "I do not wish to answer" in page
    assert [(entry.actor, (entry.payload.content or {})["what"]) for entry in read] == [
        (opal.uid, "agency form")
    ]
    assert DIGITS not in text_of(signed_in(cast.ana_user), form)
    assert list(record.compare()) == []


def test_the_officer_takes_the_answers_as_a_file_without_numbers(cast: Cast, opal: User) -> None:
    tell(cast)
    export = reverse("confided-export", args=[cast.lakeside.uid])
    assert signed_in(cast.nora).post(export, {"password": PASSWORD}).status_code == 403
    assert signed_in(opal).post(export, {"password": "wrong"}).status_code == 400
    file = b"".join(signed_in(opal).post(export, {"password": PASSWORD})).decode()  # type: ignore[call-overload]
    assert "Ana Reyes" in file and "Hispanic or Latino" in file and "9999" not in file
    assert chain.entries_of(cast.ana.uid).filter(act="private.read").count() == 1


def test_the_office_reads_counts_without_names_and_no_small_ones(cast: Cast, opal: User) -> None:
    tell(cast)
    page = reverse("equal-opportunity", args=[cast.lakeside.uid])
    shown = text_of(signed_in(cast.nora), page)
    assert "Fewer than 5 answered" in shown and "Ana Reyes" not in shown
    assert "Ana Reyes" in text_of(signed_in(opal), page)


class _Row:
    def __init__(self, **said: Any) -> None:
        self.said = said

    def open_answers(self) -> dict[str, Any]:
        return self.said


def test_a_count_below_five_is_not_told_nor_what_would_give_it_away() -> None:
    rows: list[Any] = [_Row(sex="male")] * 9 + [_Row(sex="female")] * 7 + [_Row(sex="declined")] * 2
    sex = counts_of(rows)[0].cells
    assert [cell.count for cell in sex] == [9, None, None]
    rows = [_Row(race=["asian"])] * 13 + [_Row(race=["asian", "islander"])] * 2 + [_Row(race=["white"])] * 5
    race = {cell.label: cell.count for cell in counts_of(rows)[2].cells}
    assert (race["Asian"], race["White"], race["Black or African American"]) == (15, None, 0)


def test_nothing_of_it_lies_open_in_the_database(cast: Cast, opal: User) -> None:
    tell(cast)
    row = Confided.objects.get()
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f'SELECT * FROM "{table}"')
            kept = str(cursor.fetchall())
            assert DIGITS not in kept and DIGITS.replace("-", "") not in kept, table
            assert '"hispanic"' not in kept and "'hispanic'" not in kept, table
    other = Confided(apprentice=cast.ben, ssn=row.ssn)
    with pytest.raises(sealed.CannotOpen):
        other.open_number()  # moved to another row it opens no more


def test_logs_and_mails_never_have_the_digits(
    cast: Cast, opal: User, caplog: Any, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.ADMINS = ["operator@example.org"]
    tell(cast)
    form = reverse("agency-form", args=[cast.ana.uid])
    signed_in(opal).post(form, {"password": PASSWORD})

    def broken(*args: Any, **words: Any) -> None:
        raise RuntimeError("The disk is full")

    client = signed_in(cast.ana_user)
    client.raise_request_exception = False
    monkeypatch.setattr(Confided, "save", broken)
    with caplog.at_level(logging.DEBUG):
        answer = client.post(
            reverse("about-you", args=[cast.ana.uid]), {"what": "number", "ssn": "219 09 9998"}
        )
    assert answer.status_code == 500
    wrong = client.post(reverse("about-you", args=[cast.ana.uid]), {"what": "number", "ssn": "219 09 99"})
    assert "nine digits" in wrong.text
    said = (
        caplog.text + "".join(f"{one.subject} {one.body}" for one in mail.outbox) + answer.text + wrong.text
    )
    said += json.dumps([str(one.payload) for one in chain.entries_of(cast.ana.uid)])
    assert "Traceback" in caplog.text
    for digits in ("219-09", "219 09", "21909", "9998"):
        assert digits not in said


def test_keys_change_and_what_older_ones_sealed_is_sealed_anew(cast: Cast, settings: Any) -> None:
    tell(cast)
    old = settings.PRIVATE_KEYS[0]
    settings.PRIVATE_KEYS = ["the key of the next year, which is long enough", old]
    assert Confided.objects.get().open_number() == DIGITS
    call_command("reseal_private", verbosity=0)
    settings.PRIVATE_KEYS = settings.PRIVATE_KEYS[:1]
    assert Confided.objects.get().open_number() == DIGITS
    settings.PRIVATE_KEYS = [old]
    with pytest.raises(sealed.CannotOpen):
        Confided.objects.get().open_number()
    settings.PRIVATE_KEYS = []
    assert "no key" in text_of(signed_in(cast.ben_user), reverse("about-you", args=[cast.ben.uid]))


@pytest.mark.parametrize(
    "typed", ["000-12-3456", "666-12-3456", "900-12-3456", "123-00-4567", "12345678", "x"]
)
def test_what_is_no_number_is_refused(typed: str) -> None:
    with pytest.raises(Refusal, match="nine digits"):
        nine_digits(typed)


def test_every_question_can_be_declined() -> None:
    assert all(choices[-1][0] == "declined" for _, choices in QUESTIONS.values())
