"""The demo: what it brings, that it keeps the rules, and where it refuses."""

from datetime import UTC, date, datetime
from typing import Any

import pytest
import time_machine
from django.core.management import CommandError, call_command
from django.db.models import F
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import Membership, Sponsor, User
from apprenticeship.appendix import contradictions
from apprenticeship.models import Apprentice, Program
from competencies.models import WorkProcessSchedule
from ledger import chain
from ledger.models import Entry
from ojt_logs import rollup
from ojt_logs.demo import play
from ojt_logs.demo.stage import people_of, read_plan
from ojt_logs.models import (
    HoursEntry,
    HoursTotal,
    Notice,
    NoWorkPeriod,
    PaidHours,
    PeriodicReview,
    SignOff,
    SignOffRequest,
)
from ojt_logs.progress import Progress, progress
from ojt_logs.wages import wages_of
from reports.documents import blank_schedule

pytestmark = pytest.mark.django_db
FRIDAY = date(2026, 11, 20)
FITTERS = "Sprinkler fitters"
EXPECTED = {
    "Ana": (77640, 420, 5760),
    "Ben": (63300, 2430, 5040),
    "Chen": (67530, 0, 5580),
    "Dara": (20910, 1620, 1800),
    "Eli": (18120, 0, 1440),
}
"""OJT approved, OJT waiting and class approved, in minutes."""
CAST = {"Ana", "Ben", "Chen", "Dara", "Eli", "Marcus", "Lena", "Nora", "Priya", "Ruth", "Olga", "Ivy"}


@pytest.fixture(scope="class")
def demo(django_db_setup: None, django_db_blocker: Any) -> Any:
    """The demo of that Friday, loaded once and taken away again after the tests of the class."""
    from django.db import connection, transaction

    with django_db_blocker.unblock():
        atomic = transaction.atomic()
        atomic.__enter__()
        try:
            call_command("load_demo", "--even-without-debug", today=FRIDAY, verbosity=0)
            yield
        finally:
            connection.set_rollback(True)
            atomic.__exit__(None, None, None)


def by_name(program: str = "Medical coders") -> dict[str, Progress]:
    found = progress(Apprentice.objects.everyone().filter(program__name=program), as_of=FRIDAY)
    return {one.apprentice.user.get_short_name(): one for one in found.values()}


@pytest.mark.usefixtures("demo")
class TestTheDemo:
    """Loaded as of Friday, Nov 20, 2026, noon in Chicago."""

    def test_everybody_of_the_cast_is_there_and_nobody_else(self) -> None:
        assert {user.get_short_name() for user in User.objects.all()} == CAST
        ruth = Membership.objects.get(role="auditor")
        assert ruth.ends_on is not None and ruth.ends_on > FRIDAY

    def test_the_program_pins_its_own_approved_copy_of_the_framework(self) -> None:
        program = Program.objects.get(name="Medical coders")
        national = WorkProcessSchedule.objects.get(sponsor=None, occupation__rapids_code="1114")
        assert (program.schedule.sponsor, program.schedule.lineage) == (program.sponsor, national.lineage)
        assert (program.rapids_code, program.figures_note) == ("1114CB", "demo, not registered")
        scale = program.schedule.rating_scale
        assert scale is not None and (scale.name, scale.chosen_by_sponsor) == ("0-4", True)
        assert sum(course.ri_minutes or 0 for course in program.schedule.courses.all()) == 144 * 60

    def test_percents_and_pace_are_those_of_the_plan(self) -> None:
        people = by_name()
        assert {name: one.percent for name, one in people.items()} == {
            "Ana": 64,
            "Ben": 45,
            "Chen": 50,
            "Dara": 17,
            "Eli": 14,
        }
        ana = people["Ana"]
        assert (ana.standards_met, ana.competencies_achieved) == (41, 11)
        assert (people["Ana"].pace.days or 0) > 7
        assert [name for name, one in people.items() if one.pace.behind] == ["Ben"]
        assert people["Eli"].apprentice.status == "suspended"

    def test_hours_are_the_same_at_every_loading(self) -> None:
        totals = {
            name: (one.ojt.approved, one.ojt.waiting, one.ri.approved) for name, one in by_name().items()
        }
        assert totals == EXPECTED

    def test_this_week_has_a_draft_a_day_that_waits_and_one_entry_came_back(self) -> None:
        ana = HoursEntry.objects.filter(apprentice__user__name="Ana Reyes")
        week = ana.of_days(date(2026, 11, 16), FRIDAY)
        assert set(week.values_list("status", flat=True)) == {"draft", "submitted", "approved"}
        assert ana.get(status="returned").return_reason == "Was this 2b or 2g?"
        assert not week.filter(date=FRIDAY).exists()

    def test_weeks_wait_for_both_mentors_and_the_instructor(self) -> None:
        for name in ("Marcus Webb", "Lena Fox", "Priya Nair"):
            assert HoursEntry.objects.reviewable_by(User.objects.get(name=name)).exists(), name

    def test_a_request_a_review_a_raise_and_a_payroll_wait_for_their_people(self) -> None:
        (asked,) = SignOffRequest.objects.open()
        assert (str(asked.apprentice), asked.codes, asked.self_ratings.count()) == ("Ana Reyes", "2g", 5)
        assert [str(one.apprentice) for one in PeriodicReview.objects.filter(answer=None)] == ["Chen Park"]
        ana = Apprentice.objects.get(user__name="Ana Reyes")
        wages = wages_of([ana], now=timezone.now())[ana.pk]
        assert [one.state for one in wages.steps][:3] == ["given", "confirmed", "proposed"]
        paid = PaidHours.objects.against_logged().exclude(minutes=F("approved"))
        differs = {str(one.apprentice): one.explanations.exists() for one in paid}
        assert differs == {"Ben Ortiz": False, "Chen Park": True}
        assert NoWorkPeriod.objects.standing().count() == 5
        told = Notice.objects.filter(person__name="Ana Reyes", read_at=None)
        assert 0 < told.count() < 15

    def test_three_programs_print_an_appendix_a_and_one_a_work_process_schedule(self) -> None:
        titles = {
            program.name: blank_schedule(program.schedule, program=program, by=None, now=timezone.now()).title
            for program in Program.objects.select_related("schedule", "sponsor")
        }
        appendices = {name for name, title in titles.items() if title.startswith("Appendix A: ")}
        assert appendices == {"Medical coders", "Practical nurses", FITTERS}
        assert titles["Hospital coders"].startswith("Work process schedule: ")
        assert set(Program.objects.values_list("figures_note", flat=True)) == {"demo, not registered"}
        assert not [one for program in Program.objects.all() for one in contradictions(program)]

    def test_only_trades_without_patients_take_files(self) -> None:
        takes = Program.objects.filter(takes_files=True)
        assert set(takes.values_list("name", flat=True)) == {FITTERS}

    def test_codes_are_those_that_the_sources_print(self) -> None:
        codes = dict(Program.objects.values_list("name", "rapids_code"))
        assert (codes["Practical nurses"], codes[FITTERS]) == ("0837", "0414S-R")

    def test_who_got_through_probation_has_passed_it(self) -> None:
        coders = Apprentice.objects.everyone().filter(program__name="Medical coders")
        waiting = {one.user.get_short_name() for one in coders if one.in_probation}
        assert waiting == {"Dara", "Eli"}

    def test_priya_recorded_who_passed_the_classes_that_are_over(self) -> None:
        people = by_name()
        told = {name: [one.passed for one in found.courses] for name, found in people.items()}
        assert told["Ana"] == [True, True, False, False]
        assert told["Ben"] == [True, False, False, False]
        assert any("HIM 110" in one and "not passed on" in one for one in people["Ben"].missing)

    def test_the_record_is_whole_and_the_totals_add_up(self) -> None:
        assert list(chain.verify()) == []
        assert rollup.differences() == []
        call_command("verify_ledger", verbosity=0)

    def test_every_kind_of_act_is_on_the_record(self) -> None:
        acts = set(Entry.objects.values_list("act", flat=True))
        hours = {"hours.submit", "hours.approve", "hours.return", "hours.supersede"}
        assert acts >= hours | {"sign_off.sign", "sign_off.withdraw", "apprentice.status"}

    def test_nothing_happened_after_its_now(self) -> None:
        noon = datetime(2026, 11, 20, 18, 0, tzinfo=UTC)
        later = Entry.objects.filter(at__gt=noon)
        assert set(later.values_list("act", flat=True)) == {
            "schedule.publish"
        }  # of the standards, loaded today
        assert not SignOff.objects.filter(signed_at__gt=noon).exists()

    def test_the_other_sponsors_coordinator_sees_none_of_it(self) -> None:
        olga = User.objects.get(name="Olga Brandt")
        assert {program.sponsor.name for program in Program.objects.visible_to(olga)} == {"Harbor Clinic"}
        seen = Apprentice.objects.visible_to(olga)
        assert [(one.user.name, one.program.name) for one in seen] == [("Dara Miles", "Practical nurses")]

    def test_a_hybrid_program_has_signatures_without_standards_and_hours_below_its_maximums(self) -> None:
        (nurse,) = by_name("Practical nurses").values()
        assert (nurse.approach, nurse.apprentice.user.name) == ("hybrid", "Dara Miles")
        assert (nurse.competencies_achieved, nurse.competencies_counted) == (12, 23)
        assert nurse.whole_competencies and nurse.ojt.required == 1600 * 60
        assert nurse.percent == min(nurse.signed_percent, nurse.worked_percent) > 0
        assert nurse.apprentice.program.figures_note == "demo, not registered"

    def test_a_time_based_shop_of_one_has_an_owner_who_coordinates_and_mentors(self, client: Client) -> None:
        (fitter,) = by_name("Sprinkler fitters").values()
        assert (fitter.approach, fitter.has_competencies, fitter.ojt.required) == ("time", False, 8000 * 60)
        assert fitter.percent == fitter.worked_percent > 10
        ivy = User.objects.get(name="Ivy Stone")
        assert set(ivy.memberships.values_list("role", flat=True)) == {"coordinator", "mentor"}
        assert [one.user.name for one in Apprentice.objects.mentored_by(ivy, on=FRIDAY)] == ["Eli Ruiz"]
        client.force_login(ivy)
        with time_machine.travel(datetime(2026, 11, 20, 18, 0, tzinfo=UTC), tick=False):
            board = client.get(reverse("program", args=[fitter.apprentice.program.uid])).content.decode()
            first = client.get(reverse("review")).content.decode()
            approved = HoursEntry.objects.filter(apprentice=fitter.apprentice, status="approved").first()
            assert approved
            entry = client.get(reverse("hours-entry", args=[approved.uid])).content.decode()
        assert "Job function 6: " in board and "Approved hours, in per cent of those planned," in board
        assert "1 week waits for you" in first and "6 Wet pipe systems" in first
        assert reverse("sign", args=[fitter.apprentice.uid]) not in first
        assert "Ivy Stone, coordinator and mentor" in entry, "the record says that she holds both roles"

    def test_who_is_registered_twice_begins_where_the_work_is_and_goes_from_one_to_the_other(
        self, client: Client
    ) -> None:
        eli = User.objects.get(name="Eli Ruiz")
        fitter, coder = (eli.apprenticeships.get(program__name=name) for name in (FITTERS, "Medical coders"))
        assert (fitter.status, coder.status) == ("active", "suspended")
        client.force_login(eli)
        with time_machine.travel(datetime(2026, 11, 20, 18, 0, tzinfo=UTC), tick=False):
            here, there = (reverse("week", args=[one.uid]) for one in (fitter, coder))
            assert client.get("/", follow=True).redirect_chain[-1][0] == here
            assert f'href="{there}"' in client.get(here).content.decode()
            page = client.get(there).content.decode()
        assert f'href="{reverse("progress", args=[coder.uid])}"' in page, "the menu stays with what is shown"

    def test_everybody_signs_in_with_the_printed_password(self, client: Client) -> None:
        plan = read_plan()
        for _, email, _ in people_of(plan):
            assert client.login(email=email, password=plan["password"]), email

    def test_loading_again_changes_nothing_and_tells_the_logins(self, capsys: Any) -> None:
        before = (Entry.objects.count(), User.objects.count())
        call_command("load_demo")
        told = capsys.readouterr().out
        assert (Entry.objects.count(), User.objects.count()) == before
        assert "data already" in told and "ana@lakeside.example" in told


def test_a_site_with_a_sponsor_of_its_own_is_left_alone(capsys: Any) -> None:
    Sponsor.objects.create(name="Somebody's clinic")
    call_command("load_demo")
    told = capsys.readouterr().out
    assert "data already" in told and "lakeside.example" not in told
    assert not User.objects.exists()


def test_a_site_without_debug_refuses_a_password_that_everybody_knows() -> None:
    with pytest.raises(CommandError, match="--even-without-debug"):
        call_command("load_demo")
    assert not Sponsor.objects.exists()


def test_a_loading_that_breaks_off_leaves_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    call_command("load_standards", verbosity=0)
    published = Entry.objects.count()
    signed = []

    def dies(*args: Any, **kwargs: Any) -> None:
        signed.append(SignOff.objects.count())
        raise KeyboardInterrupt

    monkeypatch.setattr("ojt_logs.demo.signing.SignOff.objects.record", dies)
    with pytest.raises(KeyboardInterrupt):
        play.load(read_plan(), now=timezone.now())
    assert signed == [0]
    assert not Sponsor.objects.exists() and not HoursEntry.objects.exists()
    assert not HoursTotal.objects.exists() and Entry.objects.count() == published


@pytest.mark.parametrize("weekday", [0, 1, 3, 6])
def test_on_any_day_of_the_week_somebody_waits_and_ana_has_a_draft(weekday: int) -> None:
    """Loading takes long, so Ana's and Ben's part alone, of the last five weeks."""
    call_command("load_standards", verbosity=0)
    plan = read_plan()
    plan["apprentices"] = [short(one) for one in plan["apprentices"][:2]]
    plan["classes"] = plan["further"] = []
    del plan["payroll"]
    now = datetime(2026, 11, 16 + weekday, 14, 0, tzinfo=UTC)
    play.load(plan, now=now)
    waiting = HoursEntry.objects.filter(status="submitted")
    assert waiting.exists()
    this_week = HoursEntry.objects.filter(apprentice__user__name="Ana Reyes", date__gte=date(2026, 11, 16))
    assert this_week.filter(status="draft").exists()
    assert rollup.differences() == []


def short(one: dict[str, Any]) -> dict[str, Any]:
    mentors = [one["mentors"][0] | {"weeks_ago": 5}]
    late = [facts for facts in one["returned"] if facts["weeks_ago"] < 5]
    told = {"leave": [], "reviews": [], "raises": []}
    return (
        one
        | told
        | {
            "weeks_ago": 5,
            "mentors": mentors,
            "returned": late,
            "tried": [],
            "signed": [["1b", 2]],
        }
    )
