"""What “63 %” means: counting, completion and pace (decisions 1-3 and 8-12)."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from apprenticeship.models import Apprentice, Class, Mentorship, Program
from competencies.imports.outline import (
    CompetencyOutline,
    CourseOutline,
    FunctionOutline,
    OccupationOutline,
    ScheduleOutline,
    StandardOutline,
)
from competencies.imports.rows import schedule_outline
from competencies.models import Competency, PerformanceStandard, RatingScale
from competencies.versions import bring_in
from ojt_logs.models import Authentication, HoursEntry, Line, Rating, SignOff
from ojt_logs.models.course_results import Outcome
from ojt_logs.progress import Pace, Progress, add_months, progress, progress_of
from reports import schedule as schedule_paper
from tests.cast import NOW, STARTED, TODAY, Cast

pytestmark = pytest.mark.django_db
HOUR = 60


def standard(text: str, *, times: int = 1) -> StandardOutline:
    return StandardOutline(text=text, required_demonstrations=times)


def skill(letter: str, *standards: StandardOutline, required: bool = True) -> CompetencyOutline:
    return CompetencyOutline(letter=letter, title=f"Skill {letter}", required=required, standards=standards)


def work(number: int, *skills: CompetencyOutline, **fields: object) -> FunctionOutline:
    return FunctionOutline(number=number, title=f"Work {number}", competencies=skills, **fields)  # type: ignore[arg-type]


def register(
    cast: Cast,
    *functions: FunctionOutline,
    approach: str = "competency",
    courses: Sequence[CourseOutline] = (),
    started_on: date = STARTED,
    expected_end_on: date | None = None,
    **fields: object,
) -> Apprentice:
    """Ana in a program of Lakeside on a schedule of these job functions, mentored by Marcus."""
    outline = ScheduleOutline(
        title="Carpenter",
        occupation=OccupationOutline(title="Carpenter"),
        job_functions=functions,
        courses=tuple(courses),
    )
    schedule, _ = bring_in(outline, now=NOW, sponsor=cast.lakeside)
    program = Program.objects.create(
        sponsor=cast.lakeside,
        name="Carpenters",
        schedule=schedule,
        approach=approach,
        rating_scale=RatingScale.objects.get(name="0-4"),
        **fields,
    )
    apprentice = Apprentice.objects.register(
        program,
        cast.ana_user,
        started_on=started_on,
        by=cast.nora,
        now=NOW,
        expected_end_on=expected_end_on,
    )
    Mentorship.objects.create(apprentice=apprentice, mentor=cast.marcus, starts_on=started_on)
    return apprentice


def target(apprentice: Apprentice, code: str, position: int = 0) -> PerformanceStandard | Competency:
    competency = Competency.objects.get(job_function__schedule=apprentice.schedule, code=code)
    return (
        competency.standards.order_by("position")[position] if competency.standards.exists() else competency
    )


def sign(
    apprentice: Apprentice,
    code: str,
    *,
    by: User,
    value: int = 4,
    day: date = TODAY,
    position: int = 0,
) -> SignOff:
    scale = apprentice.scale
    assert scale
    level = scale.levels.get(value=value)
    rating = Rating(target(apprentice, code, position), level, reason="no exposure" if value == 0 else "")
    (row,) = SignOff.objects.record(
        apprentice,
        by=by,
        now=NOW,
        authentication=Authentication("password", NOW),
        method="observed",
        observed_from=day,
        observed_to=day,
        ratings=[rating],
    )
    return row


def work_hours(
    cast: Cast, apprentice: Apprentice, number: int | None, hours: int, until: date = TODAY
) -> None:
    """Approved hours at a job function (None: other supervised work), 20 a day back from `until`."""
    function = apprentice.schedule.job_functions.get(number=number) if number else None
    days = [(until - timedelta(days=back), min(20, hours - 20 * back)) for back in range(-(-hours // 20))]
    lines = [Line("ojt", day, share * HOUR, function) for day, share in days]
    cast.approved(apprentice, *lines)


def teach(cast: Cast, apprentice: Apprentice) -> None:
    """Priya teaches every course of the schedule to the apprentice."""
    for course in apprentice.schedule.courses.all():
        taught = Class.objects.create(
            program=apprentice.program, course=course, instructor=cast.priya, starts_on=STARTED
        )
        taught.roster.add(apprentice)


def counted(found: Progress) -> tuple[int, int]:
    return found.competencies_counted, found.standards_counted


# ---- What counts (decisions 1-3)


def test_medical_coder_without_elections_counts_16_competencies_and_64_standards(cast: Cast) -> None:
    found = progress_of(cast.ana)
    assert counted(found) == (16, 64)
    assert (found.competencies_achieved, found.standards_met, found.percent) == (0, 0, 0)
    optional = found.functions[4]
    assert (optional.counts, optional.why) == (False, "optional, not elected")
    assert {one.why for one in optional.competencies} == {"its job function is optional and not elected"}
    assert {one.why for one in found.functions[0].competencies} == {"required"}


def test_medical_coder_with_function_5_elected_by_the_program_counts_17_and_67(cast: Cast) -> None:
    cast.program.elected_functions.add(cast.function(5))
    found = progress_of(cast.ana)
    assert counted(found) == (17, 67)
    assert [one.code for one in found.functions[4].counted] == ["5d"]
    assert [one.why for one in found.functions[4].competencies][:1] == ["optional, not elected"]


def test_an_election_in_one_agreement_counts_for_that_apprentice_alone(cast: Cast) -> None:
    cast.ana.elected_functions.add(cast.function(5))
    assert counted(progress_of(cast.ana)) == (17, 67)
    assert counted(progress_of(cast.ben)) == (16, 64)


def test_medical_coder_with_everything_elected_counts_20_and_78(cast: Cast) -> None:
    cast.program.elected_functions.add(cast.function(5))
    cast.ana.elected_competencies.set([cast.competency(code) for code in ("5a", "5b", "5c")])
    found = progress_of(cast.ana)
    assert counted(found) == (20, 78)
    assert {one.why for one in found.functions[4].competencies} == {"required", "elected"}


def test_optional_work_is_shown_and_never_in_the_denominator(cast: Cast) -> None:
    cast.sign(cast.ana, "5d")
    found = progress_of(cast.ana)
    assert (found.standards_met, found.standards_counted, found.percent) == (0, 64, 0)
    (extra,) = [one for one in found.functions[4].competencies if one.code == "5d"]
    assert (extra.achieved, extra.counts) == (True, False)


def test_a_schedule_without_standards_and_nobody_signed_has_nothing_achieved(cast: Cast) -> None:
    apprentice = register(cast, work(1, skill("a"), skill("b")))
    found = progress_of(apprentice)
    assert (found.competencies_achieved, counted(found), found.complete) == (0, (2, 2), False)
    sign(apprentice, "1a", by=cast.marcus)
    found = progress_of(apprentice)
    assert (found.competencies_achieved, found.standards_met, found.percent) == (1, 1, 50)


def test_a_schedule_without_competencies_is_not_complete(cast: Cast) -> None:
    apprentice = register(cast, work(1), started_on=date(2025, 1, 1))
    found = progress_of(apprentice)
    assert (found.percent, found.complete) == (0, False)
    assert found.missing == ["No competency counts: the schedule lists none."]


def test_where_all_is_optional_somebody_elects_first(cast: Cast) -> None:
    found = progress_of(register(cast, work(1, skill("a", required=False))))
    why = "what the schedule lists is optional, and nothing is elected"
    assert found.missing_besides[0] == f"No competency counts: {why}."


def test_a_competency_is_achieved_when_its_last_standard_is_signed(cast: Cast) -> None:
    cast.sign(cast.ana, "1a")
    found = progress_of(cast.ana)
    assert (found.competencies_achieved, found.standards_met) == (1, 4)
    assert found.percent == 6


def test_demonstrations_on_one_day_are_one_and_on_two_days_two(cast: Cast) -> None:
    apprentice = register(cast, work(1, skill("a", standard("Twice.", times=2))))
    sign(apprentice, "1a", by=cast.marcus)
    sign(apprentice, "1a", by=cast.marcus)
    assert progress_of(apprentice).standards_met == 0
    sign(apprentice, "1a", by=cast.marcus, day=TODAY - timedelta(days=1))
    assert progress_of(apprentice).standards_met == 1


def test_a_failing_rating_meets_nothing(cast: Cast) -> None:
    for value in (0, 2):
        cast.sign(cast.ana, "1b", value=value)
    assert progress_of(cast.ana).standards_met == 0


def test_a_later_lower_rating_leaves_a_passed_standard_passed(cast: Cast) -> None:
    cast.sign(cast.ben, "1b", value=4, day=TODAY - timedelta(days=9))
    cast.sign(cast.ben, "1b", value=1, by=cast.lena)
    assert progress_of(cast.ben).standards_met == 2


def test_a_withdrawn_pass_counts_no_more(cast: Cast) -> None:
    first, _ = cast.sign(cast.ana, "1b")
    SignOff.objects.withdraw(
        first,
        by=cast.marcus,
        now=NOW,
        authentication=Authentication("password", NOW),
        reason="I rated the wrong chart.",
    )
    found = progress_of(cast.ana)
    assert (found.standards_met, found.competencies_achieved) == (1, 0)


# ---- Percent and completion (decisions 8, 9, 11)


def test_per_cent_is_rounded_down_without_losing_a_whole_one(cast: Cast) -> None:
    """29 of 100 is 29 %, which multiplied floats make 28."""
    apprentice = register(cast, work(1), approach="time", ojt_minutes_required=100 * HOUR)
    work_hours(cast, apprentice, 1, 29)
    assert progress_of(apprentice).percent == 29


def test_term_is_the_programs_or_else_that_of_the_schedule_one_is_pinned_to(cast: Cast) -> None:
    apprentice = register(cast, work(1), approach="time")
    program, schedule = apprentice.program, apprentice.schedule
    schedule.minimum_ojt_minutes, schedule.minimum_ri_minutes = 2000 * HOUR, 144 * HOUR
    found = progress_of(apprentice)
    assert (found.ojt.required, found.ri.required) == (2000 * HOUR, 144 * HOUR)
    paper = schedule_paper.blank(schedule, program=program)
    assert paper.term == "12 months; 2,000 h of on-the-job learning; 144 h of related instruction"
    program.ojt_minutes_required = 3000 * HOUR
    assert (program.ojt_required(schedule), program.ri_required(schedule)) == (3000 * HOUR, 144 * HOUR)
    assert progress_of(apprentice).ojt.required == 3000 * HOUR
    assert paper.term.startswith("12 months; 3,000 h")


def test_competency_based_hours_complete_nothing_and_have_no_requirement(cast: Cast) -> None:
    cast.approved(cast.ana, cast.ojt(minutes=480), cast.ojt("1a", minutes=300))
    found = progress_of(cast.ana)
    assert (found.percent, found.ojt.approved, found.ojt.required) == (0, 780, None)
    assert not [sentence for sentence in found.missing if "on-the-job training to go" in sentence]


def test_competency_based_is_complete_only_after_12_months_and_its_classes(cast: Cast) -> None:
    course = CourseOutline(title="Tools", ri_minutes=2 * HOUR)
    apprentice = register(cast, work(1, skill("a", standard("Cuts."))), courses=[course])
    sign(apprentice, "1a", by=cast.marcus)
    found = progress_of(apprentice, as_of=TODAY)
    assert (found.percent, found.complete, len(found.missing)) == (99, False, 2)
    assert "12 months of on-the-job training are complete on February 2, 2027." in found.missing
    open_course = "Tools: 2 h of class to go (0 h of 2 h approved), and to be passed."
    assert open_course in found.missing
    after = progress_of(apprentice, as_of=date(2027, 2, 2))
    assert after.missing == [open_course]
    assert (after.percent, after.complete) == (99, False)


def test_everything_done_is_100_per_cent_and_complete(cast: Cast) -> None:
    apprentice = register(
        cast, work(1, skill("a", standard("Cuts."))), started_on=date(2025, 11, 20), ri_minutes_required=None
    )
    sign(apprentice, "1a", by=cast.marcus)
    found = progress_of(apprentice, as_of=TODAY)
    assert (found.percent, found.complete, found.missing) == (100, True, [])


@pytest.mark.parametrize(
    ("days", "state", "word"),
    [
        (None, "not_started", "not started"),
        (-8, "behind", "8 days behind"),
        (-7, "on_pace", "on pace"),
        (0, "on_pace", "on pace"),
        (7, "on_pace", "on pace"),
        (8, "ahead", "8 days ahead"),
    ],
)
def test_a_week_from_the_plan_is_on_pace(days: int | None, state: str, word: str) -> None:
    pace = Pace(days, 50)
    assert (pace.state, pace.word, pace.behind) == (state, word, state == "behind")


def test_a_suspension_is_taken_out_of_the_12_months_and_of_the_pace(cast: Cast) -> None:
    def change(status: str, day: date) -> None:
        cast.ana.change_status(status, effective_on=day, reason="Leave.", by=cast.nora, now=NOW)

    before = progress_of(cast.ana, as_of=TODAY)
    change("suspended", date(2026, 6, 1))
    change("active", date(2026, 7, 1))
    cast.ana = Apprentice.objects.get(pk=cast.ana.pk)
    found = progress_of(cast.ana, as_of=TODAY)
    assert before.months_end_on == date(2027, 2, 2)
    assert found.months_end_on == date(2027, 3, 4)
    assert (before.pace.days, found.pace.days) == (-291, -261)


def test_twelve_months_from_the_last_of_january_end_on_the_last_of_a_month() -> None:
    assert add_months(date(2026, 1, 31), 1) == date(2026, 2, 28)
    assert add_months(date(2024, 2, 29), 12) == date(2025, 2, 28)
    assert add_months(date(2026, 11, 30), 13) == date(2027, 12, 30)


def test_time_based_per_cent_is_approved_hours_of_the_term(cast: Cast) -> None:
    apprentice = register(
        cast, work(1, skill("a", standard("Cuts."))), approach="time", ojt_minutes_required=2000 * HOUR
    )
    work_hours(cast, apprentice, 1, 41)
    cast.submitted(apprentice, Line("ojt", STARTED, 8 * HOUR))
    found = progress_of(apprentice)
    assert (found.percent, found.ojt.approved, found.ojt.waiting) == (2, 41 * HOUR, 8 * HOUR)
    assert found.missing == ["1,959 h of on-the-job training to go (41 h of 2,000 h approved)."]


def test_time_based_gaps_in_a_job_function_do_not_bind(cast: Cast) -> None:
    apprentice = register(
        cast,
        work(1, ojt_minutes_min=10 * HOUR, ojt_minutes_max=10 * HOUR),
        work(2, ojt_minutes_min=10 * HOUR),
        approach="time",
        ojt_minutes_required=20 * HOUR,
    )
    work_hours(cast, apprentice, 1, 20)
    found = progress_of(apprentice)
    assert (found.percent, found.complete) == (100, True)
    assert [(one.ojt.approved, one.ojt.required) for one in found.functions] == [(1200, 600), (0, 600)]


def test_other_supervised_work_is_in_the_total_and_in_no_job_function(cast: Cast) -> None:
    apprentice = register(cast, work(1), approach="time", ojt_minutes_required=40 * HOUR)
    work_hours(cast, apprentice, None, 10)
    found = progress_of(apprentice)
    assert (found.percent, found.other_work.approved, found.functions[0].ojt.approved) == (25, 600, 0)


def hybrid(cast: Cast) -> Apprentice:
    return register(
        cast,
        work(1, skill("a", standard("Cuts.")), ojt_minutes_min=10 * HOUR, ojt_minutes_max=20 * HOUR),
        work(2, skill("a", standard("Joins.")), ojt_minutes_min=5 * HOUR, ojt_minutes_max=20 * HOUR),
        work(3, skill("a", standard("Paints.")), core=False, ojt_minutes_min=9 * HOUR),
        approach="hybrid",
        ojt_minutes_required=40 * HOUR,
        term_months=12,
    )


def test_hybrid_per_cent_is_the_lower_of_hours_and_standards(cast: Cast) -> None:
    apprentice = hybrid(cast)
    work_hours(cast, apprentice, 1, 10)
    assert progress_of(apprentice).percent == 0
    sign(apprentice, "1a", by=cast.marcus)
    assert progress_of(apprentice).percent == 25


def test_hybrid_hours_over_a_maximum_count_to_nothing_but_stay_on_the_record(cast: Cast) -> None:
    apprentice = hybrid(cast)
    work_hours(cast, apprentice, 1, 35)
    for code in ("1a", "2a"):
        sign(apprentice, code, by=cast.marcus)
    found = progress_of(apprentice)
    assert (found.ojt.approved, found.countable_minutes, found.percent) == (35 * HOUR, 20 * HOUR, 50)
    assert "20 h of on-the-job training to go (20 h of 40 h approved)." in found.missing


def test_hybrid_minimums_bind_for_what_counts_and_not_for_what_is_not_elected(cast: Cast) -> None:
    found = progress_of(hybrid(cast))
    below = [sentence for sentence in found.missing if "minimum" in sentence]
    assert below == ["Job function 1: 10 h below its minimum.", "Job function 2: 5 h below its minimum."]


def test_decision_9_hours_of_each_job_function_bind_where_the_program_says_so(cast: Cast) -> None:
    apprentice = register(
        cast,
        work(1, ojt_minutes_min=10 * HOUR, ojt_minutes_max=10 * HOUR),
        work(2, ojt_minutes_min=10 * HOUR),
        approach="time",
        ojt_minutes_required=20 * HOUR,
        function_hours_bind=True,
    )
    work_hours(cast, apprentice, 1, 20)
    found = progress_of(apprentice)
    assert (found.worked_percent, found.percent, found.complete) == (100, 99, False)
    assert found.missing == ["Job function 2: 10 h below its hours, which this program requires."]
    assert found.countable_minutes == 20 * HOUR, "what exceeds a plan counts to the total"
    work_hours(cast, apprentice, 2, 10, until=TODAY - timedelta(days=3))
    assert progress_of(apprentice).complete


def test_decision_9_a_gap_in_the_plan_of_a_time_based_program_is_shown(cast: Cast) -> None:
    apprentice = register(
        cast, work(1, ojt_minutes_min=30 * HOUR), approach="time", ojt_minutes_required=90 * HOUR
    )
    work_hours(cast, apprentice, 1, 20)
    (function,) = progress_of(apprentice).functions
    assert (function.minutes_short, function.bar_mark) == (10 * HOUR, 30 * HOUR)


def test_decision_9_a_maximum_alone_caps_what_counts_and_asks_for_nothing(cast: Cast) -> None:
    """The licensed practical nurse states maximums and no minimums."""
    apprentice = register(
        cast,
        work(1, skill("a"), ojt_minutes_max=20 * HOUR),
        work(2, skill("a"), ojt_minutes_max=40 * HOUR),
        approach="hybrid",
        ojt_minutes_required=40 * HOUR,
    )
    work_hours(cast, apprentice, 1, 30)
    work_hours(cast, apprentice, None, 20, until=TODAY - timedelta(days=5))
    found = progress_of(apprentice)
    assert (found.ojt.approved, found.countable_minutes, found.minutes_over) == (3000, 2400, 600)
    assert found.functions[0].minutes_over == 10 * HOUR and found.functions[1].minutes_short == 0
    assert found.missing == ["1a: to be signed.", "2a: to be signed."]
    assert (found.worked_percent, found.percent) == (100, 0)


def test_decision_9_other_work_counts_to_the_term_of_a_hybrid_program(cast: Cast) -> None:
    apprentice = hybrid(cast)
    work_hours(cast, apprentice, None, 10)
    found = progress_of(apprentice)
    assert (found.worked_percent, found.other_work.approved) == (25, 10 * HOUR)


def test_decision_8_competency_based_hours_bind_only_where_the_standards_state_them(cast: Cast) -> None:
    apprentice = register(cast, work(1, skill("a")), ojt_minutes_required=30 * HOUR, started_on=STARTED)
    sign(apprentice, "1a", by=cast.marcus)
    found = progress_of(apprentice, as_of=date(2027, 2, 2))
    assert (found.percent, found.complete) == (99, False)
    assert found.missing == ["30 h of on-the-job training to go (0 h of 30 h approved)."]


def test_decision_8_signatures_change_no_per_cent_of_a_time_based_program(cast: Cast) -> None:
    apprentice = register(cast, work(1, skill("a")), approach="time", ojt_minutes_required=40 * HOUR)
    work_hours(cast, apprentice, 1, 10)
    sign(apprentice, "1a", by=cast.marcus)
    found = progress_of(apprentice)
    assert (found.percent, found.competencies_achieved) == (25, 1)
    assert found.missing == ["30 h of on-the-job training to go (10 h of 40 h approved)."]


def test_decision_11_of_many_unfinished_courses_the_number_is_told(cast: Cast) -> None:
    courses = [CourseOutline(title=f"Course {number}", ri_minutes=HOUR) for number in range(7)]
    apprentice = register(cast, work(1), approach="time", courses=courses, ojt_minutes_required=HOUR)
    work_hours(cast, apprentice, 1, 1)
    assert progress_of(apprentice).missing == [
        "7 required courses of related instruction to finish, 0 h of 7 h approved."
    ]
    lines = [
        Line("ri", TODAY - timedelta(days=number), HOUR, course=course)
        for number, course in enumerate(apprentice.schedule.courses.all())
    ]
    teach(cast, apprentice)
    cast.approved(apprentice, *lines[:6])
    for taught in list(Class.objects.filter(roster=apprentice))[:6]:
        replace(cast, klass=taught).grade(Outcome(apprentice, passed=True))
    assert progress_of(apprentice).missing == [
        "Course 6: 1 h of class to go (0 h of 1 h approved), and to be passed."
    ]


def test_decision_12_pace_of_a_time_based_program_is_its_hours_against_the_dates(cast: Cast) -> None:
    apprentice = register(
        cast, work(1), approach="time", ojt_minutes_required=100 * HOUR, expected_end_on=date(2027, 2, 2)
    )
    found = progress_of(apprentice, as_of=date(2026, 8, 3))
    assert (found.pace.expected_percent, found.pace.days) == (49, -182)
    work_hours(cast, apprentice, 1, 50, until=date(2026, 8, 1))
    assert progress_of(apprentice, as_of=date(2026, 8, 3)).pace.state == "on_pace"


def test_a_time_based_program_that_states_no_hours_says_so(cast: Cast) -> None:
    found = progress_of(register(cast, work(1), approach="time"))
    assert (found.percent, found.missing) == (0, ["The program states no hours for its term."])


def test_related_instruction_is_its_own_number_and_condition(cast: Cast) -> None:
    cast.approved(cast.ana, cast.ri(minutes=90))
    cast.submitted(cast.ana, cast.ri(minutes=30))
    found = progress_of(cast.ana)
    assert (found.ri.approved, found.ri.waiting, found.ri.required) == (90, 30, 144 * HOUR)
    assert (found.ojt.approved, found.percent) == (0, 0)
    assert (
        "MC 101 Medical coding I: 70 h 30 min of class to go (1 h 30 min of 72 h approved), and to be passed."
        in found.missing
    )


def test_an_optional_course_is_no_condition(cast: Cast) -> None:
    course = CourseOutline(title="Drawing", ri_minutes=10 * HOUR, required=False)
    found = progress_of(register(cast, work(1, skill("a")), courses=[course]))
    assert not [sentence for sentence in found.missing if "Drawing" in sentence]


# ---- Pace (decision 12)


def test_pace_compares_counted_standards_with_the_dates(cast: Cast) -> None:
    found = progress_of(cast.ana, as_of=date(2026, 8, 3))
    assert (found.pace.expected_percent, found.pace.days, found.pace.word) == (49, -182, "182 days behind")
    assert found.pace.behind
    for code in ("1a", "1b", "2a", "2b", "2c", "2d", "2e"):
        cast.sign(cast.ana, code, day=date(2026, 8, 3))
    found = progress_of(cast.ana, as_of=date(2026, 8, 3))
    assert (found.standards_met, found.pace.word, found.pace.behind) == (29, "17 days behind", True)
    cast.sign(cast.ana, "2f", day=date(2026, 8, 3))
    assert progress_of(cast.ana, as_of=date(2026, 8, 3)).pace.word == "on pace"


def test_pace_of_a_hybrid_program_is_its_hours_against_the_dates(cast: Cast) -> None:
    apprentice = hybrid(cast)
    work_hours(cast, apprentice, 1, 20)
    work_hours(cast, apprentice, 2, 20, until=TODAY - timedelta(days=5))
    found = progress_of(apprentice)
    assert found.percent == 0
    assert found.pace.days is not None and found.pace.days > 0


def test_pace_on_the_first_day_compares_nothing(cast: Cast) -> None:
    found = progress_of(cast.ana, as_of=STARTED)
    assert (found.pace.days, found.pace.word, found.pace.behind) == (None, "not started", False)


# ---- As of an earlier day, versions, and many people at once


def test_as_of_counts_what_was_worked_and_seen_by_that_day(cast: Cast) -> None:
    old, new = date(2026, 6, 1), date(2026, 6, 3)
    cast.approved(cast.ana, cast.ojt(day=old, minutes=60), cast.ojt(day=new, minutes=30))
    cast.submitted(cast.ana, cast.ojt("1a", day=old, minutes=15))
    cast.log(cast.ana, cast.ojt("1a", day=old, minutes=5))
    cast.sign(cast.ana, "1b", day=new)
    before, after, now = (progress_of(cast.ana, as_of=day) for day in (old, new, None))
    assert (before.ojt.approved, before.ojt.waiting, before.standards_met) == (60, 15, 0)
    assert (after.ojt.approved, after.ojt.waiting, after.standards_met) == (90, 15, 2)
    assert now.functions == after.functions
    assert (now.ojt, now.courses) == (after.ojt, after.courses)


def test_hours_and_sign_offs_are_carried_to_a_new_version_by_lineage(cast: Cast) -> None:
    cast.approved(cast.ana, cast.ojt("1b", minutes=60))
    cast.sign(cast.ana, "1b")
    outline = replace(schedule_outline(cast.program.schedule), context="Reworded.")
    newer, is_new = bring_in(outline, now=NOW, sponsor=cast.lakeside)
    assert is_new
    Apprentice.objects.filter(pk=cast.ana.pk).update(schedule=newer)
    found = progress_of(Apprentice.objects.get(pk=cast.ana.pk))
    assert (found.standards_met, found.competencies_achieved) == (2, 1)
    assert found.functions[0].ojt.approved == 60


@pytest.mark.parametrize("as_of", [None, TODAY])
def test_progress_takes_as_many_queries_for_20_people_as_for_one(cast: Cast, as_of: date | None) -> None:
    people = [cast.ana, cast.ben]
    for number in range(18):
        user = User.objects.create_user(f"{number}@example.org", "x" * 12, name=f"Person {number}")
        people.append(
            Apprentice.objects.register(cast.program, user, started_on=STARTED, by=cast.nora, now=NOW)
        )
    for person in people[:2]:
        cast.approved(person, cast.ojt("1a", minutes=60), cast.ri(minutes=60))
        cast.sign(person, "1b")
    counts = {size: queries([person.pk for person in people[:size]], as_of) for size in (1, 5, 20)}
    assert len(set(counts.values())) == 1, counts


def queries(ids: list[int], as_of: date | None) -> int:
    with CaptureQueriesContext(connection) as captured:
        found = progress(Apprentice.objects.everyone().filter(pk__in=ids), as_of=as_of)
        for one in found.values():
            assert one.percent is not None and one.missing and one.pace.word
            assert [function.achieved for function in one.functions]
    assert len(found) == len(ids)
    return len(captured)


def test_a_draft_counts_nowhere(cast: Cast) -> None:
    cast.log(cast.ana, cast.ojt(minutes=60))
    found = progress_of(cast.ana)
    assert (found.ojt.approved, found.ojt.waiting) == (0, 0)
    assert HoursEntry.objects.filter(status="draft").count() == 1
