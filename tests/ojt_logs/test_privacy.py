"""Patient information: hidden at once, taken out by two people, and the chain still verifies."""

from typing import Any

import pytest
from django.db import IntegrityError, transaction

from accounts.models import IdempotencyKey
from accounts.refusals import Conflict, NotAllowed, Refusal
from ledger import verification
from ledger.models import Payload
from ledger.tombstones import Tombstone
from ojt_logs import record
from ojt_logs.models import Authentication, Evidence, HoursEntry, PrivacyReport, Rating, SignOff
from ojt_logs.models.course_results import Outcome
from tests.api.client import Rest
from tests.cast import NOW, TODAY, Cast
from tests.ojt_logs.pages import noon, signed_in, text_of
from tests.ojt_logs.test_files import attach, entry, sql
from tests.ojt_logs.test_imports import ANA, brought, uploaded

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("noon")]
__all__ = ["entry", "noon"]

NAMED = "Chart of Mrs Vandermeer"
MADE_UP = Tombstone.over("ab" * 32)


@pytest.fixture
def hours(cast: Cast) -> HoursEntry:
    """Approved hours of Ana's with a patient in the note."""
    (row,) = cast.approved(cast.ana, cast.ojt(note=NAMED))
    return HoursEntry.objects.get(pk=row.pk)


def report(cast: Cast, row: Any, *, about: str = "entry", by: str = "marcus") -> PrivacyReport:
    return PrivacyReport.objects.report(about, row, by=getattr(cast, by), now=NOW, why="A patient's name")


def whole() -> bool:
    return not list(record.compare()) and not list(verification.verify())


def test_what_is_reported_is_gone_from_every_page_and_file_at_once(cast: Cast, hours: HoursEntry) -> None:
    own = f"/apprentices/{cast.ana.uid}"
    pages = {
        cast.nora: [f"/hours/{hours.uid}/", f"{own}/hours/", f"{own}/hours/?as=csv", f"{own}/progress/2g/"],
        cast.ana_user: ["/", f"/hours/{hours.uid}/", f"{own}/hours/?as=csv"],
        cast.marcus: [f"/review/{cast.ana.uid}/2026-11-16/", "/api/v1/hours/"],
    }

    def said() -> str:
        asked = [(person, path) for person, paths in pages.items() for path in paths]
        return "".join(_read(signed_in(person).get(path)) for person, path in asked)

    assert said().count(NAMED) > 3
    report(cast, hours)
    assert NAMED not in said()
    page = text_of(signed_in(cast.ana_user), f"/hours/{hours.uid}/")
    assert "Hidden because of patient information" in page
    assert whole()


def _read(response: Any) -> str:
    content = b"".join(response) if response.streaming else response.content
    return str(content.decode())


def test_a_coordinator_and_a_second_person_take_it_out(cast: Cast, hours: HoursEntry) -> None:
    row = report(cast, hours)
    row.agree(by=cast.marcus, now=NOW)
    assert (row.outcome, row.text) == ("", NAMED)
    with pytest.raises(NotAllowed):
        row.agree(by=cast.marcus, now=NOW)  # not twice
    row.agree(by=cast.nora, now=NOW)
    row.refresh_from_db()
    assert (row.outcome, row.text, row.decided_by) == ("redacted", "", cast.nora)
    hours.refresh_from_db()
    assert hours.note == row.stone and str(row.sha256[:8]) in hours.note
    assert whole()
    with pytest.raises(Conflict, match="decided a moment ago"):
        row.show_again(by=cast.nora, now=NOW, words="It was a street.")


def test_two_without_a_coordinator_take_nothing_out(cast: Cast, hours: HoursEntry) -> None:
    row = report(cast, hours)
    row.agree(by=cast.marcus, now=NOW)
    with pytest.raises(NotAllowed, match="one of them a coordinator"):
        row.agree(by=cast.ana_user, now=NOW)
    for stranger in (cast.olga, cast.ben_user, cast.priya, cast.ruth):
        with pytest.raises(NotAllowed):
            row.agree(by=stranger, now=NOW)


def test_the_coordinator_shows_again_what_was_harmless(cast: Cast, hours: HoursEntry) -> None:
    row = report(cast, hours)
    with pytest.raises(Refusal):
        row.show_again(by=cast.nora, now=NOW, words=" ")
    with pytest.raises(NotAllowed):
        row.show_again(by=cast.marcus, now=NOW, words="A street, no patient.")
    row.show_again(by=cast.nora, now=NOW, words="A street, no patient.")
    hours.refresh_from_db()
    assert hours.note == NAMED
    assert whole()


def _signed_with_a_note(cast: Cast) -> SignOff:
    standard = cast.competency("2g").standards.all()[0]
    return SignOff.objects.record(
        cast.ana,
        by=cast.marcus,
        now=NOW,
        authentication=Authentication("password", NOW),
        method="reviewed",
        observed_from=TODAY,
        observed_to=TODAY,
        ratings=[Rating(standard, cast.level(4))],
        note=NAMED,
    )[0]


def test_notes_of_signatures_and_results_go_the_same_way(cast: Cast) -> None:
    signed = _signed_with_a_note(cast)
    (graded,) = cast.grade(Outcome(cast.ana, True, "A", f"{NAMED}, again"))
    for about, subject in (("sign_off", signed), ("course_result", graded)):
        row = report(cast, subject, about=about, by="nora")
        row.agree(by=cast.nora, now=NOW)
        row.agree(by=cast.ana_user, now=NOW)
        subject.refresh_from_db()
        assert subject.note == row.stone
    assert whole()


def test_a_file_is_hidden_then_deleted_and_its_hash_stays(
    cast: Cast, entry: HoursEntry, django_capture_on_commit_callbacks: Any
) -> None:
    file = attach(cast, entry)
    entry.move("submit", by=cast.ana_user, now=NOW)
    entry.move("approve", by=cast.marcus, now=NOW)
    row = report(cast, file, about="evidence")
    assert signed_in(cast.ana_user).get(f"/evidence/{file.uid}/").status_code == 404
    row.agree(by=cast.nora, now=NOW)
    with django_capture_on_commit_callbacks(execute=True):
        row.agree(by=cast.marcus, now=NOW)
    assert not file.file.storage.exists(file.file.name)
    assert Evidence.objects.get().sha256 == row.sha256 and whole()


def test_nothing_is_reported_twice_and_a_draft_is_changed(cast: Cast, hours: HoursEntry) -> None:
    report(cast, hours)
    with pytest.raises(Conflict, match="hidden or taken off already"):
        report(cast, hours)
    (draft,) = cast.log(cast.ana, cast.ojt("1a", note=NAMED))
    with pytest.raises(Conflict, match="change its note"):
        report(cast, draft, by="ana_user")


def test_a_returned_note_is_not_written_again_while_hidden(cast: Cast) -> None:
    (row,) = cast.submitted(cast.ana, cast.ojt(note=NAMED))
    row.move("return", by=cast.marcus, now=NOW, reason="A name is in it.")
    report(cast, row)
    page = signed_in(cast.ana_user).post(
        f"/hours/{row.uid}/edit/", {"date": "2026-11-20", "about": "2g", "minutes": "8h", "note": NAMED}
    )
    assert "Leave it empty" in page.content.decode()
    row.move("submit", by=cast.ana_user, now=NOW)
    assert whole()


def test_the_database_lets_words_go_only_with_their_hash(cast: Cast, hours: HoursEntry) -> None:
    for statement in (
        "UPDATE ojt_logs_hoursentry SET note = ''",
        "UPDATE ojt_logs_hoursentry SET note = 'other'",
        f"UPDATE ojt_logs_hoursentry SET correction_reason = '{MADE_UP}'",
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            sql(statement)
    sql(f"UPDATE ojt_logs_hoursentry SET note = '{MADE_UP}'")
    assert any("knows of no report" in str(found) for found in record.compare())


def test_a_decided_report_is_never_changed(cast: Cast, hours: HoursEntry) -> None:
    row = report(cast, hours)
    with pytest.raises(IntegrityError), transaction.atomic():
        sql("UPDATE ojt_logs_privacyreport SET why = 'other'")
    row.agree(by=cast.nora, now=NOW)
    row.agree(by=cast.marcus, now=NOW)
    for statement in ("UPDATE ojt_logs_privacyreport SET words = 'x'", "DELETE FROM ojt_logs_privacyreport"):
        with pytest.raises(IntegrityError), transaction.atomic():
            sql(statement)


def test_it_is_done_on_the_pages(cast: Cast, hours: HoursEntry) -> None:
    marcus, nora = signed_in(cast.marcus), signed_in(cast.nora)
    form = f"/privacy/report/entry/{hours.uid}/"
    assert "Say what is in it" in marcus.post(form, {"why": ""}).content.decode()
    told = marcus.post(form, {"why": "A patient's name"}, follow=True)
    row = PrivacyReport.objects.get()
    assert told.redirect_chain[-1][0] == f"/privacy/{row.uid}/" and NAMED not in told.content.decode()
    assert "Decide about it" in text_of(nora, f"/programs/{cast.program.uid}/")
    assert "Note of hours</b> of Ana Reyes" in text_of(nora, "/privacy/")
    assert NAMED in text_of(nora, f"/privacy/{row.uid}/")  # who decides may read it
    agree = f"/privacy/{row.uid}/agree/"
    assert "A second person has to agree" in nora.post(agree, follow=True).content.decode()
    assert "Taken out for good" in marcus.post(agree, follow=True).content.decode()
    assert "Nothing is hidden at the moment" in text_of(nora, "/privacy/")
    assert signed_in(cast.olga).get(f"/privacy/{row.uid}/").status_code == 404
    assert SignOff.objects.count() == 0


def test_words_that_are_hidden_are_exchanged_in_no_other_part_of_an_answer(cast: Cast) -> None:
    ana = Rest(cast.ana_user)
    about = {"apprentice": str(cast.ana.uid), "kind": "ojt", "date": str(TODAY), "job_function": 2}
    said = {**about, "minutes": 60, "note": "draft"}
    first = ana.post("hours/", said, key="one")[1]
    (other,) = cast.submitted(cast.ben, cast.ojt(note="draft"))
    kept = {"user": cast.olga, "key": "k", "method": "POST", "path": "/", "status": 200, "created_at": NOW}
    theirs = IdempotencyKey.objects.create(**kept, body='{"note": "draft"}')
    assert (first["status"], first["note"]) == ("draft", "draft")
    entry = HoursEntry.objects.get(apprentice=cast.ana)
    entry.move("submit", by=cast.ana_user, now=NOW)
    row = report(cast, entry)
    assert ana.post("hours/", said, key="one") == (201, first | {"note": str(row.stone)})
    theirs.refresh_from_db()
    other.refresh_from_db()
    assert (theirs.body, other.note) == ('{"note": "draft"}', "draft")


def test_taking_out_a_word_of_the_ledgers_own_empties_none_of_its_entries(cast: Cast) -> None:
    (entry,) = cast.submitted(cast.ana, cast.ojt(note="submitted"))
    row = report(cast, entry)
    row.agree(by=cast.marcus, now=NOW)
    row.agree(by=cast.nora, now=NOW)
    assert not Payload.objects.filter(entry__chain__subject=cast.ana.uid).exclude(erased_at=None).exists()
    assert whole()


def test_the_same_words_again_are_a_matter_of_the_first_report(cast: Cast, hours: HoursEntry) -> None:
    first = report(cast, hours)
    (again,) = cast.submitted(cast.ana, cast.ojt(note=NAMED, minutes=30))
    assert report(cast, again).pk == first.pk
    first.agree(by=cast.marcus, now=NOW)
    first.agree(by=cast.nora, now=NOW)
    (third,) = cast.submitted(cast.ana, cast.ojt(note=NAMED, minutes=20))
    second = report(cast, third)
    with pytest.raises(Conflict, match="took these words out"):
        second.show_again(by=cast.nora, now=NOW, words="A street.")
    assert not HoursEntry.objects.filter(note=NAMED).exists()
    assert whole()


def test_a_file_of_hours_stays_once_one_of_its_notes_was_reported(cast: Cast) -> None:
    batch = brought(cast, uploaded([*ANA[:-1], NAMED])).batch
    report(cast, HoursEntry.objects.get())
    assert batch
    with pytest.raises(Conflict, match="so the file stays"):
        batch.undo(by=cast.nora, now=NOW)
    assert whole()


def test_a_draft_stays_once_one_of_its_files_was_reported(cast: Cast, entry: HoursEntry) -> None:
    row = attach(cast, entry)
    entry.move("submit", by=cast.ana_user, now=NOW)
    report(cast, row, about="evidence")
    entry.move("recall", by=cast.ana_user, now=NOW)
    with pytest.raises(Conflict, match="stays on the record"):
        entry.remove(by=cast.ana_user)
    assert whole()
