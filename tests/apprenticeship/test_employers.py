"""A coordinator or auditor may be limited to one employer: they find its apprentices, and nobody else."""

import io
from collections.abc import Callable, Iterator

import pytest
import time_machine
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse
from openpyxl import load_workbook

from accounts.models import Membership, Sponsor, User
from accounts.refusals import Refusal
from apprenticeship.models import Apprentice, Employer, Mentorship, Program
from ojt_logs.models import HoursEntry, SignOff
from reports import documents
from reports.models import ReportRun
from reports.workbook import Everything
from tests.api.client import Rest
from tests.cast import CANARY, NOW, STARTED, TODAY, Cast
from tests.ojt_logs.pages import plain

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def that_friday() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


def works_for(apprentice: Apprentice, name: str) -> Employer:
    """The employer of that name at the apprentice's sponsor, who employs them from now on."""
    employer, _ = Employer.objects.get_or_create(sponsor=apprentice.program.sponsor, name=name)
    apprentice.employer = employer
    apprentice.save(update_fields=["employer"])
    return employer


def limited(cast: Cast, person: User, employer: Employer | None, role: str = "coordinator") -> Membership:
    return Membership.objects.create(
        user=person, sponsor=cast.lakeside, employer=employer, role=role, starts_on=STARTED
    )


@pytest.fixture(params=["coordinator", "auditor"])
def ruth(request: pytest.FixtureRequest, cast: Cast) -> User:
    """Ruth coordinates or audits for North Clinic alone, which employs Ana; Ben works elsewhere."""
    north = works_for(cast.ana, "North Clinic")
    works_for(cast.ben, "South Clinic")
    works_for(cast.chen, f"North Clinic {CANARY}")
    Membership.objects.filter(user=cast.ruth).update(employer=north, role=request.param)
    for one in (cast.ana, cast.ben):
        cast.submitted(one)
        cast.sign(one, "2g")
    return cast.ruth


def pages(cast: Cast) -> dict[str, Callable[[Apprentice], str]]:
    return {
        name: lambda one, name=name: reverse(name, args=[one.uid])  # type: ignore[misc]
        for name in ("progress", "hours", "api-progress", "api-apprentices-detail")
    }


def status(person: User, path: str) -> int:
    phone = Client()
    phone.force_login(person)
    return phone.get(path).status_code


def test_whoever_is_limited_to_an_employer_finds_its_apprentices_alone(cast: Cast, ruth: User) -> None:
    for find in (Apprentice.objects.visible_to, Apprentice.objects.record_visible_to):
        assert set(find(ruth)) == {cast.ana}
        assert set(find(cast.nora)) == {cast.ana, cast.ben}
    assert {entry.apprentice for entry in HoursEntry.objects.visible_to(ruth)} == {cast.ana}
    assert {row.apprentice for row in SignOff.objects.visible_to(ruth)} == {cast.ana}


def test_other_employers_apprentices_answer_like_what_does_not_exist(cast: Cast, ruth: User) -> None:
    for path in pages(cast).values():
        assert [status(ruth, path(one)) for one in (cast.ana, cast.ben, cast.chen)] == [200, 404, 404]
    for one, answer in ((cast.ana, 200), (cast.ben, 404)):
        row = SignOff.objects.filter(apprentice=one)[0]
        assert status(ruth, reverse("sign-off", args=[row.uid])) == answer


def test_the_board_counts_and_shows_the_employers_own(cast: Cast, ruth: User, client: Client) -> None:
    client.force_login(ruth)
    board = client.get(reverse("program", args=[cast.program.uid])).text
    assert "Ana Reyes" in board and "Ben Ortiz" not in board
    assert "1 active apprentice<" in client.get(reverse("programs")).text
    assert client.get("/").headers["Location"] == reverse("program", args=[cast.program.uid])
    assert status(ruth, reverse("program", args=[cast.other_program.uid])) == 404


def test_lists_over_rest_hold_the_employers_own(cast: Cast, ruth: User) -> None:
    rest = Rest(ruth)
    for asked in ({}, {"program": str(cast.program.uid)}, {"state": "active"}):
        people = rest.get("apprentices/", **asked)[1]["results"]
        assert [one["name"] for one in people] == ["Ana Reyes"]
    for name in ("hours/", "sign-offs/"):
        rows = rest.get(name)[1]["results"]
        assert rows and {row["apprentice"] for row in rows} == {str(cast.ana.uid)}
    assert rest.get("hours/", apprentice=str(cast.ben.uid))[1].get("results", []) == []


def test_papers_about_everybody_are_for_whole_sponsors(cast: Cast, ruth: User, client: Client) -> None:
    theirs = ReportRun.objects.start(by=cast.nora, now=NOW, document="progress", program=cast.program)
    assert theirs not in ReportRun.objects.visible_to(ruth)
    limited(cast, cast.lena, None, "auditor")
    assert theirs in ReportRun.objects.visible_to(cast.lena)
    assert status(ruth, reverse("report", args=[theirs.uid])) == 404
    client.force_login(ruth)
    for about, answer in (
        ({"program": cast.program.uid}, 403),
        ({"apprentice": cast.ben.uid}, 404),
        ({"apprentice": cast.ana.uid}, 302),
    ):
        sent = client.post(reverse("report-start"), {"document": "progress", **about})
        assert sent.status_code == answer
    choices = client.get(reverse("reports")).text
    assert "Ana Reyes" in choices and "Ben Ortiz" not in choices and "Everybody in" not in choices


# ---- Papers about the apprentices of one employer


def papers_of(cast: Cast, by: User, employer: Employer | None) -> dict[str, str]:
    """What each paper about a program says, by document; of the workbook every cell."""
    what = {"by": by, "now": NOW, "program": cast.program, "employer": employer}
    found = {}
    for kind in ("progress", "summary"):
        document = documents.of(ReportRun.objects.start(document=kind, **what), now=NOW)
        found[kind] = "".join([document.title, document.file_name, *(page() for page in document.sections)])
    book, file = Everything(ReportRun.objects.start(document="workbook", **what), now=NOW), io.BytesIO()
    book.write(step=lambda percent: None).save(file)
    sheets = load_workbook(file).worksheets
    cells = [str(cell) for sheet in sheets for row in sheet.iter_rows(values_only=True) for cell in row]
    found["workbook"] = "; ".join([book.file_name, *cells])
    return {kind: plain(text.encode()) for kind, text in found.items()}


def test_papers_about_an_employers_apprentices_hold_nothing_of_others(cast: Cast, ruth: User) -> None:
    cast.approved(cast.ana, cast.ojt("1a", minutes=420))
    cast.approved(cast.ben, cast.ojt("1a", minutes=301))
    cast.ben.change_status("suspended", effective_on=TODAY, reason="Leave of his own.", by=cast.nora, now=NOW)
    north = cast.ana.employer
    for kind, text in papers_of(cast, ruth, north).items():
        assert "apprentices at North Clinic" in text, kind
        assert "apprentices-at-north-clinic" in text and "Ana Reyes" in text
        for others in ("Ben Ortiz", "South Clinic", "his own", "; 301;", "5 h 1 min", "12 h 1 min", CANARY):
            assert others not in text, (kind, others)
    whole = papers_of(cast, cast.nora, None)
    for kind, text in whole.items():
        assert "Ben Ortiz" in text and "apprentices at" not in text, kind
    for told in ("5 h 1 min", "12 h 1 min"):
        assert told in whole["progress"] and told in whole["summary"]
    assert "; 301;" in whole["workbook"]
    assert papers_of(cast, cast.nora, north).keys() == whole.keys()


def test_a_file_for_each_is_of_the_employers_own(cast: Cast, ruth: User) -> None:
    run = ReportRun.objects.start(
        by=ruth, now=NOW, document="hours", program=cast.program, employer=cast.ana.employer, for_each=True
    )
    assert documents.people_of(run, now=NOW) == [cast.ana]


def test_who_is_limited_asks_about_its_own_employer_alone(cast: Cast, ruth: User, client: Client) -> None:
    client.force_login(ruth)
    north, south, theirs = (one.employer for one in (cast.ana, cast.ben, cast.chen))
    assert north and south and theirs

    def asked(**words: object) -> int:
        said = {"document": "progress", "program": cast.program.uid, "employer": north.uid, **words}
        return client.post(reverse("report-start"), said).status_code

    assert asked() == 302
    assert asked(employer=south.uid) == asked(employer=theirs.uid) == 404
    assert asked(program=cast.other_program.uid) == 404
    assert asked(document="schedule") == 400
    assert asked(program="", about=f"each:{cast.program.uid}:{north.uid}") == 302
    page = client.get(reverse("reports")).text
    assert "Medical coders, apprentices at North Clinic" in page and "South Clinic" not in page
    rest = Rest(ruth)
    words = {"document": "summary", "program": str(cast.program.uid)}
    assert rest.post("reports/", words | {"employer": str(north.uid)})[0] == 202
    assert rest.post("reports/", words | {"employer": str(south.uid)})[0] == 400
    assert rest.post("reports/", words)[0] == 403


def test_a_paper_about_an_employer_is_seen_by_those_of_it_and_of_the_whole(cast: Cast, ruth: User) -> None:
    run = ReportRun.objects.start(
        by=ruth, now=NOW, document="progress", program=cast.program, employer=cast.ana.employer
    )
    limited(cast, cast.lena, cast.ben.employer)
    for person, sees in ((ruth, True), (cast.nora, True), (cast.lena, False), (cast.olga, False)):
        assert (run in ReportRun.objects.visible_to(person)) is sees
    Membership.objects.filter(user=ruth).update(employer=cast.ben.employer)
    assert run not in ReportRun.objects.visible_to(ruth)
    with pytest.raises(documents.CannotBuild):
        documents.of(run, now=NOW)


def test_an_employer_of_another_sponsor_is_refused_for_a_program(cast: Cast, ruth: User) -> None:
    what = {"by": cast.nora, "now": NOW, "document": "progress"}
    for more in ({"program": cast.program, "employer": cast.chen.employer}, {"apprentice": cast.ana}):
        with pytest.raises(Refusal) as refused:
            ReportRun.objects.start(**what | {"employer": cast.ana.employer} | more)
        assert refused.value.field == "employer"


def test_pages_and_files_of_a_program_say_whose_they_are(cast: Cast, ruth: User, client: Client) -> None:
    client.force_login(ruth)
    for name in ("program", "program-hours", "program-sign-offs"):
        page = client.get(reverse(name, args=[cast.program.uid]))
        assert "Only apprentices at North Clinic, in the list and in every figure." in page.text
        assert "Ana Reyes" in page.text and "Ben Ortiz" not in page.text and "South Clinic" not in page.text
        sent = client.get(f"{reverse(name, args=[cast.program.uid])}?format=csv")
        assert "medical-coders-apprentices-at-north-clinic" in sent["Content-Disposition"]
        assert b"Ben Ortiz" not in b"".join(sent)
    board = client.get(reverse("program", args=[cast.program.uid])).text
    assert f'name="employer" value="{cast.ana.employer.uid}"' in board  # type: ignore[union-attr]
    assert reverse("people", args=[cast.lakeside.uid]) not in board
    cast.lakeside.memberships.create(user=ruth, role="mentor", starts_on=STARTED)
    Mentorship.objects.create(apprentice=cast.ben, mentor=ruth, starts_on=STARTED)
    board = client.get(reverse("program", args=[cast.program.uid])).text
    assert "Only apprentices at North Clinic and those you mentor, in" in board and "Ben Ortiz" in board
    client.force_login(cast.nora)
    assert "Only apprentices at" not in client.get(reverse("program", args=[cast.program.uid])).text


def test_whoever_was_of_the_whole_loses_what_they_had_asked_for_about_everybody(cast: Cast) -> None:
    mine = ReportRun.objects.start(by=cast.nora, now=NOW, document="progress", program=cast.program)
    Membership.objects.filter(user=cast.nora).update(employer=works_for(cast.ana, "North Clinic"))
    assert mine not in ReportRun.objects.visible_to(cast.nora)


def test_one_who_works_nowhere_is_found_by_the_whole_sponsor_alone(cast: Cast, ruth: User) -> None:
    Apprentice.objects.update(employer=None)
    assert not Apprentice.objects.visible_to(ruth).exists()
    assert Apprentice.objects.visible_to(cast.nora).count() == 2


def test_a_wider_office_widens_and_an_ended_one_shows_nobody(cast: Cast, ruth: User) -> None:
    narrow = Membership.objects.get(user=ruth)
    wide = limited(cast, ruth, None, "auditor")
    assert set(Apprentice.objects.visible_to(ruth)) == {cast.ana, cast.ben}
    Membership.objects.filter(pk__in=[narrow.pk, wide.pk]).update(ends_on=STARTED)
    assert not Apprentice.objects.visible_to(ruth).exists()


def test_an_employer_of_another_sponsor_opens_nothing(cast: Cast, ruth: User) -> None:
    theirs = works_for(cast.chen, f"North Clinic {CANARY}")
    held = limited(cast, cast.marcus, theirs)
    assert cast.chen not in Apprentice.objects.visible_to(cast.marcus)
    with pytest.raises(ValidationError, match="Choose an employer of Lakeside Health"):
        held.full_clean()
    cast.ben.employer = theirs
    cast.ben.save(update_fields=["employer"])
    limited_there = Membership.objects.get(user=cast.olga)
    Membership.objects.filter(pk=limited_there.pk).update(employer=theirs)
    assert set(Apprentice.objects.visible_to(cast.olga)) == {cast.chen}


def test_a_mentors_employer_takes_nobody_from_them(cast: Cast, ruth: User) -> None:
    Membership.objects.filter(user=cast.marcus).update(employer=cast.ana.employer)
    assert set(Apprentice.objects.visible_to(cast.marcus)) == {cast.ana, cast.ben}


def test_who_is_limited_runs_neither_sponsor_nor_program(cast: Cast, ruth: User) -> None:
    assert not Sponsor.objects.administered_by(ruth).exists()
    assert not Program.objects.coordinated_by(ruth).exists()
    assert not Program.objects.managed_by(ruth).exists()
    assert set(Program.objects.followed_by(ruth)) == {cast.program}
    assert set(Employer.objects.visible_to(ruth)) == {cast.ana.employer}
    assert set(Sponsor.objects.managed_by(cast.nora)) == {cast.lakeside}
    assert set(Program.objects.managed_by(cast.nora)) == {cast.program}
    limited(cast, cast.lena, None, "auditor")
    assert not Program.objects.managed_by(cast.lena).exists()
    assert set(Sponsor.objects.administered_by(cast.lena)) == {cast.lakeside}


def test_one_person_coordinates_for_two_employers_from_the_same_day(cast: Cast, ruth: User) -> None:
    held = Membership.objects.get(user=ruth)
    limited(cast, ruth, cast.ben.employer, held.role)
    assert set(Apprentice.objects.visible_to(ruth)) == {cast.ana, cast.ben}
    for employer in (cast.ben.employer, None):
        with pytest.raises(IntegrityError), transaction.atomic():
            for _ in range(2):
                limited(cast, ruth, employer, held.role)
