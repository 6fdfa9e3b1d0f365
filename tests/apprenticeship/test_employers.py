"""A coordinator or auditor may be limited to one employer: they find its apprentices, and nobody else."""

from collections.abc import Callable, Iterator

import pytest
import time_machine
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse

from accounts.models import Membership, Sponsor, User
from apprenticeship.models import Apprentice, Employer, Program
from ojt_logs.models import HoursEntry, SignOff
from reports.models import ReportRun
from tests.api.client import Rest
from tests.cast import CANARY, NOW, STARTED, Cast

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
