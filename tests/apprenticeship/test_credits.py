"""Credit for what came before the agreement: on evidence, kept apart, counted (decisions 8, 11 and 20)."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse

from accounts.refusals import Conflict, NotAllowed, Refusal
from apprenticeship.history import history_of
from apprenticeship.models import Apprentice, Credit, ProbationDecision, WageStep
from apprenticeship.models.credits import CreditLine
from competencies.imports.outline import CourseOutline
from competencies.models import Competency
from ojt_logs.progress import countable, met_days, passes_of, progress_of
from ojt_logs.record import compare
from tests.api.client import Rest
from tests.cast import NOW, TODAY, Cast
from tests.ojt_logs.pages import noon, signed_in, text_of
from tests.ojt_logs.test_progress import HOUR, register, sign, skill, standard, work, work_hours

pytestmark = pytest.mark.django_db
__all__ = ["noon"]


def grant(cast: Cast, person: Apprentice, *lines: CreditLine, **changes: Any) -> list[Credit]:
    said = {"evidence": "Payslips of 2024", "decided_on": TODAY, "wage_step": None} | changes
    return Credit.objects.grant(person, lines, **{"by": cast.nora, "now": NOW} | said)


def again(person: Apprentice) -> Apprentice:
    return Apprentice.objects.everyone().get(pk=person.pk)


def plumber(cast: Cast, approach: str, **fields: Any) -> Apprentice:
    """Two job functions of 1,000 h, the first at most 600 h where it is hybrid, and one course of 40 h."""
    most = {"ojt_minutes_max": 600 * HOUR} if approach == "hybrid" else {}
    return register(
        cast,
        work(1, skill("a", standard("Cuts"), standard("Joins")), ojt_minutes_min=500 * HOUR, **most),
        work(2, skill("a", standard("Tests")), skill("b"), ojt_minutes_min=500 * HOUR),
        approach=approach,
        courses=[CourseOutline(title="Codes", ri_minutes=40 * HOUR)],
        ojt_minutes_required=2000 * HOUR,
        **{"term_months": 24} | fields,
    )


def reference(person: Apprentice) -> dict[str, int]:
    """The totals, added up row by row from what is stored, without the product's own code for it."""
    found = {"earned": 0, "credited": 0, "countable": 0, "class": 0, "met": 0}
    rows = [row for row in person.credits.all() if row.withdrawn_at is None]
    for function in person.schedule.job_functions.all():
        hours = person.hours.filter(kind="ojt", status="approved", job_function=function)
        earned = sum(row.minutes for row in hours)
        given = sum(row.minutes or 0 for row in rows if row.job_function_id == function.pk)
        most = function.ojt_minutes_max if person.program.approach == "hybrid" else None
        found["earned"] += earned
        found["credited"] += given
        found["countable"] += min(earned + given, most or earned + given)
        for competency in function.competencies.all():
            asked = list(competency.standards.all()) or [None]
            whole = any(row.competency_id == competency.pk for row in rows)
            for one in asked:
                acts = person.sign_offs.filter(competency=competency, performance_standard=one)
                passed = any(row.passed and not row.withdrawals.exists() for row in acts)
                found["met"] += whole or passed
    found["class"] = sum(row.minutes or 0 for row in rows if row.course_id)
    return found


@pytest.mark.parametrize("approach", ["time", "hybrid", "competency"])
def test_totals_are_those_of_the_reference_and_earned_stays_earned(cast: Cast, approach: str) -> None:
    person = plumber(cast, approach)
    one, two = person.schedule.job_functions.order_by("number")
    work_hours(cast, person, 1, 480)
    sign(person, "1a", by=cast.marcus)
    codes = person.schedule.courses.get()
    whole = Competency.objects.get(job_function=two, code="2a")
    rows = grant(
        cast,
        person,
        CreditLine(300 * HOUR, job_function=one),
        CreditLine(100 * HOUR, job_function=two),
        CreditLine(40 * HOUR, course=codes),
        CreditLine(competency=whole),
    )
    for withdrawn in (None, rows[1], rows[3]):
        if withdrawn:
            withdrawn.withdraw(by=cast.nora, now=NOW, reason="The payslip is of another person")
        found, wanted = progress_of(again(person)), reference(again(person))
        assert {
            "earned": found.ojt.approved,
            "credited": found.ojt.credited,
            "countable": found.countable_minutes,
            "class": found.ri.credited,
            "met": found.standards_met,
        } == wanted
        assert found.courses[0].complete and not found.courses[0].passed
        passes = passes_of([person])[person.pk]
        assert len(list(met_days(found, passes))) == found.standards_met
        worked = [(row.date, row.lineage, row.minutes) for row in person.hours.filter(status="approved")]
        assert sum(minutes for _, minutes in countable(found, worked)) == found.countable_minutes


def test_credit_counts_in_completion_and_nothing_else_hides_it(cast: Cast) -> None:
    person = register(cast, work(1, skill("a", standard("x")), skill("b", standard("y"))))
    (row,) = grant(
        cast,
        person,
        CreditLine(competency=Competency.objects.get(job_function__schedule=person.schedule, code="1a")),
    )
    found = progress_of(again(person))
    assert (found.standards_met, found.standards_credited, found.percent) == (1, 1, 50)
    assert found.credit_words == "1 competency"
    assert [one.code for one in found.open_competencies] == ["1b"]
    assert progress_of(again(person), as_of=TODAY - timedelta(days=1)).standards_met == 0
    row.withdraw(by=cast.nora, now=NOW, reason="Wrong person")
    assert progress_of(again(person)).percent == 0


class TestRules:
    def test_six_months_of_training_stay(self, cast: Cast) -> None:
        person = plumber(cast, "time", term_months=24)
        with pytest.raises(Refusal, match="at most 1,500 h"):
            grant(cast, person, CreditLine(1501 * HOUR))
        grant(cast, person, CreditLine(1000 * HOUR))
        with pytest.raises(Refusal, match="At least 6 months"):
            grant(cast, person, CreditLine(501 * HOUR))
        assert grant(cast, person, CreditLine(500 * HOUR))

    def test_it_is_decided_by_the_end_of_probation(self, cast: Cast) -> None:
        person = plumber(cast, "time")
        Apprentice.objects.filter(pk=person.pk).update(probation_ends_on=date(2026, 6, 1))
        with pytest.raises(Refusal, match="Jun 1, 2026"):
            grant(cast, person, CreditLine(HOUR))
        assert grant(cast, person, CreditLine(HOUR), decided_on=date(2026, 6, 1))

    def test_nor_after_the_probation_was_passed(self, cast: Cast) -> None:
        person = plumber(cast, "time")
        Apprentice.objects.filter(pk=person.pk).update(probation_ends_on=date(2026, 12, 31))
        earlier = NOW - timedelta(days=10)
        ProbationDecision.objects.decide(person, "passed", by=cast.nora, now=earlier)
        with pytest.raises(Refusal, match="Nov 10, 2026"):
            grant(cast, person, CreditLine(HOUR))

    def test_it_names_a_wage_step_where_there_are_any(self, cast: Cast) -> None:
        WageStep.objects.create(program=cast.program, number=1, percent=50)
        for wrong in (None, 2):
            with pytest.raises(Refusal) as refused:
                grant(cast, cast.ana, CreditLine(HOUR), wage_step=wrong)
            assert refused.value.field == "wage_step"
        assert grant(cast, cast.ana, CreditLine(HOUR), wage_step=1)

    def test_evidence_and_a_day_that_has_come(self, cast: Cast) -> None:
        for wrong in ({"evidence": " "}, {"decided_on": TODAY + timedelta(days=1)}):
            with pytest.raises(Refusal):
                grant(cast, cast.ana, CreditLine(HOUR), **wrong)
        with pytest.raises(Refusal):
            grant(cast, cast.ana)

    def test_only_a_coordinator_grants_and_takes_back(self, cast: Cast) -> None:
        for wrong in (cast.ana_user, cast.marcus, cast.priya, cast.ruth, cast.olga):
            with pytest.raises(NotAllowed):
                grant(cast, cast.ana, CreditLine(HOUR), by=wrong)
        (row,) = grant(cast, cast.ana, CreditLine(HOUR))
        for wrong in (cast.ana_user, cast.ruth, cast.olga):
            with pytest.raises(NotAllowed):
                row.withdraw(by=wrong, now=NOW, reason="No")

    def test_a_competency_is_credited_once_and_of_this_schedule(self, cast: Cast) -> None:
        line = CreditLine(competency=cast.competency("2g"))
        grant(cast, cast.ana, line)
        with pytest.raises(Conflict, match="credited already"):
            grant(cast, cast.ana, line)
        theirs = cast.other_program.schedule.job_functions.all()[0]
        with pytest.raises(Refusal):
            grant(cast, cast.ana, CreditLine(HOUR, job_function=theirs))

    def test_it_is_on_the_record_with_hashes_of_the_evidence(self, cast: Cast) -> None:
        (row,) = grant(cast, cast.ana, CreditLine(competency=cast.competency("2g")))
        row.withdraw(by=cast.nora, now=NOW, reason="Not hers")
        said = [step.sentences[0] for step in history_of(cast.ana)][:2]
        assert said[0].startswith("Credit taken back: 2g") and said[1].startswith(
            "Credited, decided on Nov 20"
        )
        assert list(compare()) == []
        with pytest.raises(IntegrityError), transaction.atomic():
            Credit.objects.filter(pk=row.pk).update(evidence="Other")


@pytest.mark.usefixtures("noon")
class TestPages:
    def test_nora_grants_on_a_page_and_ana_reads_it(self, cast: Cast) -> None:
        client = signed_in(cast.nora)
        said = {
            "evidence": "Transcript of Lake College",
            "decided_on": "2026-11-20",
            "work-2": "400",
            "course-1": "72",
            "competencies": [str(cast.competency("3a").uid)],
        }
        answer = client.post(reverse("credit-grant", args=[cast.ana.uid]), said)
        assert answer.status_code == 302
        text = text_of(signed_in(cast.ana_user), reverse("credit", args=[cast.ana.uid]))
        assert "400 h at job function 2" in text and "Transcript of Lake College" in text
        text = text_of(signed_in(cast.ana_user), reverse("progress", args=[cast.ana.uid]))
        assert "400 h of work, 72 h of class, 1 competency" in text and "400 h credited" in text

    def test_marcus_reads_the_totals_and_not_who_granted_or_the_step(self, cast: Cast) -> None:
        WageStep.objects.create(program=cast.program, number=7, percent=50)
        grant(cast, cast.ana, CreditLine(60 * HOUR), wage_step=7)
        marcus = signed_in(cast.marcus)
        text_of(marcus, reverse("credit", args=[cast.ana.uid]), status=403)
        text = text_of(marcus, reverse("progress", args=[cast.ana.uid]))
        assert "60 h of work" in text and "step" not in text.split("</main>")[0].split("<main")[1].lower()
        assert Rest(cast.marcus).get("credits/")[1]["results"] == []

    def test_over_rest_with_the_same_rules(self, cast: Cast) -> None:
        nora = Rest(cast.nora)
        body = {"apprentice": str(cast.ana.uid), "evidence": "Card", "decided_on": "2026-11-20"}
        status, row = nora.post("credits/", body | {"competency": "2g"})
        assert (status, row["competency"], row["granted_by"]) == (201, "2g", "Nora Bell")
        assert nora.post("credits/", body | {"competency": "2g"})[1]["code"] == "credited_already"
        assert nora.post("credits/", body | {"competency": "9z"})[0] == 400
        assert Rest(cast.ana_user).post("credits/", body | {"minutes": 60})[0] == 403
        progress = nora.get(f"apprentices/{cast.ana.uid}/progress/")[1]
        assert progress["standards"]["credited"] == 5 and progress["ojt_minutes"]["credited"] == 0
        assert nora.post(f"credits/{row['id']}/withdraw/", {"reason": "Not hers"})[0] == 200
