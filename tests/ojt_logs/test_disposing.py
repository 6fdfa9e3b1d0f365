"""Past retention two people take names and words out; hours, totals and chains stay and verify."""

import hashlib
from collections.abc import Iterator
from datetime import UTC, date, datetime
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib.sessions.models import Session
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.urls import reverse

from accounts.models import ApiToken, DeviceKey, IdempotencyKey, Invitation, SignIn, User
from accounts.refusals import Conflict, NotAllowed, Refusal
from apprenticeship.models import Apprentice, LegalHold
from apprenticeship.storages import kept
from ledger import chain, triggers, verification
from ledger.canonical import canonical
from ledger.tombstones import ERASED
from ojt_logs import attesting, disposing, other_records, record, staying
from ojt_logs.models import (
    Authentication,
    Certificate,
    Disposal,
    ErasureRequest,
    Evidence,
    HoursEntry,
    HoursTotal,
    PrivacyReport,
    SignOff,
)
from ojt_logs.models.course_results import Outcome
from ojt_logs.models.reviews import Said
from reports.models import ReportRun
from tests.accounts.test_second_step import app_of, code
from tests.cast import NOW, PASSWORD, Cast, _join, _user
from tests.ojt_logs.pages import noon, signed_in, text_of
from tests.ojt_logs.test_files import photo
from tests.ojt_logs.test_outside import attested
from tests.ojt_logs.test_periodic_reviews import hold
from tests.ojt_logs.test_requests import ask

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("noon")]
__all__ = ["noon"]

LATER = datetime(2031, 11, 21, 18, tzinfo=UTC)
FRESH = Authentication("password", LATER)
NAME, MAIL, SECRET = "Ana Reyes", "ana@example.org", "Zinnober"


@pytest.fixture
def nils(cast: Cast) -> User:
    """The second coordinator of Lakeside."""
    return _join(_user("Nils Oak"), cast.lakeside, "coordinator")


@pytest.fixture
def files(tmp_path: Path, settings: Any) -> Iterator[Path]:
    settings.MEDIA_ROOT = tmp_path / "files"
    yield settings.MEDIA_ROOT


def fill(cast: Cast) -> None:
    """A record with Ana's name, address and a secret word wherever somebody can write one."""
    note = f"{SECRET} {NAME}"
    (row,) = cast.submitted(cast.ana, cast.ojt(note=note))
    Evidence.objects.attach(
        row, by=cast.ana_user, now=NOW, file=BytesIO(photo()), size=999, name=f"{NAME}.jpg"
    )
    row.refresh_from_db()
    row.move("approve", by=cast.marcus, now=NOW)
    cast.approved(cast.ana, cast.ri())
    back, taken_back = cast.submitted(cast.ana, cast.ojt(minutes=30), cast.ojt("1b", minutes=20))
    back.move("return", by=cast.marcus, now=NOW, reason=note)
    taken_back.move("recall", by=cast.ana_user, now=NOW)
    HoursEntry.objects.filter(pk=taken_back.pk).delete()
    cast.sign(cast.ana, "2g")
    cast.grade(Outcome(cast.ana, True, "A", note))
    ask(cast, note=note).decline(by=cast.marcus, now=NOW, reason=note)
    attesting.decline(attested(cast), by=cast.marcus, now=NOW, reason=note)
    hold(cast, said=Said(progress=note, conduct=note, safety=note, instruction=note, aims=note))
    cast.ana.registration_number = f"{SECRET}-7"
    cast.ana.save()
    cast.ana.record("apprentice.facts", by=cast.nora, now=NOW)
    said = {"method": "POST", "path": "/", "body_hash": "", "status": 201}
    IdempotencyKey.objects.create(
        user=cast.nora, key="k", body=f'{{"name": "{NAME}", "e": "{MAIL}"}}', **said
    )
    Invitation.objects.issue(MAIL, now=NOW, sponsor=cast.lakeside, role="mentor", name=NAME)
    PrivacyReport.objects.report("entry", row, by=cast.marcus, now=NOW, why=f"A name: {SECRET}")
    run = ReportRun.objects.start(by=cast.nora, now=NOW, document="hours", apprentice=cast.ana)
    claimed = ReportRun.objects.claim(run.pk, now=NOW)
    assert claimed
    kept().put(claimed.kept_as, NAME.encode())
    claimed.finish(file_name=f"{NAME}.pdf", sha256="0" * 64, size=9, told={cast.ana.uid: "0" * 64}, now=NOW)
    cast.ana.change_status("cancelled", effective_on=NOW.date(), reason=note, by=cast.nora, now=NOW)


def everything() -> str:
    """Every row of every table, and every file that is kept, as text."""
    found = []
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f'SELECT * FROM "{table}"')
            found += [f"{table}: {row}" for row in cursor.fetchall()]
    for path in Path(settings.MEDIA_ROOT).rglob("*"):
        if path.is_file():
            found.append(f"{path}: {path.read_bytes().decode('latin-1')}")
    return "\n".join(found)


def whole() -> list[str]:
    return [str(one) for one in (*record.compare(), *verification.verify())]


def proposed(cast: Cast, *rows: Apprentice) -> Disposal:
    return disposing.propose(cast.lakeside, rows or [cast.ana], by=cast.nora, now=LATER)


def test_after_it_nothing_names_ana_and_hours_totals_and_chains_stay(
    cast: Cast, nils: User, files: Path, django_capture_on_commit_callbacks: Any
) -> None:
    fill(cast)
    assert whole() == []
    counted = list(HoursTotal.objects.order_by("pk").values())
    length = chain.entries_of(cast.ana.uid).count()
    row = proposed(cast)
    with django_capture_on_commit_callbacks(execute=True):
        disposing.confirm(row, by=nils, now=LATER, authentication=FRESH)
    left = everything()
    assert [line for line in left.splitlines() if any(word in line for word in (NAME, MAIL, SECRET))] == []
    assert whole() == []
    assert list(HoursTotal.objects.order_by("pk").values()) == counted
    line = Certificate.objects.get()
    assert (line.entries, line.ojt_minutes, line.files) == (length + 1, 480, 1)
    ana = User.objects.get(pk=cast.ana_user.pk)
    assert ana.name == f"Person {ana.uid.hex[:4]}" and not ana.is_active and not ana.has_usable_password()
    assert SignOff.objects.filter(apprentice=cast.ana)[0].signer_name == "Marcus Webb"
    assert HoursEntry.objects.filter(apprentice=cast.ana, status="approved", kind="ojt").get().note == ERASED
    page = text_of(signed_in(cast.nora), reverse("disposal", args=[row.uid]))
    assert "Disposal certificate" in page and line.head[:16] in page
    for name in ("registration", "progress", "hours", "sign-offs", "registration-history", "credit"):
        assert ana.name in text_of(signed_in(cast.nora), reverse(name, args=[cast.ana.uid]))


def test_nobody_confirms_what_they_proposed_and_nothing_goes_before_its_day(cast: Cast, nils: User) -> None:
    cast.ana.change_status("cancelled", effective_on=NOW.date(), reason="Moved", by=cast.nora, now=NOW)
    too_early = datetime(2031, 11, 20, 18, tzinfo=UTC)
    with pytest.raises(Conflict, match="kept through"):
        disposing.propose(cast.lakeside, [cast.ana], by=cast.nora, now=too_early)
    row = proposed(cast)
    for person in (cast.nora, cast.marcus, cast.ruth, cast.olga, cast.ana_user):
        with pytest.raises(NotAllowed):
            disposing.confirm(row, by=person, now=LATER, authentication=FRESH)
    with pytest.raises(NotAllowed, match="password"):
        disposing.confirm(row, by=nils, now=LATER, authentication=Authentication("password", NOW))
    LegalHold.objects.place(cast.lakeside, by=cast.nora, now=LATER, reason="Case 8")
    with pytest.raises(Conflict, match="legal hold"):
        disposing.confirm(row, by=nils, now=LATER, authentication=FRESH)
    assert not Certificate.objects.exists()
    with pytest.raises(IntegrityError), transaction.atomic():
        Disposal.objects.filter(pk=row.pk).update(
            state="confirmed", confirmed_by=cast.nora, confirmed_at=LATER
        )
    with pytest.raises(NotAllowed):
        disposing.propose(cast.lakeside, [cast.chen], by=cast.nora, now=LATER)


def test_the_name_stays_while_another_record_or_a_role_needs_it(cast: Cast, nils: User) -> None:
    _join(cast.ana_user, cast.harbor, "mentor")
    cast.ana.change_status("cancelled", effective_on=NOW.date(), reason="Moved", by=cast.nora, now=NOW)
    disposing.confirm(proposed(cast), by=nils, now=LATER, authentication=FRESH)
    cast.ana_user.refresh_from_db()
    assert cast.ana_user.name == NAME and whole() == []
    assert all(
        entry.payload.body == "" for entry in chain.entries_of(cast.ana.uid).filter(act="apprentice.facts")
    )


def test_a_request_is_refused_with_its_ground_while_retention_lasts_and_granted_after(
    cast: Cast, nils: User, django_capture_on_commit_callbacks: Any
) -> None:
    request = disposing.ask(cast.ana_user, cast.lakeside, by=cast.ana_user, now=NOW, words="Please")
    with pytest.raises(Conflict, match="asked already"):
        disposing.ask(cast.ana_user, cast.lakeside, by=cast.ana_user, now=NOW)
    with pytest.raises(Conflict, match="goes on"):
        disposing.decide(request, grant=True, why="Fine", by=cast.nora, now=NOW)
    cast.ana.change_status("cancelled", effective_on=NOW.date(), reason="Moved", by=cast.nora, now=NOW)
    for wrong in (cast.ana_user, cast.marcus, cast.ruth, cast.olga):
        with pytest.raises(NotAllowed):
            disposing.decide(request, grant=False, why="No", by=wrong, now=NOW)
    with pytest.raises(Refusal, match="legal ground"):
        disposing.decide(request, grant=False, why=" ", by=cast.nora, now=NOW)
    disposing.decide(request, grant=False, why="29 CFR 30.12", by=cast.nora, now=NOW)
    request = ErasureRequest.objects.get()
    assert (request.decision, request.due_on) == ("refused", date(2031, 11, 21))
    with pytest.raises(Refusal, match="letter"):
        disposing.ask(cast.ana_user, cast.lakeside, by=cast.nora, now=LATER)
    again = disposing.ask(
        cast.ana_user, cast.lakeside, by=cast.nora, now=LATER, words=f"Letter of {NAME}, folder 12"
    )
    row = disposing.decide(again, grant=True, why="It is time", by=cast.nora, now=LATER)
    assert row and row.request == again
    with django_capture_on_commit_callbacks(execute=True):
        disposing.confirm(row, by=nils, now=LATER, authentication=FRESH)
    assert not any(word in everything() for word in (NAME, MAIL)) and whole() == []


def test_a_mentor_is_forgotten_when_no_record_with_words_names_them(cast: Cast, nils: User) -> None:
    cast.sign(cast.ana, "2g")
    for person in (cast.ana, cast.ben):
        person.change_status("cancelled", effective_on=NOW.date(), reason="Moved", by=cast.nora, now=NOW)
    cast.marcus.memberships.update(ends_on=date(2030, 1, 1))
    request = disposing.ask(cast.marcus, cast.lakeside, by=cast.marcus, now=LATER)
    granted = disposing.decide(request, grant=True, why="He left", by=cast.nora, now=LATER)
    assert granted
    disposing.confirm(granted, by=nils, now=LATER, authentication=FRESH)
    cast.marcus.refresh_from_db()
    assert cast.marcus.name == "Marcus Webb"  # Ana's record has words, and his signature
    disposing.confirm(proposed(cast, cast.ana, cast.ben), by=nils, now=LATER, authentication=FRESH)
    assert "Marcus Webb" not in everything() and "marcus@example.org" not in everything()
    assert SignOff.objects.filter(apprentice=cast.ana)[0].signer_name == ERASED
    assert whole() == []


def test_nothing_is_left_with_which_ana_could_come_in_or_that_tells_where_she_did(
    cast: Cast, nils: User, files: Path
) -> None:
    fill(cast)
    secret = app_of(cast.ana_user)
    phone, waiting = Client(headers={"User-Agent": "Mozilla/5.0 (Android) Chrome/140"}), Client()
    phone.post("/accounts/login/", {"login": cast.ana_user.email, "password": PASSWORD})
    phone.post("/accounts/2fa/authenticate/", {"code": code(secret)})
    assert phone.get(f"/apprentices/{cast.ana.uid}/week/").status_code == 200
    waiting.force_login(cast.ana_user)
    ApiToken.objects.issue(cast.ana_user, name="x", scopes=["read"], days=9, now=NOW)
    DeviceKey.objects.of(cast.ana_user)
    disposing.confirm(proposed(cast), by=nils, now=LATER, authentication=FRESH)
    for model in (Authenticator, UserSession, SignIn, ApiToken, DeviceKey, EmailAddress):
        assert not model.objects.filter(user=cast.ana_user).exists(), model
    assert phone.session.session_key is None or not Session.objects.filter(pk=phone.session.session_key)
    for client in (phone, waiting):
        assert client.get(f"/apprentices/{cast.ana.uid}/week/")["Location"].startswith("/accounts/login/")


def test_triggers_let_through_that_act_and_nothing_else(cast: Cast, nils: User) -> None:
    cast.sign(cast.ana, "2g")
    cast.ana.change_status("cancelled", effective_on=NOW.date(), reason="Moved", by=cast.nora, now=NOW)
    disposing.confirm(proposed(cast), by=nils, now=LATER, authentication=FRESH)
    for statement in (
        "UPDATE ojt_logs_signoff SET signer_name = 'Olga'",
        "UPDATE ojt_logs_signoff SET signer_role = 'Erased'",
        "UPDATE ojt_logs_certificate SET entries = 1",
        "DELETE FROM ojt_logs_disposal",
        "UPDATE ojt_logs_disposal SET state = 'open', confirmed_at = NULL, confirmed_by_id = NULL",
    ):
        with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)


def test_the_form_of_what_stays_is_never_changed(cast: Cast) -> None:
    """Digests of it are in ledgers for ever. Whoever adds a column makes a form of another number."""
    columns = [(name, list(names)) for name, _, names in staying._stays(cast.ana)]
    shape = hashlib.sha256(canonical(columns).encode()).hexdigest()
    assert (staying.FORM, shape[:16]) == ("1", "96e7b5ae99070faf")
    form, _, digest = staying.digest_of(cast.ana).partition(":")
    assert staying.is_as_told(cast.ana, f"{form}:{digest}") and staying.is_as_told(cast.ana, digest)


def test_a_request_that_nobody_made_or_decided_is_named(cast: Cast) -> None:
    disposing.ask(cast.ana_user, cast.lakeside, by=cast.ana_user, now=NOW, words="Please")
    assert list(other_records.compare()) == []
    forged = {"person": cast.ben_user, "asked_by": cast.ben_user, "asked_at": NOW}
    ErasureRequest.objects.create(sponsor=cast.lakeside, **forged)
    (unknown,) = other_records.compare()
    assert unknown.subject == cast.ben_user.uid and "knows nothing of this" in unknown.problem
    said = {"decision": "granted", "decided_by": cast.nora, "decided_at": NOW, "why": "Forged"}
    ErasureRequest.objects.filter(person=cast.ana_user).update(**said)
    assert {one.subject for one in other_records.compare()} == {cast.ana_user.uid, cast.ben_user.uid}


def test_what_stays_cannot_be_altered_either(cast: Cast, nils: User) -> None:
    """The entries are empty: the one of the disposal says what the rows said."""
    cast.approved(cast.ana, cast.ojt(minutes=60))
    cast.sign(cast.ana, "2g")
    cast.ana.change_status("cancelled", effective_on=NOW.date(), reason="Moved", by=cast.nora, now=NOW)
    disposing.confirm(proposed(cast), by=nils, now=LATER, authentication=FRESH)
    triggers.remove(connection)
    for statement in (
        "UPDATE ojt_logs_hoursentry SET minutes = 600",
        "UPDATE ojt_logs_hoursentry SET reviewed_by_id = created_by_id",
        "UPDATE ojt_logs_signoff SET observed_to = '2027-01-01'",
        "DELETE FROM ojt_logs_hoursentry",
    ):
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)
            assert any("not what stayed at its disposal" in problem for problem in whole()), statement
            transaction.set_rollback(True)
    assert whole() == []


def test_words_erased_without_the_act_show(cast: Cast) -> None:
    cast.sign(cast.ana, "2g")
    SignOff.objects.filter(apprentice=cast.ana).update(signer_name=ERASED)
    assert any("signer" in problem for problem in whole())
    with pytest.raises(IntegrityError), transaction.atomic():
        SignOff.objects.filter(apprentice=cast.ana).update(signer_name="Marcus Webb")


def test_two_coordinators_do_it_on_the_pages(cast: Cast, nils: User, time_machine: Any) -> None:
    cast.ana.change_status("cancelled", effective_on=NOW.date(), reason="Moved", by=cast.nora, now=NOW)
    asked = signed_in(cast.ana_user).post(reverse("erasure"), {"sponsor": cast.lakeside.uid})
    assert asked.status_code == 302
    assert "to be decided" in text_of(signed_in(cast.ana_user), reverse("erasure"))
    nora, second = signed_in(cast.nora), signed_in(nils)
    page = reverse("erasure-request", args=[ErasureRequest.objects.get().uid])
    assert NAME in text_of(nora, reverse("keeping", args=[cast.lakeside.uid]))
    assert "kept through Nov 20, 2031" in nora.post(page, {"decision": "grant", "why": "x"}).text
    assert nora.post(page, {"decision": "refuse", "why": "29 CFR 30.12"}).status_code == 302
    assert "possible from Nov 21, 2031" in text_of(signed_in(cast.ana_user), reverse("erasure"))
    time_machine.move_to(LATER, tick=False)
    nora, second = signed_in(cast.nora), signed_in(nils)
    keeping = reverse("keeping", args=[cast.lakeside.uid])
    assert str(cast.ana.uid) in nora.get(keeping).text
    sent = nora.post(reverse("disposal-propose", args=[cast.lakeside.uid]), {"people": [str(cast.ana.uid)]})
    row = Disposal.objects.get()
    assert sent["Location"] == reverse("disposal", args=[row.uid])
    assert "Enter your password" not in text_of(nora, sent["Location"])
    confirm = reverse("disposal-confirm", args=[row.uid])
    assert nora.post(confirm, {"password": PASSWORD}).status_code == 403
    assert second.post(confirm, {"password": "wrong"}).status_code == 400
    assert second.post(confirm, {"password": PASSWORD}).status_code == 302
    assert NAME not in text_of(second, sent["Location"])
    assert "Nothing. Every record here" in text_of(nora, keeping)
