"""What `make bench` writes down; the measuring itself is too long for the gate."""

from datetime import date
from importlib import import_module
from pathlib import Path

import pytest

import benchmarks.__main__ as whole
from benchmarks import page
from benchmarks.figures import Figure, beside, figure, in_turn, met
from benchmarks.peak import rate
from benchmarks.scaling import fitted
from drill.page import DATABASE_NAMES

pytestmark = pytest.mark.once

DAY = date(2026, 11, 27)
SLOW = figure("hours | list", 3.0, 1.5, goal="<= 1.5", n=50)


@pytest.fixture(autouse=True)
def _own_page(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(page, "PATH", tmp_path / "performance.md")
    page.PATH.write_text(f"Said by people.\n{page.BEGIN}\n{page.END}\nAlso by people.\n")


def test_figure_is_met_as_its_goal_says() -> None:
    assert [met(1.5, goal) for goal in ("<= 1.5", "<= 1.4", ">= 1.5", ">= 30", "= 1.5")] == [
        *(True, False, True, False, True)
    ]
    with pytest.raises(ValueError, match="no goal"):
        met(1, "about 2")


def test_line_of_a_figure_says_all_of_it() -> None:
    assert Figure.of_line(SLOW.as_line()) == SLOW
    assert (SLOW.ratio, SLOW.met) == (2.0, False)


def test_ours_and_the_floor_run_turn_by_turn() -> None:
    ran: list[str] = []
    in_turn(lambda: ran.append("ours"), lambda: ran.append("floor"), n=2)
    assert ran == ["ours", "floor", "floor", "ours"] * 2
    assert beside("nothing", lambda: None, lambda: None, goal="<= 1000", n=3).n == 3


def test_table_replaces_the_one_of_the_run_before_and_keeps_its_ratios() -> None:
    page.write([SLOW], day=DAY, whole=True)
    page.write([figure("hours | list", 1.2, 1.0, goal="<= 1.5", n=50)], day=DAY, whole=True)
    text = page.PATH.read_text()
    assert text.startswith("Said by people.") and text.endswith("Also by people.\n")
    (row,) = [line for line in text.splitlines() if line.startswith("| hours")]
    assert row == "| hours / list | 1.20 ms | 1.00 ms | 1.20 | <= 1.5 | yes | 50 | 2.00 |"


def test_part_of_a_run_replaces_its_own_rows_alone() -> None:
    page.write([SLOW, figure("paging", 1, 1, goal="<= 1.2", n=50)], day=DAY, whole=True)
    page.write([figure("paging", 2, 1, goal="<= 1.2", n=50)], day=DAY, whole=False)
    text = page.PATH.read_text()
    assert "| hours / list | 3.00 ms |" in text
    assert "| paging | 2.00 ms | 1.00 ms | 2.00 | <= 1.2 | **no** | 50 | 1.00 |" in text
    assert "2 figures, 2 of them not met." in text
    page.write([SLOW], day=DAY, whole=True)
    assert "| paging" not in page.PATH.read_text()


def test_every_subject_of_the_bench_gives_figures_of_known_databases() -> None:
    for name in whole.SUBJECTS:
        module = import_module(f"benchmarks.{name}")
        assert callable(module.figures)
        assert set(getattr(module, "DATABASES", ())) <= DATABASE_NAMES.keys()


def test_line_that_fits_three_sizes_is_found() -> None:
    constant, slope = fitted([(10.0, 25.0), (100.0, 205.0), (1000.0, 2005.0)])
    assert (round(constant, 6), round(slope, 6)) == (5.0, 2.0)
    assert fitted([(10.0, 25.0)]) == (0.0, 2.5)


def test_peak_is_a_third_of_all_apprentices_within_two_hours() -> None:
    assert round(rate(1.0), 1) == 31.5
