"""A coordinator brings a schedule in on a page: upload, look, correct, store."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from competencies.models import Status, WorkProcessSchedule
from tests.cast import Cast
from tests.competencies import papers
from tests.competencies.test_workbook import made, xlsx
from tests.ojt_logs.pages import plain, signed_in

pytestmark = pytest.mark.django_db


def upload(client: Client, data: bytes, name: str = "welder.xlsx") -> str:
    """The address of the page that shows what was read, or the upload page's text when it is refused."""
    answer = client.post(reverse("standards-upload"), {"file": SimpleUploadedFile(name, data)})
    return answer["Location"] if answer.status_code == 302 else plain(answer.content)


def header(cast: Cast, **changes: str) -> dict[str, str]:
    return {
        "title": "Welder",
        "onet_code": "51-4121",
        "rapids_code": "622",
        "approach": "time",
        "minimum_ojt_minutes": "4,000",
        "term_months": "24",
        "sponsor": str(cast.lakeside.uid),
    } | changes


def own(cast: Cast) -> list[WorkProcessSchedule]:
    rows = WorkProcessSchedule.objects.filter(sponsor=cast.lakeside, title__startswith="Weld")
    return list(rows.order_by("version"))


def test_what_was_read_is_shown_with_findings_and_totals_and_nothing_is_stored(cast: Cast) -> None:
    nora = signed_in(cast.nora)
    page = plain(nora.get(upload(nora, papers.hybrid(), "hvac.docx")).content)
    for words in (
        "Word document · hvac.docx",
        "HVAC Technician",
        "Nothing is stored yet",
        "1200 hours are above a quarter of the 4000 hours of the term",
        "4,012 h 30 min",
        "Refrigeration I",
    ):
        assert words in page, words
    assert not WorkProcessSchedule.objects.filter(title="HVAC Technician").exists()


def test_a_corrected_header_is_stored_as_a_draft_once(cast: Cast) -> None:
    nora = signed_in(cast.nora)
    look = upload(nora, xlsx(made()))
    answer = nora.post(look, header(cast, title="Welder, combination"))
    (draft,) = own(cast)
    assert answer["Location"] == reverse("draft", args=[draft.uid])
    assert (draft.title, draft.status, draft.rapids_code) == ("Welder, combination", Status.DRAFT, "0622")
    assert (draft.occupation.title, draft.onet_code) == ("Welder, combination", "51-4121.00")
    assert draft.source == "Imported from “welder.xlsx”."
    assert nora.get(look).status_code == 404, "what is stored waits no more"
    again = upload(nora, xlsx(made()), "again.xlsx")
    assert nora.post(again, header(cast, title="Welder, combination")).status_code == 302
    assert len(own(cast)) == 1


def test_a_changed_file_is_a_draft_beside_the_version_before(cast: Cast) -> None:
    nora = signed_in(cast.nora)
    nora.post(upload(nora, xlsx(made())), header(cast, onet_code="51-4121.06"))
    same = plain(nora.get(upload(nora, xlsx(made()))).content)
    assert "You have this already, word for word" in same
    rows = [["Work Process Title", "Minimum Hours"], ["Cutting", 1500], ["Welding", 2600]]
    look = upload(nora, xlsx(made(WorkProcesses=rows)))
    assert "It differs from" in plain(nora.get(look).content)
    nora.post(look, header(cast, onet_code="51-4121.06"))
    assert [row.version for row in own(cast)] == [1, 2]
    newest = own(cast)[1]
    assert "What is different" in plain(nora.get(reverse("draft", args=[newest.uid])).content)
    page = plain(nora.get(reverse("schedule-differences", args=[newest.uid])).content)
    assert "Lakeside Health, version 1 (draft)" in page and "is kept word for word" in page


def test_a_file_that_is_no_schedule_is_refused_beside_its_field(cast: Cast) -> None:
    nora = signed_in(cast.nora)
    assert "letter.docx: has no work process" in upload(nora, papers.letter(), "letter.docx")
    page = plain(nora.post(reverse("standards-upload")).content)
    assert "Choose the file that holds your schedule." in page


def test_a_code_that_is_none_is_refused_in_the_form_and_nothing_is_stored(cast: Cast) -> None:
    nora = signed_in(cast.nora)
    look = upload(nora, xlsx(made()))
    page = plain(nora.post(look, header(cast, onet_code="welding", maximum_ojt_minutes="10")).content)
    assert "Write the code like 29-2071.00." in page and "Write as many hours as at least, or more." in page
    assert not own(cast)


def test_only_coordinators_bring_in_and_nobody_sees_what_another_brought(cast: Cast) -> None:
    look = upload(signed_in(cast.nora), xlsx(made()))
    assert signed_in(cast.olga).get(look).status_code == 404
    assert signed_in(cast.marcus).get(reverse("standards-upload")).status_code == 403
    olga = signed_in(cast.olga)
    theirs = upload(olga, xlsx(made()))
    assert olga.post(theirs, header(cast)).status_code == 404, "it is not her sponsor"
    assert not own(cast)


def test_the_list_of_standards_leads_coordinators_there(cast: Cast) -> None:
    address = reverse("standards-upload")
    assert address in signed_in(cast.nora).get(reverse("standards")).content.decode()
    assert address in signed_in(cast.olga).get(reverse("first-steps")).content.decode()
    assert address not in signed_in(cast.marcus).get(reverse("standards")).content.decode()
