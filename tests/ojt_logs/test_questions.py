"""What is taken to the mentor, and what a reviewer would find: gaps first, each with its page."""

from datetime import date, timedelta

import pytest
from django.urls import reverse

from accounts.models import Consent
from apprenticeship.models import Apprentice, WageStep
from ojt_logs.explain import NUMBERS, explain
from ojt_logs.models import HoursEntry
from ojt_logs.progress import progress_of
from ojt_logs.reviewer import gaps_of, picked
from tests.cast import NOW, TODAY, Cast
from tests.ojt_logs.pages import noon, signed_in, text_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("noon")]
__all__ = ["noon"]


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
        Apprentice.objects.filter(pk=cast.ana.pk).update(registration_number="A-1")
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
            "Marcus Webb’s credential expired on Nov 1, 2026.",
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

    def test_who_is_picked_is_the_same_all_day_and_everybody_comes(self, cast: Cast) -> None:
        people = [cast.ana, cast.ben, cast.chen]
        first = [picked(people, today=TODAY, another=number) for number in range(3)]
        assert first == [picked(people[::-1], today=TODAY, another=number) for number in range(3)]
        assert {one.pk for one in first if one} == {one.pk for one in people}
        days = {picked(people, today=TODAY + timedelta(days=day), another=0) for day in range(30)}
        assert len(days) == 3 and picked([], today=TODAY, another=0) is None

    def test_each_gap_leads_to_a_page_that_opens(self, cast: Cast) -> None:
        cast.submitted(cast.ana, cast.ojt(minutes=90))
        nora = signed_in(cast.nora)
        text = text_of(nora, reverse("reviewer", args=[cast.program.uid]))
        assert "Another one" in text and "Chen" not in text
        for gap in gaps_of(cast.ana, now=NOW):
            assert nora.get(gap.path).status_code == 200, gap.path


class TestWhy:
    @pytest.mark.parametrize("name", NUMBERS)
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
        assert number and number.parts
        for part in number.parts:
            assert not part.path or client.get(part.path).status_code == 200

    def test_the_parts_of_work_add_up_to_it(self, cast: Cast) -> None:
        cast.approved(
            cast.ana, cast.ojt(minutes=90), cast.ojt("1a", minutes=30, day=TODAY - timedelta(days=1))
        )
        number = explain(progress_of(cast.ana), "work")
        assert number and number.value == "2 h"
        assert [part.amount for part in number.parts if part.amount != "0 h"] == ["30 min", "1 h 30 min"]

    def test_a_word_that_is_no_number_is_not_found(self, cast: Cast) -> None:
        text_of(signed_in(cast.ana_user), reverse("why", args=[cast.ana.uid, "luck"]), status=404)
