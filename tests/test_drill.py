"""What `make drill` writes down; the drill itself is too long for the gate."""

from datetime import date
from pathlib import Path

import pytest

import drill.__main__ as whole
from drill import one, page, subjects
from drill.figures import Figure, none_of, quantile
from machine.programs import Programs

pytestmark = pytest.mark.once

LOST = none_of("reports lost", ["a1 | b2"], among=20)
DAY = date(2026, 11, 27)


@pytest.fixture(autouse=True)
def _own_page(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(page, "PATH", tmp_path / "drill.md")


def section(name: str, *figures: Figure) -> page.Section:
    return page.Section(name, name.title(), DAY, {"postgresql": list(figures)})


def test_part_of_a_drill_replaces_its_own_section_alone() -> None:
    page.write([section("queue", LOST), section("web", LOST)], whole=True)
    page.write([section("queue", Figure("reports lost", "0 of 20", "0 of 20", met=True))], whole=False)
    text = page.PATH.read_text()
    assert text.count("| reports lost |") == 2
    assert text.index("## Queue") < text.index("| yes |") < text.index("## Web") < text.index("| **no** |")
    page.write([section("web", LOST)], whole=True)
    assert "## Queue" not in page.PATH.read_text()


def test_what_was_found_cannot_break_the_table() -> None:
    assert "a1 \\| b2" in section("queue", LOST).text()


def test_every_subject_says_what_it_is_and_how_long_it_may_take() -> None:
    for name in subjects.names():
        module = subjects.subject(name)
        assert module.TITLE and module.SECONDS > 0 and callable(module.figures)
        assert set(subjects.databases_of(module)) <= page.DATABASE_NAMES.keys()


def test_subject_that_takes_too_long_or_whose_process_dies_is_not_met() -> None:
    def ended(*command: str) -> list[str]:
        with Programs() as programs:
            found = whole.ends_late(programs.start("subject", list(command)), 0.5)
        assert not any(figure.met for figure in found)
        return [figure.note for figure in found]

    assert ended("sleep", "9") == ["ended after 0 s"]
    assert ended("false") == ["its process ended with status 1"]
    assert ended("true") == []
    assert one.broken(ValueError("no\nroom")).note == "ValueError: no room"


def test_what_was_told_before_the_end_counts(tmp_path: Path) -> None:
    (tmp_path / one.FIGURES).write_text(LOST.as_line() + "\n")
    assert whole.told(tmp_path / one.FIGURES) == [LOST]
    assert whole.told(tmp_path / "nothing") == []


def test_quantile_of_nothing_is_nothing() -> None:
    assert (quantile([], 0.95), quantile([3, 1, 2], 0.95), quantile([1, 2], 0.5)) == (0, 3, 2)
