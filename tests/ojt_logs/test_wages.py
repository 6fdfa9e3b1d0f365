"""Wage steps: earned by the work, confirmed by a coordinator, told to apprentice and office alone."""

from datetime import date, timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.refusals import Conflict, NotAllowed, Refusal
from apprenticeship.history import history_of
from apprenticeship.models import Apprentice, Credit, WageStep
from apprenticeship.models.credits import CreditLine
from competencies.models import Competency
from ojt_logs.models import HoursEntry, Notice, SignOffRequest, WageDecision
from ojt_logs.record import compare
from ojt_logs.wages import Wages, decide, effective_from, tell_earned, wages_of
from tests.api.client import Rest
from tests.cast import NOW, STARTED, TODAY, Cast
from tests.ojt_logs.pages import noon, queries, signed_in, text_of
from tests.ojt_logs.test_progress import register, sign, skill, standard, work

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("noon")]
__all__ = ["noon"]
DAY = timedelta(days=1)
HOUR = 60
CANARY_CENTS = 4321


def steps(cast: Cast, *later: dict[str, int]) -> None:
    """An entry wage, and these further steps."""
    for number, asked in enumerate([{}, *later], start=1):
        WageStep.objects.create(program=cast.program, number=number, cents=CANARY_CENTS + number, **asked)


def wages(cast: Cast, person: Apprentice | None = None) -> Wages:
    one = Apprentice.objects.everyone().get(pk=(person or cast.ana).pk)
    return wages_of([one], now=NOW)[one.pk]


def worked(cast: Cast, *days_ago: int, minutes: int = 8 * HOUR) -> None:
    cast.approved(cast.ana, *(cast.ojt(day=TODAY - ago * DAY, minutes=minutes) for ago in days_ago))


def ask(cast: Cast, *codes: str) -> SignOffRequest:
    wanted = [cast.competency(code) for code in codes]
    return SignOffRequest.objects.ask(cast.ana, by=cast.ana_user, now=NOW, competencies=wanted)


def reference_day(person: Apprentice, asked: int) -> date | None:
    """The work date on which approved hours and credit together reach so many minutes, row by row."""
    total = sum(
        row.minutes or 0 for row in person.credits.all() if not row.withdrawn_at and not row.course_id
    )
    if total >= asked:
        return person.started_on
    rows = person.hours.filter(kind="ojt", status="approved").order_by("date")
    for row in rows:
        total += row.minutes
        if total >= asked:
            return row.date
    return None


class TestEarned:
    def test_on_the_work_date_however_late_it_is_approved(self, cast: Cast) -> None:
        steps(cast, {"from_minutes": 16 * HOUR})
        worked(cast, 20, 12, 3)
        two = wages(cast).step(2)
        assert two and (two.state, two.earned_on) == ("proposed", TODAY - 12 * DAY)
        assert two.earned_on == reference_day(cast.ana, 16 * HOUR)

    @pytest.mark.parametrize("asked", [8, 20, 30, 41])
    def test_as_the_reference_says_with_credit(self, cast: Cast, asked: int) -> None:
        steps(cast, {"from_minutes": asked * HOUR})
        worked(cast, 20, 12, 3)
        given = [CreditLine(10 * HOUR)]
        said = {"evidence": "Card", "decided_on": TODAY, "wage_step": 1}
        Credit.objects.grant(cast.ana, given, **said, by=cast.nora, now=NOW)
        two = wages(cast).step(2)
        assert two and two.earned_on == reference_day(cast.ana, asked * HOUR)

    def test_competencies_by_the_observation_and_months_by_the_calendar(self, cast: Cast) -> None:
        steps(cast, {"from_competencies": 1, "from_months": 6}, {"from_months": 24})
        cast.sign(cast.ana, "2g", day=TODAY - 30 * DAY)
        two = wages(cast).step(2)
        assert two and two.earned_on == TODAY - 30 * DAY
        three = wages(cast).step(3)
        assert three and three.state == "ahead"
        assert [one.waits_for for one in wages(cast).waits_for] == ["calendar"]

    def test_a_suspension_moves_the_months(self, cast: Cast) -> None:
        steps(cast, {"from_months": 6})
        before = wages(cast).step(2)
        cast.ana.change_status(
            "suspended", effective_on=STARTED + 30 * DAY, reason="x", by=cast.nora, now=NOW
        )
        cast.ana.change_status("active", effective_on=STARTED + 40 * DAY, reason="x", by=cast.nora, now=NOW)
        after = wages(cast).step(2)
        assert before and after and before.earned_on and after.earned_on
        assert after.earned_on == before.earned_on + 10 * DAY

    def test_a_suspension_that_lasts_opens_nothing_meanwhile(self, cast: Cast) -> None:
        steps(cast, {"from_months": 12})
        cast.ana.change_status("suspended", effective_on=TODAY - 9 * DAY, reason="x", by=cast.nora, now=NOW)
        (months,) = wages(cast).waits_for
        assert (months.waits_for, months.what_helps) == ("calendar", "On Feb 12, 2027.")

    def test_credit_names_the_step_to_begin_with(self, cast: Cast) -> None:
        steps(cast, {"from_minutes": 1000 * HOUR}, {"from_minutes": 2000 * HOUR})
        said = {"evidence": "Card", "decided_on": TODAY, "wage_step": 2}
        Credit.objects.grant(cast.ana, [CreditLine(HOUR)], **said, by=cast.nora, now=NOW)
        found = wages(cast)
        assert found.current and found.current.number == 2
        assert [one.state for one in found.steps] == ["given", "given", "ahead"]

    def test_hours_above_a_maximum_count_for_pay(self, cast: Cast) -> None:
        cast.program.change(by=cast.nora, now=NOW, approach="hybrid")
        steps(cast, {"from_minutes": 16 * HOUR})
        worked(cast, 20, 12)
        two = wages(cast).step(2)
        assert two and two.earned_on == TODAY - 12 * DAY

    def test_hours_that_wait_wait_for_others_and_missing_ones_for_the_apprentice(self, cast: Cast) -> None:
        steps(cast, {"from_minutes": 16 * HOUR})
        worked(cast, 20)
        (missing,) = wages(cast).waits_for
        assert (missing.waits_for, missing.what_helps) == ("apprentice", "8 h of work to go.")
        cast.submitted(cast.ana, cast.ojt(minutes=8 * HOUR))
        (held_up,) = wages(cast).waits_for
        assert held_up.waits_for == "others" and "wait for Marcus" in held_up.what_helps

    def test_a_sign_off_that_is_asked_for_waits_for_the_mentor(self, cast: Cast) -> None:
        steps(cast, {"from_competencies": 1})
        (open_one,) = wages(cast).waits_for
        assert (open_one.waits_for, open_one.whom) == ("apprentice", "you")
        request = ask(cast, "2g")
        (asked,) = wages(cast).waits_for
        assert (asked.waits_for, asked.whom) == ("others", "Marcus")
        assert asked.what_helps == "2g is asked for and waits for Marcus."
        request.decline(by=cast.marcus, now=NOW, reason="Let me see one more")
        assert [one.waits_for for one in wages(cast).waits_for] == ["apprentice"]

    def test_asking_for_fewer_than_are_missing_leaves_it_with_the_apprentice(self, cast: Cast) -> None:
        steps(cast, {"from_competencies": 2})
        ask(cast, "2g")
        (left,) = wages(cast).waits_for
        assert left.waits_for == "apprentice" and left.what_helps.endswith("2g is asked for already.")
        ask(cast, "2a")
        (asked,) = wages(cast).waits_for
        assert (asked.waits_for, asked.brief) == ("others", "sign-off of 2a, 2g")

    def test_what_was_rated_since_or_does_not_count_waits_for_nobody(self, cast: Cast) -> None:
        steps(cast, {"from_competencies": 1})
        ask(cast, "2g", "2a", "5a")
        cast.sign(cast.ana, "2g", value=1)
        assert wages(cast).waits_for[0].brief == "sign-off of 2a"
        cast.sign(cast.ana, "2a", value=1)
        assert [one.waits_for for one in wages(cast).waits_for] == ["apprentice"]

    def test_what_one_signature_does_not_achieve_stays_with_the_apprentice(self, cast: Cast) -> None:
        person = register(cast, work(1, skill("a", standard("Cuts.", times=2), standard("Joins."))))
        WageStep.objects.create(program=person.program, number=1, percent=50)
        WageStep.objects.create(program=person.program, number=2, percent=60, from_competencies=1)
        wanted = list(Competency.objects.filter(job_function__schedule=person.schedule, code="1a"))
        SignOffRequest.objects.ask(person, by=person.user, now=NOW, competencies=wanted)
        assert [one.waits_for for one in wages(cast, person).waits_for] == ["apprentice"]
        sign(person, "1a", by=cast.marcus, day=TODAY - DAY)
        SignOffRequest.objects.ask(person, by=person.user, now=NOW + DAY, competencies=wanted)
        assert [one.waits_for for one in wages(cast, person).waits_for] == ["others"]

    def test_disputed_hours_wait_for_no_reviewer(self, cast: Cast) -> None:
        steps(cast, {"from_minutes": 8 * HOUR})
        (entry,) = cast.submitted(cast.ana, cast.ojt(minutes=8 * HOUR))
        HoursEntry.objects.filter(pk=entry.pk).update(disputed_at=NOW, dispute_reason="Half of it")
        assert [one.waits_for for one in wages(cast).waits_for] == ["apprentice"]


class TestOneLine:
    """What the first screen says, to the apprentice alone."""

    def test_it_names_everybody_it_waits_for_others_first(self, cast: Cast) -> None:
        steps(cast, {"from_minutes": 8 * HOUR, "from_competencies": 2, "from_months": 12})
        cast.submitted(cast.ana, cast.ojt(minutes=8 * HOUR))
        said = (
            "Your next raise waits for Marcus (8 h submitted), for you (2 competencies to be signed) "
            "and for Feb 2, 2027 (12 months)."
        )
        assert wages(cast).line == said
        text = text_of(signed_in(cast.ana_user), reverse("week", args=[cast.ana.uid]))
        assert said in text and reverse("wages", args=[cast.ana.uid]) in text

    def test_what_is_earned_waits_for_the_coordinator(self, cast: Cast) -> None:
        steps(cast, {"from_minutes": 8 * HOUR}, {"from_minutes": 900 * HOUR})
        worked(cast, 20)
        assert wages(cast).line == "You have earned wage step 2: it waits for your coordinator."
        decide(cast.ana, 2, "confirmed", by=cast.nora, now=NOW)
        assert wages(cast).line == "Your next raise waits for you (892 h of work to go)."

    def test_nothing_is_said_without_steps_at_the_top_or_at_the_end(self, cast: Cast) -> None:
        week = reverse("week", args=[cast.ana.uid])
        assert wages(cast).line == ""
        assert reverse("wages", args=[cast.ana.uid]) not in text_of(signed_in(cast.ana_user), week)
        steps(cast)
        assert wages(cast).line == ""
        assert "Your wage steps" in text_of(signed_in(cast.ana_user), week)
        WageStep.objects.create(program=cast.program, number=2, percent=60, from_minutes=60)
        cast.ana.change_status("cancelled", effective_on=TODAY, reason="Moved", by=cast.nora, now=NOW)
        assert wages(cast).line == ""


class TestPaidFrom:
    @pytest.mark.parametrize(
        ("rule", "earned", "paid"),
        [
            ("earned", date(2026, 11, 10), date(2026, 11, 10)),
            ("month", date(2026, 11, 10), date(2026, 12, 1)),
            ("month", date(2026, 12, 2), date(2027, 1, 1)),
            ("month", date(2026, 12, 1), date(2026, 12, 1)),
            ("pay_period", date(2026, 11, 10), date(2026, 11, 16)),
            ("pay_period", date(2026, 11, 16), date(2026, 11, 16)),
            ("pay_period", date(2025, 11, 10), date(2025, 11, 17)),
        ],
    )
    def test_the_sponsors_rule(self, cast: Cast, rule: str, earned: date, paid: date) -> None:
        cast.program.raises_from, cast.program.pay_period_starts_on = rule, date(2026, 11, 2)
        assert effective_from(cast.program, earned) == paid

    def test_back_pay_is_flagged_where_it_was_confirmed_later(self, cast: Cast) -> None:
        steps(cast, {"from_minutes": 8 * HOUR})
        worked(cast, 20)
        decide(cast.ana, 2, "confirmed", by=cast.nora, now=NOW)
        two = wages(cast).step(2)
        assert two and (two.state, two.back_pay_from) == ("confirmed", TODAY - 20 * DAY)

    def test_what_is_paid_stays_when_hours_are_corrected_later(self, cast: Cast) -> None:
        steps(cast, {"from_minutes": 8 * HOUR})
        worked(cast, 20)
        decide(cast.ana, 2, "confirmed", by=cast.nora, now=NOW)
        WageStep.objects.filter(number=2).update(from_minutes=99 * HOUR)
        current = wages(cast).current
        assert current and current.number == 2


class TestDeciding:
    @pytest.fixture(autouse=True)
    def _earned(self, cast: Cast) -> None:
        steps(cast, {"from_minutes": 8 * HOUR}, {"from_minutes": 900 * HOUR})
        worked(cast, 20)

    def test_confirmed_undone_and_declined_are_all_on_the_record(self, cast: Cast) -> None:
        for verdict, reason in (("confirmed", ""), ("undone", ""), ("declined", "Hours of another job")):
            decide(cast.ana, 2, verdict, by=cast.nora, now=NOW, reason=reason)
        two = wages(cast).step(2)
        assert two and two.state == "declined" and wages(cast).proposed == []
        said = [step.sentences[0].split(",")[0] for step in history_of(cast.ana)][:3]
        assert said == ["Wage step 2 declined", "Wage step 2 undone", "Wage step 2 confirmed"]
        assert [one for one in compare() if one.subject == cast.ana.uid] == []  # type: ignore[union-attr]
        with pytest.raises(IntegrityError), transaction.atomic():
            WageDecision.objects.update(reason="x")

    def test_twice_not_earned_and_without_a_reason_are_refused(self, cast: Cast) -> None:
        for number, verdict, refusal in (
            (3, "confirmed", Refusal),
            (1, "confirmed", Refusal),
            (9, "confirmed", Refusal),
            (2, "declined", Refusal),
            (2, "undone", Conflict),
        ):
            with pytest.raises(refusal):
                decide(cast.ana, number, verdict, by=cast.nora, now=NOW)
        decide(cast.ana, 2, "confirmed", by=cast.nora, now=NOW)
        with pytest.raises(Conflict, match="confirmed already"):
            decide(cast.ana, 2, "confirmed", by=cast.nora, now=NOW)

    def test_nobody_but_a_coordinator_decides(self, cast: Cast) -> None:
        for wrong in (cast.ana_user, cast.marcus, cast.priya, cast.ruth, cast.olga):
            with pytest.raises(NotAllowed):
                decide(cast.ana, 2, "confirmed", by=wrong, now=NOW)


class TestTelling:
    def test_apprentice_and_coordinator_are_told_once_and_no_mentor(self, cast: Cast) -> None:
        steps(cast, {"from_minutes": 8 * HOUR})
        tell_earned(now=NOW)
        assert not Notice.objects.filter(about="raise").exists()
        worked(cast, 20)
        for _ in range(2):
            tell_earned(now=NOW)
        told = Notice.objects.filter(about="raise")
        assert {row.person for row in told} == {cast.ana_user, cast.nora} and told.count() == 2

    def test_it_is_told_program_by_program_until_time_is_up(self, cast: Cast) -> None:
        steps(cast, {"from_minutes": 8 * HOUR})
        worked(cast, 20)
        assert tell_earned(now=NOW, after=cast.program.pk, seconds=-1) == 0
        assert not Notice.objects.filter(about="raise").exists()
        assert tell_earned(now=NOW, seconds=-1) == cast.program.pk
        assert Notice.objects.filter(about="raise").exists()

    def test_what_is_decided_is_told_no_more(self, cast: Cast) -> None:
        steps(cast, {"from_minutes": 8 * HOUR})
        worked(cast, 20)
        decide(cast.ana, 2, "confirmed", by=cast.nora, now=NOW)
        tell_earned(now=NOW)
        assert not Notice.objects.filter(about="raise").exists()


class TestPages:
    @pytest.fixture(autouse=True)
    def _earned(self, cast: Cast) -> None:
        steps(cast, {"from_minutes": 8 * HOUR}, {"from_minutes": 900 * HOUR})
        worked(cast, 20)

    def test_nora_finds_it_confirms_it_and_ana_reads_it(self, cast: Cast) -> None:
        nora = signed_in(cast.nora)
        text = text_of(nora, reverse("raises", args=[cast.program.uid]))
        assert "earned on Oct 31, 2026, paid from Oct 31, 2026" in text
        where = reverse("wages-decide", args=[cast.ana.uid])
        nora.post(where, {"step": 2, "verdict": "declined"})
        assert not WageDecision.objects.exists()
        nora.post(where, {"step": 2, "verdict": "confirmed"})
        text = text_of(signed_in(cast.ana_user), reverse("wages", args=[cast.ana.uid]))
        assert "Wage step 2" in text and "confirmed on Nov 20, 2026 by Nora Bell" in text
        assert "Back pay is owed from Oct 31, 2026" in text and "$43.23 an hour" in text
        assert "892 h of work to go" in text and "Confirm step" not in text

    def test_mentor_and_instructor_never_see_pay(self, cast: Cast) -> None:
        for user in (cast.marcus, cast.priya):
            client = signed_in(user)
            text_of(client, reverse("wages", args=[cast.ana.uid]), status=403)
            assert client.get(reverse("raises", args=[cast.program.uid])).status_code == 403
            assert Rest(user).get(f"apprentices/{cast.ana.uid}/wages/")[0] == 403
        marcus = signed_in(cast.marcus)
        for name in ("progress", "hours", "sign-offs", "sign"):
            answer = marcus.get(reverse(name, args=[cast.ana.uid]), follow=True)
            text = answer.content.decode().lower()
            assert answer.status_code == 200
            assert not [word for word in ("wage", "raise", "43.2", "/wages/") if word in text], name
        for kind in ("schedule", "progress", "hours", "transcript"):
            asked = {"document": kind, "apprentice": str(cast.ana.uid)}
            answer = marcus.get(reverse("report-preview"), asked)
            assert answer.status_code == 200 and b"$43" not in answer.content
            assert b"wage step" not in answer.content.lower(), kind
        for address in (reverse("hours", args=[cast.ana.uid]), reverse("sign-offs", args=[cast.ana.uid])):
            file = marcus.get(address, {"format": "csv"})
            assert b"wage" not in getattr(file, "content", b"").lower()

    def test_more_people_cost_no_more_queries(self, cast: Cast) -> None:
        def asked(people: list[Apprentice]) -> int:
            fresh = list(Apprentice.objects.everyone().filter(pk__in=[one.pk for one in people]))
            with CaptureQueriesContext(connection) as found:
                wages_of(fresh, now=NOW)
            return len(found)

        assert asked([cast.ana]) == asked([cast.ana, cast.ben])
        assert queries(signed_in(cast.nora), reverse("raises", args=[cast.program.uid])) <= 45

    def test_over_rest_with_the_same_rules(self, cast: Cast) -> None:
        nora, path = Rest(cast.nora), f"apprentices/{cast.ana.uid}/wages/"
        assert nora.get(path)[1]["steps"][1]["state"] == "proposed"
        assert Rest(cast.ana_user).post(path, {"step": 2, "verdict": "confirmed"})[0] == 403
        status, found = nora.post(path, {"step": 2, "verdict": "confirmed"})
        assert (status, found["current"], found["steps"][1]["effective_on"]) == (200, 2, "2026-10-31")
        assert nora.post(path, {"step": 2, "verdict": "confirmed"})[0] == 409
