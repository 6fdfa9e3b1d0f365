"""The words that choose rows over REST: one vocabulary with the pages, and nothing for words unknown."""

import io
import json
from contextlib import redirect_stderr
from datetime import timedelta
from typing import Any

import pytest
from django.core.management import call_command
from django.urls import reverse

from reports.models import ReportRun
from tests.api.client import Rest
from tests.cast import NOW, TODAY, Cast
from tests.ojt_logs.pages import noon, signed_in

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("noon")]
__all__ = ["noon"]

LISTS = (
    *("hours/", "sign-offs/", "apprentices/", "programs/", "reports/", "schedules/", "frameworks/"),
    *("classes/", "course-results/", "receipts/"),
)


def test_the_same_words_choose_the_same_hours_on_the_page_and_over_rest(cast: Cast) -> None:
    for days in (9, 2, 1):
        cast.submitted(cast.ana, cast.ojt(day=TODAY - timedelta(days=days)))
    cast.approved(cast.ana, cast.ri(), cast.ojt(day=TODAY - timedelta(days=3)))
    words = {"state": "submitted", "kind": "ojt", "from": str(TODAY - timedelta(days=3)), "to": str(TODAY)}
    page = signed_in(cast.nora).get(reverse("hours", args=[cast.ana.uid]), words).context["listing"].rows
    rest = Rest(cast.nora).get("hours/", apprentice=str(cast.ana.uid), **words)[1]["results"]
    assert {str(row.uid) for row in page} == {row["id"] for row in rest} and len(rest) == 2


def test_signatures_are_asked_for_as_on_their_page(cast: Cast) -> None:
    cast.sign(cast.ana, "2g")
    cast.sign(cast.ben, "1a")
    nora = Rest(cast.nora)

    def found(**words: Any) -> set[str]:
        return {row["competency"] for row in nora.get("sign-offs/", **words)[1]["results"]}

    assert found() == {"1a", "2g"} and found(competency="2G") == {"2g"}
    assert found(apprentice=str(cast.ben.uid)) == {"1a"}
    assert found(passed="yes", act="signed", to=str(TODAY)) == {"1a", "2g"}
    assert found(passed="gone") == found(act="withdrawn") == found(to="2026-01-01") == set()


def test_programs_reports_and_schedules_take_the_words_of_their_pages(cast: Cast) -> None:
    nora = Rest(cast.nora)
    for document in ("progress", "summary"):
        ReportRun.objects.start(by=cast.nora, now=NOW, document=document, program=cast.program)
    assert [row["document"] for row in nora.get("reports/", document="summary")[1]["results"]] == ["summary"]
    assert nora.get("reports/", state="done")[1]["results"] == []
    assert len(nora.get("programs/", q="CODERS", approach="competency")[1]["results"]) == 1
    assert nora.get("programs/", approach="hybrid")[1]["results"] == []
    everything = nora.get("schedules/")[1]["results"]
    assert len(nora.get("schedules/", rapids_code="1114")[1]["results"]) == len(everything)
    assert nora.get("schedules/", q="no such job")[1]["results"] == []


@pytest.mark.parametrize("path", LISTS)
def test_a_word_that_is_not_known_is_refused_with_those_that_are(cast: Cast, path: str) -> None:
    status, body = Rest(cast.nora).get(path, date_from="2026-11-17")
    assert (status, body["field"]) == (400, "date_from")
    assert body["detail"].startswith("This address knows these words: ") and "cursor" in body["detail"]


def test_a_misspelt_word_is_refused_also_where_one_thing_is_asked_about(cast: Cast) -> None:
    nora, schedule = Rest(cast.nora), cast.program.schedule.uid
    asked = {
        "alignments/": {"schedule": str(schedule), "statuss": "confirmed"},
        f"schedules/{schedule}/versions/": {"state": "draft"},
        f"schedules/{schedule}/differences/": {"before": str(schedule)},
        f"apprentices/{cast.ana.uid}/progress/": {"asof": "2026-11-01"},
    }
    for path, words in asked.items():
        status, body = nora.get(path, **words)
        assert (path, status, body["code"], body["field"]) == (path, 400, "word", list(words)[-1])


def test_a_value_that_makes_no_sense_is_refused_beside_its_word(cast: Cast) -> None:
    nora = Rest(cast.nora)
    for words in ({"state": "done"}, {"from": "yesterday"}, {"apprentice": "ana"}):
        status, body = nora.get("hours/", **words)
        assert (status, body["field"]) == (400, next(iter(words)))


def test_the_schema_names_the_words_and_has_no_warning() -> None:
    text, warned = io.StringIO(), io.StringIO()
    with redirect_stderr(warned):
        call_command("spectacular", "--validate", "--fail-on-warn", "--format=openapi-json", stdout=text)
    listed = json.loads(text.getvalue())["paths"]["/api/v1/hours/"]["get"]["parameters"]
    words = {one["name"]: one["schema"] for one in listed}
    assert {"apprentice", "state", "kind", "from", "to", "cursor", "page_size"} <= set(words)
    assert words["from"]["anyOf"][0]["format"] == "date" and "submitted" in words["state"]["enum"]
    assert "Warning" not in warned.getvalue()
