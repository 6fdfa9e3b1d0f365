"""A coordinator starts a program from a published schedule, sets it, and elects what is optional."""

from collections.abc import Iterator
from dataclasses import replace

import pytest
import time_machine
from django.core.management import call_command
from django.test import Client
from django.urls import reverse

from accounts.models import Membership
from apprenticeship.forms.programs import _code_help, read_courses
from apprenticeship.models import Employer, Program
from competencies.imports.rows import schedule_outline
from competencies.models import RatingScale, WorkProcessSchedule
from competencies.versions import bring_in
from ojt_logs.progress import progress_of
from tests.cast import NOW, Cast

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def that_friday() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def ivys(cast: Cast, client: Client) -> Client:
    """Ivy's browser: she runs a sponsor that has no program yet."""
    client.force_login(cast.ivy)
    return client


def national() -> WorkProcessSchedule:
    return WorkProcessSchedule.objects.get(sponsor=None, occupation__rapids_code="1114", version=1)


def starting(cast: Cast, schedule: WorkProcessSchedule | None = None) -> str:
    return f"{reverse('program-new')}?schedule={(schedule or national()).uid}"


def typed(**changed: object) -> dict[str, object]:
    ivys_sponsor = Membership.objects.filter(user__name="Ivy Stone")[0].sponsor_id
    return {
        "sponsor": ivys_sponsor,
        "name": "Coders at home",
        "approach": "competency",
        "rating_scale": RatingScale.objects.get(name="0-4").pk,
        "term_months": 18,
        "ojt_minutes_required": "",
        "ri_minutes_required": "",
        "courses": "MC 101; Medical coding I; 72\nAnatomy; 40",
        "rapids_code": "",
        "program_number": "2026-IL-7",
        "time_zone": "America/Denver",
        "figures_note": "",
    } | changed


def test_the_help_of_the_code_names_the_code_that_the_schedule_prints(cast: Cast) -> None:
    schedule = cast.program.schedule
    printed = type(schedule)(
        occupation=schedule.occupation, title="Fitting", approach="time", rapids_code="0414S-R"
    )
    assert "0414CB competency-based, 0414HY hybrid, 0414S-R time-based" in _code_help(printed)


def test_ivy_starts_her_first_program_in_one_form(cast: Cast, ivys: Client) -> None:
    assert reverse("program-new") in ivys.get(reverse("programs")).text
    assert starting(cast).split("?")[1] in ivys.get(reverse("program-new")).text
    page = ivys.get(starting(cast)).text
    assert "1114CB competency-based" in page and "Coders at home" not in page
    program_page = ivys.post(starting(cast), typed())
    program = Program.objects.get(name="Coders at home")
    assert program_page.headers["Location"] == reverse("program", args=[program.uid])
    assert ivys.get(program_page.headers["Location"]).status_code == 200
    assert (program.sponsor.name, program.approach, program.rapids_code) == (
        "Ivy Stone Billing",
        "competency",
        "1114CB",
    )
    assert (program.term_months, program.time_zone, program.program_number) == (
        18,
        "America/Denver",
        "2026-IL-7",
    )
    copy = program.schedule
    assert copy.frozen and copy.sponsor == program.sponsor and copy.lineage == national().lineage
    assert program.scale == RatingScale.objects.get(name="0-4")
    assert [(row.code, row.title, row.ri_minutes) for row in copy.courses.all()] == [
        ("MC 101", "Medical coding I", 72 * 60),
        ("", "Anatomy", 40 * 60),
    ]
    assert (program.ri_minutes_required, program.ri_required(copy)) == (None, 112 * 60)


def test_a_program_that_signs_competencies_needs_some(cast: Cast, ivys: Client) -> None:
    bare = national()
    outline = replace(schedule_outline(bare), lineage=None, title="Clerk", job_functions=())
    clerk, _ = bring_in(outline, now=NOW)
    assert "lists no competencies to sign" in ivys.post(starting(cast, clerk), typed()).text
    assert not Program.objects.filter(name="Coders at home").exists()


def test_a_second_program_of_the_same_choices_shares_the_copy(cast: Cast, ivys: Client) -> None:
    ivys.post(starting(cast), typed())
    first = Program.objects.get(name="Coders at home")
    own = first.schedule
    ivys.post(starting(cast, own), typed(name="Coders in town", courses=""))
    assert Program.objects.get(name="Coders in town").schedule == own
    ivys.post(
        starting(cast, own), typed(name="Coders by hours", approach="hybrid", ojt_minutes_required="2,000")
    )
    third = Program.objects.get(name="Coders by hours")
    assert (third.schedule.version, third.rapids_code, third.approach) == (2, "1114HY", "hybrid")
    assert third.ojt_required(third.schedule) == 2000 * 60
    assert third.schedule.courses.count() == 2


@pytest.mark.parametrize(
    ("mistake", "remedy"),
    [
        ({"name": ""}, "required"),
        ({"rating_scale": ""}, "Choose one: in this approach"),
        ({"approach": "time"}, "completed by hours"),
        ({"approach": "hybrid", "ojt_minutes_required": "many"}, "Write the hours as a number"),
        ({"ri_minutes_required": "0"}, "Write hours above 0"),
        ({"rapids_code": "coder"}, "not a RAPIDS code"),
        ({"time_zone": "Mars/Olympus"}, "valid choice"),
        ({"courses": "Anatomy; 40\nA; B; C; D; E"}, "Line 2: Write at most code; title; hours."),
    ],
)
def test_a_mistake_is_told_beside_its_field_and_nothing_is_lost(
    cast: Cast, ivys: Client, mistake: dict[str, object], remedy: str
) -> None:
    before = WorkProcessSchedule.objects.count()
    page = ivys.post(starting(cast), typed(**mistake)).text
    assert remedy in page and "2026-IL-7" in page
    assert not Program.objects.filter(sponsor__name="Ivy Stone Billing").exists()
    assert WorkProcessSchedule.objects.count() == before


def test_a_name_is_used_once_at_a_sponsor(cast: Cast, ivys: Client) -> None:
    ivys.post(starting(cast), typed())
    assert "has a program of this name" in ivys.post(starting(cast), typed()).text
    assert Program.objects.filter(name="Coders at home").count() == 1


def test_nobody_starts_a_program_at_a_sponsor_they_do_not_run(cast: Cast, ivys: Client) -> None:
    ivys.post(starting(cast), typed(sponsor=cast.lakeside.pk))
    assert not Program.objects.filter(name="Coders at home").exists()
    assert ivys.get(starting(cast, cast.program.schedule)).status_code == 404
    for person in (cast.marcus, cast.ruth, cast.ana_user):
        ivys.force_login(person)
        assert ivys.get(reverse("program-new")).status_code == 403
    Membership.objects.filter(user=cast.nora).update(
        employer=Employer.objects.create(sponsor=cast.lakeside, name="North Clinic")
    )
    ivys.force_login(cast.nora)
    assert ivys.get(reverse("program-new")).status_code == 403


def test_the_schedule_page_offers_to_start_to_those_who_may(cast: Cast, client: Client) -> None:
    page = reverse("schedule", args=[national().uid])
    for person, offered in ((None, False), (cast.nora, True), (cast.ruth, False), (cast.marcus, False)):
        client.logout()
        if person:
            client.force_login(person)
        assert ("Start a program from this" in client.get(page).text) is offered


def test_courses_are_read_as_people_write_them() -> None:
    (one, two, three) = read_courses("MC 101; Medical coding I; 72\n\nAnatomy\t40\nEthics 2")
    assert (one.code, one.title, one.ri_minutes) == ("MC 101", "Medical coding I", 4320)
    assert (two.code, two.title, two.ri_minutes) == ("", "Anatomy", 2400)
    assert (three.code, three.title, three.ri_minutes) == ("", "Ethics 2", None)


def settings_of(program: Program, **changed: object) -> dict[str, object]:
    return {
        "name": program.name,
        "rapids_code": program.rapids_code,
        "program_number": program.program_number,
        "time_zone": program.time_zone,
        "figures_note": program.figures_note,
        "term_months": program.term_months,
        "minimum_months": program.minimum_months,
        "ojt_minutes_required": "",
        "ri_minutes_required": "144",
        **({"takes_files": "on"} if program.takes_files else {}),
        "reporting_period": program.reporting_period,
        "reporting_due_days": program.reporting_due_days,
        "reporting_grace_days": program.reporting_grace_days,
    } | changed


def test_what_progress_is_measured_by_stays_while_somebody_is_registered(cast: Cast, client: Client) -> None:
    client.force_login(cast.nora)
    page = reverse("program-settings", args=[cast.program.uid])
    assert "2 apprentices are registered" in client.get(page).text
    sent = settings_of(cast.program, name="Coders", term_months=99, ri_minutes_required="1")
    assert client.post(page, sent).status_code == 302
    cast.program.refresh_from_db()
    assert (cast.program.name, cast.program.term_months) == ("Coders", 12)
    assert cast.program.ri_minutes_required == 144 * 60
    Program.objects.create(
        sponsor=cast.lakeside, name="Second", schedule=cast.program.schedule, approach="competency"
    )
    second = Program.objects.get(name="Second")
    page = reverse("program-settings", args=[second.uid])
    assert "has a program of this name already" in client.post(page, settings_of(second, name="Coders")).text
    assert client.post(page, settings_of(second, term_months=24)).status_code == 302
    second.refresh_from_db()
    assert (second.term_months, second.ri_minutes_required) == (24, 144 * 60)


def test_an_auditor_reads_the_settings_and_changes_none(cast: Cast, client: Client) -> None:
    client.force_login(cast.ruth)
    for name in ("program-settings", "program-elections"):
        page = reverse(name, args=[cast.program.uid])
        assert ">Save<" not in client.get(page).text
        assert client.post(page, settings_of(cast.program)).status_code == 403


def test_an_elected_job_function_counts_for_everybody(cast: Cast, client: Client) -> None:
    client.force_login(cast.nora)
    page = reverse("program-elections", args=[cast.program.uid])
    assert progress_of(cast.ana).competencies_counted == 16
    fifth = cast.function(5)
    answer = client.post(page, {f"function-{fifth.lineage}": "on"}, follow=True)
    assert answer.redirect_chain == [(page, 302)], "where one was, to elect more"
    assert "Saved. Everybody&#x27;s progress counts accordingly." in answer.text
    cast.program.refresh_from_db()
    assert set(cast.program.elected_functions.all()) == {fifth}
    cast.ana.refresh_from_db()
    assert progress_of(cast.ana).competencies_counted == 17
    assert f'name="function-{fifth.lineage}"' in client.get(page).text
    assert client.post(page, {}).status_code == 302
    assert not cast.program.elected_functions.exists()


def test_what_is_elected_for_one_apprentice_counts_for_her_alone(cast: Cast, client: Client) -> None:
    client.force_login(cast.nora)
    page = reverse("registration-elections", args=[cast.ana.uid])
    fifth = cast.function(5)
    assert client.post(page, {f"function-{fifth.lineage}": "on"}).status_code == 302
    cast.ana.refresh_from_db()
    assert progress_of(cast.ana).competencies_counted == 17
    assert progress_of(cast.ben).competencies_counted == 16


def test_what_the_program_elects_is_not_taken_from_one_apprentice(cast: Cast, client: Client) -> None:
    fifth, optional = cast.function(5), cast.competency("5a")
    cast.program.elected_functions.add(fifth)
    client.force_login(cast.nora)
    page = reverse("registration-elections", args=[cast.ana.uid])
    assert "elected by the program" in client.get(page).text
    assert client.post(page, {f"competency-{optional.lineage}": "on"}).status_code == 302
    assert not cast.ana.elected_functions.exists()
    assert set(cast.ana.elected_competencies.all()) == {optional}
    assert progress_of(cast.ana).competencies_counted == 18


def test_only_a_time_based_program_says_whether_function_hours_bind(cast: Cast, client: Client) -> None:
    client.force_login(cast.nora)
    page = reverse("program-settings", args=[cast.program.uid])
    assert 'name="function_hours_bind"' not in client.get(page).text
    Program.objects.filter(pk=cast.program.pk).update(approach="time", ojt_minutes_required=120_000)
    assert 'name="function_hours_bind"' in client.get(page).text


def test_the_term_follows_from_the_hours_that_a_schedule_states(cast: Cast, client: Client) -> None:
    client.force_login(cast.nora)
    call_command("load_standards", "fixtures/standards/sprinkler-fitter.json", verbosity=0)
    fitter = WorkProcessSchedule.objects.get(sponsor=None, title__contains="Sprinkler")
    page = client.get(reverse("program-new"), {"schedule": fitter.uid}).text
    assert fitter.minimum_ojt_minutes == 8000 * 60
    assert 'name="term_months" value="48"' in page


def test_what_the_approach_may_need_is_not_called_optional(ivys: Client, cast: Cast) -> None:
    page = ivys.get(starting(cast)).text
    assert "Program number <span" in page
    for label in ("On-the-job hours", "Rating scale", "RAPIDS code"):
        assert f"{label}</label>" in page
