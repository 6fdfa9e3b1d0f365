"""Programs in columns, for their list as a file and for the workbook of one."""

from accounts.tables import Column, Table, day, duration, number

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
