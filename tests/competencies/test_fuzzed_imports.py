"""Every reader against whatever comes: an outline is read back equal; a damaged file is read or refused."""

import json
from collections.abc import Callable
from dataclasses import replace
from io import StringIO
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from django.core.management import CommandError, call_command
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from competencies.exports import word, workbook
from competencies.imports import to_json
from competencies.imports.outline import Malformed, ScheduleOutline, content_hash
from competencies.imports.recognise import read
from competencies.models import JobFunction, Occupation, WorkProcessSchedule
from tests.competencies import papers
from tests.competencies.conftest import SOURCES
from tests.competencies.outlines import schedules
from tests.competencies.test_workbook import csvs, made, ods, xlsx

SLOW = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.function_scoped_fixture]


def again(data: bytes) -> ScheduleOutline:
    (found,) = read(data, name="schedule")
    return found.outline


def holds(write: Callable[[ScheduleOutline], bytes], outline: ScheduleOutline) -> None:
    back = again(write(outline))
    assert content_hash(back) == content_hash(outline)
    assert back == outline


@settings(max_examples=60, suppress_health_check=SLOW)
@given(schedules())
def test_any_outline_comes_back_from_our_json(outline: ScheduleOutline) -> None:
    holds(to_json.write, outline)


@settings(max_examples=20, suppress_health_check=SLOW)
@given(schedules())
def test_any_outline_comes_back_from_the_workbook(outline: ScheduleOutline) -> None:
    assume(outline.job_functions or outline.courses)
    holds(workbook.write, outline)


@settings(max_examples=10, suppress_health_check=SLOW)
@given(schedules())
def test_any_outline_comes_back_from_a_word_document(outline: ScheduleOutline) -> None:
    assume(any(one.competencies or one.ojt_minutes_max for one in outline.job_functions))
    try:
        word_read = word.reader.outline_of(word.write(outline), name="paper")
    except Malformed:
        return  # pages that say nothing of work to a reader, such as a process without hours
    assert word_read.job_functions
    holds(word.write, outline)


def feed() -> bytes:
    work = {"title": "Cut", "tasks": ["Saw; File"], "minHours": 10, "maxHours": "20"}
    page = {"occupationTitle": "SAWYER (0001CB)", "rapidsCode": "0001CB", "occType": "Hybrid", "dwas": [work]}
    return json.dumps({"totalCount": 1, "wps": [page]}).encode()


WHOLE: dict[str, Callable[[], bytes]] = {
    "xlsx": lambda: xlsx(made()),
    "ods": lambda: ods(made()),
    "csvs": lambda: csvs(made()),
    "docx": papers.hybrid,
    "framework": papers.framework,
    "rapids": feed,
    "outline": lambda: to_json.write(again(papers.hybrid())),
    "fitter": lambda: (SOURCES / "appendixA-sprinkler-fitter-afsa-2023-52.docx").read_bytes(),
}
BYTES = {name: make() for name, make in WHOLE.items()}


@pytest.mark.parametrize("name", WHOLE)
@settings(max_examples=25, suppress_health_check=SLOW)
@given(data=st.data())
def test_a_damaged_file_is_read_or_refused_and_breaks_no_reader(name: str, data: st.DataObject) -> None:
    body = bytearray(BYTES[name])
    for _ in range(data.draw(st.integers(1, 8))):
        place = data.draw(st.integers(0, len(body) - 1))
        body[place] = data.draw(st.integers(0, 255))
    cut = data.draw(st.none() | st.integers(1, len(body)))
    try:
        found = read(bytes(body[:cut]), name=name)
    except Malformed as refusal:
        assert refusal.message
    else:
        assert all(isinstance(one.outline, ScheduleOutline) for one in found)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=True) | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)


@settings(max_examples=80, suppress_health_check=SLOW)
@given(
    st.sampled_from(
        ["title", "tasks", "minHours", "maxHours", "occupationTitle", "rapidsCode", "occType", "dwas"]
    ),
    JSON,
)
def test_any_value_in_a_page_of_rapids_is_read_or_refused(member: str, value: object) -> None:
    page = json.loads(feed())
    (schedule,) = page["wps"]
    (schedule["dwas"][0] if member in schedule["dwas"][0] else schedule)[member] = value
    try:
        read(json.dumps(page).encode(), name="rapids.json")
    except Malformed as refusal:
        assert refusal.message


def rows() -> list[int]:
    return [one.objects.count() for one in (WorkProcessSchedule, Occupation, JobFunction)]


@pytest.mark.django_db
@settings(max_examples=15, suppress_health_check=SLOW)
@given(data=st.data())
def test_a_damaged_file_leaves_all_of_a_schedule_or_nothing(data: st.DataObject) -> None:
    body = bytearray(BYTES["rapids"])
    body[data.draw(st.integers(0, len(body) - 1))] = data.draw(st.integers(32, 126))
    before = rows()
    with TemporaryDirectory() as folder:
        path = Path(folder) / "page.json"
        path.write_bytes(bytes(body))
        try:
            call_command("import_schedule", str(path), stdout=StringIO())
        except CommandError:
            assert rows() == before
    assert not WorkProcessSchedule.objects.filter(job_functions=None).exists()


def test_the_longest_texts_that_a_cell_cannot_hold_come_back_as_well() -> None:
    outline = again(papers.hybrid())
    holds(workbook.write, replace(outline, notes="A long story. " * 5_000))
