"""The lists of hours and sign-offs: their orders, and what stands above them."""

from django.db.models import Sum

from accounts.listing import Sort
from apprenticeship.models import Apprentice
from ojt_logs.models import HoursTotal
from ojt_logs.progress import Minutes

HOURS_SORTS = (
    Sort("newest", "Newest day first", ("-date", "-pk")),
    Sort("oldest", "Oldest day first", ("date", "pk")),
    Sort("longest", "Longest first", ("-minutes", "-date", "-pk")),
)

_BY_NAME = Sort("name", "Apprentice", ("apprentice__user__name", "-date", "-pk"))
HOURS_OF_PROGRAM_SORTS = (*HOURS_SORTS[:2], _BY_NAME)

NOTICE_SORTS = (Sort("newest", "Newest first", ("-at", "-pk")), Sort("oldest", "Oldest first", ("at", "pk")))

QUEUE_SORTS = (
    Sort("waiting", "Longest waiting", ("since", "apprentice", "monday", "kind")),
    Sort("name", "Apprentice", ("name", "apprentice", "monday", "kind")),
)

WAITING_SORTS = (
    Sort("waiting", "Longest waiting", ("since", "apprentice", "kind", "course_key")),
    Sort("name", "Apprentice", ("name", "apprentice", "kind", "course_key")),
    Sort("program", "Program", ("program", "since", "apprentice", "kind", "course_key")),
)

SIGN_OFF_SORTS = (
    Sort("newest", "Newest first", ("-signed_at", "-pk")),
    Sort("oldest", "Oldest first", ("signed_at", "pk")),
    Sort("seen", "Seen last", ("-observed_to", "-pk")),
    Sort(
        "competency",
        "Competency",
        ("competency__job_function__number", "competency__code", "-signed_at", "-pk"),
    ),
)
SIGN_OFFS_OF_PROGRAM_SORTS = (
    *SIGN_OFF_SORTS,
    Sort("name", "Apprentice", ("apprentice__user__name", "-signed_at", "-pk")),
)


def totals_of(apprentice: Apprentice) -> dict[str, Minutes]:
    """Approved and waiting minutes by kind, from the rollup."""
    rows = HoursTotal.objects.filter(apprentice=apprentice).order_by().values_list("kind")
    sums = {
        kind: Minutes(done, waits) for kind, done, waits in rows.annotate(Sum("approved"), Sum("waiting"))
    }
    return {kind: sums.get(kind, Minutes(0, 0)) for kind in ("ojt", "ri")}
