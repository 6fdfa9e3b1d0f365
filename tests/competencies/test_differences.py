"""What two versions say differently."""

from dataclasses import replace
from typing import Any
from uuid import uuid4

import pytest

from competencies.differences import Difference, compare, word_changes
from competencies.imports import outline as o
from competencies.imports.rows import schedule_outline
from competencies.models import WorkProcessSchedule


@pytest.fixture
def before(coder: WorkProcessSchedule) -> o.ScheduleOutline:
    return schedule_outline(coder)


def with_first(before: o.ScheduleOutline, **changes: Any) -> o.ScheduleOutline:
    """The document with another first job function."""
    first, *others = before.job_functions
    return replace(before, job_functions=(replace(first, **changes), *others))


def changes(before: o.ScheduleOutline, after: o.ScheduleOutline) -> list[Difference]:
    return [row for part in compare(before, after).parts for row in part.changes]


def test_a_document_against_itself_keeps_everything(before: o.ScheduleOutline) -> None:
    found = compare(before, before)
    assert found.same
    assert found.kept_percent == 100
    counts = [part.counts["kept"] for part in found.parts if part.title[0].isdigit()]
    assert counts == [1 + 2 + 6, 1 + 7 + 31, 1 + 3 + 13, 1 + 4 + 14, 1 + 4 + 14]


def test_a_fact_beside_the_words_is_a_change_with_its_name(before: o.ScheduleOutline) -> None:
    (row,) = changes(before, with_first(before, core=False, ojt_minutes_min=6000, ojt_minutes_max=6000))
    assert row.kind == "changed"
    assert row.facts == [("kind", "core", "optional"), ("hours on the job", "", "100 h")]


def test_a_renumbered_competency_is_a_change_of_its_place(before: o.ScheduleOutline) -> None:
    first = before.job_functions[0]
    moved = replace(first.competencies[0], letter="z")
    after = with_first(before, competencies=(moved, *first.competencies[1:]))
    row = changes(before, after)[0]
    assert (row.said.what, row.facts) == ("competency", [("place", "1a", "1z")])


def test_what_has_no_common_lineage_is_left_out_and_added_however_alike(before: o.ScheduleOutline) -> None:
    first = before.job_functions[0]
    reworded = replace(first.competencies[0], title=first.competencies[0].title + " daily", lineage=uuid4())
    found = compare(before, with_first(before, competencies=(reworded, *first.competencies[1:])))
    kinds = [row.kind for part in found.parts for row in part.changes if row.said.what == "competency"]
    assert sorted(kinds) == ["added", "removed"]
    (one,) = found.suggestions()
    assert (one.before.text, one.after.text) == (first.competencies[0].title, reworded.title)
    assert [piece.text for piece in one.words if piece.kind == "added"] == ["daily"]
    lineage = first.competencies[0].lineage
    assert lineage and reworded.lineage
    assert found.suggestions(refused=[(lineage, reworded.lineage)]) == []


def test_a_job_function_that_is_gone_stands_with_everything_in_it(before: o.ScheduleOutline) -> None:
    found = compare(before, replace(before, job_functions=before.job_functions[:-1]))
    assert found.parts[-1].title.startswith("5.") or found.parts[-2].title.startswith("5.")
    assert found.counts["removed"] == 1 + 4 + 14
    assert found.counts["changed"] == found.counts["added"] == 0


def test_what_the_document_says_of_itself_is_compared_too(before: o.ScheduleOutline) -> None:
    after = replace(before, approach="hybrid", minimum_ojt_minutes=120_000, purpose="")
    said = {row.said.what: row.kind for row in changes(before, after)}
    assert said == {"approach": "added", "minimum OJT hours": "added", "purpose": "removed"}


@pytest.mark.parametrize(
    ("before", "after", "pieces"),
    [
        ("Codes charts", "Codes charts", [("same", "Codes charts")]),
        ("", "Codes", [("added", "Codes")]),
        ("Codes", "", [("removed", "Codes")]),
        ("Codes all", "Codes most", [("same", "Codes"), ("removed", "all"), ("added", "most")]),
    ],
)
def test_words_are_compared_in_reading_order(before: str, after: str, pieces: list[tuple[str, str]]) -> None:
    assert [(piece.kind, piece.text) for piece in word_changes(before, after)] == pieces
