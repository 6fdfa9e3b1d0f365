"""Programs, and who and what belongs to a sponsor, in columns: for lists as files and for workbooks."""

from functools import partial

from accounts.models.invitations import STATES
from accounts.models.people import HELD_STATES
from accounts.tables import Column, Table, day, duration, moment, number
from apprenticeship.models import Confided
from apprenticeship.models.classes import CLASS_STATES
from apprenticeship.models.private import QUESTIONS, words_of

_PROGRAM = (
    Column("Sponsor", lambda one: one.sponsor.name),
    Column("Program", lambda one: one.name),
    Column("Approach", lambda one: one.get_approach_display()),
    Column("RAPIDS code", lambda one: one.rapids_code, width=12),
    Column("O*NET code", lambda one: one.onet_code, width=12),
    Column("Program number", lambda one: one.program_number),
    Column("Registration agency", lambda one: one.registration_agency),
    day("Registered", lambda one: one.registered_on),
    Column("Schedule", lambda one: one.schedule.title, width=30),
    number("Schedule version", lambda one: one.schedule.version),
    number("Term (months)", lambda one: one.term_months),
    number("Least time (months)", lambda one: one.minimum_months, "That completion needs."),
    *duration("OJT required", lambda one: one.ojt_required(one.schedule), "Empty where none is stated."),
    *duration("RI required", lambda one: one.ri_required(one.schedule)),
    Column("Time zone", lambda one: one.time_zone),
    Column("Reporting period", lambda one: one.get_reporting_period_display(), width=24),
    number("Due (days)", lambda one: one.reporting_due_days, "After the end of the period."),
    number("Grace (days)", lambda one: one.reporting_grace_days, "After that hours are marked late."),
    Column("Note", lambda one: one.figures_note),
)

PROGRAM = Table("Program", _PROGRAM, "The program.")
PROGRAMS = Table(
    "Programs",
    (
        *_PROGRAM,
        number("Active apprentices", lambda one: one.active),
        number("Suspended apprentices", lambda one: one.suspended),
    ),
    "One program, with the apprentices whose record the reader may open.",
)


SECOND_STEP = {True: "Yes", False: "No", None: ""}
"""Whether somebody has one, as coordinators see it; others see nothing."""

STAFF = Table(
    "People",
    (
        Column("Name", lambda row: row.user.name),
        Column("E-mail", lambda row: row.user.email, width=30),
        Column("Role", lambda row: row.get_role_display(), width=14),
        Column("State", lambda row: HELD_STATES[row.state], width=12),
        Column("Employer", lambda row: row.employer),
        Column("Title", lambda row: row.title),
        Column("Credential", lambda row: row.credential),
        day("Credential until", lambda row: row.credential_expires, "Its last day."),
        day("From", lambda row: row.starts_on),
        day("Until", lambda row: row.ends_on, "The last day; empty: without an end."),
        Column("Ended by", lambda row: row.ended_by),
        Column("Second step", lambda row: SECOND_STEP[getattr(row, "second_step", None)], width=12),
    ),
    "One role of one person at the sponsor.",
)

INVITATIONS = Table(
    "Invitations",
    (
        Column("E-mail", lambda row: row.email, width=30),
        Column("Name", lambda row: row.name),
        Column("Role", lambda row: row.get_role_display(), width=14),
        Column("State", lambda row: STATES[row.state], width=14),
        Column("Employer", lambda row: row.employer),
        day("Since", lambda row: row.starts_on, "The first day of the role it gives; empty: when accepted."),
        day("Until", lambda row: row.ends_on, "The last day of the role it gives; empty: without an end."),
        Column("Invited by", lambda row: row.invited_by),
        moment("Invited", lambda row: row.created_at),
        moment("Link until", lambda row: row.expires_at),
        moment("Accepted", lambda row: row.accepted_at),
        moment("Withdrawn", lambda row: row.withdrawn_at),
    ),
    "One invitation to a role at the sponsor.",
)

EMPLOYERS = Table(
    "Employers",
    (
        Column("Employer", lambda row: row.name, width=36),
        number("Apprentices", lambda row: row.employed, "Those whose record the reader may open."),
        Column("Number", lambda row: row.uid, width=38),
    ),
    "One employer of the sponsor.",
)


def _said(row: Confided, *, place: int) -> str:
    """The answer to the question at this place."""
    return words_of(row.open_answers())[place][1]


CONFIDED = Table(
    "Self-identification",
    (
        Column("Name", lambda row: row.apprentice.user.name),
        Column("Program", lambda row: row.apprentice.program.name),
        *(Column(title, partial(_said, place=place)) for place, (title, _) in enumerate(QUESTIONS.values())),
        moment("Answered", lambda row: row.answered_at),
    ),
    "What one apprentice says of themselves. For the equal opportunity officer alone.",
)

CLASSES = Table(
    "Classes",
    (
        Column("Code", lambda row: row.course.code, width=12),
        Column("Course", lambda row: row.course.title, width=36),
        Column("Instructor", lambda row: row.instructor.name),
        day("From", lambda row: row.starts_on),
        day("Until", lambda row: row.ends_on, "Empty: open."),
        Column("State", lambda row: CLASS_STATES[row.state], width=12),
        number("Apprentices", lambda row: row.people, "Those whom the reader may see."),
    ),
    "One class of the program.",
)
