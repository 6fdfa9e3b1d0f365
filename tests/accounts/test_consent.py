"""Electronic records: agreed to once, before the first act on a record, and taken back at any time."""

from typing import Any
from uuid import UUID

import pytest
import time_machine
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.urls import reverse

from accounts.consent_text import TEXTS, VERSION, fingerprint
from accounts.models import Consent, Invitation, User
from apprenticeship.models import Apprentice
from ledger import chain, triggers
from ledger.models import Entry
from ojt_logs import record
from ojt_logs.models import HoursEntry, SignOff
from tests.api.client import Rest
from tests.cast import NOW, PASSWORD, Cast
from tests.ojt_logs.pages import plain, signed_in
from tests.refusals import log, review, sign

pytestmark = pytest.mark.django_db

PAGE = "/me/consent/"


@pytest.fixture(autouse=True)
def _noon() -> Any:
    with time_machine.travel(NOW, tick=False):
        yield


def sign_in(person: User, *, wanted: str = "/") -> tuple[Client, str]:
    """A browser with `person` signed in, and where it was sent."""
    client = Client()
    answer = client.post(f"/accounts/login/?next={wanted}", {"login": person.email, "password": PASSWORD})
    return client, str(answer.headers["Location"])


@pytest.fixture
def newcomer(db: None) -> User:
    return User.objects.create_user("eli@example.org", PASSWORD, name="Eli Ruiz")


def acts_of(person: User) -> list[str]:
    return list(
        Entry.objects.filter(chain__subject=person.uid).order_by("sequence").values_list("act", flat=True)
    )


def test_the_first_sign_in_meets_the_text_and_then_where_one_wanted_to_go(newcomer: User) -> None:
    browser, place = sign_in(newcomer, wanted="/me/tokens/")
    assert place == f"{PAGE}?next=%2Fme%2Ftokens%2F"
    page = browser.get(place).text
    assert "ESIGN Act, 15 U.S.C. 7001" in page and "You may have paper instead" in page
    answer = browser.post(place, {"agree": fingerprint(VERSION), "next": "/me/tokens/"})
    assert answer.headers["Location"] == "/me/tokens/"
    given = Consent.objects.get(user=newcomer)
    assert (given.given, given.version, given.text_sha256, given.at) == (
        True,
        VERSION,
        fingerprint(VERSION),
        NOW,
    )
    assert acts_of(newcomer) == ["consent.give"] and list(chain.verify()) == []
    assert sign_in(newcomer, wanted="/me/tokens/")[1] == "/me/tokens/"


def test_who_came_by_invitation_meets_the_text_before_anything_else(client: Client) -> None:
    _, token = Invitation.objects.issue("eli@example.org", now=NOW)
    words = {"name": "Eli Ruiz", "time_zone": "America/Chicago", "password": PASSWORD}
    assert client.post(f"/invitations/{token}/", words).headers["Location"] == f"{PAGE}?next=%2F"


def test_who_does_not_agree_reads_and_is_told_so_on_every_page(newcomer: User) -> None:
    browser, _ = sign_in(newcomer)
    for address in ("/standards/", "/me/"):
        assert (
            "You cannot submit, approve, sign or decide anything until you agree" in browser.get(address).text
        )
    browser.post(PAGE, {"agree": fingerprint(VERSION)})
    assert "You cannot submit, approve" not in browser.get("/me/").text


def test_agreeing_twice_is_agreeing_once(newcomer: User) -> None:
    for _ in range(2):
        Consent.objects.give(newcomer, now=NOW)
    assert acts_of(newcomer) == ["consent.give"]


@pytest.mark.parametrize("agreed", ["", "0" * 64])
def test_only_the_text_that_was_read_is_agreed_to(newcomer: User, agreed: str) -> None:
    answer = signed_in(newcomer).post(PAGE, {"agree": agreed})
    assert answer.status_code == 400 and "Please read it again" in answer.text
    assert not Consent.objects.exists()


def test_a_text_that_anybody_agreed_to_is_never_edited() -> None:
    """A changed text is another version: these fingerprints stand in the rows of those who agreed."""
    kept = {
        1: "af3d8da695fd27ede58f84c88adc43866042a3fbbb9bf848130837df5eaf5ab0",
        2: "fc037fb915386f98553749b59e1b1db1928c40b7bb65568e8168471caa92992b",
    }
    assert {version: fingerprint(version) for version in TEXTS} == kept


def test_who_agreed_to_an_earlier_text_is_asked_again(newcomer: User) -> None:
    Consent.objects.create(user=newcomer, given=True, version=1, text_sha256="0" * 64, at=NOW)
    assert sign_in(newcomer)[1].startswith(PAGE)
    assert "The text has changed since you agreed" in signed_in(newcomer).get("/me/").text


def test_the_way_on_leads_to_no_foreign_site(newcomer: User) -> None:
    browser = signed_in(newcomer)
    assert "evil.example" not in browser.get(f"{PAGE}?next=https://evil.example/").text
    answer = browser.post(PAGE, {"agree": fingerprint(VERSION), "next": "//evil.example/"})
    assert answer.headers["Location"] == "/"


def test_ana_withdraws_on_her_profile_and_what_she_did_stays(cast: Cast) -> None:
    (entry,) = cast.submitted(cast.ana)
    ana = signed_in(cast.ana_user)
    page = ana.get("/me/consent/withdraw/").text
    assert "kept on paper" in page and "stays on the record" in page
    assert ana.post("/me/consent/withdraw/").headers["Location"] == "/me/"
    assert "You withdrew your consent on" in ana.get("/me/").text
    assert acts_of(cast.ana_user) == ["consent.give", "consent.withdraw"]
    entry.refresh_from_db()
    assert entry.status == "submitted"
    Consent.objects.give(cast.ana_user, now=NOW)
    assert Consent.objects.in_force(cast.ana_user)


def test_ana_cannot_submit_her_week_without_it_and_is_led_to_the_text(cast: Cast) -> None:
    (draft,) = cast.log(cast.ana)
    Consent.objects.withdraw(cast.ana_user, now=NOW)
    week = f"/apprentices/{cast.ana.uid}/week/"
    ana = signed_in(cast.ana_user)
    address = reverse("week-submit", args=[cast.ana.uid, "2026-11-16"])
    answer = ana.post(address, headers={"referer": f"http://testserver{week}"})
    assert (answer.status_code, answer["Location"]) == (302, f"{PAGE}?next={week.replace('/', '%2F')}")
    status, problem = Rest(cast.ana_user).post(f"hours/{draft.uid}/submit/")
    assert (status, problem["code"]) == (403, "consent_needed")
    draft.refresh_from_db()
    assert draft.status == "draft"


def test_drafts_are_not_on_the_record_and_need_no_consent(cast: Cast) -> None:
    Consent.objects.withdraw(cast.ana_user, now=NOW)
    asked = log(cast)
    assert Rest(cast.ana_user).post(asked.path, asked.body)[0] == 201


def test_marcus_keeps_the_reason_he_typed_when_he_has_not_agreed(cast: Cast) -> None:
    (entry,) = cast.submitted(cast.ana)
    Consent.objects.withdraw(cast.marcus, now=NOW)
    asked = review(cast, entry, "return", entry=[str(entry.uid)], reason="Was this 2b?")
    answer = signed_in(cast.marcus).post(asked.address, asked.form)
    page = plain(answer.content)
    assert answer.status_code == 403
    assert "Agree to electronic records first" in page and "Was this 2b?" in page
    assert HoursEntry.objects.get().status == "submitted"
    assert Rest(cast.marcus).post(f"hours/{entry.uid}/approve/")[1]["code"] == "consent_needed"


def test_marcus_keeps_his_ratings_when_he_has_not_agreed(cast: Cast) -> None:
    asked = sign(cast, note="Audited twelve charts.")
    Consent.objects.withdraw(cast.marcus, now=NOW)
    answer = signed_in(cast.marcus).post(asked.address, asked.form)
    page = plain(answer.content)
    assert "Agree to electronic records first" in page and "Audited twelve charts." in page
    assert Rest(cast.marcus).post(asked.path, asked.body)[1]["code"] == "consent_needed"
    assert not SignOff.objects.exists()


def test_a_signature_is_not_taken_back_without_it(cast: Cast) -> None:
    (row, *_) = cast.sign(cast.ana, "2g")
    Consent.objects.withdraw(cast.marcus, now=NOW)
    path = f"sign-offs/{row.uid}/withdraw/"
    status, problem = Rest(cast.marcus).post(path, {"reason": "Wrong chart."})
    assert (status, problem["code"]) == (403, "consent_needed")
    assert SignOff.objects.standing().filter(pk=row.pk).exists()


def office_acts(cast: Cast) -> dict[str, dict[str, object]]:
    """What Nora decides about registrations, by address, as she types it."""
    day = "2026-11-20"
    (row,) = cast.ana.mentorships.filter(mentor=cast.marcus)
    ana, program = [cast.ana.uid], [cast.program.uid]
    return {
        reverse("status-change", args=[*ana, "suspended"]): {
            "effective_on": day,
            "reason": "Typed with care",
            "confirm": "",
        },
        reverse("probation", args=ana): {"outcome": "passed", "reason": "Typed with care"},
        reverse("mentor-assign", args=ana): {"mentor": cast.lena.pk, "starts_on": day},
        reverse("mentor-end", args=[row.uid]): {"ends_on": day},
        reverse("stand-in", args=[row.uid]): {
            "mentor": cast.lena.pk,
            "starts_on": day,
            "ends_on": day,
            "apprentices": [cast.ana.pk],
        },
        reverse("enrol", args=program): {
            "name": "Typed with care",
            "email": "eli@example.org",
            "started_on": day,
        },
        reverse("enrol-list", args=program): {"people": f"Typed with care <eli@example.org>, {day}"},
    }


def test_nora_decides_nothing_on_a_record_without_it_and_keeps_what_she_typed(cast: Cast) -> None:
    Apprentice.objects.everyone().update(probation_ends_on="2026-12-01")
    Consent.objects.withdraw(cast.nora, now=NOW)
    before = Entry.objects.count()
    nora = signed_in(cast.nora)
    for address, typed in office_acts(cast).items():
        page = plain(nora.post(address, typed).content)
        assert "Agree to electronic records first" in page, address
        assert ("Typed with care" in page) == ("Typed with care" in str(typed)), address
    assert Entry.objects.count() == before
    assert not User.objects.filter(email="eli@example.org").exists()


def test_nora_decides_once_she_agreed(cast: Cast) -> None:
    Apprentice.objects.everyone().update(probation_ends_on="2026-12-01")
    nora = signed_in(cast.nora)
    for address, typed in office_acts(cast).items():
        before = Entry.objects.count()
        assert "Agree to electronic records first" not in nora.post(address, typed).text
        assert Entry.objects.count() > before or "stand-in" in address or "list" in address, address


@pytest.mark.parametrize("change", [{"given": False}, {"version": 1}, {"at": NOW}])
def test_the_database_refuses_to_change_what_was_agreed(cast: Cast, change: dict[str, Any]) -> None:
    for attempt in (Consent.objects.all().delete, lambda: Consent.objects.update(**change)):
        with pytest.raises(IntegrityError), transaction.atomic():
            attempt()


def test_the_ledger_tells_who_agreed_to_which_text(cast: Cast) -> None:
    entry = Entry.objects.get(chain__subject=cast.marcus.uid, act="consent.give")
    given = Consent.objects.get(user=cast.marcus)
    assert (entry.actor, entry.object, entry.at) == (cast.marcus.uid, given.uid, given.at)
    assert isinstance(entry.object, UUID) and fingerprint(VERSION) in entry.payload.body


@pytest.mark.parametrize("change", ["given = NOT given", "version = 7", "at = '2026-02-02'"])
def test_an_altered_consent_is_found(cast: Cast, change: str) -> None:
    given = Consent.objects.get(user=cast.marcus)
    triggers.remove(connection)
    with connection.cursor() as cursor:
        cursor.execute(f"UPDATE accounts_consent SET {change} WHERE id = %s", [given.pk])
    (line,) = [str(one) for one in record.compare()]
    assert f"record of person {cast.marcus.uid}, row {given.uid}" in line


def test_a_consent_that_was_forged_or_lost_is_found(cast: Cast) -> None:
    forged = Consent.objects.create(user=cast.ana_user, given=True, version=1, text_sha256="0" * 64, at=NOW)
    lost = Consent.objects.get(user=cast.marcus)
    triggers.remove(connection)
    lost.delete()
    lines = [str(one) for one in record.compare()]
    assert any(str(forged.uid) in line and "knows nothing of it" in line for line in lines)
    assert any(str(lost.uid) in line and "the row is gone" in line for line in lines)
    assert len(lines) == 2


def test_consents_given_and_withdrawn_are_no_difference(cast: Cast) -> None:
    Consent.objects.withdraw(cast.marcus, now=NOW)
    Consent.objects.give(cast.marcus, now=NOW)
    assert list(record.compare()) == []
