"""What apprentice and reviewer say to each other about an entry: it stays, and only they say it."""

import uuid

import pytest
from django.db import DatabaseError, connection, transaction
from django.urls import reverse

from accounts.refusals import NotAllowed
from ledger import triggers
from ledger.models import Payload
from ojt_logs import record
from ojt_logs.models import Comment, HoursEntry, InvalidTransition, Notice, PrivacyReport
from tests.api.client import Rest
from tests.at_once import at_once
from tests.cast import NOW, Cast
from tests.ojt_logs.pages import noon, queries, signed_in, text_of
from tests.ojt_logs.test_review import address, press, shown

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("noon")]
__all__ = ["noon"]


@pytest.fixture
def entry(cast: Cast) -> HoursEntry:
    (one,) = cast.submitted(cast.ana, cast.ojt(minutes=60))
    return one


def at(entry: HoursEntry) -> str:
    return reverse("hours-entry", args=[entry.uid])


def say(entry: HoursEntry, by: object, words: str, uid: uuid.UUID | None = None) -> Comment:
    return Comment.objects.add(entry, by=by, words=words, now=NOW, uid=uid)  # type: ignore[arg-type]


def test_marcus_asks_and_ana_answers_on_the_page_of_the_entry(cast: Cast, entry: HoursEntry) -> None:
    for person, words in ((cast.marcus, "Was this 2b?"), (cast.ana_user, "Both, 2g mostly.")):
        typed = {"words": words, "key": uuid.uuid4()}
        answer = signed_in(person).post(f"{at(entry)}comments/", typed)
        assert answer["Location"] == f"{at(entry)}#conversation"
    for reader in (cast.ana_user, cast.marcus, cast.nora, cast.ruth):
        page = text_of(signed_in(reader), at(entry))
        assert page.index("Was this 2b?") < page.index("Both, 2g mostly.")
    assert "Was this 2b?" in text_of(signed_in(cast.marcus), address("week", cast.ana))


def test_only_who_logs_and_reviews_speaks_and_who_sees_nothing_reads_nothing(
    cast: Cast, entry: HoursEntry
) -> None:
    for person in (cast.nora, cast.ruth, cast.lena, cast.olga, cast.ben_user):
        with pytest.raises(NotAllowed):
            say(entry, person, "Hm.")
    say(entry, cast.marcus, "Fine.")
    assert not Comment.objects.visible_to(cast.olga).exists()
    assert not Comment.objects.visible_to(cast.lena).exists()
    assert "Write to each other" not in text_of(signed_in(cast.nora), at(entry))
    typed = {"words": "Hm.", "key": uuid.uuid4()}
    assert signed_in(cast.nora).post(f"{at(entry)}comments/", typed).status_code == 403


def test_each_is_told_of_the_other_and_not_of_what_was_said(cast: Cast, entry: HoursEntry) -> None:
    say(entry, cast.marcus, "Chart of 4?")
    say(entry, cast.ana_user, "No.")
    told = {notice.person: notice for notice in Notice.objects.filter(about="commented")}
    assert set(told) == {cast.ana_user, cast.marcus}
    assert told[cast.ana_user].words == "Marcus Webb wrote about hours of Nov 20."
    assert told[cast.ana_user].path == f"{at(entry)}#conversation"


def test_every_reason_of_a_return_stays(cast: Cast, entry: HoursEntry) -> None:
    for reason in ("Which chart?", "Still not clear."):
        press(cast, "return", entry, entry=shown(entry), reason=reason)
        page = text_of(signed_in(cast.ana_user), reverse("hours-edit", args=[entry.uid]))
        assert f"<p>“{reason}”" in page
        entry.refresh_from_db()
        entry.move("submit", by=cast.ana_user, now=NOW)
    page = text_of(signed_in(cast.ana_user), at(entry))
    assert page.count("Which chart?") == page.count("Still not clear.") == 2, "in conversation and history"
    week = text_of(signed_in(cast.marcus), address("week", cast.ana))
    assert "Marcus Webb returned it on Nov 20: “Which chart?”" in week and "Still not clear." in week
    assert list(record.compare()) == []


def test_a_whole_week_is_returned_with_one_mark(cast: Cast) -> None:
    entries = cast.submitted(cast.ana, cast.ojt(minutes=60), cast.ojt("2a", minutes=60))
    assert "All 2 entries" in text_of(signed_in(cast.marcus), address("week", cast.ana))
    press(cast, "return", *entries, all="on", reason="Wrong week?")
    assert set(HoursEntry.objects.values_list("status", flat=True)) == {"returned"}
    assert Comment.objects.filter(note="Wrong week?", returned=True).count() == 2


def test_the_mark_of_all_without_a_reason_asks_for_one_and_stays(cast: Cast) -> None:
    entries = cast.submitted(cast.ana, cast.ojt(minutes=60), cast.ojt("2a", minutes=60))
    answer = press(cast, "approve", *entries, all="on", reason=" ")
    assert answer.status_code == 400 and b'id="all" checked' in answer.content
    assert set(HoursEntry.objects.values_list("status", flat=True)) == {"submitted"}


def test_what_is_said_cannot_be_changed_or_deleted(cast: Cast, entry: HoursEntry) -> None:
    row = say(entry, cast.marcus, "Was this 2b?")
    for act in (lambda: Comment.objects.update(note="Never"), row.delete):
        with pytest.raises(DatabaseError), transaction.atomic():
            act()
    assert Comment.objects.get().note == "Was this 2b?"


def test_the_ledger_holds_a_hash_and_names_what_was_altered(cast: Cast, entry: HoursEntry) -> None:
    say(entry, cast.marcus, "Was this 2b?")
    entry.move("return", by=cast.marcus, now=NOW, reason="Which chart?")
    assert not Payload.objects.filter(body__contains="Was this").exists()
    assert list(record.compare()) == []
    triggers.remove(connection)
    with connection.cursor() as cursor:
        cursor.execute("UPDATE ojt_logs_comment SET note = 'x'")
    problems = [str(one) for one in record.compare()]
    assert len(problems) == 2
    assert any("otherwise about note_sha256" in one for one in problems)
    assert any("keeps another reason" in one for one in problems)


def test_a_page_sent_twice_says_it_once(cast: Cast, entry: HoursEntry) -> None:
    typed = {"words": "Was this 2b?", "key": uuid.uuid4()}
    for _ in range(2):
        assert signed_in(cast.marcus).post(f"{at(entry)}comments/", typed).status_code == 302
    assert Comment.objects.count() == 1


def test_four_at_once_say_it_once(transactional_db: None, cast: Cast) -> None:
    (one,) = cast.submitted(cast.ana, cast.ojt(minutes=60))
    key = uuid.uuid4()
    assert len(set(at_once(*[lambda: say(one, cast.marcus, "Was this 2b?", key).pk] * 4))) == 1
    assert list(record.compare()) == []


def test_a_draft_that_was_spoken_of_stays_and_one_never_sent_is_not_spoken_of(
    cast: Cast, entry: HoursEntry
) -> None:
    (draft,) = cast.log(cast.ana, cast.ojt("1a", minutes=30))
    with pytest.raises(NotAllowed):
        say(draft, cast.ana_user, "To myself.")
    say(entry, cast.marcus, "Was this 2b?")
    entry.move("recall", by=cast.ana_user, now=NOW)
    with pytest.raises(InvalidTransition):
        entry.remove(by=cast.ana_user)
    assert "Delete this draft" not in text_of(signed_in(cast.ana_user), at(entry))


def test_a_comment_that_names_a_patient_is_hidden_at_once_and_taken_out_by_two(
    cast: Cast, entry: HoursEntry
) -> None:
    row = say(entry, cast.marcus, "Chart of Mrs Vandermeer?")
    report = PrivacyReport.objects.report("comment", row, by=cast.ana_user, now=NOW, why="A patient's name")
    for person, path in ((cast.ana_user, at(entry)), (cast.marcus, address("week", cast.ana))):
        page = text_of(signed_in(person), path)
        assert "Vandermeer" not in page and "idden because of patient information" in page
    report.agree(by=cast.marcus, now=NOW)
    report.agree(by=cast.nora, now=NOW)
    assert not PrivacyReport.objects.exclude(text="").exists()
    assert list(record.compare()) == []
    assert Rest(cast.ana_user).get(f"hours/{entry.uid}/comments/")[1][0]["words"] == report.stone


def test_nothing_is_no_comment(cast: Cast, entry: HoursEntry) -> None:
    answer = signed_in(cast.marcus).post(f"{at(entry)}comments/", {"words": " ", "key": uuid.uuid4()})
    assert answer.status_code == 400 and b"Write something first." in answer.content


def test_a_week_with_much_talk_asks_as_often_as_one_with_little(cast: Cast, entry: HoursEntry) -> None:
    say(entry, cast.marcus, "1")
    marcus = signed_in(cast.marcus)
    few = queries(marcus, address("week", cast.ana)), queries(marcus, at(entry))
    for number in range(5):
        (another,) = cast.submitted(cast.ana, cast.ojt("2a", minutes=10))
        say(another, cast.ana_user, str(number))
        say(entry, cast.marcus, str(number))
    assert (queries(marcus, address("week", cast.ana)), queries(marcus, at(entry))) == few


def test_rest_reads_and_says_with_the_same_rules(cast: Cast, entry: HoursEntry) -> None:
    path, key = f"hours/{entry.uid}/comments/", str(uuid.uuid4())
    for _ in range(2):
        status, said = Rest(cast.marcus).post(path, {"words": "Was this 2b?", "id": key})
        assert (status, said["id"], said["by"], said["returned"]) == (201, key, "Marcus Webb", False)
    assert [one["words"] for one in Rest(cast.ana_user).get(path)[1]] == ["Was this 2b?"]
    assert Rest(cast.nora).post(path, {"words": "Hm."})[0] == 403
    assert Rest(cast.lena).get(path)[0] == Rest(cast.olga).post(path, {"words": "Hm."})[0] == 404
    assert Rest(cast.marcus).post(path, {"words": " "})[0] == 400


def test_an_id_that_names_another_comment_is_refused(cast: Cast, entry: HoursEntry) -> None:
    said = Comment.objects.add(entry, by=cast.marcus, words="Which unit?", now=NOW)
    answer = Rest(cast.ana_user).post(
        f"hours/{entry.uid}/comments/", {"id": str(said.uid), "words": "4 West"}
    )
    assert (answer[0], answer[1]["code"]) == (409, "id_taken")
