"""Reports over REST."""

from typing import Any

import pytest

from ledger import chain
from reports.models import Lane, ReportRun
from reports.tasks import render
from tests.api.client import Rest
from tests.cast import Cast

pytestmark = pytest.mark.django_db


def asked(cast: Cast, **changes: Any) -> dict[str, Any]:
    return {"document": "schedule", "apprentice": str(cast.ana.uid), "from": None, "to": None} | changes


def test_a_report_is_asked_for_built_and_fetched(cast: Cast) -> None:
    ana = Rest(cast.ana_user)
    status, run = ana.post("reports/", asked(cast))
    assert (status, run["status"], run["percent"]) == (202, "queued", 0)
    status, answer = ana.get(f"reports/{run['id']}/file/")
    assert (status, answer["code"]) == (409, "not_finished")
    render(Lane.INTERACTIVE)
    _, run = ana.get(f"reports/{run['id']}/")
    assert (run["status"], run["percent"]) == ("done", 100)
    response = ana.client.get(f"/api/v1/reports/{run['id']}/file/", headers={"Accept": "application/json"})
    data = b"".join(response.streaming_content)  # type: ignore[attr-defined]
    assert (response["Content-Type"], data[:5], len(data)) == ("application/pdf", b"%PDF-", run["bytes"])
    assert chain.entries_of(cast.ana.uid).filter(act="report.export").count() == 1


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"document": "poem"}, "document"),
        ({"apprentice": "no id"}, "apprentice"),
        ({"apprentice": None}, "apprentice"),
        ({"from": "2026-11-02", "to": "2026-11-01"}, "from"),
        ({"to": "9999-01-01"}, "to"),
        ({"document": "summary"}, "document"),
        ({"for_each": True}, "apprentice"),
    ],
)
def test_what_cannot_be_built_is_refused_by_field(cast: Cast, changes: dict[str, Any], field: str) -> None:
    status, answer = Rest(cast.ana_user).post("reports/", asked(cast, **changes))
    assert (status, answer["field"]) == (400, field), answer
    assert not ReportRun.objects.exists()


def test_the_wrong_people_get_no_report(cast: Cast) -> None:
    for_program = {"document": "progress", "program": str(cast.program.uid)}
    assert Rest(cast.nora).post("reports/", for_program)[0] == 202
    assert Rest(cast.marcus).post("reports/", for_program)[0] == 403
    assert Rest(cast.priya).post("reports/", asked(cast))[0] == 403
    missing = Rest(cast.olga).post("reports/", asked(cast, apprentice="00000000-0000-4000-8000-000000000000"))
    assert Rest(cast.olga).post("reports/", asked(cast)) == missing
    run = ReportRun.objects.get()
    for stranger in (cast.marcus, cast.ana_user, cast.olga):
        assert Rest(stranger).get(f"reports/{run.uid}/")[0] == 404
        assert Rest(stranger).get(f"reports/{run.uid}/file/")[0] == 404


def test_new_documents_and_a_file_for_each_are_asked_for_over_rest(cast: Cast) -> None:
    nora, program = Rest(cast.nora), str(cast.program.uid)
    for document in ("hours", "transcript"):
        assert Rest(cast.ana_user).post("reports/", asked(cast, document=document))[0] == 202
    assert nora.post("reports/", {"document": "summary", "program": program})[0] == 202
    status, run = nora.post("reports/", {"document": "hours", "program": program, "for_each": True})
    assert (status, run["for_each"], run["apprentice"]) == (202, True, None)
    assert nora.post("reports/", {"document": "hours", "program": program})[1]["field"] == "document"
    each = {"document": "hours", "program": program, "for_each": True}
    assert Rest(cast.marcus).post("reports/", each)[0] == 403
