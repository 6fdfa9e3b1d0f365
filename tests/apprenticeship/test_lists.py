"""Lists of a sponsor's people, invitations, employers and classes: filtered, sorted, taken away as files."""

import csv
import io
from datetime import date, timedelta

import pytest
from django.test import Client
from django.urls import reverse
from openpyxl import load_workbook

from accounts.models import Invitation, Membership
from apprenticeship.models import Apprentice, Class, Employer
from tests.cast import CANARY, NOW, TODAY, Cast
from tests.ojt_logs.pages import noon, queries, signed_in, text_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("noon")]
__all__ = ["noon"]


def csv_at(client: Client, address: str) -> list[dict[str, str]]:
    text = b"".join(client.get(address)).decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text, newline="")))


@pytest.fixture
def nora(cast: Cast) -> Client:
    return signed_in(cast.nora)


# ---- People


@pytest.fixture
def staff(cast: Cast) -> str:
    """The page; Lena left, Priya's credential has expired, Ben will be a mentor of North Clinic."""
    north = Employer.objects.create(sponsor=cast.lakeside, name="North Clinic")
    Membership.objects.filter(user=cast.lena).update(ends_on=TODAY - timedelta(days=1), title="=1+1")
    Membership.objects.filter(user=cast.priya).update(credential="CCS", credential_expires=date(2026, 1, 1))
    Membership.objects.create(
        user=cast.ben_user, sponsor=cast.lakeside, role="mentor", employer=north, starts_on=date(2026, 12, 1)
    )
    return reverse("people", args=[cast.lakeside.uid])


def names(client: Client, address: str) -> list[str]:
    return [row.user.get_short_name() for row in client.get(address).context["listing"].rows]


def test_people_are_found_by_name_address_role_employer_and_state(
    cast: Cast, staff: str, nora: Client
) -> None:
    north = Employer.objects.get(sponsor=cast.lakeside)
    assert names(nora, staff) == ["Nora", "Ben", "Marcus", "Priya", "Ruth", "Lena"]
    assert names(nora, f"{staff}?sort=name") == ["Ben", "Lena", "Marcus", "Nora", "Priya", "Ruth"]
    assert names(nora, f"{staff}?sort=newest")[0] == "Ben"
    assert names(nora, f"{staff}?q=WÉBB") == names(nora, f"{staff}?q=marcus@") == ["Marcus"]
    assert names(nora, f"{staff}?role=mentor&state=held") == ["Marcus"]
    assert names(nora, f"{staff}?state=ended") == ["Lena"]
    assert names(nora, f"{staff}?state=coming") == names(nora, f"{staff}?employer={north.uid}") == ["Ben"]
    assert names(nora, f"{staff}?state=expired") == ["Priya"]


def test_the_list_of_people_says_roles_as_headings_or_beside_the_name(staff: str, nora: Client) -> None:
    by_role = text_of(nora, staff + "?sort=")
    assert by_role.index(">Coordinators</h2>") < by_role.index(">Mentors</h2>") < by_role.index(">Ended</h2>")
    by_name = text_of(nora, f"{staff}?sort=name")
    assert "Mentors</h2>" not in by_name and "Mentor · " in by_name and "ended Nov 19, 2026" in by_name


def test_people_go_over_pages_and_are_remembered(cast: Cast, staff: str, nora: Client) -> None:
    for number in range(45):
        user = type(cast.nora).objects.create_user(f"m{number}@example.org", name=f"Mentor {number:02}")
        cast.lakeside.memberships.create(user=user, role="mentor", starts_on=TODAY)
    nora.get(f"{staff}?role=mentor&sort=name")
    first = nora.get(staff, follow=True).context["listing"]
    assert "sort=name" in first.csv_url and "role=mentor" in first.csv_url
    second = nora.get(staff + first.next_url).context["listing"]
    found = [row.user.name for row in (*first.rows, *second.rows)]
    assert found == sorted(found) and len(found) == 48


def test_the_file_of_people_holds_what_the_filter_lets_through(staff: str, nora: Client) -> None:
    (lena,) = csv_at(nora, f"{staff}?format=csv&state=ended")
    assert (lena["Name"], lena["Title"], lena["State"], lena["Until"]) == (
        "Lena Fox",
        "'=1+1",
        "Ended",
        "2026-11-19",
    )
    book = load_workbook(io.BytesIO(b"".join(nora.get(f"{staff}?format=xlsx&role=instructor"))))
    assert [cell.value for cell in book.active["A"]] == ["Name", "Priya Nair"]


def test_the_list_of_people_takes_as_many_queries_for_many_as_for_few(
    cast: Cast, staff: str, nora: Client
) -> None:
    for_few = queries(nora, staff)
    for number in range(20):
        user = type(cast.nora).objects.create_user(f"m{number}@example.org", name=f"Mentor {number}")
        cast.lakeside.memberships.create(user=user, role="mentor", starts_on=TODAY)
    assert queries(nora, staff) == for_few


# ---- Invitations


def test_invitations_have_a_list_of_their_own_by_state(cast: Cast, nora: Client) -> None:
    what = {"sponsor": cast.lakeside, "invited_by": cast.nora}
    for number, role in enumerate(("mentor", "instructor", "auditor")):
        Invitation.objects.issue(f"p{number}@example.org", role=role, now=NOW, **what)
    old, _ = Invitation.objects.issue(
        "old@example.org", role="mentor", name="=Old", now=NOW - timedelta(days=9), **what
    )
    Invitation.objects.filter(email="p1@example.org").withdraw(by=cast.nora, now=NOW)
    Invitation.objects.filter(email="p2@example.org").update(accepted_at=NOW)
    Invitation.objects.issue(f"{CANARY}@example.org".lower(), role="mentor", sponsor=cast.harbor, now=NOW)
    Invitation.objects.issue("ben@example.org", sponsor=cast.lakeside, user=cast.ben_user, now=NOW)
    page = reverse("invitations", args=[cast.lakeside.uid])

    def found(words: str) -> list[str]:
        return [row.email.split("@")[0] for row in nora.get(f"{page}?{words}").context["listing"].rows]

    assert found("sort=email") == ["old", "p0", "p1", "p2"]
    assert found("state=waiting") == ["p0"] and found("state=expired") == found("q=OLD") == ["old"]
    assert found("state=withdrawn") == ["p1"] and found("role=auditor&state=accepted") == ["p2"]
    assert "Send a new link" not in text_of(nora, f"{page}?state=accepted")
    (row,) = csv_at(nora, f"{page}?format=csv&state=expired")
    assert (row["Name"], row["State"], row["Invited by"]) == ("'=Old", "Link expired", "Nora Bell")
    assert reverse("invitation-again", args=[old.uid]) not in text_of(signed_in(cast.ruth), page)


# ---- Employers


def test_employers_are_found_sorted_and_downloaded(cast: Cast, nora: Client) -> None:
    page = reverse("employers", args=[cast.lakeside.uid])
    assert "Download as" not in text_of(nora, page)
    for name in ("South Clinic", "North Clinic", "=Shop"):
        Employer.objects.create(sponsor=cast.lakeside, name=name)
    Employer.objects.create(sponsor=cast.harbor, name=CANARY)
    Apprentice.objects.filter(pk=cast.ana.pk).update(employer=Employer.objects.get(name="South Clinic"))

    def found(words: str) -> list[str]:
        return [row.name for row in nora.get(f"{page}?{words}").context["listing"].rows]

    assert found("sort=") == ["=Shop", "North Clinic", "South Clinic"]
    assert found("sort=employed") == ["South Clinic", "=Shop", "North Clinic"]
    assert found("q=CLINIC") == ["North Clinic", "South Clinic"]
    rows = csv_at(nora, f"{page}?format=csv&sort=employed")
    assert [(row["Employer"], row["Apprentices"]) for row in rows] == [
        ("South Clinic", "1"),
        ("'=Shop", "0"),
        ("North Clinic", "0"),
    ]


def test_a_name_that_is_taken_is_refused_beside_the_list(cast: Cast, nora: Client) -> None:
    page = reverse("employers", args=[cast.lakeside.uid])
    for name in ("North Clinic", "South Clinic"):
        Employer.objects.create(sponsor=cast.lakeside, name=name)
    nora.get(f"{page}?q=south")
    answer = nora.post(page, {"name": "North Clinic"})
    assert answer.status_code == 200 and "Filter and sort" in answer.text


# ---- Classes


def test_classes_are_found_by_course_instructor_and_state(cast: Cast, nora: Client) -> None:
    second = cast.program.schedule.courses.get(position=2)
    Class.objects.create(
        program=cast.program, course=second, instructor=cast.lena, starts_on=TODAY + timedelta(days=9)
    )
    Class.objects.create(
        program=cast.program,
        course=second,
        instructor=cast.priya,
        starts_on=date(2025, 1, 6),
        ends_on=date(2025, 6, 1),
    )
    page = reverse("classes", args=[cast.program.uid])

    def found(words: str) -> list[tuple[int, str]]:
        rows = nora.get(f"{page}?{words}").context["listing"].rows
        return [(row.course.position, row.state) for row in rows]

    assert found("sort=") == [(2, "coming"), (1, "now"), (2, "over")]
    assert found("sort=course") == [(1, "now"), (2, "coming"), (2, "over")]
    assert found("q=LENA") == found("state=coming") == [(2, "coming")]
    assert found(f"q={second.code or second.title}") == [(2, "coming"), (2, "over")]
    rows = csv_at(nora, f"{page}?format=csv&state=now")
    assert [(row["Instructor"], row["Apprentices"]) for row in rows] == [("Priya Nair", "2")]
    (own,) = csv_at(signed_in(cast.priya), f"{page}?format=csv&state=over")
    assert own["Until"] == "2025-06-01"
