"""What is taken to the mentor, and what a reviewer would find: gaps first, each with its page."""

from datetime import date, timedelta

import pytest
from django.urls import reverse

from accounts.models import Consent
from apprenticeship.models import Apprentice, Credit, WageStep
from apprenticeship.models.credits import CreditLine
from ojt_logs.agency_review import gaps_of, picked
from ojt_logs.due import unreported
from ojt_logs.explain import NUMBERS, explain
from ojt_logs.models import HoursEntry, NoWorkPeriod, SignOffRequest
from ojt_logs.models.course_results import Outcome
from ojt_logs.progress import progress_of
from tests.cast import NOW, STARTED, TODAY, Cast
from tests.ojt_logs.pages import noon, queries, signed_in, text_of
from tests.ojt_logs.test_outside import attested
from tests.ojt_logs.test_periodic_reviews import hold

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("noon")]
__all__ = ["noon"]
DAYS_20 = timedelta(days=20)


def away(cast: Cast, first: date, last: date) -> None:
    NoWorkPeriod.objects.record(cast.ana, "layoff", first_day=first, last_day=last, by=cast.nora, now=NOW)


def clean(cast: Cast) -> None:
    """Leave open what every test has open: nothing."""
    Apprentice.objects.filter(pk=cast.ana.pk).update(registration_number="A-1")
    cast.priya.memberships.update(title="Instructor")
    away(cast, STARTED, TODAY - timedelta(days=5))


def words(cast: Cast) -> list[str]:
    return [gap.words for gap in gaps_of(Apprentice.objects.everyone().get(pk=cast.ana.pk), now=NOW)]


class TestAskForWork:
    def test_it_names_what_counts_and_is_open_and_no_hours(self, cast: Cast) -> None:
        cast.sign(cast.ana, "2g")
        where = reverse("ask-for-work", args=[cast.ana.uid])
        text = text_of(signed_in(cast.ana_user), where)
        assert ">2c<" in text and ">2g<" not in text and ">5a<" not in text
        assert reverse("day", args=[cast.ana.uid, TODAY]) not in text
        assert "Ask for work in 2c" in text_of(signed_in(cast.marcus), f"{where}?code=2c")
        text_of(signed_in(cast.ana_user), f"{where}?code=2g", status=404)

    def test_it_never_stands_where_hours_are_entered(self, cast: Cast) -> None:
        for name, more in (("week", []), ("day", [TODAY])):
            text = text_of(signed_in(cast.ana_user), reverse(name, args=[cast.ana.uid, *more]))
            assert "Ask for work" not in text


class TestReviewer:
    def test_a_record_with_nothing_open_says_so(self, cast: Cast) -> None:
        clean(cast)
        assert words(cast) == []

    def test_everything_open_is_found_once(self, cast: Cast) -> None:
        cast.submitted(cast.ana, cast.ojt(minutes=90))
        (entry,) = cast.submitted(cast.ana, cast.ojt("1a", minutes=60, day=TODAY - timedelta(days=3)))
        HoursEntry.objects.filter(pk=entry.pk).move("return", by=cast.marcus, now=NOW, reason="Which?")
        cast.sign(cast.ana, "3a")
        cast.approved(cast.ana, cast.ojt("2a", minutes=60, day=TODAY - timedelta(days=4)))
        cast.sign(cast.ana, "2a")
        WageStep.objects.create(program=cast.program, number=1, percent=50)
        WageStep.objects.create(program=cast.program, number=2, percent=60, from_minutes=60)
        cast.marcus.memberships.update(credential_expires=date(2026, 11, 1))
        Apprentice.objects.filter(pk=cast.ana.pk).update(
            probation_ends_on=date(2026, 6, 1), probation_minutes=60
        )
        Consent.objects.withdraw(cast.ana_user, now=NOW)
        assert words(cast) == [
            "Has not agreed to electronic records.",
            "Has no registration number yet.",
            "Probation ended on Jun 1, 2026 and nobody decided it.",
            "Marcus Webb, mentor, holds a credential that expired on Nov 1, 2026.",
            "Priya Nair, instructor, states no title and no credential.",
            "Nothing was handed in for 40 reporting periods, the first Feb 2 – 8.",
            "1 h 30 min wait for approval, the oldest since Nov 20, 2026.",
            "1 entry was returned and not mended.",
            "3a is signed, and no approved hours are in its job function.",
            "Wage step 2 was earned on Nov 16, 2026 and nobody decided it.",
        ]

    def test_nobody_assigned_and_a_mentor_without_qualification(self, cast: Cast) -> None:
        cast.marcus.memberships.update(title="", credential="")
        assert "Marcus Webb, mentor, states no title and no credential." in words(cast)
        cast.ana.mentorships.update(ends_on=TODAY - timedelta(days=1))
        assert "Nobody is assigned as mentor." in words(cast)

    def test_periods_of_which_nothing_was_handed_in(self, cast: Cast) -> None:
        clean(cast)
        NoWorkPeriod.objects.get().withdraw(by=cast.nora, now=NOW, reason="Wrong dates")
        away(cast, STARTED, date(2026, 11, 1))
        due = "Nothing was handed in for Nov 2 – 8, which was due Wed, Nov 11, 11:59 pm CST."
        assert words(cast) == [due]
        cast.log(cast.ana, cast.ojt(day=date(2026, 11, 5)))
        assert words(cast) == [due], "a draft is nobody else's to know"
        cast.submitted(cast.ana, cast.ojt(minutes=60, day=date(2026, 11, 6)))
        assert words(cast) == [
            "1 entry was handed in late in the last 90 days.",
            "1 h wait for approval, the oldest since Nov 20, 2026.",
        ]

    def test_a_month_that_was_carried_over_is_handed_in(self, cast: Cast) -> None:
        assert len(unreported(cast.ana, now=NOW)) == 40
        (entry,) = cast.submitted(cast.ana, cast.ojt(day=date(2026, 4, 30)))
        assert len(unreported(cast.ana, now=NOW)) == 39
        HoursEntry.objects.filter(pk=entry.pk).update(carried_over=True)
        assert len(unreported(cast.ana, now=NOW)) == 36

    def test_reviews_that_are_overdue_unanswered_or_disagreed_with(self, cast: Cast) -> None:
        clean(cast)
        cast.program.change(by=cast.nora, now=NOW, review_months=6)
        assert words(cast) == ["A periodic review is overdue since Aug 2, 2026."]
        review = hold(cast)
        assert words(cast) == ["The apprentice has not answered the periodic review of Nov 20, 2026."]
        review.respond(by=cast.ana_user, now=NOW, agrees=False, words="I was there")
        assert words(cast) == [
            "The apprentice disagrees with the periodic review of Nov 20, 2026, the last one."
        ]

    def test_what_is_disputed_contradicted_or_asked_for_and_stays_unanswered(self, cast: Cast) -> None:
        clean(cast)
        (entry,) = cast.submitted(cast.ana, cast.ojt(minutes=60))
        HoursEntry.objects.filter(pk=entry.pk).update(disputed_at=NOW, dispute_reason="Half of it")
        cast.approved(cast.ana, cast.ojt("2a", minutes=60))
        cast.sign(cast.ana, "2g")
        cast.sign(cast.ana, "2g", value=2)
        asked = [cast.competency("1a")]
        SignOffRequest.objects.ask(cast.ana, by=cast.ana_user, now=NOW, competencies=asked)
        attested(cast)
        assert words(cast) == [
            "1 h wait for approval, the oldest since Nov 20, 2026.",
            "1 entry is disputed and not settled.",
            "2g was rated lower after it had passed, and both ratings stand.",
            "A sign-off of 1a was asked for on Nov 20, 2026 and nobody answered.",
            "What Eli Ruiz attested to waits for a mentor.",
        ]

    def test_a_schedule_that_is_retired(self, cast: Cast) -> None:
        clean(cast)
        person = Apprentice.objects.everyone().select_related("schedule").get(pk=cast.ana.pk)
        person.schedule.status = "retired"
        (gap,) = gaps_of(person, now=NOW)
        assert gap.words == f"The schedule, {person.schedule}, is retired."

    def test_a_long_record_takes_as_many_queries_as_a_short_one(self, cast: Cast) -> None:
        cast.submitted(cast.ana, cast.ojt(minutes=60))
        cast.sign(cast.ana, "2g")
        hold(cast, held_on=STARTED)
        page = f"{reverse('reviewer', args=[cast.program.uid])}?another="
        number = next(n for n in range(2) if "Ana" in text_of(signed_in(cast.nora), f"{page}{n}"))
        before = queries(signed_in(cast.nora), f"{page}{number}")
        for ago in range(1, 60, 7):
            day = TODAY - timedelta(days=ago)
            cast.submitted(cast.ana, cast.ojt("1a", minutes=60, day=day))
            cast.sign(cast.ana, "2g", value=2, day=day)
            cast.sign(cast.ana, "2c", day=day)
        for ago in (9, 5, 1):
            hold(cast, held_on=TODAY - timedelta(days=ago))
        assert queries(signed_in(cast.nora), f"{page}{number}") == before

    def test_who_is_picked_is_the_same_all_day_and_everybody_comes(self, cast: Cast) -> None:
        people = [cast.ana, cast.ben, cast.chen]
        first = [picked(people, today=TODAY, another=number) for number in range(3)]
        assert first == [picked(people[::-1], today=TODAY, another=number) for number in range(3)]
        assert {one.pk for one in first if one} == {one.pk for one in people}
        days = {picked(people, today=TODAY + timedelta(days=day), another=0) for day in range(30)}
        assert len(days) == 3 and picked([], today=TODAY, another=0) is None

    def test_each_gap_leads_to_a_page_that_opens(self, cast: Cast) -> None:
        cast.submitted(cast.ana, cast.ojt(minutes=90), cast.ojt("1a", minutes=60, day=TODAY - DAYS_20))
        cast.program.change(by=cast.nora, now=NOW, review_months=6)
        cast.sign(cast.ana, "2g")
        cast.sign(cast.ana, "2g", value=2)
        hold(cast)
        SignOffRequest.objects.ask(cast.ana, by=cast.ana_user, now=NOW, competencies=[cast.competency("1a")])
        attested(cast)
        nora = signed_in(cast.nora)
        text = text_of(nora, reverse("reviewer", args=[cast.program.uid]))
        assert "Another one" in text and "Chen" not in text
        gaps = gaps_of(cast.ana, now=NOW)
        assert len(gaps) > 8
        for gap in gaps:
            assert nora.get(gap.path).status_code == 200, gap.path


class TestWhy:
    @pytest.mark.parametrize("name", [*NUMBERS, "function-2", "function-5"])
    @pytest.mark.parametrize("approach", ["competency", "time", "hybrid"])
    def test_every_number_opens_and_every_part_leads_somewhere(
        self, cast: Cast, name: str, approach: str
    ) -> None:
        cast.program.change(by=cast.nora, now=NOW, approach=approach, ojt_minutes_required=2000 * 60)
        cast.approved(cast.ana, cast.ojt(minutes=90), cast.ri())
        cast.sign(cast.ana, "2g")
        client = signed_in(cast.ana_user)
        text = text_of(client, reverse("why", args=[cast.ana.uid, name]))
        assert "By which rule" in text
        number = explain(progress_of(Apprentice.objects.everyone().get(pk=cast.ana.pk)), name)
        assert number and (number.parts or name == "credit")
        for part in number.parts:
            assert not part.path or client.get(part.path).status_code == 200

    def test_the_parts_of_work_add_up_to_it(self, cast: Cast) -> None:
        cast.approved(
            cast.ana, cast.ojt(minutes=90), cast.ojt("1a", minutes=30, day=TODAY - timedelta(days=1))
        )
        number = explain(progress_of(cast.ana), "work")
        assert number and number.value == "2 h"
        assert [part.amount for part in number.parts if part.amount != "0 h"] == ["30 min", "1 h 30 min"]

    @pytest.mark.parametrize("name", ["luck", "function-9", "function-x", "course-1"])
    def test_a_word_that_is_no_number_is_not_found(self, cast: Cast, name: str) -> None:
        text_of(signed_in(cast.ana_user), reverse("why", args=[cast.ana.uid, name]), status=404)

    def test_a_job_function_tells_hours_competencies_and_what_is_nearest_to_done(self, cast: Cast) -> None:
        cast.approved(cast.ana, cast.ojt("1a", minutes=480))
        cast.submitted(cast.ana, cast.ojt("1b", minutes=60, day=TODAY - timedelta(days=1)))
        cast.sign(cast.ana, "1a")
        number = explain(progress_of(cast.ana), "function-1")
        assert number and number.value == "1 of 2 competencies, 8 h approved"
        assert [part.amount for part in number.parts] == ["8 h", "1 h", "4 of 4", "0 of 2"]
        assert number.missing == ("1b: 2 standards to sign (0 of 2 signed).",)
        assert "This job function is core." in number.rule and "hours complete nothing" in number.rule

    def test_a_course_tells_hours_result_and_what_it_still_asks(self, cast: Cast) -> None:
        cast.approved(cast.ana, cast.ri(minutes=120))
        cast.grade(Outcome(cast.ana, passed=False))
        number = explain(progress_of(cast.ana), f"course-{cast.klass.course.uid}")
        assert number and number.value == "2 h of 72 h" and len(number.parts) == 2
        assert number.missing[0].startswith(
            "MC 101 Medical coding I: 70 h of class to go (2 h of 72 h approved)"
        )

    def test_credit_leads_a_mentor_to_no_closed_page(self, cast: Cast) -> None:
        WageStep.objects.create(program=cast.program, number=1, percent=50)
        said = {"evidence": "Card", "decided_on": TODAY, "wage_step": 1}
        Credit.objects.grant(cast.ana, [CreditLine(600)], **said, by=cast.nora, now=NOW)
        why, path = (
            reverse(name, args=[cast.ana.uid, *more]) for name, more in (("why", ["credit"]), ("credit", []))
        )
        assert f'href="{path}"' in text_of(signed_in(cast.ana_user), why)
        assert f'href="{path}"' not in text_of(signed_in(cast.marcus), why)
