"""The table of what must be refused, over page and API alike; tests/test_refusals.py asks for it both ways.

Each wish says once what is asked for on the page and over REST, and stands under what both answer.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import uuid4

from django.urls import reverse

from apprenticeship.models import Apprentice, Mentorship
from ojt_logs.dates import monday_of
from ojt_logs.models import HoursEntry, Line
from tests.api.client import Rest
from tests.cast import NOW, PASSWORD, STARTED, TODAY, Cast
from tests.ojt_logs.test_day import typed

HAWAII_BEFORE_MIDNIGHT = datetime(2026, 11, 21, 9, 30, tzinfo=UTC)
GUAM_IN_THE_MORNING = datetime(2026, 11, 20, 22, 0, tzinfo=UTC)


@dataclass(frozen=True)
class Asked:
    """One wish, as a form sends it and as a REST client does."""

    address: str
    form: dict[str, Any]
    method: str
    path: str
    body: dict[str, Any]
    at: datetime = NOW


@dataclass(frozen=True)
class Case:
    """What somebody wishes, and how both ways refuse it. `beside` is the field of the page, if any."""

    wish: Callable[[Cast], Asked]
    who: str
    page: int
    rest: int
    says: str
    rest_says: str
    field: str | None
    beside: str


CASES: dict[str, Case] = {}


def refused(
    who: str,
    page: int,
    rest: int,
    says: str,
    *,
    rest_says: str = "",
    field: str | None = None,
    beside: str = "",
) -> Callable[[Callable[[Cast], Asked]], Callable[[Cast], Asked]]:
    """Enter a wish into the table: who has it, the status of both answers, the sentence, the field."""

    def enter(wish: Callable[[Cast], Asked]) -> Callable[[Cast], Asked]:
        CASES[wish.__name__] = Case(wish, who, page, rest, says, rest_says or says, field, beside)
        return wish

    return enter


# ---- Logging


def log(cast: Cast, *, day: date = TODAY, minutes: str = "7:30", at: datetime = NOW, **said: Any) -> Asked:
    """Ana writes one entry of a day: `about` as the form names it, the rest as REST does."""
    about, words = said.pop("about", "2g"), {"7:30": 450, "0:00": 0, "7:21": 441}
    body = {"apprentice": str(cast.ana.uid), "kind": "ojt", "date": day.isoformat()}
    body |= {"job_function": 2, "competency": "2g", "minutes": words[minutes], "note": ""}
    row = {"about": about, "minutes": minutes, "note": said.get("note", "")}
    address = reverse("day", args=[cast.ana.uid, day])
    return Asked(address, typed(row), "post", "hours/", body | said, at)


def living_in(cast: Cast, zone: str) -> None:
    cast.ana_user.time_zone = zone
    cast.ana_user.save(update_fields=["time_zone"])


@refused("ana_user", 200, 400, "Enter more than 0 minutes", field="minutes", beside="line-0-minutes")
def zero_minutes(cast: Cast) -> Asked:
    return log(cast, minutes="0:00")


@refused(
    "ana_user", 200, 400, "7 h 20 min is left. Lower it, or change", field="minutes", beside="line-0-minutes"
)
def more_than_24_hours_over_several_entries(cast: Cast) -> Asked:
    cast.log(cast.ana, cast.ojt("3a", minutes=500), cast.ri(minutes=500))
    return log(cast, minutes="7:21")


@refused(
    "ana_user", 200, 400, "7 h 20 min is left. Lower it, or change", field="minutes", beside="line-0-minutes"
)
def more_than_24_hours_over_two_programs(cast: Cast) -> Asked:
    second = Apprentice.objects.register(
        cast.other_program, cast.ana_user, started_on=STARTED, by=cast.olga, now=NOW
    )
    theirs = cast.other_program.schedule.job_functions.get(number=1)
    cast.log(second, Line("ojt", TODAY, 1000, theirs))
    return log(cast, minutes="7:21")


@refused("ana_user", 200, 400, "has not begun where you are (Pacific/Honolulu). Choose today", field="date")
def tomorrow_in_hawaii_at_half_past_eleven_at_night(cast: Cast) -> Asked:
    living_in(cast, "Pacific/Honolulu")
    return log(cast, day=date(2026, 11, 21), at=HAWAII_BEFORE_MIDNIGHT)


@refused("ana_user", 200, 400, "has not begun where you are (Pacific/Guam). Choose today", field="date")
def tomorrow_in_guam_in_the_morning(cast: Cast) -> Asked:
    living_in(cast, "Pacific/Guam")
    return log(cast, day=date(2026, 11, 22), at=GUAM_IN_THE_MORNING)


@refused("ana_user", 200, 400, "began on Feb 2, 2026. Choose that day or later.", field="date")
def the_day_before_the_start(cast: Cast) -> Asked:
    return log(cast, day=STARTED - timedelta(days=1))


@refused("ana_user", 200, 400, "ended on Nov 18, 2026. Choose that day or earlier.", field="date")
def the_day_after_the_end(cast: Cast) -> Asked:
    ended = date(2026, 11, 18)
    cast.ana.change_status("completed", effective_on=ended, reason="Done.", by=cast.nora, now=NOW)
    return log(cast, day=ended + timedelta(days=1))


@refused("ana_user", 200, 400, "was suspended on this day. Choose another day", field="date")
def a_day_of_suspension(cast: Cast) -> Asked:
    cast.ana.change_status("suspended", effective_on=TODAY, reason="Leave.", by=cast.nora, now=NOW)
    return log(cast)


NO_SUCH_APPRENTICE = "There is no apprentice with this id that you may see."
NOT_YOURS = "is not in your program. Choose one from the list."
NOT_IN_IT = "is not in the program. Choose one of it."


@refused("ana_user", 200, 400, NOT_YOURS, rest_says=NOT_IN_IT, field="job_function", beside="line-0-about")
def a_job_function_of_another_program(cast: Cast) -> Asked:
    return log(cast, about="6", job_function=6)


@refused("ana_user", 200, 400, NOT_YOURS, rest_says=NOT_IN_IT, field="competency", beside="line-0-about")
def a_competency_of_another_program(cast: Cast) -> Asked:
    return log(cast, about="2h", competency="2h")


@refused("ana_user", 200, 400, NOT_YOURS, rest_says=NOT_IN_IT, field="course", beside="line-0-about")
def a_course_of_another_program(cast: Cast) -> Asked:
    theirs = str(cast.other_program.schedule.courses.get().uid)
    no_work = {"kind": "ri", "job_function": None, "competency": None}
    return log(cast, about=f"course-{theirs}", course=theirs, **no_work)


@refused(
    "ana_user", 200, 400, "at most 1000", rest_says="no more than 1000", field="note", beside="line-0-note"
)
def a_note_longer_than_a_note(cast: Cast) -> Asked:
    return log(cast, note="x" * 1001)


@refused("ben_user", 404, 400, "", rest_says=NO_SUCH_APPRENTICE, field="apprentice")
def hours_of_another_apprentice(cast: Cast) -> Asked:
    return log(cast)


@refused("marcus", 403, 403, "You may see this, but not do that", rest_says="logged by the apprentice")
def hours_of_whom_one_mentors(cast: Cast) -> Asked:
    return log(cast)


# ---- What stands already


def act(cast: Cast, entry: HoursEntry, name: str, *, at: datetime = NOW, **said: str) -> Asked:
    """A button of the entry's own page: edit, delete, recall."""
    method = {"edit": "patch", "delete": "delete", "recall": "post"}[name]
    path = f"hours/{entry.uid}/" + ("recall/" if name == "recall" else "")
    form = {"date": "2026-11-20", "about": "2g", "minutes": "1:00", "note": ""} | said
    body = {"minutes": 60} if name == "edit" else {}
    return Asked(reverse(f"hours-{name}", args=[entry.uid]), form, method, path, body, at)


@refused("ana_user", 409, 409, "approved hours are never edited: log a correction with its reason.")
def editing_approved_hours(cast: Cast) -> Asked:
    return act(cast, cast.approved(cast.ana)[0], "edit")


@refused("ana_user", 409, 409, "approved hours are never edited: log a correction with its reason.")
def deleting_approved_hours(cast: Cast) -> Asked:
    return act(cast, cast.approved(cast.ana)[0], "delete")


@refused("ana_user", 409, 409, "is approved, so it cannot be taken back. Reload the page")
def recalling_approved_hours(cast: Cast) -> Asked:
    return act(cast, cast.approved(cast.ana)[0], "recall")


@refused("ana_user", 409, 409, "Submitted hours are taken back before they are changed")
def editing_hours_that_wait(cast: Cast) -> Asked:
    return act(cast, cast.submitted(cast.ana)[0], "edit")


# ---- Reviewing


def review(cast: Cast, row: HoursEntry, name: str, *, at: datetime = NOW, **said: Any) -> Asked:
    """A button of the reviewer: approve, return, undo."""
    address = reverse(f"review-{name}", args=[row.apprentice.uid, monday_of(row.date)])
    form = {"shown": [str(row.uid)], **said}
    body = {"reason": said["reason"]} if "reason" in said else {}
    return Asked(address, form, "post", f"hours/{row.uid}/{name}/", body, at)


ONLY_THE_MENTOR = "Only a mentor (OJT) or instructor (RI) assigned to the apprentice may review"


@refused("ana_user", 403, 403, ONLY_THE_MENTOR)
def approving_for_oneself(cast: Cast) -> Asked:
    return review(cast, cast.submitted(cast.ana)[0], "approve")


@refused("ana_user", 403, 403, ONLY_THE_MENTOR)
def approving_for_oneself_as_a_mentor_of_others(cast: Cast) -> Asked:
    """Even with an assignment to oneself that nothing but the database would have kept out."""
    cast.lakeside.memberships.create(user=cast.ana_user, role="mentor", starts_on=STARTED)
    Mentorship.objects.create(apprentice=cast.ana, mentor=cast.ana_user, starts_on=STARTED)
    return review(cast, cast.submitted(cast.ana)[0], "approve")


@refused("nora", 403, 403, ONLY_THE_MENTOR)
def approving_as_coordinator(cast: Cast) -> Asked:
    return review(cast, cast.submitted(cast.ana)[0], "approve")


@refused("lena", 404, 404, "", rest_says="There is nothing here that you may see.")
def approving_as_a_mentor_not_assigned(cast: Cast) -> Asked:
    return review(cast, cast.submitted(cast.ana)[0], "approve")


@refused("marcus", 400, 400, "Say why, so that it can be mended.", field="reason", beside="reason")
def a_return_without_a_reason(cast: Cast) -> Asked:
    (entry,) = cast.submitted(cast.ana)
    return review(cast, entry, "return", entry=[str(entry.uid)], reason=" ")


@refused("marcus", 400, 400, "500 characters", field="reason", beside="reason")
def a_return_with_a_reason_too_long(cast: Cast) -> Asked:
    (entry,) = cast.submitted(cast.ana)
    return review(cast, entry, "return", entry=[str(entry.uid)], reason="x" * 501)


@refused("marcus", 409, 409, "undone for one minute", rest_says="Ask the apprentice to log a correction")
def undoing_after_a_minute(cast: Cast) -> Asked:
    return review(cast, cast.approved(cast.ana)[0], "undo", at=NOW + timedelta(seconds=61))


@refused("marcus", 409, 409, "so the approval stays. Review the correction when it comes.")
def undoing_what_is_being_corrected(cast: Cast) -> Asked:
    (entry,) = cast.approved(cast.ana)
    entry.correct(by=cast.ana_user, now=NOW, reason="It was 3a.", line=cast.ojt("3a", minutes=60))
    return review(cast, entry, "undo")


# ---- Signing


OFF_THE_SCALE = "Choose a rating of the scale: 0, 1, 2, 3, 4."
NO_STANDARD = "There is no such performance standard in the apprentice's schedule."


def sign(cast: Cast, *, apprentice: Apprentice | None = None, **said: Any) -> Asked:
    """The first standard of 2g, rated 3 unless said otherwise, with the password."""
    whom = apprentice or cast.ana
    standard = said.pop("standard", None) or cast.competency("2g").standards.get(position=1).uid
    body = {"rating": 3, "method": "reviewed", "observed_from": "2026-11-16", "observed_to": "2026-11-19"}
    body |= {"note": "", **said}
    form = {name: body[name] for name in ("method", "observed_from", "observed_to", "note")}
    form |= {f"rating-{standard}": str(body["rating"]), "key": str(uuid4())}
    form |= {"step": "sign", "password": PASSWORD}
    body |= {"apprentice": str(whom.uid), "performance_standard": str(standard)}
    return Asked(reverse("sign-competency", args=[whom.uid, "2g"]), form, "post", "sign-offs/", body)


@refused("ana_user", 403, 403, "You may see this, but not do that", rest_says="Nobody signs for themselves.")
def signing_for_oneself(cast: Cast) -> Asked:
    return sign(cast)


@refused("lena", 404, 400, "", rest_says=NO_SUCH_APPRENTICE, field="apprentice")
def signing_as_a_mentor_not_assigned(cast: Cast) -> Asked:
    return sign(cast)


@refused("lena", 400, 403, "on Nov 16, 2026. Choose dates on", field="observed_from", beside="observed_from")
def signing_what_one_saw_before_the_assignment(cast: Cast) -> Asked:
    Mentorship.objects.create(apprentice=cast.ana, mentor=cast.lena, starts_on=TODAY)
    return sign(cast)


@refused("marcus", 400, 400, OFF_THE_SCALE, field="rating", beside="rating-*")
def a_rating_off_the_scale(cast: Cast) -> Asked:
    return sign(cast, rating=5)


@refused("marcus", 400, 400, "A rating of 0 needs a reason: say why.", field="reason", beside="reason-*")
def a_rating_of_0_without_a_reason(cast: Cast) -> Asked:
    return sign(cast, rating=0)


@refused("marcus", 400, 400, "Choose today or earlier.", field="observed_to", beside="observed_to")
def signing_what_one_will_see_tomorrow(cast: Cast) -> Asked:
    return sign(cast, observed_to="2026-11-21")


@refused("marcus", 400, 400, "Rate at least one", rest_says=NO_STANDARD, field="performance_standard")
def a_standard_of_another_sponsor(cast: Cast) -> Asked:
    theirs = cast.other_program.schedule.job_functions.get(number=2).competencies.get(code="2g")
    return sign(cast, standard=theirs.standards.get(position=1).uid)


def withdraw(cast: Cast, *, of: str = "2g", **said: str) -> Asked:
    signed = cast.ben.sign_offs.order_by("pk").first() or cast.sign(cast.ben, of)[0]
    address = reverse("sign-off-withdraw", args=[signed.uid])
    form = {"reason": "Wrong chart.", "password": PASSWORD} | said
    return Asked(address, form, "post", f"sign-offs/{signed.uid}/withdraw/", {"reason": form["reason"]})


@refused("marcus", 400, 400, "Say why the signature is taken back.", field="reason", beside="reason")
def a_withdrawal_without_a_reason(cast: Cast) -> Asked:
    return withdraw(cast, reason=" ")


@refused("lena", 403, 403, "You may see this, but not do that", rest_says="Only the person who signed")
def withdrawing_what_another_signed(cast: Cast) -> Asked:
    return withdraw(cast)


@refused("marcus", 409, 409, "This sign-off was withdrawn already.")
def withdrawing_twice(cast: Cast) -> Asked:
    asked = withdraw(cast)
    assert Rest(cast.marcus).post(asked.path, asked.body)[0] == 200
    return asked


# ---- Reports


def ask_report(cast: Cast, **said: Any) -> Asked:
    body = {"document": "progress", "apprentice": str(cast.ana.uid)} | said
    form = {name: value for name, value in body.items() if value is not None}
    return Asked(reverse("report-start"), form, "post", "reports/", body)


@refused("nora", 404, 400, "", rest_says=NO_SUCH_APPRENTICE, field="apprentice")
def a_report_on_somebody_of_another_sponsor(cast: Cast) -> Asked:
    return ask_report(cast, apprentice=str(cast.chen.uid))


@refused("nora", 404, 400, "", rest_says="There is no program with this id", field="program")
def a_report_on_a_program_of_another_sponsor(cast: Cast) -> Asked:
    return ask_report(cast, apprentice=None, program=str(cast.other_program.uid))


@refused("nora", 400, 400, "The first day is after the last. Swap them.", field="from", beside="from")
def a_report_that_ends_before_it_begins(cast: Cast) -> Asked:
    return ask_report(cast, **{"from": "2026-11-20", "to": "2026-11-19"})


@refused("nora", 400, 400, "is in the future. Choose today or earlier.", field="to", beside="to")
def a_report_on_tomorrow(cast: Cast) -> Asked:
    return ask_report(cast, to="2026-11-21")


@refused("nora", 400, 400, "Name one apprentice or one program.", field="apprentice", beside="about")
def a_report_on_nobody(cast: Cast) -> Asked:
    return ask_report(cast, apprentice=None)
