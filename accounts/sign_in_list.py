"""The list of a person's sign-ins: its filters, orders and columns."""

from accounts.listing import Filters, Sort, select
from accounts.models.sign_ins import How
from accounts.tables import Column, Table, moment

SIGN_IN_SORTS = (
    Sort("latest", "Latest first", ("-at", "-pk")),
    Sort("earliest", "Earliest first", ("at", "pk")),
)


class SignInFilters(Filters):
    """Sign-ins by what was shown."""

    how = select("How", "Every way", How.choices)


SIGN_INS = Table(
    "Sign-ins",
    (
        moment("When", lambda one: one.at),
        Column("How", lambda one: one.get_how_display(), width=36),
        Column("Device", lambda one: one.device),
        Column("From about", lambda one: one.address),
    ),
    "One sign-in of the last 90 days, or one try that failed at the second step.",
)
