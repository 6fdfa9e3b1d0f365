"""Hours, sign-offs and progress in columns, for their lists as files and for the workbook of a program."""

from dataclasses import dataclass, replace

from accounts.tables import Column, Table, day, duration, moment, number
from ojt_logs.models import HoursEntry
from ojt_logs.progress import CompetencyProgress, CourseProgress, FunctionProgress, Progress

PERSON = Column("Apprentice", lambda row: row.apprentice.user.name)

_ENTRY = (
    day("Day", lambda row: row.date, "The day worked, or of the class."),
    Column("Kind", lambda row: row.get_kind_display(), width=20),
    Column("Job function", lambda row: row.job_function and row.job_function.number, width=12),
    Column("Competency", lambda row: row.competency and row.competency.code, width=12),
    Column("What", lambda row: _what(row), width=50, about="Competency, job function or course."),
    *duration("Time", lambda row: row.minutes),
    Column("State", lambda row: row.get_status_display(), width=12, about="Only approved hours count."),
    Column("Note", lambda row: row.note, width=40),
    Column("Paid", lambda row: row.paid, width=8, about="Of class hours, where it is known."),
    Column("Regular hours", lambda row: row.regular_hours, width=10, about="Of class hours, likewise."),
    Column("Came from", lambda row: row.provenance.label, width=20, about="Logged, copied, imported …"),
    Column("How it was logged", lambda row: row.provenance.words, width=36),
    Column("Logged by", lambda row: row.created_by.name),
    moment("Logged", lambda row: row.created_at, "When the site received it."),
    moment("Logged on the device", lambda row: row.device_at, "Written offline: by the device's clock."),
    moment("Submitted", lambda row: row.submitted_at),
    Column("Reviewed by", lambda row: row.reviewed_by and row.reviewed_by.name),
    moment("Reviewed", lambda row: row.reviewed_at),
    Column("Why returned", lambda row: row.return_reason, width=30),
    Column("Why corrected", lambda row: row.correction_reason, width=30, about="Where it replaces another."),
    Column("Entry", lambda row: row.uid, width=38, about="Its number on the record."),
)

HOURS_RELATED = ("apprentice__user", "job_function", "competency", "course", "created_by", "reviewed_by")
"""What the columns of hours read beside an entry."""

HOURS = Table("Hours", _ENTRY, "One hours entry of the apprentice.")
HOURS_OF_PROGRAM = Table("Hours", (PERSON, *_ENTRY), "One hours entry. Drafts are left out.")


_SIGN_OFF = (
    Column("Act", lambda row: "Withdrawal" if row.withdraws_id else "Signature", width=12),
    moment("Signed", lambda row: row.signed_at),
    number("Job function", lambda row: row.competency.job_function.number),
    Column("Competency", lambda row: row.competency.code, width=12),
    Column("Statement", lambda row: row.statement, width=60, about="What was rated, as printed."),
    number("Rating", lambda row: row.rating and row.rating.value),
    Column("Rating in words", lambda row: row.rating and row.rating.label, width=18),
    Column("Passed", lambda row: None if row.withdraws_id else row.passed, width=9),
    Column(
        "Standing",
        lambda row: None if row.withdraws_id else not row.is_withdrawn,
        width=10,
        about="“no”: it was withdrawn and counts no longer.",
    ),
    Column("Method", lambda row: row.get_method_display(), width=22, about="How the work was seen."),
    day("Seen from", lambda row: row.observed_from),
    day("Seen to", lambda row: row.observed_to),
    Column("Signer", lambda row: row.signer_name, about="Name and qualification are as they were then."),
    Column("Initials", lambda row: row.signer_initials, width=9),
    Column("Qualification", lambda row: row.signer_qualification, width=28),
    Column("Note", lambda row: row.note, width=40),
    Column("Reason", lambda row: row.reason, width=40),
    Column("Record", lambda row: row.uid, width=38, about="The number of the act."),
    Column("Withdraws", lambda row: row.withdraws and row.withdraws.uid, width=38),
)

SIGN_OFF_RELATED = (
    "apprentice__user",
    "competency__job_function",
    "performance_standard",
    "rating",
    "withdraws",
)
"""What the columns of sign-offs read beside an act; `with_fate` gives `is_withdrawn`."""

SIGN_OFFS = Table("Sign-offs", _SIGN_OFF, "One act: a signed rating, or the withdrawal of one.")
SIGN_OFFS_OF_PROGRAM = Table("Sign-offs", (PERSON, *_SIGN_OFF), SIGN_OFFS.about)


APPRENTICES = Table(
    "Apprentices",
    (
        Column("Apprentice", lambda one: one.apprentice.user.name),
        Column("Registration number", lambda one: one.apprentice.registration_number, width=18),
        Column("Employer", lambda one: one.apprentice.employer),
        Column("Status", lambda one: one.apprentice.get_status_display(), width=12),
        day("Status since", lambda one: one.apprentice.status_since),
        day("Started", lambda one: one.apprentice.started_on),
        day("Expected end", lambda one: one.apprentice.expected_end_on),
        day("Ended", lambda one: one.apprentice.ended_on),
        day("As of", lambda one: one.as_of, "The day on which these figures stood."),
        number("Progress (%)", lambda one: one.percent, "Rounded down; 100 only when nothing is missing."),
        Column("Complete", lambda one: one.complete, width=10),
        Column("Pace", lambda one: one.pace.word, width=16, about="Against the dates of the plan."),
        number("Standards signed", lambda one: one.standards_met, "Of those that count."),
        number(
            "Standards credited",
            lambda one: one.standards_credited,
            "Of those signed: by credit, not signed.",
        ),
        number("Standards that count", lambda one: one.standards_counted),
        number(
            "Standards not applicable",
            lambda one: one.standards_not_applicable,
            "Settled by a signature, and in no other figure.",
        ),
        number("Competencies achieved", lambda one: one.competencies_achieved),
        number("Competencies that count", lambda one: one.competencies_counted),
        *duration("OJT approved", lambda one: one.ojt.approved),
        *duration(
            "OJT credited", lambda one: one.ojt.credited, "Beside what is approved, for what came before."
        ),
        *duration("OJT waiting", lambda one: one.ojt.waiting),
        *duration("OJT required", lambda one: one.ojt.required, "Empty where none is stated."),
        *duration("RI approved", lambda one: one.ri.approved),
        *duration("RI credited", lambda one: one.ri.credited),
        *duration("RI waiting", lambda one: one.ri.waiting),
        *duration("RI required", lambda one: one.ri.required),
        number("Schedule version", lambda one: one.apprentice.schedule.version),
        Column("Apprentice's number", lambda one: one.apprentice.uid, width=38),
    ),
    "One registration, with the figures of its progress.",
)


def _of_row(column: Column) -> Column:
    """The same of a row of the board."""
    return replace(column, value=lambda row: column.value(row.progress))


BOARD = Table(
    "Apprentices",
    (
        *(_of_row(column) for column in APPRENTICES.columns),
        Column("Waits for", lambda row: "; ".join(one.names or "nobody assigned" for one in row.waiting)),
        day("No work until", lambda row: row.no_work_until),
        number("Waits since (days)", lambda row: row.days_waiting if row.waiting else None),
    ),
    APPRENTICES.about,
)


@dataclass(frozen=True)
class Part:
    """A part of somebody's progress as one row: a job function, a competency or a course."""

    progress: Progress
    function: FunctionProgress | None = None
    competency: CompetencyProgress | None = None
    course: CourseProgress | None = None

    @classmethod
    def functions_of(cls, one: Progress) -> "list[Part]":
        return [cls(one, function) for function in one.functions]

    @classmethod
    def competencies_of(cls, one: Progress) -> "list[Part]":
        return [cls(one, function, row) for function in one.functions for row in function.competencies]

    @classmethod
    def courses_of(cls, one: Progress) -> "list[Part]":
        return [cls(one, course=course) for course in one.courses]


_WHOSE = Column("Apprentice", lambda part: part.progress.apprentice.user.name)
_FUNCTION = number("Job function", lambda part: part.function.function.number)

FUNCTIONS = Table(
    "Progress by job function",
    (
        _WHOSE,
        _FUNCTION,
        Column("Title", lambda part: part.function.function.title, width=50),
        Column("Counts", lambda part: part.function.counts, width=9),
        Column("Why", lambda part: part.function.why, width=20),
        number("Competencies achieved", lambda part: part.function.achieved),
        number("Competencies that count", lambda part: len(part.function.counted)),
        number("Standards signed", lambda part: part.function.standards_met),
        number("Standards that count", lambda part: part.function.standards_counted),
        number("Standards not applicable", lambda part: part.function.standards_not_applicable),
        *duration("OJT approved", lambda part: part.function.ojt.approved),
        *duration("OJT credited", lambda part: part.function.ojt.credited),
        *duration("OJT waiting", lambda part: part.function.ojt.waiting),
        *duration("OJT planned", lambda part: part.function.ojt.required, "As the schedule states it."),
    ),
    "One job function of one apprentice.",
)

COMPETENCIES = Table(
    "Competencies",
    (
        _WHOSE,
        _FUNCTION,
        Column("Competency", lambda part: part.competency.code, width=12),
        Column("Title", lambda part: part.competency.competency.title, width=60),
        Column("Counts", lambda part: part.competency.counts, width=9),
        Column("Why", lambda part: part.competency.why, width=20),
        number("Standards signed", lambda part: part.competency.standards_met),
        number("Standards", lambda part: part.competency.standards_total, "Those that are asked."),
        number("Standards not applicable", lambda part: part.competency.standards_not_applicable),
        Column("Achieved", lambda part: part.competency.achieved, width=10),
        Column("Credited", lambda part: part.competency.credited, width=10),
    ),
    "One competency of one apprentice.",
)

COURSES = Table(
    "Related instruction",
    (
        _WHOSE,
        Column("Code", lambda part: part.course.course.code, width=12),
        Column("Course", lambda part: part.course.course.title, width=40),
        Column("Required", lambda part: part.course.course.required, width=10),
        *duration("RI approved", lambda part: part.course.minutes.approved),
        *duration("RI credited", lambda part: part.course.minutes.credited),
        *duration("RI waiting", lambda part: part.course.minutes.waiting),
        *duration("RI required", lambda part: part.course.minutes.required),
        Column(
            "Passed",
            lambda part: part.course.result and part.course.result.passed,
            width=9,
            about="As its instructor recorded it; empty: nothing is recorded.",
        ),
        day("Passed or not on", lambda part: part.course.result and part.course.result.completed_on),
        Column("Grade", lambda part: part.course.result and part.course.result.grade, width=10),
    ),
    "One course of one apprentice.",
)

WAITING = Table("Waiting for review", HOURS_OF_PROGRAM.columns, "One entry that waits for the reader.")


FINDINGS = Table(
    "Worth a look",
    (
        Column("Kind", lambda row: row.kind),
        day("Day", lambda row: row.on),
        Column("Facts", lambda row: row.words, width=90),
        Column("Where", lambda row: row.links[0][1], width=60),
    ),
    "One pattern in reviews or signatures. Each may have a good reason.",
)

WAITS = Table(
    "Waiting",
    (
        Column("Apprentice", lambda row: row.name),
        Column("Program", lambda row: row.program),
        Column("Kind", lambda row: row.kind_words, width=20),
        Column("Course", lambda row: row.course),
        Column("Waits for", lambda row: row.for_whom, about="Who may review it today."),
        number("Days", lambda row: row.days, "Days since the oldest entry was submitted."),
        moment("Since", lambda row: row.since),
        number("Entries", lambda row: row.entries),
        *duration("Time", lambda row: row.minutes),
    ),
    "Hours of one apprentice that wait for the same people.",
)

NOTICES = Table(
    "Told",
    (
        moment("When", lambda row: row.at),
        Column("About", lambda row: row.get_about_display(), width=24),
        Column("Words", lambda row: row.words, width=80),
        Column("Where", lambda row: row.path, width=40),
        moment("Read", lambda row: row.read_at),
        moment("Mailed", lambda row: row.taken_at),
    ),
    "One thing that the reader was told.",
)


def _what(entry: HoursEntry) -> str:
    target = entry.competency or entry.job_function
    return target.title if target else str(entry.course or "Other supervised work")


FATES = {
    "new": "comes in",
    "there": "on the record already",
    "left_out": "left out",
    "refused": "cannot come in",
}
"""What becomes of a row of a file, see ojt_logs.imports.reading."""

IMPORTED_ROWS = Table(
    "Rows",
    (
        number("Row", lambda row: row.number),
        Column("What becomes of it", lambda row: FATES[row.fate], width=22),
        Column("Why", lambda row: row.sentences or row.note, width=60),
        Column("Apprentice", lambda row: row.apprentice and row.apprentice.user.name),
        day("Day", lambda row: row.line and row.line.date),
        *duration("Time", lambda row: row.line and row.line.minutes),
        Column(
            "Job function",
            lambda row: row.line and row.line.job_function and row.line.job_function.number,
            width=12,
        ),
        Column("Competency", lambda row: row.line and row.line.competency and row.line.competency.code),
        Column("Course", lambda row: row.line and row.line.course and str(row.line.course), width=30),
        Column("Note", lambda row: row.line and row.line.note, width=40),
        Column("As it stands in the file", lambda row: "; ".join(row.cells.values()), width=60),
    ),
    "One row of the file.",
)

PAID = Table(
    "Paid and logged",
    (
        Column("Apprentice", lambda row: row.apprentice.user.name),
        Column("Program", lambda row: row.apprentice.program.name),
        day("From", lambda row: row.starts_on),
        day("To", lambda row: row.ends_on),
        *duration("Paid", lambda row: row.minutes),
        *duration("Approved", lambda row: row.approved, "Work of these days that was approved."),
        *duration("Waiting", lambda row: row.waiting, "Work of these days that waits for review."),
        *duration("Difference", lambda row: row.difference, "Logged less paid."),
        Column("Explanation", lambda row: row.explanation, width=50),
        Column("Explained by", lambda row: row.explained_by),
        moment("Explained", lambda row: row.explained_at),
        Column("File", lambda row: row.file.file_name, width=30),
    ),
    "One pay period of one apprentice.",
)
