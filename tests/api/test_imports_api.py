"""A sponsor's system brings a schedule in over REST: what it is told, what is stored, what is refused."""

import json
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.test import Client

from accounts.models import IdempotencyKey, Membership
from competencies.imports.package import MOST_BYTES
from competencies.models import Status, WorkProcessSchedule
from tests.api.client import Rest
from tests.at_once import at_once
from tests.cast import STARTED, Cast
from tests.competencies import papers
from tests.competencies.conftest import SOURCES
from tests.competencies.test_workbook import made, xlsx
from tests.ojt_logs.pages import signed_in

pytestmark = pytest.mark.django_db
ADDRESS = "/api/v1/imports/"
FITTER = SOURCES / "appendixA-sprinkler-fitter-afsa-2023-52.docx"


def answer(client: Client, data: bytes, *, name: str = "welder.xlsx", key: str = "", **words: str) -> Any:
    headers = {"Idempotency-Key": key} if key else {}
    return client.post(ADDRESS, {"file": SimpleUploadedFile(name, data), **words}, headers=headers)


def bring(rest: Rest, data: bytes, **words: str) -> tuple[int, Any]:
    found = answer(rest.client, data, **words)
    if found.status_code >= 400:
        assert found["Content-Type"] == "application/problem+json", found.content[:300]
    return found.status_code, found.json()


def welders() -> list[WorkProcessSchedule]:
    return list(WorkProcessSchedule.objects.filter(title="Welder").order_by("version"))


@pytest.fixture
def nora(cast: Cast) -> Rest:
    return Rest(cast.nora, scopes=["write"])


@pytest.mark.parametrize("path", sorted(SOURCES.glob("*.docx")) + sorted(SOURCES.glob("*.xlsx")), ids=str)
def test_a_dry_run_tells_what_the_command_prints_and_stores_nothing(nora: Rest, path: Path) -> None:
    printed = StringIO()
    call_command("import_schedule", str(path), "--dry-run", "--json", stdout=printed)
    before = WorkProcessSchedule.objects.count()
    status, told = bring(nora, path.read_bytes(), name=path.name, dry_run="true")
    stored = {name: told.pop(name) for name in ("id", "version", "new", "others")}
    assert (status, told) == (200, json.loads(printed.getvalue()))
    assert stored == {"id": None, "version": None, "new": None, "others": []}
    assert WorkProcessSchedule.objects.count() == before


def test_a_file_is_stored_as_a_draft_of_the_sponsor_and_read_back(cast: Cast, nora: Rest) -> None:
    status, told = bring(nora, xlsx(made()), sponsor=str(cast.lakeside.uid), dry_run="false")
    (draft,) = welders()
    assert (status, told["id"], told["version"], told["new"]) == (201, str(draft.uid), 1, True)
    assert (draft.sponsor, draft.status, draft.frozen) == (cast.lakeside, Status.DRAFT, False)
    assert draft.source == "Imported from “welder.xlsx”."
    _, schedule = nora.get(f"schedules/{told['id']}/")
    functions = [(one["number"], one["title"]) for one in told["job_functions"]]
    assert [(one["number"], one["title"]) for one in schedule["job_functions"]] == functions
    assert Rest(cast.olga).get(f"schedules/{told['id']}/")[0] == 404


def test_the_same_file_changes_nothing_and_a_changed_one_is_a_version_with_its_differences(
    nora: Rest,
) -> None:
    first = bring(nora, xlsx(made()))[1]
    status, again = bring(nora, xlsx(made()), name="again.bin")
    assert (status, again["id"], again["new"]) == (200, first["id"], False)
    rows = [["Work Process Title", "Minimum Hours"], ["Cutting", 1500], ["Welding", 2500]]
    status, changed = bring(nora, xlsx(made(WorkProcesses=rows)))
    assert (status, changed["version"], changed["new"], len(welders())) == (201, 2, True, 2)
    path = f"schedules/{changed['id']}/differences/"
    _, found = nora.get(path, **{"from": first["id"]})
    assert found["counts"]["changed"] and found["kept_percent"] < 100


def test_every_schedule_of_a_file_is_stored_or_none(nora: Rest) -> None:
    work = {"dwas": [{"title": "Cut", "tasks": ["Saw"]}], "occType": "Time-Based"}
    titles = [{"occupationTitle": title} | work for title in ("Sawyer", "Filer")]
    status, told = bring(nora, json.dumps({"wps": titles}).encode(), name="page.json")
    assert (status, told["occupation"]["title"], told["new"]) == (201, "Sawyer", True)
    (other,) = told["others"]
    filer = WorkProcessSchedule.objects.get(title="Filer")
    assert other == {"id": str(filer.uid), "title": "Filer", "version": 1, "new": True}
    untitled = [{"occupationTitle": "Turner"} | work, {"occupationTitle": ""} | work]
    status, problem = bring(nora, json.dumps({"wps": untitled}).encode(), name="page.json")
    assert (status, problem["field"]) == (400, "title")
    assert not WorkProcessSchedule.objects.filter(title="Turner").exists()


def test_a_file_without_a_title_is_stored_under_the_one_that_is_given(nora: Rest) -> None:
    sheet = b"Work Process Title,Minimum Hours\nCutting,100\n"
    status, problem = bring(nora, sheet, name="processes.csv")
    assert (status, problem["code"], problem["field"]) == (400, "malformed", "title")
    status, told = bring(nora, sheet, name="processes.csv", title="Welder")
    assert (status, told["occupation"]["title"], len(welders())) == (201, "Welder", 1)


# ---- Who may, and for whom


def test_only_coordinators_of_the_whole_sponsor_with_a_writing_token_bring_in(cast: Cast) -> None:
    for person in (cast.marcus, cast.ana_user, cast.ruth, cast.priya):
        status, problem = bring(Rest(person), xlsx(made()))
        assert (status, problem["code"]) == (403, "not_allowed")
    status, problem = bring(Rest(cast.nora, scopes=["read"]), xlsx(made()))
    assert status == 403 and "“write”" in problem["detail"]
    assert answer(Client(), xlsx(made())).status_code == 401
    assert welders() == []


def test_another_sponsor_and_one_that_does_not_exist_are_refused_alike(cast: Cast, nora: Rest) -> None:
    nobody = "00000000-0000-4000-8000-000000000000"
    found = [
        bring(nora, xlsx(made()), sponsor=one) for one in (str(cast.harbor.uid), nobody, "no-id", "\x00")
    ]
    assert found[0][0] == 400 and found[0][1]["field"] == "sponsor"
    assert all(one == found[0] for one in found)
    assert welders() == []


def test_who_coordinates_two_sponsors_says_for_which(cast: Cast, nora: Rest) -> None:
    Membership.objects.create(user=cast.nora, sponsor=cast.harbor, role="coordinator", starts_on=STARTED)
    status, problem = bring(nora, xlsx(made()))
    assert (status, problem["field"]) == (400, "sponsor")
    ids = [row["sponsor_id"] for row in nora.get("me/")[1]["roles"]]
    assert str(cast.harbor.uid) in ids
    assert bring(nora, xlsx(made()), sponsor=str(cast.harbor.uid))[0] == 201
    assert welders()[0].sponsor == cast.harbor


# ---- Once


def test_a_request_that_is_sent_again_gets_its_first_answer(nora: Rest) -> None:
    data = xlsx(made())
    first, second = (answer(nora.client, data, key="k1") for _ in range(2))
    assert (first.status_code, second.status_code) == (201, 201)
    assert second["Idempotency-Replayed"] == "true" and second.json() == first.json()
    assert len(welders()) == 1


def test_another_file_under_the_same_key_is_refused_though_it_bears_the_same_name(nora: Rest) -> None:
    answer(nora.client, xlsx(made()), key="k1")
    rows = [["Work Process Title", "Minimum Hours"], ["Cutting", 1500]]
    other = answer(nora.client, xlsx(made(WorkProcesses=rows)), key="k1")
    assert (other.status_code, other.json()["code"]) == (422, "idempotency_mismatch")
    assert len(welders()) == 1


def test_a_refused_file_may_be_sent_again_under_its_key(nora: Rest) -> None:
    assert answer(nora.client, papers.letter(), key="k1").status_code == 400
    assert not IdempotencyKey.objects.exists()
    assert answer(nora.client, xlsx(made()), key="k1").status_code == 201


def test_one_file_sent_by_two_at_once_is_one_version(transactional_db: None, cast: Cast) -> None:
    data, nora = xlsx(made()), Rest(cast.nora)
    found = at_once(*[lambda: bring(nora, data)[1]["new"]] * 3)
    assert sorted(found) == [False, False, True]
    assert len(welders()) == 1


# ---- What is no schedule, and no request


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"", "welder.xlsx: is empty"),
        (b"MZ\x90\x00", "is a program, not a document"),
        (b"%PDF-1.7", "is a PDF"),
        (b"PK\x03\x04 torn", "is damaged"),
        (b"[" * 100_000, "nested too deeply"),
        (b"\x00\xff\x00", "welder.xlsx"),
    ],
    ids=["nothing", "program", "pdf", "torn", "nested", "noise"],
)
def test_what_is_no_schedule_is_refused_beside_the_file(nora: Rest, data: bytes, says: str) -> None:
    before = WorkProcessSchedule.objects.count()
    status, problem = bring(nora, data)
    assert (status, problem["field"]) == (400, "file")
    assert says in problem["detail"], problem["detail"]
    assert WorkProcessSchedule.objects.count() == before


def test_a_body_that_is_longer_than_any_schedule_is_refused_before_it_is_read(cast: Cast, nora: Rest) -> None:
    """A session too: there the proof of the form would be looked for in the body first."""
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(cast.nora, backend="accounts.sign_in.OwnAddress")
    browser.cookies["csrftoken"] = "a" * 32
    for client in (nora.client, browser):
        length = {"CONTENT_LENGTH": str(MOST_BYTES + 300_000)}
        found = client.generic("POST", ADDRESS, b"--x", "multipart/form-data; boundary=x", **length)
        assert (found.status_code, found.json()["code"]) == (413, "too_large")
        assert "20 MB" in found.json()["detail"]


def test_a_file_beyond_the_limit_of_the_api_for_words_is_taken(nora: Rest) -> None:
    """256 kB are for JSON; a schedule with its template around it is often more."""
    heads = ["Work Process Title", "Minimum Hours", "Description"]
    rows = [heads, *([f"Process {number}", 10, "What is done there. " * 40] for number in range(600))]
    text = "\n".join(",".join(map(str, row)) for row in rows).encode()
    assert len(text) > 400_000
    assert bring(nora, text, name="long.csv", title="Welder", dry_run="1")[0] == 200


@pytest.mark.parametrize(
    ("content_type", "body", "status"),
    [
        ("application/json", b"{}", 415),
        ("multipart/form-data", b"--x", 400),
        ("multipart/form-data; boundary=x", b"", 400),
        (
            "multipart/form-data; boundary=x",
            b"--x\r\nContent-Disposition: form-data; name=file\r\n\r\nwords",
            400,
        ),
        ("multipart/form-data; boundary=x", b"\xff\x00" * 999, 400),
    ],
)
def test_a_request_that_is_none_is_a_problem(nora: Rest, content_type: str, body: bytes, status: int) -> None:
    found = nora.client.generic("POST", ADDRESS, body, content_type)
    assert (found.status_code, found["Content-Type"]) == (status, "application/problem+json")
    keyed = nora.client.generic("POST", ADDRESS, body, content_type, headers={"Idempotency-Key": "k"})
    assert keyed.status_code == status


def test_a_thousand_fields_or_files_are_a_problem(nora: Rest) -> None:
    fields = {f"word-{number}": "" for number in range(1_001)}
    files = {f"file-{number}": SimpleUploadedFile("a.csv", b"a") for number in range(101)}
    for words in (fields, files, {"title": "x" * 1_100_000}):
        found = nora.client.post(ADDRESS, words)
        assert (found.status_code, found["Content-Type"]) == (400, "application/problem+json")


@pytest.mark.parametrize("field", ["title", "sponsor", "dry_run"])
@pytest.mark.parametrize("wrong", ["\x00", "9" * 300, "💥", "[]"])
def test_a_word_that_makes_no_sense_is_refused_by_its_name(nora: Rest, field: str, wrong: str) -> None:
    status, problem = bring(nora, xlsx(made()), **{field: wrong})
    if status == 400:
        assert problem["field"] == field
    else:
        assert (status, field) == (201, "title"), problem


def test_a_name_of_a_file_is_only_a_name(nora: Rest) -> None:
    status, _ = bring(nora, xlsx(made()), name='../../etc/"pass"\x01wd')
    assert status == 201
    assert welders()[0].source == 'Imported from “"pass"wd”.'


def test_a_browser_session_needs_its_proof(cast: Cast) -> None:
    assert answer(signed_in(cast.nora), xlsx(made()), dry_run="true").status_code == 200
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(cast.nora, backend="accounts.sign_in.OwnAddress")
    assert answer(strict, xlsx(made())).status_code == 403
    assert welders() == []
