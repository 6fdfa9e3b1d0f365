"""The page on which a coordinator states ratio, wages, probation and selection."""

from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from apprenticeship.appendix import contradictions, missing
from apprenticeship.models import Program, WageStep
from tests.cast import Cast

pytestmark = pytest.mark.django_db
SAID = {
    "registration_agency": "Office of Apprenticeship",
    "ratio_apprentices": "1",
    "ratio_journeyworkers": "2",
    "ratio_note": "per office",
    "journeyworker_wage": "31.50",
    "probation_months": "3",
    "selection_procedure": "Interviews, scored.",
}
ROWS: list[dict[str, str]] = [
    {"percent": "60"},
    {"months": "6", "hours": "1000", "percent": "72.5"},
    {},
    {"competencies": "11", "dollars": "28"},
]


@pytest.fixture
def nora(cast: Cast, client: Client) -> Client:
    client.force_login(cast.nora)
    return client


def address(cast: Cast) -> str:
    return reverse("for-registration", args=[cast.program.uid])


def sent(rows: list[dict[str, str]], **changes: str) -> dict[str, str]:
    data = SAID | {"steps-TOTAL_FORMS": str(len(rows)), "steps-INITIAL_FORMS": "0"} | changes
    return data | {f"steps-{n}-{field}": typed for n, row in enumerate(rows) for field, typed in row.items()}


def test_nora_states_everything_and_the_steps_are_numbered_without_the_empty_row(
    cast: Cast, nora: Client
) -> None:
    answer = nora.post(address(cast), sent(ROWS))
    assert answer.status_code == 302
    program = Program.objects.get(pk=cast.program.pk)
    assert (program.ratio_apprentices, program.ratio_journeyworkers) == (1, 2)
    assert (program.journeyworker_wage_cents, program.probation_months) == (3150, 3)
    columns = ("number", "from_minutes", "from_months", "from_competencies", "percent", "cents")
    assert list(program.wage_steps.values_list(*columns)) == [
        (1, None, None, None, Decimal(60), None),
        (2, 60000, 6, None, Decimal("72.50"), None),
        (3, None, None, 11, None, 2800),
    ]
    page = nora.get(address(cast)).content.decode()
    assert 'value="72.5"' in page and 'value="28.00"' in page and 'value="1000"' in page
    assert "Everything that an Appendix A needs is stated." in page


def test_the_page_says_what_an_appendix_a_still_needs(cast: Cast, nora: Client) -> None:
    page = nora.get(address(cast)).content.decode()
    for needed in ("the ratio of apprentices", "the wage schedule", "the probationary period", "selection"):
        assert needed in page
    assert "related instruction outline" not in page


def test_steps_in_per_cent_need_the_wage_they_are_of(cast: Cast, nora: Client) -> None:
    nora.post(address(cast), sent(ROWS, journeyworker_wage=""))
    program = Program.objects.get(pk=cast.program.pk)
    assert [one.what for one in missing(program)] == [
        "the journeyworker wage, of which the wage steps are per cent"
    ]
    WageStep.objects.filter(percent__isnull=False).delete()
    assert missing(Program.objects.get(pk=program.pk)) == []


@pytest.mark.parametrize(
    ("rows", "changes", "told"),
    [
        ([{"percent": "60"}, {"percent": "60"}], {}, "Write more than 60"),
        ([{"percent": "60"}, {"dollars": "20", "percent": "70"}], {}, "either in per cent or in dollars"),
        ([{"hours": "1000"}], {}, "either in per cent or in dollars"),
        ([{"hours": "1000", "percent": "50"}, {"hours": "900", "percent": "60"}], {}, "Write 1000 or more"),
        ([{"percent": "a lot"}], {}, "Write a number"),
        ([{"percent": "101"}], {}, "Write 100 or less"),
        ([], {"probation_months": "4"}, "Write a number from 1 to 3"),
        ([], {"ratio_journeyworkers": ""}, "A ratio has two numbers"),
        ([], {"ratio_apprentices": "0"}, "A ratio has two numbers"),
        ([], {"journeyworker_wage": "-1"}, "Write 0.01 or more"),
    ],
)
def test_what_makes_no_sense_is_told_beside_its_field_and_nothing_is_saved_or_lost(
    cast: Cast, nora: Client, rows: list[dict[str, str]], changes: dict[str, str], told: str
) -> None:
    answer = nora.post(address(cast), sent(rows, **changes))
    page = answer.content.decode()
    assert (answer.status_code, told in page) == (400, True), page
    assert "Interviews, scored." in page
    assert Program.objects.get(pk=cast.program.pk).ratio_apprentices is None
    assert not WageStep.objects.exists()


def test_more_rows_keep_what_was_typed_and_check_nothing(cast: Cast, nora: Client) -> None:
    page = nora.post(address(cast), sent([{"percent": "a lot"}], more="1")).content.decode()
    assert 'value="a lot"' in page and "Write a number" not in page and "Interviews, scored." in page
    assert 'name="steps-3-percent"' in page and 'name="steps-4-percent"' not in page
    assert Program.objects.get(pk=cast.program.pk).selection_procedure == ""


def test_probation_is_at_most_a_quarter_of_the_hours(cast: Cast, nora: Client) -> None:
    Program.objects.filter(pk=cast.program.pk).update(ojt_minutes_required=2000 * 60)
    told = nora.post(address(cast), sent([], probation_hours="501")).content.decode()
    assert "Write 500 h or less" in told
    assert nora.post(address(cast), sent([], probation_hours="500")).status_code == 302


def test_hours_that_do_not_add_up_are_told_and_kept(cast: Cast) -> None:
    Program.objects.filter(pk=cast.program.pk).update(ri_minutes_required=150 * 60)
    program = Program.objects.get(pk=cast.program.pk)
    assert contradictions(program) == ["The courses add up to 144 h, the term says 150 h."]


def test_wages_that_fall_between_per_cent_and_dollars_are_told(cast: Cast) -> None:
    cast.program.journeyworker_wage_cents = 3000
    WageStep.objects.create(program=cast.program, number=1, percent=50)
    WageStep.objects.create(program=cast.program, number=2, cents=1400)
    assert contradictions(cast.program) == ["Wage step 2 pays no more than step 1."]


def test_the_page_makes_no_more_queries_for_more_steps(
    cast: Cast, nora: Client, django_assert_max_num_queries: Any
) -> None:
    for number in range(1, 11):
        WageStep.objects.create(program=cast.program, number=number, percent=number * 9)
    with django_assert_max_num_queries(16):
        nora.get(address(cast))


def test_only_coordinators_of_the_sponsor_open_it(cast: Cast, client: Client) -> None:
    for person, status in ((cast.ruth, 403), (cast.marcus, 403), (cast.olga, 404)):
        client.force_login(person)
        assert client.get(address(cast)).status_code == status


def test_what_an_appendix_a_needs_is_not_called_optional(nora: Client, cast: Cast) -> None:
    page = nora.get(address(cast)).text
    assert "Program number <span" in page
    for label in ("Apprentices", "Journeyworker wage, $ an hour", "Selection procedure"):
        assert f"{label}</label>" in page
