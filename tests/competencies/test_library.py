"""The library: what stands beside a statement, files that fill it, and what an apprentice finds to study."""

from dataclasses import replace
from datetime import timedelta
from html import unescape
from re import search
from typing import Any

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.refusals import Conflict, Refusal
from competencies.imports.rows import framework_outline
from competencies.library.files import plan
from competencies.models import Done, Framework, FrameworkStatement, LearningResource, Use
from competencies.study import searches
from competencies.versions import bring_in_framework
from ojt_logs.models import HoursEntry
from ojt_logs.progress import progress_of
from tests.api.client import Rest
from tests.cast import NOW, TODAY, Cast
from tests.competencies.test_pages import page
from tests.ojt_logs.pages import signed_in

pytestmark = pytest.mark.django_db

BILLING = (
    "Support accurate billing through coding, chargemaster, claims management, and bill reconciliation "
    "processes."
)
HEAD = "title,address,provider,type,minutes,licence,language,course,statement\n"
FILE = (
    HEAD
    + "Chargemaster basics,https://example.org/charge,Open College,video,45,CC BY 4.0,en,MC 101,"
    + f'"{BILLING}"\n'
    + "Claims,http://example.org/claims,,reading,,,,,\n"
)


def billing() -> FrameworkStatement:
    return FrameworkStatement.objects.get(text=BILLING)


def kept(cast: Cast, number: int = 1, **facts: Any) -> Use:
    row = LearningResource.objects.keep(
        cast.lakeside,
        by=cast.priya,
        now=NOW,
        address=f"https://example.org/{number}",
        title=f"Book {number}",
        **facts,
    )
    return row.use_for(billing())


def brought(cast: Cast, text: str = FILE) -> Any:
    return plan(text.encode(), sponsor=cast.lakeside, user=cast.priya)


def test_a_statement_shows_the_sources_count_beside_what_is_here(cast: Cast, client: Client) -> None:
    text = page(client, "statement", billing().uid)
    assert "0 in the library here; 101 listed by the source on Nov 22, 2026" in text
    assert "https://oercommons.org/search?f.search=Support%20accurate%20billing" in text
    assert "Add what you teach with" not in text
    kept(cast)
    assert "0 in the library here" in page(client, "statement", billing().uid)
    seen = page(signed_in(cast.ana_user), "statement", billing().uid)
    assert "1 in the library here; 101 listed" in seen and "Book 1" in seen and "oercommons" not in seen


def test_searches_are_the_sites_to_choose(settings: Any) -> None:
    settings.LEARNING_SEARCHES = [("Ours", "https://school.example/?q={text}&x=1")]
    (one,) = searches("A&P, ICD-10.")
    assert (one.name, one.address) == ("Ours", "https://school.example/?q=A%26P%2C%20ICD-10&x=1")


def test_the_instructor_adds_what_she_teaches_with(cast: Cast) -> None:
    client, at = signed_in(cast.priya), reverse("resource-add", args=[billing().uid])
    facts = {"title": "Billing", "address": "https://example.org/b", "type": "video", "language": "en",
             "minutes": "30", "sponsor": cast.lakeside.pk, "course": cast.klass.course.pk}  # fmt: skip
    assert client.post(at, facts).status_code == 302
    row = LearningResource.objects.get()
    assert (row.added_by, row.course, row.uses.get().statement) == (
        cast.priya,
        cast.klass.course.lineage,
        billing().lineage,
    )
    client.post(at, facts | {"title": "Billing, again"})
    assert LearningResource.objects.get().title == "Billing, again"
    assert Use.objects.count() == 1
    for who in (cast.ana_user, cast.marcus, cast.ruth, cast.olga):
        assert signed_in(who).post(at, facts | {"address": "https://example.org/c"}).status_code in (200, 403)
    assert LearningResource.objects.count() == 1


@pytest.mark.parametrize(
    "address", ["javascript:alert(1)", "ftp://example.org/", "example.org", "", "https://"]
)
def test_an_address_is_one_of_the_web(cast: Cast, address: str) -> None:
    facts = {"title": "X", "address": address, "type": "video", "language": "en", "sponsor": cast.lakeside.pk}
    answer = signed_in(cast.priya).post(reverse("resource-add", args=[billing().uid]), facts)
    assert answer.status_code == 200 and "aria-invalid" in answer.text
    with pytest.raises(IntegrityError), transaction.atomic():
        LearningResource.objects.create(title="X", address="javascript:alert(1)", added_at=NOW)
    assert not LearningResource.objects.exists()


def test_five_are_pinned_at_most_and_stand_first(cast: Cast) -> None:
    uses = [kept(cast, number) for number in range(1, 8)]
    for use in uses[2:]:
        use.pin(by=cast.priya, now=NOW)
    with pytest.raises(Conflict, match="Take one down"):
        uses[0].pin(by=cast.priya, now=NOW)
    client = signed_in(cast.priya)
    at = reverse("resource-pin", args=[billing().uid, uses[0].resource.uid])
    assert "Take one down first" in client.post(at, follow=True).text
    client.post(reverse("resource-pin", args=[billing().uid, uses[2].resource.uid]))
    text = client.post(at, follow=True).text
    assert text.index("Book 4") < text.index("Book 1<") < text.index("Book 2<")
    assert signed_in(cast.ana_user).post(at).status_code == 403
    assert signed_in(cast.olga).post(at).status_code == 404


def test_a_file_is_read_before_it_is_stored_and_twice_changes_nothing(cast: Cast) -> None:
    client, at = signed_in(cast.priya), reverse("library-import", args=[cast.lakeside.uid])
    text = client.post(at, {"file": SimpleUploadedFile("l.csv", FILE.encode())}).text
    assert "<dt>New</dt><dd>2</dd>" in text and not LearningResource.objects.exists()
    confirming = text.partition("What this file would do")[2].partition("</form>")[0]
    assert 'type="file"' not in confirming, "nobody chooses the file twice"
    written = unescape(search(r'name="text" value="([^"]*)"', confirming)[1])  # type: ignore[index]
    assert written == FILE and client.post(at, {"text": written, "confirm": "1"}).status_code == 302
    row = LearningResource.objects.get(title="Chargemaster basics")
    assert (row.minutes, row.licence, row.type, row.course) == (
        45,
        "CC BY 4.0",
        "video",
        cast.klass.course.lineage,
    )
    assert row.uses.get().statement == billing().lineage
    again = brought(cast)
    assert (again.new, again.changed, again.same, again.findings) == ([], [], 2, [])
    other = brought(cast, FILE.replace(",45,", ",50,"))
    assert [len(other.new), len(other.changed), other.same] == [0, 1, 1]
    other.store(by=cast.priya, now=NOW)
    row.refresh_from_db()
    assert (row.minutes, row.added_by, LearningResource.objects.count()) == (50, cast.priya, 2)


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("X,javascript:alert(1),,,,,,,", "address"),
        (",https://example.org/,,,,,,,", "title"),
        ("X,https://example.org/,,song,,,,,", "“song” is no type"),
        ("X,https://example.org/,,,soon,,,,", "no number of minutes"),
        ("X,https://example.org/,,,,,,ZZ 9,", "No registered course"),
        ("X,https://example.org/,,,,,,,Juggle.", "No statement"),
    ],
)
def test_a_wrong_line_is_left_out_and_says_why(cast: Cast, line: str, said: str) -> None:
    found = brought(cast, FILE + line + "\n")
    assert [len(found.new), len(found.findings)] == [2, 1]
    assert found.findings[0].line == 4 and said in found.findings[0].said


@pytest.mark.parametrize("data", [b"", b"a,b\n1,2\n", b"\x00\x01", b"PK\x03\x04\x00zip", b"x" * 1_000_001])
def test_what_is_no_library_is_refused(cast: Cast, data: bytes) -> None:
    with pytest.raises(Refusal):
        plan(data, sponsor=cast.lakeside, user=cast.priya)
    at = reverse("library-import", args=[cast.lakeside.uid])
    answer = signed_in(cast.priya).post(at, {"file": SimpleUploadedFile("l.csv", data)})
    assert answer.status_code == 200 and "errorlist" in answer.text


def test_an_address_is_told_over_rest_as_a_uri(cast: Cast) -> None:
    address = "https://example.org/<coding>-100%-sure%20?q=é#one#two"
    LearningResource.objects.keep(cast.lakeside, by=cast.priya, now=NOW, address=address, title="Basics")
    (row,) = Rest(cast.ana_user).get("resources/")[1]["results"]
    assert row["address"] == "https://example.org/%3Ccoding%3E-100%25-sure%20?q=%C3%A9#one%23two"


def test_the_library_is_searched_and_another_sponsors_is_not_seen(cast: Cast) -> None:
    brought(cast).store(by=cast.priya, now=NOW)
    client = signed_in(cast.marcus)
    assert "Claims" in page(client, "library") and "Claims" not in page(client, "library", q="charge college")
    assert "Claims" in page(client, "library", placed="no") and "basics" not in page(
        client, "library", placed="no"
    )
    assert "Claims" not in page(signed_in(cast.olga), "library")
    rows = Rest(cast.ana_user).get("resources/", statement=billing().uid)[1]["results"]
    assert [row["title"] for row in rows] == ["Chargemaster basics"]
    assert (
        Rest(cast.ana_user).get("resources/", q="claims")[1]["results"][0]["address"]
        == "http://example.org/claims"
    )
    assert Rest(cast.olga).get("resources/")[1]["results"] == []


# ---- Studying for a competency


def study(client: Client, cast: Cast, code: str = "2e", **query: str) -> str:
    answer = client.get(reverse("study", args=[cast.ana.uid, code]), query)
    assert answer.status_code == 200
    return answer.content.decode()


def test_ana_finds_what_to_study_from_the_page_of_a_competency(cast: Cast) -> None:
    kept(cast)
    ana = signed_in(cast.ana_user)
    assert (
        reverse("study", args=[cast.ana.uid, "2e"])
        in ana.get(reverse("competency", args=[cast.ana.uid, "2e"])).text
    )
    assert "Book 1" in study(ana, cast) and "Book 1" not in study(ana, cast, "2g")
    assert "Nothing in the library here yet" in study(ana, cast, "2g")
    assert "No statement is linked to 5b yet" in study(ana, cast, "5b")


def test_done_is_private_and_counts_nowhere(cast: Cast) -> None:
    use, ana = kept(cast), signed_in(cast.ana_user)
    before = progress_of(cast.ana)
    at = reverse("study-done", args=[cast.ana.uid, "2e", use.resource.uid])
    assert "Done, for yourself" in ana.post(at, follow=True).text
    for who in (cast.marcus, cast.nora, cast.ruth):
        assert "Done, for yourself" not in study(signed_in(who), cast)
        assert not Done.objects.visible_to(who).exists()
    assert progress_of(cast.ana) == before
    assert "Mark as done" in ana.post(at, follow=True).text and not Done.objects.exists()
    assert signed_in(cast.marcus).post(at).status_code == 403


@time_machine.travel(NOW, tick=False)
def test_time_on_a_resource_of_a_registered_course_goes_to_the_instructor(cast: Cast) -> None:
    use, other = kept(cast, course=cast.klass.course.lineage, minutes=45), kept(cast, 2)
    ana = signed_in(cast.ana_user)
    assert study(ana, cast).count("Send to the instructor as RI") == 1
    at = reverse("study-send", args=[cast.ana.uid, "2e", use.resource.uid])
    assert "Sent 45 min" in ana.post(at, {"minutes": "0:45"}, follow=True).text
    entry = HoursEntry.objects.get()
    assert (entry.kind, entry.status, entry.minutes, entry.course) == (
        "ri",
        "submitted",
        45,
        cast.klass.course,
    )
    assert "Book 1" in entry.note and entry in HoursEntry.objects.reviewable_by(cast.priya)
    assert (
        "registered courses"
        in ana.post(
            at.replace(str(use.resource.uid), str(other.resource.uid)), {"minutes": "1"}, follow=True
        ).text
    )
    for minutes in ("", "soon", "30:00"):
        assert "note-bad" in ana.post(at, {"minutes": minutes}, follow=True).text
    assert HoursEntry.objects.count() == 1


@time_machine.travel(NOW, tick=False)
def test_nothing_is_sent_to_an_instructor_whose_class_is_over(cast: Cast) -> None:
    use, ana = kept(cast, course=cast.klass.course.lineage), signed_in(cast.ana_user)
    yesterday, roster = TODAY - timedelta(days=1), cast.klass.roster.all()
    cast.klass.change(starts_on=cast.klass.starts_on, ends_on=yesterday, roster=roster, by=cast.nora, now=NOW)
    assert "Send to the instructor" not in study(ana, cast)
    at = reverse("study-send", args=[cast.ana.uid, "2e", use.resource.uid])
    assert "Nobody teaches you MC 101" in ana.post(at, {"minutes": "0:45"}, follow=True).text
    assert not HoursEntry.objects.exists()


def test_pages_take_as_many_queries_for_many_resources_as_for_one(cast: Cast) -> None:
    ana = signed_in(cast.ana_user)

    def queries() -> list[int]:
        found = []
        for address in (
            reverse("study", args=[cast.ana.uid, "2e"]),
            reverse("statement", args=[billing().uid]),
            reverse("library"),
        ):
            with CaptureQueriesContext(connection) as counted:
                assert ana.get(address).status_code == 200
            found.append(len(counted))
        return found

    kept(cast)
    queries()
    few = queries()
    for number in range(2, 12):
        kept(cast, number)
    assert queries() == few


def test_what_stands_beside_a_statement_stays_in_the_next_version(cast: Cast) -> None:
    use = kept(cast)
    him = Framework.objects.get()
    second, new = bring_in_framework(replace(framework_outline(him), note="Another note."), now=NOW)
    assert new and second.statements.get(text=BILLING).lineage == use.statement
