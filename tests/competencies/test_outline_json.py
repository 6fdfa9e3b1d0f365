"""An outline written as JSON is read back as it was."""

import pytest

from competencies.imports.outline import ScheduleOutline, content_hash
from competencies.imports.outline_json import read
from competencies.imports.to_json import write
from tests.competencies.conftest import FIXTURES


@pytest.mark.parametrize("name", ["medical-coder", "licensed-practical-nurse", "sprinkler-fitter"])
def test_a_standard_of_ours_is_written_and_read_back_whole(name: str) -> None:
    outline = read((FIXTURES / f"{name}.json").read_bytes(), name=name)
    assert isinstance(outline, ScheduleOutline)
    again = read(write(outline), name="again")
    assert isinstance(again, ScheduleOutline)
    assert (again, content_hash(again)) == (outline, content_hash(outline))
