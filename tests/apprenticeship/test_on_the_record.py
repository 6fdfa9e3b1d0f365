"""Facts, elections, classes and programs: each act has its entry, each row is held against it."""

import re
from collections.abc import Iterator
from importlib import import_module
from typing import Any

import pytest
from django.apps import apps
from django.conf import settings
from django.db import connection
from django.urls import reverse

from accounts.models import Consent
from apprenticeship.history import _Words
from apprenticeship.models import Amendment, Apprentice, Class, Employer, Program, WageStep
from competencies.models import Competency
from competencies.versions import begin_draft, issue
from ledger import chain
from ledger.models import Entry
from ojt_logs import amendments, record
from tests.apprenticeship.test_for_registration import ROWS, sent
from tests.apprenticeship.test_programs import settings_of
from tests.cast import CANARY, NOW, STARTED, TODAY, Cast
from tests.ojt_logs.pages import noon, queries, signed_in, text_of

pytestmark = pytest.mark.django_db
__all__ = ["noon"]


@pytest.fixture(autouse=True)
def at_noon(noon: object) -> Iterator[None]:
    yield


def found() -> list[str]:
    return [str(one) for one in record.compare()]


def newest(subject: Any) -> Entry:
    entry = chain.entries_of(subject.uid).last()
    assert entry
    return entry


def words(subject: Any) -> dict[str, Any]:
    content = newest(subject).payload.content
    assert content
    return content


def change_facts(cast: Cast, **more: str) -> None:
    said = {"registration_number": "", "expected_end_on": "", "employer": ""} | more
    answer = signed_in(cast.nora).post(reverse("registration-facts", args=[cast.ana.uid]), said)
    assert answer.status_code == 302


def test_employer_number_and_planned_end_are_on_the_record(cast: Cast) -> None:
    north = Employer.objects.create(sponsor=cast.lakeside, name="North Clinic")
    change_facts(cast, employer=str(north.pk), registration_number="TX-1", expected_end_on="2027-02-01")
    entry = newest(cast.ana)
    assert (entry.act, entry.actor, entry.object) == ("apprentice.facts", cast.nora.uid, cast.ana.uid)
    said = words(cast.ana)
    assert (said["employer"], said["registration_number"]) == (str(north.uid), "TX-1")
    assert said["expected_end_on"] == "2027-02-01" and found() == []


def test_what_was_saved_unchanged_leaves_no_entry(cast: Cast) -> None:
    before = [newest(cast.ana).sequence, newest(cast.program).sequence]
    change_facts(cast)
    nora = signed_in(cast.nora)
    nora.post(reverse("program-settings", args=[cast.program.uid]), settings_of(cast.program))
    nora.post(reverse("program-elections", args=[cast.program.uid]), {})
    nora.post(
        reverse("class", args=[cast.klass.uid]),
        {"starts_on": STARTED.isoformat(), "ends_on": "", "roster": [cast.ana.pk, cast.ben.pk]},
    )
    assert [newest(cast.ana).sequence, newest(cast.program).sequence] == before


def test_what_somebody_else_changed_meanwhile_is_not_told_as_it_was(cast: Cast) -> None:
    """This object of Ana's registration, and of the program, is older than the change."""
    change_facts(cast, registration_number="TX-1")
    cast.ana.elect([cast.function(5)], [], by=cast.nora, now=NOW)
    nora = signed_in(cast.nora)
    nora.post(reverse("program-settings", args=[cast.program.uid]), settings_of(cast.program, name="Coders"))
    cast.program.elect([cast.function(5)], [], by=cast.nora, now=NOW)
    assert words(cast.ana)["registration_number"] == "TX-1" and words(cast.program)["name"] == "Coders"
    assert found() == []


def test_elections_are_on_the_record_of_whom_they_concern(cast: Cast) -> None:
    fifth, nora = cast.function(5), signed_in(cast.nora)
    nora.post(reverse("registration-elections", args=[cast.ana.uid]), {f"function-{fifth.lineage}": "on"})
    assert newest(cast.ana).act == "apprentice.elections"
    assert words(cast.ana)["elected_functions"] == [str(fifth.lineage)]
    nora.post(reverse("program-elections", args=[cast.program.uid]), {f"function-{fifth.lineage}": "on"})
    assert (newest(cast.program).act, newest(cast.program).actor) == ("program.elections", cast.nora.uid)
    assert words(cast.program)["elected_functions"] == [str(fifth.lineage)] and found() == []


def test_settings_and_wage_steps_are_on_the_record_of_the_program(cast: Cast) -> None:
    nora = signed_in(cast.nora)
    nora.post(reverse("program-settings", args=[cast.program.uid]), settings_of(cast.program, name="Coders"))
    assert (newest(cast.program).act, words(cast.program)["name"]) == ("program.settings", "Coders")
    nora.post(reverse("for-registration", args=[cast.program.uid]), sent(ROWS))
    said = words(cast.program)
    assert (said["ratio_journeyworkers"], said["selection_procedure"]) == (2, "Interviews, scored.")
    assert [step["percent"] for step in said["wage_steps"]] == ["60.00", "72.50", None] and found() == []


def test_a_program_begins_its_record_with_who_started_it(cast: Cast) -> None:
    program = Program.objects.start(
        cast.lakeside, cast.program.schedule, by=cast.nora, now=NOW, name="Second", approach="competency"
    )
    assert (newest(program).act, newest(program).actor) == ("program.start", cast.nora.uid)


def test_a_place_on_a_roster_and_its_end_are_on_the_record(cast: Cast) -> None:
    before = newest(cast.ben).sequence
    cast.klass.change(starts_on=STARTED, ends_on=None, roster=[cast.ben], by=cast.nora, now=NOW)
    assert (newest(cast.ana).act, words(cast.ana)["attends"]) == ("apprentice.class", False)
    assert newest(cast.ben).sequence == before, "Ben's place is as it was"
    cast.klass.change(starts_on=STARTED, ends_on=TODAY, roster=[cast.ben], by=cast.nora, now=NOW)
    assert words(cast.ben)["ends_on"] == "2026-11-20" and newest(cast.ben).actor == cast.nora.uid
    assert (newest(cast.program).act, words(cast.program)["ends_on"]) == ("program.class", "2026-11-20")
    assert "attends" not in words(cast.ana) or not words(cast.ana)["attends"]
    assert found() == [] and list(chain.verify()) == []


def test_who_has_not_agreed_to_electronic_records_writes_none(cast: Cast) -> None:
    before = newest(cast.ana).sequence
    Consent.objects.withdraw(cast.nora, now=NOW)
    nora = signed_in(cast.nora)
    said = {"starts_on": "2026-02-02", "ends_on": "2026-12-01", "roster": [cast.ana.pk]}
    for name, row, typed in (
        ("registration-facts", cast.ana, {"registration_number": "TX-1"}),
        ("registration-elections", cast.ana, {f"function-{cast.function(5).lineage}": "on"}),
        ("class", cast.klass, said),
    ):
        answer = nora.post(reverse(name, args=[row.uid]), typed)
        assert answer.headers["Location"].startswith("/me/consent/"), name
    assert newest(cast.ana).sequence == before and found() == []


ALTERED = [
    ("registration_number = 'X'", "apprenticeship_apprentice", "ana", "registration_number"),
    ("employer_id = %s", "apprenticeship_apprentice", "ana", "employer"),
    ("term_months = 3", "apprenticeship_program", "program", "term_months"),
    ("ends_on = '2026-11-20'", "apprenticeship_class", "klass", "ends_on"),
]


@pytest.mark.parametrize(("change", "table", "whose", "fact"), ALTERED)
def test_an_altered_row_is_named(cast: Cast, change: str, table: str, whose: str, fact: str) -> None:
    north = Employer.objects.create(sponsor=cast.lakeside, name="North Clinic")
    row = getattr(cast, whose)
    values = [north.pk, row.pk] if "%s" in change else [row.pk]
    with connection.cursor() as cursor:
        cursor.execute(f"UPDATE {table} SET {change} WHERE id = %s", values)
    assert any(str(row.uid) in line and f"otherwise about {fact}" in line for line in found())


def test_who_was_slipped_onto_a_roster_or_taken_off_is_named(cast: Cast) -> None:
    second = cast.program.schedule.courses.get(position=2)
    forged = Class.objects.create(program=cast.program, course=second, instructor=cast.priya, starts_on=TODAY)
    forged.roster.add(cast.ana)
    cast.klass.roster.remove(cast.ben)
    lines = found()
    assert any(f"program {cast.program.uid}, row {forged.uid}" in line for line in lines)
    assert any(f"registration {cast.ana.uid}, row {forged.uid}" in line for line in lines)
    assert any(f"registration {cast.ben.uid}" in line and "row is gone" in line for line in lines)
    assert len(lines) == 3


def test_elections_by_plain_statements_are_named(cast: Cast) -> None:
    cast.program.elected_functions.add(cast.function(5))
    cast.ana.elected_functions.add(cast.function(5))
    WageStep.objects.create(program=cast.program, number=1, percent=60)
    lines = found()
    assert any("program" in line and "elected_functions, wage_steps" in line for line in lines)
    assert any(f"registration {cast.ana.uid}" in line and "elected_functions" in line for line in lines)


def test_what_was_there_before_gets_its_entries_when_the_site_is_upgraded(cast: Cast) -> None:
    program = Program.objects.create(
        sponsor=cast.lakeside, name="Old", schedule=cast.program.schedule, approach="competency"
    )
    WageStep.objects.create(program=program, number=1, percent=60)
    taught = Class.objects.create(
        program=program, course=cast.klass.course, instructor=cast.priya, starts_on=STARTED
    )
    taught.roster.add(cast.ana)
    Apprentice.objects.filter(pk=cast.ben.pk).update(registration_number="TX-9")
    assert len(found()) == 4
    name = "0008_programs_registrations_classes_on_the_record"
    upgrade = import_module(f"apprenticeship.migrations.{name}")
    for _ in range(2):
        upgrade.tell(apps, connection.schema_editor())
    assert found() == list(chain.verify()) == []
    (told,) = chain.entries_of(program.uid).filter(object=program.uid)
    assert (told.act, told.actor) == ("program.settings", None)


def history(cast: Cast, who: Any) -> str:
    return text_of(signed_in(who), reverse("registration-history", args=[cast.ana.uid]))


def test_the_history_tells_it_in_plain_words(cast: Cast) -> None:
    north = Employer.objects.create(sponsor=cast.lakeside, name="North Clinic")
    change_facts(cast, employer=str(north.pk), registration_number="TX-1", expected_end_on="2027-02-01")
    cast.ana.elect([cast.function(5)], [], by=cast.nora, now=NOW)
    cast.ana.elect([], [cast.competency("5a")], by=cast.nora, now=NOW)
    cast.klass.change(starts_on=STARTED, ends_on=TODAY, roster=[cast.ana], by=cast.nora, now=NOW)
    cast.klass.change(starts_on=STARTED, ends_on=TODAY, roster=[], by=cast.nora, now=NOW)
    cast.ana.mentorships.get().end(on=TODAY, by=cast.nora, now=NOW)
    change_facts(cast)
    cast.ana.change_status("suspended", effective_on=TODAY, reason="Leave.", by=cast.nora, now=NOW)
    text = history(cast, cast.ana_user)
    for sentence in (
        "Registered from Feb 2, 2026",
        "Marcus Webb assigned as mentor from Feb 2, 2026 on",
        "On the roster of MC 101 Medical coding I with Priya Nair, from Feb 2, 2026 on",
        "Employer: North Clinic",
        "Registration number: TX-1",
        "Planned last day: Feb 1, 2027",
        "Elected: job function 5. ",
        "No longer elected: job function 5. ",
        "Elected: 5a ",
        "MC 101 Medical coding I is taught from Feb 2, 2026 to Nov 20, 2026",
        "No longer on the roster of MC 101 Medical coding I",
        "Marcus Webb is mentor from Feb 2, 2026 to Nov 20, 2026",
        "Employer: Lakeside Health",
        "Registration number: none",
        "Planned last day: as the term of the program says",
        "Suspended from Nov 20, 2026",
        "“Leave.”",
    ):
        assert sentence in text, sentence
    assert text.index("Suspended from") < text.index("Registered from") and "Nora Bell" in text


def test_the_history_of_one_is_nothing_of_another(cast: Cast) -> None:
    where = reverse("registration-history", args=[cast.ana.uid])
    assert CANARY not in history(cast, cast.nora)
    assert signed_in(cast.olga).get(where).status_code == 404
    assert signed_in(cast.marcus).get(where).status_code == 403


def test_the_history_never_speaks_with_the_words_of_another_sponsors_schedule(cast: Cast) -> None:
    """What both copied from one public schedule has the same lineage in both."""
    cast.ana.elect([cast.function(2)], [cast.competency("2g")], by=cast.nora, now=NOW)
    draft = begin_draft(cast.other_program.schedule, sponsor=cast.harbor)
    theirs = draft.job_functions.get(number=2)
    assert theirs.lineage == cast.function(2).lineage
    draft.job_functions.filter(pk=theirs.pk).update(number=9, title=f"{CANARY} work")
    Competency.objects.filter(job_function=theirs).update(code="9g")
    draft.courses.update(lineage=cast.klass.course.lineage)
    for who in (cast.nora, cast.ana_user):
        text = history(cast, who)
        assert "Elected: 2g " in text and "job function 2. " in text
        assert "On the roster of MC 101" in text and CANARY not in text


def test_the_history_speaks_of_every_version_that_the_registration_had(cast: Cast) -> None:
    after = begin_draft(cast.program.schedule, sponsor=cast.lakeside)
    course = after.courses.create(title="Ethics", code="MC 9", position=9)
    after.job_functions.filter(number=2).update(title="Codes charts")
    issue(after, by=cast.nora, now=NOW)
    cast.ana.elect([cast.function(2)], [], by=cast.nora, now=NOW)
    Class.objects.begin(
        cast.program, course, cast.priya, starts_on=STARTED, roster=[cast.ana], by=cast.nora, now=NOW
    )
    assert "Elected: job function 2. Codes charts" not in history(cast, cast.nora)
    offer = Amendment.objects.propose(cast.ana, after, effective_on=TODAY, by=cast.nora, now=NOW)
    before = cast.function(2).title
    assert f"Elected: job function 2. {before}" in history(cast, cast.nora)
    amendments.acknowledge(offer, by=cast.ana_user, now=NOW)
    text = history(cast, cast.nora)
    assert "Elected: job function 2. Codes charts" in text and "On the roster of MC 9 Ethics" in text


def test_the_history_asks_as_much_for_a_long_record(cast: Cast) -> None:
    client, where = signed_in(cast.nora), reverse("registration-history", args=[cast.ana.uid])
    cast.ana.elect([cast.function(5)], [], by=cast.nora, now=NOW)
    before = queries(client, where)
    for number in range(5):
        change_facts(cast, registration_number=f"TX-{number}")
        cast.ana.elect([cast.function(5)] if number % 2 else [], [], by=cast.nora, now=NOW)
    assert queries(client, where) == before


def test_erased_words_are_told_as_erased_and_read_as_nothing_altered(cast: Cast) -> None:
    change_facts(cast, registration_number="TX-1")
    cast.klass.change(starts_on=STARTED, ends_on=None, roster=[cast.ben], by=cast.nora, now=NOW)
    for act in ("apprentice.facts", "apprentice.class"):
        entry = chain.entries_of(cast.ana.uid).filter(act=act).last()
        assert entry
        chain.erase(entry, by=cast.nora.uid, at=NOW, reason="Wrong person.")
    assert found() == []
    assert "The words of this act were erased" in history(cast, cast.ana_user)


def test_every_act_on_a_registration_has_words_in_its_history() -> None:
    packages = [settings.BASE_DIR / name for name in ("apprenticeship", "ojt_logs", "accounts", "reports")]
    sources = [path.read_text() for package in packages for path in package.rglob("*.py")]
    named = re.compile(r'(?:act=|record\(|ACT = |ATTENDING = )"apprentice\.(\w+)"')
    acts = {act for source in sources for act in named.findall(source)}
    assert acts >= {"register", "facts", "amendment", "class", "mentor"}
    assert [act for act in sorted(acts) if not hasattr(_Words, f"_{act}")] == []
