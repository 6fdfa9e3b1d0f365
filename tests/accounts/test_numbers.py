"""How numbers of things are written."""

import pytest

from accounts.numbers import count_of


@pytest.mark.parametrize(
    ("number", "finding", "entry"),
    [(0, "0 findings", "0 entries"), (1, "1 finding", "1 entry"), (2, "2 findings", "2 entries")],
)
def test_a_number_of_things_is_written_with_its_noun(number: int, finding: str, entry: str) -> None:
    assert count_of(number, "finding") == finding
    assert count_of(number, "entry", "entries") == entry
