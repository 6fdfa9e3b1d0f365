"""Related instruction passed: what an instructor records of a course, who may, and what it completes."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse

from accounts.models import Membership
from accounts.refusals import Conflict, NotAllowed, Refusal
from apprenticeship.models import Apprentice, Class
from ledger.models import Entry
from ojt_logs import record
from ojt_logs.models import Authentication, CourseResult
from ojt_logs.models.course_results import Outcome
from ojt_logs.progress import CourseProgress, progress_of
from tests.api.client import Rest
from tests.cast import NOW, PASSWORD, STARTED, TODAY, Cast
from tests.ojt_logs.pages import noon, plain, signed_in, text_of

pytestmark = pytest.mark.django_db
__all__ = ["noon"]
EARLIER = TODAY - timedelta(days=30)


def course_of(person: Apprentice, *, as_of: date | None = None) -> CourseProgress:
    return progress_of(person, as_of=as_of).courses[0]


def withdraw(cast: Cast, row: CourseResult, *, reason: str = "Another person's test.") -> CourseResult:
    proof = Authentication("password", NOW)
    return CourseResult.objects.withdraw(row, by=cast.priya, now=NOW, authentication=proof, reason=reason)


def sentence(person: Apprentice) -> str:
    return next(one for one in progress_of(person).missing if one.startswith("MC 101"))


# ---- What completes a course (decision 11)


def test_decision_11_a_course_needs_its_hours_and_its_pass(cast: Cast) -> None:
    days = [TODAY - timedelta(days=number) for number in range(9)]
    cast.approved(cast.ana, *(cast.ri(minutes=480, day=day) for day in days))
    assert (course_of(cast.ana).minutes.met, course_of(cast.ana).complete) == (True, False)
    assert sentence(cast.ana) == "MC 101 Medical coding I: to be passed."
    cast.grade(Outcome(cast.ana, True, "A"), Outcome(cast.ben, True))
    assert course_of(cast.ana).complete
    assert not [one for one in progress_of(cast.ana).missing if one.startswith("MC 101")]
    assert (course_of(cast.ben).passed, course_of(cast.ben).complete) == (True, False)
    assert sentence(cast.ben) == "MC 101 Medical coding I: 72 h of class to go (0 h of 72 h approved)."


def test_who_did_not_pass_is_told_so_and_passes_later(cast: Cast) -> None:
    cast.grade(Outcome(cast.ana, False, "54 %"), day=EARLIER)
    assert sentence(cast.ana).endswith("and to be passed (not passed on Oct 21, 2026, grade 54 %).")
    cast.grade(Outcome(cast.ana, True, "81 %"))
    assert course_of(cast.ana).passed and not course_of(cast.ana, as_of=EARLIER).passed


def test_a_pass_stands_until_it_is_withdrawn_with_a_reason(cast: Cast) -> None:
    (given,) = cast.grade(Outcome(cast.ana, True))
    with pytest.raises(Conflict, match=r"Ana Reyes passed on Nov 20, 2026 already\. Withdraw"):
        cast.grade(Outcome(cast.ben, True), Outcome(cast.ana, False))
    assert CourseResult.objects.count() == 1
    with pytest.raises(Refusal, match="Say why"):
        withdraw(cast, given, reason=" ")
    withdraw(cast, given)
    assert not course_of(cast.ana).passed
    with pytest.raises(Conflict, match="withdrawn already"):
        withdraw(cast, given)


# ---- Who may


def test_only_the_instructor_of_the_class_records_and_nobody_for_themselves(cast: Cast) -> None:
    for stranger in (cast.marcus, cast.nora, cast.ana_user, cast.olga):
        with pytest.raises(NotAllowed):
            cast.grade(Outcome(cast.ben, True), by=stranger)
    with pytest.raises(NotAllowed):
        cast.grade(Outcome(cast.chen, True))
    own = Apprentice.objects.register(cast.program, cast.priya, started_on=STARTED, by=cast.nora, now=NOW)
    cast.klass.roster.add(own)
    with pytest.raises(NotAllowed, match="Nobody records a result for themselves"):
        cast.grade(Outcome(own, True))
    Membership.objects.filter(user=cast.priya).update(ends_on=TODAY - timedelta(days=1))
    with pytest.raises(NotAllowed, match="Only the instructor of a class"):
        cast.grade(Outcome(cast.ana, True))
    assert not CourseResult.objects.exists()


def test_only_who_recorded_a_result_withdraws_it(cast: Cast) -> None:
    (given,) = cast.grade(Outcome(cast.ana, True))
    with pytest.raises(NotAllowed, match="Only the person who signed it"):
        CourseResult.objects.withdraw(
            given, by=cast.nora, now=NOW, authentication=Authentication("password", NOW), reason="No."
        )


@pytest.mark.parametrize(
    ("day", "words"),
    [
        (TODAY + timedelta(days=1), "This day has not come"),
        (STARTED - timedelta(days=1), "The apprenticeship of Ana Reyes does not reach"),
    ],
)
def test_a_day_that_cannot_be_is_refused(cast: Cast, day: date, words: str) -> None:
    with pytest.raises(Refusal, match=words) as refused:
        cast.grade(Outcome(cast.ana, True), day=day)
    assert refused.value.field == "completed_on"


def test_when_the_class_is_over_its_days_remain_and_no_others(cast: Cast) -> None:
    Class.objects.filter(pk=cast.klass.pk).update(ends_on=EARLIER)
    over = replace(cast, klass=Class.objects.get(pk=cast.klass.pk))
    with pytest.raises(Refusal, match="The class runs from Feb 2, 2026 to Oct 21, 2026"):
        over.grade(Outcome(cast.ana, True))
    assert over.grade(Outcome(cast.ana, True), day=EARLIER)


def test_a_day_of_a_suspension_takes_no_result_of_whom_it_concerns(cast: Cast) -> None:
    cast.ana.change_status("suspended", effective_on=EARLIER, reason="Leave.", by=cast.nora, now=NOW)
    ana = Apprentice.objects.everyone().get(pk=cast.ana.pk)
    with pytest.raises(Refusal, match="The apprenticeship of Ana Reyes was suspended on this day") as refused:
        cast.grade(Outcome(cast.ben, True), Outcome(ana, True), day=EARLIER)
    assert refused.value.field == "completed_on" and not CourseResult.objects.exists()
    assert cast.grade(Outcome(ana, True), day=EARLIER - timedelta(days=1))


def test_an_instructor_records_for_days_since_the_first_of_the_role(cast: Cast) -> None:
    Membership.objects.filter(user=cast.priya).update(starts_on=EARLIER)
    with pytest.raises(Refusal, match="You were no instructor of Lakeside Health on Oct 20, 2026") as refused:
        cast.grade(Outcome(cast.ana, True), day=EARLIER - timedelta(days=1))
    assert refused.value.field == "completed_on" and not CourseResult.objects.exists()
    assert cast.grade(Outcome(cast.ana, True), day=EARLIER)


def test_an_old_password_check_signs_no_result(cast: Cast) -> None:
    stale = Authentication("password", NOW - timedelta(minutes=6))
    with pytest.raises(NotAllowed, match="Enter your password again"):
        CourseResult.objects.record(
            cast.klass,
            by=cast.priya,
            now=NOW,
            authentication=stale,
            completed_on=TODAY,
            outcomes=[Outcome(cast.ana, True)],
        )


# ---- The record


def test_each_result_and_each_withdrawal_is_an_entry_and_the_record_is_whole(cast: Cast) -> None:
    given, _ = cast.grade(Outcome(cast.ana, True, "A", "Best of the class."), Outcome(cast.ben, False))
    withdraw(cast, given)
    acts = Entry.objects.filter(act__startswith="course.").order_by("pk")
    assert [one.act for one in acts] == ["course.record", "course.record", "course.withdraw"]
    assert (acts[0].chain.subject, acts[1].chain.subject) == (cast.ana.uid, cast.ben.uid)
    assert "Best of the class" not in str(acts[0].payload.content)
    assert [str(one) for one in record.compare()] == []


def test_no_result_is_ever_changed_or_deleted(cast: Cast) -> None:
    cast.grade(Outcome(cast.ana, False))
    with pytest.raises(IntegrityError), transaction.atomic():
        CourseResult.objects.update(passed=True)
    with pytest.raises(IntegrityError), transaction.atomic():
        CourseResult.objects.all().delete()


# ---- Pages and REST


def typed(cast: Cast, **more: str) -> dict[str, str]:
    return {"completed_on": "2026-11-20", f"result_{cast.ana.pk}": "passed"} | more


def in_class(cast: Cast) -> tuple[str, str]:
    return reverse("class", args=[cast.klass.uid]), reverse("class-results", args=[cast.klass.uid])


@pytest.mark.usefixtures("noon")
def test_priya_records_the_whole_roster_in_one_form_and_everybody_reads_it(cast: Cast) -> None:
    client = signed_in(cast.priya)
    page, results = in_class(cast)
    assert "Record results" in text_of(client, page)
    said = typed(cast, **{f"result_{cast.ben.pk}": "not", f"grade_{cast.ana.pk}": "A"})
    asked = client.post(results, said)
    assert "Enter your password to sign" in plain(asked.content) and not CourseResult.objects.exists()
    assert client.post(results, said | {"password": PASSWORD}).status_code == 302
    text = text_of(client, page)
    assert "Passed on Nov 20, 2026, grade A" in text and "Not passed on Nov 20, 2026" in text
    assert f"result_{cast.ana.pk}" not in text and f"result_{cast.ben.pk}" in text
    own = text_of(signed_in(cast.ana_user), reverse("progress", args=[cast.ana.uid]))
    row = CourseResult.objects.get(passed=True)
    assert "passed on Nov 20, 2026, grade A" in own and reverse("course-result", args=[row.uid]) in own
    office = text_of(signed_in(cast.nora), page)
    assert "Passed on Nov 20, 2026, grade A" in office and "Record results" not in office


@pytest.mark.usefixtures("noon")
def test_who_recorded_a_result_takes_it_back_on_its_page(cast: Cast) -> None:
    (given,) = cast.grade(Outcome(cast.ana, True))
    client, where = signed_in(cast.priya), reverse("course-result", args=[given.uid])
    assert "Withdraw this result" in text_of(client, where)
    assert "Withdraw this result" not in text_of(signed_in(cast.ana_user), where)
    answer = client.post(where, {"reason": "", "password": PASSWORD})
    assert "Say why the signature is taken back" in plain(answer.content)
    client.post(where, {"reason": "Wrong list.", "password": PASSWORD})
    assert "Withdrawn" in (text := text_of(client, where)) and "Wrong list." in text


@pytest.mark.usefixtures("noon")
@pytest.mark.parametrize(
    ("more", "remedy"),
    [
        ({"completed_on": ""}, "Choose the day"),
        ({"completed_on": "2026-11-21"}, "This day has not come"),
        ({"result_0": "", "nobody": "1"}, "Choose passed or not passed for somebody"),
        ({"grade": "B"}, "Choose passed or not passed, or empty the fields beside"),
        ({"password": "wrong"}, "This is not your password"),
    ],
)
def test_a_mistake_keeps_what_was_typed(cast: Cast, more: dict[str, str], remedy: str) -> None:
    said = typed(cast) | {"password": PASSWORD} | more
    if "nobody" in more:
        said.pop(f"result_{cast.ana.pk}")
    if "grade" in more:
        said[f"grade_{cast.ben.pk}"] = more["grade"]
    text = plain(signed_in(cast.priya).post(in_class(cast)[1], said).content)
    assert remedy in text and not CourseResult.objects.exists()
    assert "nobody" in more or '<option value="passed" selected>Passed</option>' in text


def test_the_instructor_sees_the_roster_also_when_the_class_is_over(cast: Cast) -> None:
    Class.objects.filter(pk=cast.klass.pk).update(ends_on=EARLIER)
    assert "Ana Reyes" in text_of(signed_in(cast.priya), in_class(cast)[0])


def test_rest_tells_of_every_course_whether_it_is_passed(cast: Cast) -> None:
    cast.grade(Outcome(cast.ana, True, "A"))
    _, found = Rest(cast.nora).get(f"apprentices/{cast.ana.uid}/progress/")
    first, second = found["courses"]
    assert (first["code"], first["passed"], first["grade"]) == ("MC 101", True, "A")
    assert (first["completed_on"], first["complete"]) == ("2026-11-20", False)
    assert first["minutes"] == {"approved": 0, "waiting": 0, "credited": 0, "required": 4320}
    assert (second["passed"], second["completed_on"], second["grade"]) == (None, None, "")
