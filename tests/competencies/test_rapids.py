"""RAPIDS data-sharing JSON: a page, pages, one schedule."""

import json
from typing import Any

from competencies.imports.recognise import read


def schedule(**changes: Any) -> dict[str, Any]:
    return {
        "sponsorName": "Ann Arbor",
        "sponsorNumber": "2024-MI-136422",
        "occupationTitle": "ALARM OPERATOR (Gov Serv) (0870CBV1)",
        "onetSocCode": "43-5031.00",
        "rapidsCode": "0870CB",
        "occType": "Competency-Based",
        "jobDesc": "Answers alarms.",
        "isWPSUploaded": True,
        "createdDt": "2024-06-13",
        "dwas": [
            {
                "title": "Answer calls",
                "tasks": ["Greets callers; Logs calls (time; place);"],
                "minHours": 0,
                "maxHours": 0,
            },
            {"title": "", "tasks": []},
        ],
    } | changes


def readings(value: Any) -> Any:
    return read(json.dumps(value).encode(), name="rapids.json")


def test_a_schedule_of_a_page_has_its_tasks_as_competencies() -> None:
    (found,) = readings({"totalCount": 1, "wps": [schedule()]})
    outline = found.outline
    assert (found.format, outline.title, outline.rapids_code) == (
        "rapids",
        "Alarm Operator (Gov Serv)",
        "0870CB",
    )
    (function,) = outline.job_functions
    assert [one.title for one in function.competencies] == ["Greets callers", "Logs calls (time; place)"]
    assert (function.ojt_minutes_min, function.ojt_minutes_max) == (None, None)
    assert ("Program number", "2024-MI-136422") in outline.registration
    assert outline.context == "Answers alarms."


def test_tasks_of_hours_are_text_and_the_hours_are_minutes() -> None:
    works = [{"title": "Cut", "tasks": ["Mark; Saw"], "minHours": "100", "maxHours": 200.5}]
    for way, approach in (("Hybrid", "hybrid"), ("Time-Based", "time")):
        (found,) = readings([schedule(occType=way, rapidsCode=157, occupationTitle="Sawyer", dwas=works)])
        (function,) = found.outline.job_functions
        assert (found.outline.approach, found.outline.rapids_code) == (approach, "0157")
        assert (function.details, function.competencies) == ("Mark\nSaw", ())
        assert (function.ojt_minutes_min, function.ojt_minutes_max) == (6000, 12030)


def test_pages_give_every_schedule_once_and_say_what_the_file_lacks() -> None:
    pages = [
        {"totalCount": 645, "wps": [schedule(), schedule(occupationTitle="SAWYER", rapidsCode="0001CB")]},
        {"totalCount": 645, "wps": [schedule()]},
    ]
    first, second = readings(pages)
    assert [one.outline.title for one in (first, second)] == ["Alarm Operator (Gov Serv)", "Sawyer"]
    assert any("The service has 645 schedules, the file holds 3" in one.message for one in first.findings)


def test_bytes_that_are_no_text_are_left_out_and_another_code_in_the_title_is_a_warning() -> None:
    value = schedule(occupationTitle="ALARM OPERATOR (0871)", jobDesc="Xs.")
    (found,) = read(json.dumps(value).encode().replace(b"Xs.", b"\xa0Alarms."), name="x")
    assert found.outline.context == "Alarms."
    assert any("The code is 0870CB, the title says 0871" in one.message for one in found.findings)
