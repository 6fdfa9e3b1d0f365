"""`manage.py import_schedule`: what it prints, what it stores, and what it leaves alone."""

import json
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import Sponsor
from competencies.models import Competency, Occupation, Status, WorkProcessSchedule
from competencies.versions import content_hash
from tests.competencies import papers
from tests.competencies.conftest import SOURCES
from tests.competencies.test_workbook import made, xlsx

pytestmark = pytest.mark.django_db
NURSE = SOURCES / "apprenticeship-standards-nurse-standard-template.xlsx"
FITTER = SOURCES / "appendixA-sprinkler-fitter-afsa-2023-52.docx"


def run(*args: object, **options: Any) -> str:
    said = StringIO()
    call_command("import_schedule", *map(str, args), stdout=said, **options)
    return said.getvalue()


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "welder.xlsx"
    path.write_bytes(xlsx(made()))
    return path


def test_json_is_one_object_with_what_was_read_and_null_for_what_is_absent() -> None:
    told = json.loads(run(NURSE, "--dry-run", "--json"))
    assert set(told) == {
        *("format", "occupation", "approach", "job_functions", "courses", "wage_steps", "findings")
    }
    assert told["format"] == "workbook" and told["approach"] == "hybrid"
    assert told["occupation"] == {
        "title": "Licensed Practical Nurse",
        "onet_code": "29-2061.00",
        "rapids_code": "0837",
    }
    second = told["job_functions"][1]
    assert (second["number"], second["ojt_minutes_min"], second["ojt_minutes_max"]) == (2, None, 36_000)
    assert second["competencies"][0]["code"] == "2a" and second["competencies"][0]["required"] is True
    assert told["courses"][0] == {
        "title": "Basic Human Biology",
        "code": "BIOH 104",
        "ri_minutes_min": None,
        "ri_minutes_max": None,
    }
    assert told["findings"] == [
        {
            "severity": "note",
            "place": "Details, row 2, RAPIDS Code",
            "message": "The code is printed as “837”",
            "done": "Read as 0837.",
        }
    ]
    assert not WorkProcessSchedule.objects.exists() and not Occupation.objects.exists()


def test_the_wage_steps_of_a_paper_are_told_in_numbers() -> None:
    told = json.loads(run(FITTER, "--dry-run", "--json"))
    assert told["wage_steps"][0] == {
        "title": "1st",
        "condition": "6 months + 1000 hours",
        "wage": "50 % [$12.00]",
        "months": 6,
        "ojt_minutes": 60_000,
        "ri_minutes": None,
        "percent": 50.0,
    }
    assert told["job_functions"][0]["competencies"] == []
    assert told["courses"][0]["ri_minutes_min"] == told["courses"][0]["ri_minutes_max"] == 750


def test_without_a_sponsor_it_is_published_and_the_same_file_changes_nothing(file: Path) -> None:
    assert "Welder, version 1 is stored" in run(file)
    renamed = file.rename(file.with_name("other name.bin"))
    assert "Welder, version 1 says the same, nothing changed" in run(renamed)
    schedule = WorkProcessSchedule.objects.get()
    assert (schedule.sponsor, schedule.status, schedule.frozen) == (None, Status.PUBLISHED, True)
    assert schedule.content_hash == content_hash(schedule)
    assert schedule.source == "Imported from “welder.xlsx”."


def test_a_changed_file_is_a_new_version_of_the_same_schedule(file: Path) -> None:
    run(file)
    rows = [["Work Process Title", "Minimum Hours"], ["Cutting", 1500], ["Welding", 2500]]
    file.write_bytes(xlsx(made(WorkProcesses=rows)))
    assert "It would be the version after Welder, version 1." in run(file, "--dry-run")
    assert "Welder, version 2 is stored" in run(file)
    first, second = WorkProcessSchedule.objects.order_by("version")
    assert first.lineage == second.lineage
    kept = [set(one.job_functions.values_list("lineage", flat=True)) for one in (first, second)]
    assert kept[0] == kept[1], "the same processes at the same places are the same requirements"


def test_for_a_sponsor_it_is_a_draft_of_its_own(file: Path) -> None:
    sponsor = Sponsor.objects.create(name="Lakeside")
    run(file)
    assert "Welder, version 1 is stored" in run(file, sponsor="lakeside")
    draft = WorkProcessSchedule.objects.get(sponsor=sponsor)
    assert (draft.status, draft.frozen, draft.version) == (Status.DRAFT, False, 1)
    assert "nothing changed" in run(file, sponsor="Lakeside")
    with pytest.raises(CommandError, match="no sponsor called “Nobody”"):
        run(file, sponsor="Nobody")


def test_a_refusal_is_an_exit_status_a_reason_and_with_json_still_one_object(tmp_path: Path) -> None:
    path = tmp_path / "letter.docx"
    path.write_bytes(papers.letter())
    said = StringIO()
    with pytest.raises(CommandError, match=r"Nothing was stored\. letter\.docx: has no work process"):
        call_command("import_schedule", str(path), "--json", stdout=said)
    told = json.loads(said.getvalue())
    assert (told["format"], told["occupation"]["title"], told["job_functions"]) == (None, None, [])
    assert told["findings"][0]["severity"] == "error" and "letter" in told["findings"][0]["message"]
    with pytest.raises(CommandError, match="No such file"):
        run(tmp_path / "nowhere.docx")
    assert not WorkProcessSchedule.objects.exists()


def test_a_sheet_without_a_title_is_stored_under_the_title_that_is_given(tmp_path: Path) -> None:
    path = tmp_path / "processes.csv"
    path.write_text("Work Process Title,Minimum Hours\nCutting,100\n", encoding="utf-8")
    with pytest.raises(CommandError, match="title: is missing"):
        run(path)
    assert "Sawyer, version 1 is stored" in run(path, title="Sawyer")


def test_several_schedules_of_one_file_are_stored_together_or_not_at_all(tmp_path: Path) -> None:
    path = tmp_path / "page.json"
    work = {"dwas": [{"title": "Cut", "tasks": ["Saw"]}], "occType": "Time-Based"}
    titles = [{"occupationTitle": title} | work for title in ("Sawyer", "Filer")]
    path.write_text(json.dumps({"wps": titles}), encoding="utf-8")
    assert "It holds 2 schedules; the others are: Filer" in run(path, "--json")
    assert WorkProcessSchedule.objects.count() == 2
    path.write_text(json.dumps({"wps": [titles[0], {"occupationTitle": ""} | work]}), encoding="utf-8")
    with pytest.raises(CommandError, match="title: is missing"):
        run(path)
    assert WorkProcessSchedule.objects.count() == 2


def test_five_thousand_rows_take_a_few_queries_for_each_hundred(tmp_path: Path) -> None:
    def queries(rows: int) -> int:
        path = tmp_path / f"{rows}.xlsx"
        heads = ["Work Process Title", "Skill Title"]
        lines = [[f"Process {number // 50}", f"Skill {rows} {number}"] for number in range(rows)]
        details = [["Occupation Title", "Type"], [f"Welder {rows}", "Competency-based"]]
        path.write_bytes(xlsx(made(Details=details, WorkProcesses=[heads, *lines])))
        with CaptureQueriesContext(
            connection,
        ) as captured:
            run(path, sponsor="Lakeside")
        assert Competency.objects.filter(job_function__schedule__title=f"Welder {rows}").count() == rows
        return len(captured)

    Sponsor.objects.create(name="Lakeside")
    few, many = queries(1_000), queries(5_000)
    assert (many - few) <= 40 * 3, f"{few} queries for 1,000 rows, {many} for 5,000"
